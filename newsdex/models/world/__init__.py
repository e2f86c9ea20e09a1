"""Names in the languages of the world: one small network over pieces of words, for every script."""
