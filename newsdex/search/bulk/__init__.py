"""One streaming bulk writer."""
