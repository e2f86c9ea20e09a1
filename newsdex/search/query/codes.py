"""Names of countries and languages, and their codes: the index has codes, a person types and reads names."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from newsdex.transforms.entities import country_names

_CODE = re.compile(r"[A-Za-z]{2,3}")


@lru_cache(maxsize=512)
def country_name(code: str) -> str:
    """Return what a country is called in the news (`KR` is South Korea); a code that is none as it is."""
    return country_names.names().get(code.upper(), (code,))[0]


def country_code(typed: str) -> str:
    """Return the ISO 3166 alpha-2 code of a country that is typed by code or name; what is neither as it is."""
    folded = _folded(typed)
    return _countries().get(folded) or (typed.upper() if _CODE.fullmatch(typed) else typed)


@lru_cache(maxsize=512)
def language_name(code: str) -> str:
    """Return the name of a language, `unknown language` for `und`; a code that is none as it is."""
    import pycountry  # noqa: PLC0415  # 0.1 s, only where a name is wanted

    if code == "und":
        return "unknown language"
    found = pycountry.languages.get(alpha_2=code.lower()) if len(code) == 2 else None
    # "Modern Greek (1453-)", "Norwegian Bokmål": the name without its years.
    return str(found.name).partition(" (")[0].removeprefix("Modern ") if found else code


def language_code(typed: str) -> str:
    """Return the ISO 639 code of a language that is typed by code or English name; what is neither in lower case."""
    return typed.lower() if _CODE.fullmatch(typed) else _languages().get(_folded(typed), typed.lower())


@cache
def _countries() -> dict[str, str]:
    return {_folded(name): code for code, names in country_names.names().items() for name in (*names, code)}


@cache
def _languages() -> dict[str, str]:
    import pycountry  # noqa: PLC0415  # as above

    codes = [each.alpha_2 for each in pycountry.languages if hasattr(each, "alpha_2")]
    return {_folded(language_name(code)): code for code in codes}


def _folded(name: str) -> str:
    return " ".join(name.replace("’", "'").casefold().split())
