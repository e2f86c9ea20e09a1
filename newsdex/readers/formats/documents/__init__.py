"""Documents and what databases and mail programs export: mails, mailboxes, downloads of press databases, PDF."""
