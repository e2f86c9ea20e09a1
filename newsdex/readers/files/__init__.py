"""Bytes from anywhere: disk, bucket, web; compressed or not; in any encoding."""
