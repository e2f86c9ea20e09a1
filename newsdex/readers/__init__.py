"""Readers: bytes in, `RawArticle`s out, one input format a file, each of them lazy."""
