"""What builds parts of Newsdex and is not installed with it."""
