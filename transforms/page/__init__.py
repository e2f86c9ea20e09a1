"""HTML to the article's text and the facts that the page declares."""
