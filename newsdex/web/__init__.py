"""The search page: a small web application over the search layer, for one person on their own machine."""
