"""Transforms: pure functions from a raw article to an article that can be indexed."""
