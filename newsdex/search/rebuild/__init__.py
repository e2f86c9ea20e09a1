"""A new index in the place of an old one, and back."""
