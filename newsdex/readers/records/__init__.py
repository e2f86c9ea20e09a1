"""Records with any field names, mapped to `RawArticle`s."""
