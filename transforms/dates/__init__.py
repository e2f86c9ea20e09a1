"""Dates of publication and dates mentioned: one family of grammars."""
