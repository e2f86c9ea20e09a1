"""Whether an index has the mapping that it must have, in words that name the difference and the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsdex.search.errors import SearchError

if TYPE_CHECKING:
    from collections.abc import Mapping


class OutdatedError(SearchError):
    """An index of ours that a rebuild sets right: of an older version, or changed by hand."""


def check_mapping(index: str, actual: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Compare the mapping of an index with the one that this Newsdex would give it.

    Raises:
        OutdatedError: it was made by an older version, or changed by hand.
        SearchError: it was made by another program, or by a newer version.
    """
    version = expected["_meta"]["newsdex_mapping"]
    there = actual.get("_meta", {}).get("newsdex_mapping")
    if there is None:
        raise SearchError(
            f"The index {index!r} was not made by Newsdex (its mapping carries no version): choose another index name, "
            "or delete it if it is of no use."
        )
    if there < version:
        raise OutdatedError(
            f"The index {index!r} has mapping version {there}, this Newsdex writes version {version}: "
            "run `newsdex rebuild`."
        )
    if there > version:
        raise SearchError(
            f"The index {index!r} has mapping version {there}, newer than the {version} of this Newsdex: "
            "upgrade Newsdex, or choose another index name."
        )
    difference = _difference(expected, actual)
    if difference:
        raise OutdatedError(
            f"The mapping of {index!r} was changed by hand: {difference}. Run `newsdex rebuild` to get a right one."
        )


def _difference(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> str:
    """Return in words the first difference of two mappings, `""` where there is none."""
    # Elasticsearch answers `dynamic` as a string.
    if str(actual.get("dynamic", "true")).lower() != str(expected["dynamic"]).lower():
        return f"`dynamic` is {actual.get('dynamic')!r} and must be {expected['dynamic']!r}"
    wanted, there = _field_types(expected), _field_types(actual)
    free = tuple(f"{name}." for name, kind in wanted.items() if kind == "free")
    for name in sorted(wanted.keys() | there.keys()):
        if name.startswith(free):
            continue
        if name not in there:
            return f"the field {name!r} is missing"
        if name not in wanted:
            return f"it has a field {name!r} that nobody declared"
        if wanted[name] != there[name]:
            return f"the field {name!r} is {there[name]} and must be {wanted[name]}"
    return ""


def _field_types(mapping: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return dotted field name → what decides how it can be searched, for a mapping or an object field."""
    fields: dict[str, str] = {}
    for name, definition in mapping.get("properties", {}).items():
        path = f"{prefix}{name}"
        if str(definition.get("dynamic", "")).lower() == "true":
            fields[path] = "free"
        elif "properties" in definition:
            fields.update(_field_types(definition, f"{path}."))
        else:
            fields[path] = _type_of(definition)
        for sub_name, sub in definition.get("fields", {}).items():
            fields[f"{path}.{sub_name}"] = _type_of(sub)
    return fields


def _type_of(definition: Mapping[str, Any]) -> str:
    kind = str(definition.get("type", "object"))
    traits = [name for name in ("index", "doc_values", "enabled") if definition.get(name, True) is False]
    analysis = [f"{name} {definition[name]}" for name in ("analyzer", "normalizer") if name in definition]
    return ", ".join((kind, *(f"without {trait}" for trait in traits), *analysis))
