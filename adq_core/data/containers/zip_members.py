"""One file of a zip archive: its entry in the table of contents, and its bytes."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from typing import IO, NamedTuple

from adq_core.data.bounded import Bounded, BoundedStream, Inflate, Section, TooLargeError, bunzip2, read_all

LOCAL_HEADER = struct.Struct("<4s5H3L2H")
METHODS = {  # of packing: name, and what to do with files that are packed so
    1: "shrinking", 6: "imploding", 9: "Deflate64", 20: "Zstandard", 93: "Zstandard", 95: "xz", 96: "JPEG",
    97: "WavPack", 98: "PPMd",
}  # fmt: skip


DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, struct.error, MemoryError)


class Member(NamedTuple):
    """A file in a zip archive, by the archive's table of contents."""

    offset: int  # of its header
    method: int
    packed: int  # bytes in the archive
    size: int  # bytes
    crc: int
    encrypted: bool


def member_of(entry: zipfile.ZipInfo) -> Member:
    """Return an entry of the table of contents."""
    encrypted = bool(entry.flag_bits & 1) or entry.compress_type == 99
    return Member(entry.header_offset, entry.compress_type, entry.compress_size, entry.file_size, entry.CRC, encrypted)


def unreadable_reason(member: Member) -> str:
    """Return why a file is not read, as the end of a sentence; empty if it can be."""
    if member.encrypted:
        return "is encrypted"
    if member.method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        return ""
    name = METHODS.get(member.method, f"method {member.method}")
    return f"is packed with {name}, which is not read; pack the archive again with Deflate, the usual method"


def packed_stream(file: IO[bytes], member: Member) -> IO[bytes]:
    """Return the packed bytes of a file as a stream that ends behind them, and moves the position of `file`.

    Raises
    ------
    zipfile.BadZipFile
        If they are not where the table of contents says.
    """
    file.seek(member.offset)
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or header[:4] != b"PK\3\4":
        raise zipfile.BadZipFile("Bad magic number for file header")
    *_, name_bytes, extra_bytes = LOCAL_HEADER.unpack(header)
    start = member.offset + LOCAL_HEADER.size + name_bytes + extra_bytes
    return io.BufferedReader(Section(file, start, member.packed), 2**16)


def member_stream(archive: IO[bytes], member: Member) -> IO[bytes]:
    """Return the bytes of a file as a stream that stops after the stated size; the CRC-32 is not checked."""
    packed = packed_stream(archive, member)
    if member.method == zipfile.ZIP_STORED:
        return packed

    def limit(count: int) -> None:
        if count > member.size:
            raise TooLargeError(f"unpacks to more than its stated {member.size:,} bytes")

    def make() -> Inflate | Bounded:
        if member.method == zipfile.ZIP_DEFLATED:
            return Inflate()
        return bunzip2() if member.method == zipfile.ZIP_BZIP2 else _unlzma(packed, member.size)

    return io.BufferedReader(BoundedStream(packed.read, make, limit), 2**16)


def _unlzma(packed: IO[bytes], size: int) -> Bounded:
    """Return the decompressor of LZMA in a zip, which has a header of its own; `packed` is then behind that."""
    _, length = struct.unpack("<HH", packed.read(4))
    properties, dictionary = struct.unpack("<BL", packed.read(length)[:5])
    if properties >= 9 * 5 * 5:
        raise zipfile.BadZipFile("it has no valid LZMA header")
    rest, lc = divmod(properties, 9)
    pb, lp = divmod(rest, 5)
    # A dictionary that is larger than the file has no use, and its memory is allocated at once.
    used = min(dictionary, max(size, 4096))
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": used, "lc": lc, "lp": lp, "pb": pb}]
    return Bounded(lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters))


def read_member(archive: IO[bytes], member: Member) -> bytes:
    """Return the bytes of a file after a check of their number and their CRC-32.

    Raises
    ------
    TooLargeError
        If there are more than the table says.
    zipfile.BadZipFile
        If there are less, or they are other bytes.
    """
    data = read_all(member_stream(archive, member), member.size)
    if len(data) != member.size:
        raise EOFError(f"it has {len(data):,} bytes instead of {member.size:,}")
    if zlib.crc32(data) != member.crc:
        raise zipfile.BadZipFile("Bad CRC-32")
    return data
