"""The `newsdex` command: typer commands, one file a subject. What they print is in `views`."""
