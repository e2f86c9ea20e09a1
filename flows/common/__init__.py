"""What all of the flows stand on: connection, progress, console, retries."""
