"""Names, mappings, analysis and the life of the indices."""
