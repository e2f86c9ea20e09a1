"""From what a person typed to an Elasticsearch query."""
