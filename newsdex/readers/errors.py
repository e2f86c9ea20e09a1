"""Faults of inputs, told in one sentence, and the record that they become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsdex.transforms.article import RAW_EXCERPT_CHARS, Rejection, Result, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsdex.transforms.article import RawArticle


class ReadError(Exception):
    """An input, or the rest of one, cannot be read.

    Args:
        reason: The short stable code that a ledger counts by.
        detail: One sentence: what is wrong and what to do about it.
        raw: The beginning of what is there, for a person to look at.
        sound: Nothing is broken, there just is no article: it is filtered, not rejected.
    """

    def __init__(self, reason: str, detail: str, raw: str | bytes = "", *, sound: bool = False) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.raw = excerpt(raw)
        self.sound = sound

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it cross to another process whole."""
        return _again, (self.reason, self.detail, self.raw, self.sound)

    def at(self, uri: str, raw: str | bytes = "") -> Rejection:
        """Return the rejection (or the filtered input) that this fault makes of the input `uri`."""
        if self.sound:
            return filtered(uri, self.reason, self.detail)
        return rejected(uri, self.reason, self.detail, raw or self.raw)


class StoreError(Exception):
    """An object store failed in the middle of a file: no `OSError`, which readers take for a damaged file."""

    def __init__(self, fault: OSError) -> None:
        super().__init__(fault)
        self.fault = fault


def _again(reason: str, detail: str, raw: str, sound: bool) -> ReadError:
    return ReadError(reason, detail, raw, sound=sound)


def attempt(make: Callable[[], RawArticle], uri: str, raw: Callable[[], str | bytes] = str) -> RawArticle | Rejection:
    """Return the article that one record makes, or its rejection: whatever a record holds, its neighbours are read.

    Args:
        make: makes the article from the record; reads no file.
        uri: of the record.
        raw: returns the beginning of the record, for a person to look at; asked only where it is rejected.
    """
    try:
        return make()
    except ReadError as error:
        return error.at(uri, raw())
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001  # a hostile record finds faults in every library that sees it
        told = f"This record cannot be read ({type(error).__name__}: {error}): correct it or leave it out."
        return rejected(uri, "unreadable-record", told, raw())


def encodable(text: str) -> str:
    """Return a text that any UTF-8 writer can write: lone surrogates, as JSON can escape them, become "?"."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def rejected(uri: str, reason: str, detail: str, raw: str | bytes = "") -> Rejection:
    """Return the rejection of a broken input."""
    return Rejection(
        input_uri=encodable(uri), stage=Stage.READ, reason=reason, detail=encodable(detail), raw=excerpt(raw)
    )


def filtered(uri: str, reason: str, detail: str) -> Rejection:
    """Return the record of an input that is sound, but holds no article."""
    return Rejection(
        input_uri=encodable(uri), stage=Stage.READ, reason=reason, detail=encodable(detail), result=Result.FILTERED
    )


def excerpt(raw: str | bytes) -> str:
    """Return the beginning of `raw` as text, at most `RAW_EXCERPT_CHARS` long, that any UTF-8 writer can write."""
    text = raw[: 4 * RAW_EXCERPT_CHARS].decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    return encodable(text[:RAW_EXCERPT_CHARS])
