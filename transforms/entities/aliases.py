"""A user's own names: `aliases.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsdex.transforms.article import EntityType

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Aliases:
    """A user's own names: surface form → canonical name, for one type or (under `None`) for any."""

    names: Mapping[tuple[EntityType | None, str], str] = field(default_factory=dict)

    def get(self, kind: EntityType, *forms: str) -> str | None:
        """Return the canonical name of the first form that the user's file knows; letter case does not count."""
        for form in forms:
            found = self.names.get((kind, form.casefold())) or self.names.get((None, form.casefold()))
            if found:
                return found
        return None


def read_aliases(text: str) -> Aliases:
    """Return a user's `aliases.toml`: lines `"Canonical Name" = ["surface form", …]`.

    They stand at the top of the file, or under `[person]`, `[organization]` or `[place]` for one type only.

    Raises:
        ValueError: with one sentence that says what is wrong where.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f'The alias file is no TOML ({error}): write lines as "Donald Trump" = ["DJT"].') from error
    names: dict[tuple[EntityType | None, str], str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            if key not in set(EntityType):
                raise ValueError(f"The alias file has a table [{key}]: use [person], [organization] or [place].")
            for name, forms in value.items():
                _add_alias(names, EntityType(key), name, forms)
        else:
            _add_alias(names, None, key, value)
    return Aliases(names)


def _add_alias(
    names: dict[tuple[EntityType | None, str], str], kind: EntityType | None, name: str, forms: object
) -> None:
    if not isinstance(forms, list) or not all(isinstance(form, str) for form in forms):
        raise ValueError(f'The alias file gives "{name}" no list of names: write "{name}" = ["another form"].')
    for form in (name, *forms):
        names[kind, form.casefold()] = name
