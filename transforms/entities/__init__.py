"""Who and where: people, organisations and places, under one canonical name each."""
