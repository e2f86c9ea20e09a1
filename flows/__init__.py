"""The six Prefect flows, and the rooms that they are composed from."""
