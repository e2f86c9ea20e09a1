"""Whole results to files."""
