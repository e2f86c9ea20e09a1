"""The base of every error that a user can meet."""

from __future__ import annotations


class NewsdexError(Exception):
    """An error whose text is one whole sentence for the user: what is wrong, where, and what to do.

    The command line prints that sentence and no traceback. An error of ours that is handled inside the program, and
    never reaches a user, does not derive from it.
    """
