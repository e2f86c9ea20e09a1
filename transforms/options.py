"""What the transforms can be told, and the version of what they do."""

from __future__ import annotations

import hashlib

import msgspec

from newsdex import versions


class ChainOptions(msgspec.Struct, frozen=True):
    """What decides how articles come out, as plain data."""

    aliases: str = ""
    """The text of the user's own `aliases.toml`, for entities (`entities.recognise.read_aliases`)."""

    papers: str = ""
    """The user's own papers as JSON: name → `domains`, `country`, as in publishers.toml (`attribution.publishers`)."""

    @property
    def version(self) -> str:
        """Changes whenever these options or the steps do."""
        told = self.aliases + self.papers
        if not told:
            return versions.PIPELINE
        return f"{versions.PIPELINE}-{hashlib.blake2b(told.encode(), digest_size=4).hexdigest()}"
