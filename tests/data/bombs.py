"""Files that are small and unpack to much, by name, for the tests of limits; and the peak memory of opening a file.

`python bombs.py FILE ...` prints one line of JSON per file: the peak of resident memory above that of a process that
has opened an ordinary table, in MB, and the text of the error ("" if the file opens).
"""

from __future__ import annotations

import bz2
import io
import json
import lzma
import os
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

MB = 2**20


def npy_header(shape: tuple[int, ...], descr: str = "<f4") -> bytes:
    head = io.BytesIO()
    np.lib.format.write_array_header_2_0(head, {"descr": descr, "fortran_order": False, "shape": shape})
    return head.getvalue()


class Entry(NamedTuple):
    """A file of a zip archive, as it is written; everything may lie."""

    name: str | bytes
    method: int
    packed: bytes
    crc: int
    size: int
    flags: int = 0
    extra: bytes = b""


def raw_zip(path: Path, entries: Iterable[tuple[object, ...]]) -> Path:
    """Write a zip archive of the fields of `Entry`."""
    made = [Entry(*entry) for entry in entries]  # type: ignore[arg-type]
    with path.open("wb") as file:
        table = b""
        for name, method, packed, crc, size, flags, extra in made:
            encoded, offset = name.encode() if isinstance(name, str) else name, file.tell()
            fields = struct.pack("<5H3L2H", 20, flags, method, 0, 33, crc, len(packed), size, len(encoded), len(extra))
            file.write(b"PK\3\4" + fields + encoded + extra + packed)
            table += b"PK\1\2" + struct.pack("<H", 20) + fields + struct.pack("<3H2L", 0, 0, 0, 0, offset)
            table += encoded + extra
        start = file.tell()
        file.write(table + b"PK\5\6" + struct.pack("<4H2LH", 0, 0, len(made), len(made), len(table), start, 0))
    return path


