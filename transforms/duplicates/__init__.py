"""What is a copy of what, and which reports tell one story."""
