"""Who said what: the quotations of an article, their words, their cue and their speaker."""