def deflated(size: int, head: bytes = b"") -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    begin = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(MB)) + packer.flush(zlib.Z_FULL_FLUSH)  # depends on nothing before it
    return begin + block * (size // MB) + packer.flush()


@cache
def bzipped(size: int) -> bytes:
    packer = bz2.BZ2Compressor(1)
    zeros = bytes(MB)
    return b"".join(packer.compress(zeros) for _ in range(size // MB)) + packer.flush()


@cache
def lzma_zipped(size: int) -> bytes:
    packer = lzma.LZMACompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, "preset": 0, "dict_size": MB}])
    zeros = bytes(MB)
    packed = b"".join(packer.compress(zeros) for _ in range(size // MB)) + packer.flush()
    return struct.pack("<BBHBL", 9, 4, 5, 93, 0xFFFFFFFF) + packed  # the header asks for a dictionary of 4 GB


def zip_that_lies(path: Path, method: int, pack: Callable[..., bytes]) -> Path:
    packed = pack(600 * MB)
    return raw_zip(path, [(f"cat/{n}.png", method, packed, 0, 1000) for n in range(4)])


def zip_of_large_files(path: Path) -> Path:
    packed = deflated(200 * MB, b"\x89PNG\r\n\x1a\n")
    return raw_zip(path, [(f"cat/{n}.png", 8, packed, 0, 200 * MB + 8) for n in range(8)])


def zip_that_overlaps(path: Path) -> Path:
    """One packed file that every entry of the table names, as in "A better zip bomb" (Fifield, 2019)."""
    packed = deflated(10 * MB)
    raw_zip(path, [("0.png", 8, packed, 0, 10 * MB)])
    data = path.read_bytes()
    start = data.find(b"PK\1\2")
    entry = data[start : data.find(b"PK\5\6")]
    table = b"".join(entry[:-5] + f"{n:x}.png".encode() for n in range(10))
    end = b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 10, 10, len(table), start, 0)
    path.write_bytes(data[:start] + table + end)
    return path


def npz(path: Path, *entries: tuple[str, int, bytes, int]) -> Path:
    return raw_zip(path, [(f"{name}.npy", method, packed, 0, size) for name, method, packed, size in entries])


def arrays(folder: Path) -> list[Path]:
    big = npy_header((600, MB // 4))
    size = 600 * MB + len(big)
    labels = npy_header((600 * MB // 8,), "<i8")
    texts = npy_header((1,), "<U150000000")
    few = io.BytesIO()
    np.save(few, np.zeros((3, 2), np.float32))
    plain = zlib.compress(few.getvalue(), wbits=-15)
    vectors = ("vectors", 8, plain, len(few.getvalue()))
    made = [
        npz(folder / "deflated.npz", ("vectors", 8, deflated(600 * MB, big), size)),
        npz(folder / "bzipped.npz", ("vectors", 12, bzipped(600 * MB), size)),
        npz(folder / "lzma.npz", ("vectors", 14, lzma_zipped(600 * MB), size)),
        npz(folder / "images.npz", ("images", 8, deflated(600 * MB, npy_header((600, 1024, 1024), "|u1")), size)),
        npz(folder / "stated.npz", ("vectors", 0, npy_header((10**9, 1)), 4 * 10**9 + 128)),
        npz(folder / "labels.npz", vectors, ("labels", 8, deflated(600 * MB, labels), 600 * MB + len(labels))),
        npz(folder / "texts.npz", vectors, ("ids", 8, deflated(600 * MB, texts), 600 * MB + len(texts))),
        npz(
            folder / "header.npz",
            ("vectors", 8, deflated(300 * MB, b"\x93NUMPY\2\0" + struct.pack("<L", 2**32 - 1)), 300 * MB),
        ),
    ]
    for name, content in {
        "stated.npy": npy_header((10**9, 3)),
        "header.npy": b"\x93NUMPY\2\0" + struct.pack("<L", 2**32 - 1) + b"{" * 1000,
        "negative.npy": npy_header((3, 2)).replace(b"(3, 2)", b"(-3,2)"),
        "huge.npy": npy_header((3, 2)).replace(b"(3, 2), }         ", b"(3, 2" + b"0" * 9 + b"), }"),
        "brackets.npy": npy_header((3, 2))[:12] + b"(" * 108 + b"\n",
    }.items():
        (folder / name).write_bytes(content)
        made.append(folder / name)
    return made


def parquet_that_lies(path: Path) -> Path:
    """Write one page of 400 MB whose size the description of the file states as 1,000 bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = pa.array([b"x" * (400 * MB)], pa.binary()).cast(pa.string())
    pq.write_table(
        pa.table({"f": [1.0], "label": text}), path, compression="zstd", use_dictionary=False, write_statistics=False
    )
    data = path.read_bytes()
    true = pq.ParquetFile(path).metadata.row_group(0).column(1).total_uncompressed_size
    assert data.count(varint(true)) == 1
    path.write_bytes(data.replace(varint(true), varint(1000, len(varint(true)))))
    return path


def varint(value: int, length: int = 1) -> bytes:
    """Return a number in Thrift's compact protocol, with at least `length` bytes."""
    value *= 2
    digits = [value >> shift & 127 for shift in range(0, max(7 * length, value.bit_length()), 7)]
    return bytes([digit | 128 for digit in digits[:-1]] + digits[-1:])


def tables(folder: Path) -> list[Path]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    zeros = pa.array(np.zeros(MB))
    columns = pa.table({f"f{n}": zeros for n in range(32)})
    with pq.ParquetWriter(folder / "rows.parquet", columns.schema, compression="zstd") as writer:
        for _ in range(4):
            writer.write_table(columns)  # 134 million numbers
    lists = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(100 * 200_000, np.float32)), 200_000)
    with pq.ParquetWriter(folder / "lists.parquet", pa.schema([("v", lists.type)]), compression="zstd") as writer:
        for _ in range(10):
            writer.write_table(pa.table({"v": lists}))
    parquet_that_lies(folder / "pages.parquet")
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(4000, np.int32)), pa.array(["x" * MB]))
    pq.write_table(pa.table({"f": np.arange(4000.0), "label": text}), folder / "labels.parquet", compression="zstd")
    pq.write_table(pa.table({"f": np.arange(4000.0), "id": text}), folder / "ids.parquet", compression="zstd")
    image = pa.DictionaryArray.from_arrays(pa.array(np.zeros(400, np.int32)), pa.array([bytes(4 * MB)]))
    pq.write_table(pa.table({"image": image.cast(pa.binary())}), folder / "images.parquet", compression="zstd")
    (folder / "columns.csv").write_bytes(b"a," * 30_000_000)
    (folder / "line.csv").write_bytes(b"f0,f1\n" + b"1" * 60_000_000)
    return [folder / f"{name}.parquet" for name in ("rows", "lists", "pages", "labels", "ids", "images")] + [
        folder / "columns.csv", folder / "line.csv",
    ]  # fmt: skip


def archives(folder: Path) -> list[Path]:
    made = [
        zip_that_lies(folder / "deflated.zip", 8, deflated),
        zip_that_lies(folder / "bzipped.zip", 12, bzipped),
        zip_that_lies(folder / "lzma.zip", 14, lzma_zipped),
        zip_of_large_files(folder / "large.zip"),
        zip_that_overlaps(folder / "overlap.zip"),
    ]
    packed = deflated(600 * MB)
    end = struct.pack("<LL", zlib.crc32(bytes(600 * MB)), 600 * MB)
    (folder / "zeros.tar.gz").write_bytes(b"\x1f\x8b\x08" + bytes(6) + b"\xff" + packed + end)
    (folder / "zeros.tar.bz2").write_bytes(bzipped(600 * MB))
    with zipfile.ZipFile(folder / "many.zip", "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.png", b"")
    end = (folder / "many.zip").read_bytes()
    place = end.rfind(b"PK\5\6")
    zip64 = b"PK\6\6" + struct.pack("<Q2H2L4Q", 44, 45, 45, 0, 0, 2**40, 2**40, 100, 0)
    (folder / "many.zip").write_bytes(end[:place] + zip64 + end[place:])
    return [*made, folder / "zeros.tar.gz", folder / "zeros.tar.bz2", folder / "many.zip"]


def resident_peak() -> int:
    """Return the peak of the resident memory of this process, in kB; a fork begins with the memory that it has."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def measure(path: str, write: int) -> None:
    """Open a file in this process and write the peak of its memory and the error."""
    from adq_core.data.open import open_dataset
    from adq_core.errors import AdqError

    before, told = resident_peak(), ""
    folder = Path(path + ".cache")
    try:
        open_dataset(path, cache=folder)
    except AdqError as error:
        told = str(error)
    except BaseException as error:
        told = f"{type(error).__name__}!"
    left = [file.name for file in folder.rglob("*") if file.is_file()] if folder.exists() else []
    result = {"mb": (resident_peak() - before) / 1024, "told": told, "left": left}
    os.write(write, (json.dumps(result) + "\n").encode())


if __name__ == "__main__":
    from adq_core.data.open import open_dataset

    for file in sys.argv[1].split(","):
        open_dataset(file)  # imports what every opening imports
    for file in sys.argv[2:]:
        child = os.fork()
        if child == 0:
            measure(file, 1)
            os._exit(0)
        os.waitpid(child, 0)
