"""Lines of a file of any size, each bounded, and runs of whole lines to cut a file at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end; of one that is too long only the beginning."""

    number: int
    data: bytes
    start: int
    """Offset of its first byte."""
    stop: int
    """Offset one past its line end."""
    too_long: bool = False


def lines(
    chunks: Iterable[bytes], max_bytes: int, first: int = 1, start: int = 0, *, blanks_together: bool = False
) -> Iterator[Line]:
    r"""Yield every line of `chunks`, ended by `\n`; never hold more than a chunk and a line of `max_bytes`.

    A fault raised by `chunks` comes through when it occurs; the unfinished line before it is dropped with it. With
    `blanks_together` a chunk of nothing but line ends is one line of them all: a packed file may hold millions.
    """
    number, left, left_bytes, too_long = first, bytearray(), 0, False
    for chunk in chunks:
        if blanks_together and not left_bytes and chunk and not chunk.strip(b"\n"):
            yield Line(number, chunk[:-1], start, start + len(chunk))
            number, start = number + len(chunk), start + len(chunk)
            continue
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            size = left_bytes + len(piece) + 1
            data = bytes(left + piece) if left_bytes else piece
            long = too_long or size - 1 > max_bytes
            yield Line(number, data[:max_bytes] if long else data, start, start + size, long)
            number, start, left_bytes, too_long = number + 1, start + size, 0, False
            left.clear()
        left_bytes += len(rest)
        if not too_long:
            left += rest
            too_long = len(left) > max_bytes
            del left[max_bytes + 1 :]
    if left_bytes:
        yield Line(number, bytes(left[:max_bytes] if too_long else left), start, start + left_bytes, too_long)


@dataclass(frozen=True, slots=True)
class LineRange:
    """Consecutive lines of a file: about as many as a partition has."""

    first: int
    start: int
    stop: int
    count: int
    """How many of the lines are not blank."""
    data: bytes


def runs(chunks: Iterable[bytes], max_line: int, max_lines: int, max_bytes: int) -> Iterator[LineRange | Line]:
    """Cut a file into runs of at most `max_lines` lines that are not blank; a run ends after `max_bytes`.

    A line over `max_line` bytes is in no run: it is yielded by itself, in its place. Where a run ends depends on
    nothing that comes after it, so a file that grows keeps its first runs.
    """
    held: list[bytes] = []
    begun, count, size, last = None, 0, 0, None
    fault: Exception | None = None
    source = lines(chunks, max_line, blanks_together=True)
    while True:
        try:
            line = next(source, None)
        except Exception as error:  # noqa: BLE001  # what was read before goes out first, then the fault is raised again
            line, fault = None, error
        full = count >= max_lines or size >= max_bytes
        if begun is not None and last is not None and (line is None or line.too_long or full):
            yield LineRange(begun.number, begun.start, last.stop, count, b"".join(held))
            held, begun, count, size = [], None, 0, 0
        if line is None:
            break
        if line.too_long:
            yield line
            continue
        begun, last = begun or line, line
        blank = not line.data.strip()
        held.append(line.data + b"\n")
        count, size = count + (not blank), size + line.stop - line.start
    if fault is not None:
        raise fault
