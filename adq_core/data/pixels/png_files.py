"""PNG files whose pixels are sound, although Pillow refuses their texts, colour profile or animation."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PROFILE_BYTES = 2**24  # of a colour profile, unpacked
_KEPT_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf"}  # pixels and orientation


class SoundParts(NamedTuple):
    """The parts of a PNG file that its pixels need."""

    data: bytes  # a PNG file
    profile: bytes | None  # its colour profile


def sound_parts(data: bytes) -> SoundParts | None:
    """Return a PNG file without texts, times and animation, and its colour profile; None if it is no PNG.

    Nothing is unpacked but the profile, up to 16 MB; a damaged or larger one is left out.
    """
    if not data.startswith(SIGNATURE):
        return None
    kept, profile = [SIGNATURE], None
    for name, start, end in _chunks(data):
        if name in _KEPT_CHUNKS:
            kept.append(data[start:end])
        elif name == b"iCCP" and profile is None:
            profile = _unpacked_profile(data[start + 8 : end - 4])
    return SoundParts(b"".join(kept), profile)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield (name, start, end) of every chunk, with its length and checksum; the last one may be cut off."""
    start = len(SIGNATURE)
    while start + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, start)
        yield name, start, min(start + 12 + length, len(data))
        start += 12 + length


def _unpacked_profile(content: bytes) -> bytes | None:
    _, _, packed = content.partition(b"\0")
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed[1:], MAX_PROFILE_BYTES)  # the first byte names the method, always 0
    except zlib.error:
        return None
    return profile if unpacker.eof else None
