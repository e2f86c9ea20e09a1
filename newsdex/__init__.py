"""Newsdex: piles of news articles into a clean, de-duplicated, faceted, searchable Elasticsearch index."""
