"""Names in every language but English: inflected forms to their base, places to the name that all languages share."""
