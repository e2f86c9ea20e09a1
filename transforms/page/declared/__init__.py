"""What a page declares about itself: title, authors, dates and addresses, each from the most trusted place."""
