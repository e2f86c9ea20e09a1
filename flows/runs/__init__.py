"""One run and its account."""
