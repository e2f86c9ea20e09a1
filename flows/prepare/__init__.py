"""What happens in a worker process: read, transform, stage."""
