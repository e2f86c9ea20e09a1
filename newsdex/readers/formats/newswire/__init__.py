"""What agencies send: NITF, NewsML 1.2, NewsML-G2, each with the facts that it carries."""
