"""Feeds and pages that are fetched while inputs are listed, and archived as WARC files."""
