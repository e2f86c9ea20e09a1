"""Runs, partitions and the quarantine: written and read."""
