"""What the command line prints, with rich. No view reads or decides anything."""
