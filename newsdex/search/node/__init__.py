"""The embedded Elasticsearch: its distribution, configuration and process."""
