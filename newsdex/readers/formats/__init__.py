"""One input format a file. A new one is one file here and one line in `readers/registry.py`."""
