"""The article store: decide what becomes of an article, plan the writes, write, repair."""
