"""Text to clean text: repair, markup, boilerplate, language, word differences."""
