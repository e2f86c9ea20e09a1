"""The body of an archived HTTP answer, freed of what its headers say was done to it, where that is true.

Crawlers keep headers as they came and often the body as they had unpacked it, so that a header may say "gzip" or
"chunked" of a body that is neither. A body that does not look as its headers say is therefore taken as it is.
"""

from __future__ import annotations

import io
import re
import zlib

import brotli

from newsdex.readers.errors import ReadError
from newsdex.readers.files.compression import CHUNK_BYTES, codec_of, plain_chunks

CHUNK_SIZE = re.compile(rb"\s{0,8}([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
"""The line before each chunk: its size in hexadecimal digits, then extensions that nobody uses."""


def body_of(data: bytes, *, transfer: str, content: str, max_bytes: int) -> bytes:
    """Return the body that the bytes of an answer stand for, or its beginning where it is larger than `max_bytes`.

    Args:
        data: the answer after its headers.
        transfer: its `Transfer-Encoding`.
        content: its `Content-Encoding`: one or several, in the order in which they were applied.
        max_bytes: how much is wanted at most; one byte more is returned where there is more.

    Raises:
        ReadError: it is compressed as its headers say, but damaged, or unpacks to far more than any page.
    """
    if "chunked" in transfer.lower():
        data = _joined(data)
    for coding in reversed([each.strip().lower() for each in content.split(",")]):
        data = _unpacked(data, coding, max_bytes)
    return data


def _joined(data: bytes) -> bytes:
    """Return the content of chunks; the data as it is, where it does not begin like a chunk."""
    parts: list[bytes] = []
    at = 0
    while head := CHUNK_SIZE.match(data, at):
        size = int(head[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(data[head.end() : head.end() + size])
        at = head.end() + size
        if at >= len(data):  # cut off: what there is counts
            return b"".join(parts)
    return b"".join(parts) if parts else data


def _unpacked(data: bytes, coding: str, max_bytes: int) -> bytes:
    if coding == "br":
        return _brotli(data, max_bytes)
    if coding == "deflate":
        return _deflated(data, max_bytes)
    if coding in {"", "identity"} or codec_of(data[:16]) is None:
        return data
    out = io.BytesIO()
    for chunk in plain_chunks(io.BytesIO(data)):
        out.write(chunk)
        if out.tell() > max_bytes:
            break
    return out.getvalue()


def _deflated(data: bytes, max_bytes: int) -> bytes:
    for wbits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):  # as the standard says, and as some servers do
        try:
            return zlib.decompressobj(wbits).decompress(data, max_bytes + 1)
        except zlib.error:
            continue
    return data


def _brotli(data: bytes, max_bytes: int) -> bytes:
    inflater, out = brotli.Decompressor(), io.BytesIO()
    for start in range(0, len(data), CHUNK_BYTES):
        try:
            part = inflater.process(data[start : start + CHUNK_BYTES], output_buffer_limit=max_bytes + 1 - out.tell())
        except brotli.error as error:
            if start == 0:
                return data
            raise ReadError("corrupt-compression", f"The Brotli data is damaged ({error}): fetch it again.") from error
        out.write(part)
        if out.tell() > max_bytes:
            break
    return out.getvalue()
