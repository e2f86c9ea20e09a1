"""Elasticsearch and nothing else: the node, the client, the mapping, the writing and the querying."""
