"""`python -m newsdex` is the `newsdex` command."""

from __future__ import annotations

from newsdex.cli.app import main

if __name__ == "__main__":
    main()
