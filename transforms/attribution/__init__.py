"""Who wrote it, who supplied it, who published it, at which address."""
