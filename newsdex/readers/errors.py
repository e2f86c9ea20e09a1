"""Faults of inputs, told in one sentence, and the record that they become."""

from __future__ import annotations

from typing import Any

from newsdex.transforms.article import RAW_EXCERPT_CHARS, Rejection, Result, Stage


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


def _again(reason: str, detail: str, raw: str, sound: bool) -> ReadError:
    return ReadError(reason, detail, raw, sound=sound)


def rejected(uri: str, reason: str, detail: str, raw: str | bytes = "") -> Rejection:
    """Return the rejection of a broken input."""
    return Rejection(input_uri=uri, stage=Stage.READ, reason=reason, detail=detail, raw=excerpt(raw))


def filtered(uri: str, reason: str, detail: str) -> Rejection:
    """Return the record of an input that is sound, but holds no article."""
    return Rejection(input_uri=uri, stage=Stage.READ, reason=reason, detail=detail, result=Result.FILTERED)


def excerpt(raw: str | bytes) -> str:
    """Return the beginning of `raw` as text, at most `RAW_EXCERPT_CHARS` long, that any UTF-8 writer can write."""
    text = raw[: 4 * RAW_EXCERPT_CHARS].decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    return text[:RAW_EXCERPT_CHARS].encode("utf-8", "replace").decode("utf-8")
