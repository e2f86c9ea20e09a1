"""Newsdex for notebooks and scripts: read articles, search an index, and take both into a data frame."""
