"""Intervals of a source's past."""
