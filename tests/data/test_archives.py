"""Zip archives: like the folder in them; a dangerous archive is refused, a damaged file is skipped."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adq_core.data.containers.zip_archives import zip_source
from adq_core.data.folders.folder_files import folder_source
from adq_core.data.folders.image_folder import dataset_from_source
from adq_core.data.open import open_dataset
from adq_core.errors import InputError
from tests.data import bombs


def png(value: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (12, 10), (value, value, 0)).save(file, "PNG")
    return file.getvalue()


FILES = {"cat/1.png": png(1), "cat/2.png": png(2), "dog/1.png": png(3)}


def zipped(path: Path, files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def text_of(path: Path, **limits: int) -> str:
    with pytest.raises(InputError) as error:
        zip_source(path, **limits)
    return str(error.value)


@pytest.mark.parametrize("top", ["", "pets/", "pets/v1/"])
def test_a_zip_is_the_folder_in_it(tmp_path: Path, top: str) -> None:
    for name, data in FILES.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    folder = dataset_from_source(folder_source(tmp_path / "folder"))
    extra = {"__MACOSX/pets/._1.png": b"x", ".DS_Store": b"x"}
    archive = dataset_from_source(
        zip_source(zipped(tmp_path / "a.zip", {top + k: v for k, v in FILES.items()} | extra))
    )
    assert archive.key == folder.key
    assert archive.ids == folder.ids == tuple(FILES)
    assert archive.skipped == ()
    for row in range(3):
        np.testing.assert_array_equal(archive.read(row), folder.read(row))


def test_backslashes_separate_folders(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {name.replace("/", "\\"): data for name, data in FILES.items()})
    assert dataset_from_source(zip_source(path)).ids == tuple(FILES)


def test_threads_can_read_at_the_same_time(tmp_path: Path) -> None:
    files = {f"x/{i:03d}.png": png(i) for i in range(60)}
    data = dataset_from_source(zip_source(zipped(tmp_path / "a.zip", files)))
    with ThreadPoolExecutor(8) as pool:
        reds = list(pool.map(lambda row: int(data.read(row)[0, 0, 0]), [*range(60)] * 5))
    assert reds == [*range(60)] * 5


@pytest.mark.parametrize("name", ["../evil.png", "cat/../../evil.png", "/etc/evil.png", "C:/evil.png", "..\\evil.png"])
def test_an_archive_with_a_path_outside_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "a.zip", FILES | {name: png(0)})
    shown = name.replace("\\", "/")
    assert text_of(path) == f"a.zip must contain only files inside it, but {shown!r} points outside. Pack it again."
    assert [file.name for file in tmp_path.iterdir()] == ["a.zip"]


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", FILES | {"cat/bomb.png": bytes(2**22)})
    assert path.stat().st_size < 2**14
    assert text_of(path, max_bytes=2**21) == (
        "a.zip must unpack to at most 0.00195 GB, got 0.00391 GB. Unpack it, if you trust it, and give the folder."
    )
    assert text_of(path, max_files=2) == (
        "a.zip must have at most 2 files, got 4. Unpack it, if you trust it, and give the folder."
    )


def test_a_file_that_is_larger_than_its_stated_size_is_skipped(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", FILES | {"cat/3.png": bytes(2**20)})
    data = path.read_bytes()
    size, lie = (2**20).to_bytes(4, "little"), (100).to_bytes(4, "little")
    assert data.count(size) == 2
    path.write_bytes(data.replace(size, lie))
    opened = dataset_from_source(zip_source(path))
    assert len(opened) == 3
    assert [(left.id, left.reason.split("(")[0]) for left in opened.skipped] == [
        ("cat/3.png", "is damaged inside the archive ")
    ]


def test_only_the_damaged_file_is_skipped(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", FILES, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    at = data.find(FILES["cat/2.png"]) + 50
    data[at] ^= 255
    path.write_bytes(data)
    opened = dataset_from_source(zip_source(path))
    assert opened.ids == ("cat/1.png", "dog/1.png")
    assert [(left.id, left.reason) for left in opened.skipped] == [
        ("cat/2.png", "is damaged inside the archive (Bad CRC-32)")
    ]


def test_an_encrypted_file_is_skipped(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", FILES)
    data = bytearray(path.read_bytes())
    table = data.find(b"PK\x01\x02")
    data[table + 8] |= 1  # the flag of the first entry in the archive's table
    path.write_bytes(data)
    opened = dataset_from_source(zip_source(path))
    assert [(left.id, left.reason) for left in opened.skipped] == [("cat/1.png", "is encrypted")]


def test_a_file_that_is_not_an_archive_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"hello")
    assert text_of(tmp_path / "a.zip") == (
        "a.zip must be a zip archive, but cannot be read as one: File is not a zip file."
    )


def stored(name: str | bytes, value: int = 1, **more: object) -> bombs.Entry:
    data = png(value)
    return bombs.Entry(name, 0, data, zlib.crc32(data), len(data), **more)  # type: ignore[arg-type]


def ids_of(path: Path, *entries: bombs.Entry) -> tuple[str, ...]:
    return dataset_from_source(zip_source(bombs.raw_zip(path, entries))).ids


NAMES = {  # code page: names in it
    "utf-8": ["Caf\u00e9/\u732b 1.png", "\u0e41\u0e21\u0e27/1.png"],
    "cp437": ["Caf\u00e9/1.png", "\u00dcbung/sch\u00f6n.png"],
    "cp850": ["S\u00e3o/\u00d3timo.png", "\u00d8re/1.png"],
    "cp866": ["\u041a\u043e\u0448\u043a\u0430/\u0444\u043e\u0442\u043e 1.png", "\u043f\u0451\u0441/2.png"],
    "cp932": ["\u30ab\u30e1\u30e9/\u732b 1.png", "\u3044\u306c/2.png"],
    "cp949": ["\uace0\uc591\uc774/\uc0ac\uc9c4 1.png", "\uac1c/2.png"],
}


@pytest.mark.parametrize("encoding", NAMES)
def test_names_without_a_flag_are_in_the_code_page_in_which_they_are_words(tmp_path: Path, encoding: str) -> None:
    entries = [stored(name.encode(encoding), number) for number, name in enumerate(NAMES[encoding])]
    assert set(ids_of(tmp_path / "a.zip", *entries)) == set(NAMES[encoding])


def test_files_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    assert text_of(bombs.zip_that_overlaps(tmp_path / "a.zip")) == (
        "a.zip must not have files that share their bytes: such archives are made to fill the memory. Do not open it."
    )
    quoted = stored("inside.png")
    whole = bombs.raw_zip(tmp_path / "inner.zip", [quoted]).read_bytes()
    entry = bombs.Entry("outer.bin", 0, whole, zlib.crc32(whole), len(whole))
    path = bombs.raw_zip(tmp_path / "b.zip", [entry, stored("cat.png")])
    assert dataset_from_source(zip_source(path)).ids == ("cat.png",), "an archive in an archive shares nothing"


def unicode_path(name: str, raw: bytes, *, crc: int | None = None, version: int = 1) -> bytes:
    content = struct.pack("<BL", version, zlib.crc32(raw) if crc is None else crc) + name.encode()
    return struct.pack("<HH", 0x7075, len(content)) + content


def test_the_unicode_path_of_info_zip_is_the_name(tmp_path: Path) -> None:
    raw, name = b"#U732b/1.png", "\u732b/1.png"
    before = struct.pack("<HH", 0x5455, 5) + b"\1" + bytes(4)  # a time stands before it
    assert ids_of(tmp_path / "a.zip", stored(raw, extra=before + unicode_path(name, raw))) == (name,)
    for wrong in (unicode_path(name, raw, crc=1), unicode_path(name, raw, version=2)):
        assert ids_of(tmp_path / "a.zip", stored(raw, extra=wrong)) == (raw.decode(),)


def test_names_with_the_flag_are_utf_8(tmp_path: Path) -> None:
    assert ids_of(tmp_path / "a.zip", stored("\u732b/1.png", flags=0x800)) == ("\u732b/1.png",)
    path = bombs.raw_zip(tmp_path / "a.zip", [stored(b"\xff/1.png", flags=0x800)])
    assert text_of(path).startswith("a.zip must be a zip archive, but ")


@pytest.mark.parametrize("prefix", ["./", ".\\", "./pets/", ".//pets//./", "pets\\v1\\"])
def test_prefixes_of_names_are_no_folders(tmp_path: Path, prefix: str) -> None:
    names = [f"{prefix}{folder}/{n}.png" for folder in ("cat", "dog") for n in (1, 2)]
    assert ids_of(tmp_path / "a.zip", *map(stored, names)) == ("cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png")


@pytest.mark.parametrize(
    ("method", "name"),
    [(9, "Deflate64"), (93, "Zstandard"), (95, "xz"), (98, "PPMd"), (1, "shrinking"), (77, "method 77")],
)
def test_a_method_that_is_not_read_is_named(tmp_path: Path, method: int, name: str) -> None:
    entry = stored("cat/2.png")._replace(method=method)
    opened = dataset_from_source(zip_source(bombs.raw_zip(tmp_path / "a.zip", [stored("cat/1.png"), entry])))
    assert [(item.id, item.reason) for item in opened.skipped] == [
        (
            "cat/2.png",
            f"is packed with {name}, which is not read; pack the archive again with Deflate, the usual method",
        )
    ]


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_method_of_python_is_read(tmp_path: Path, how: int) -> None:
    files = FILES | {"cat/noise.bmp": bmp()}
    data = dataset_from_source(zip_source(zipped(tmp_path / "a.zip", files, how)))
    assert set(data.ids) == set(files)
    np.testing.assert_array_equal(data.read(data.ids.index("cat/noise.bmp")), NOISE)


NOISE = np.random.default_rng(0).integers(0, 8, (200, 300, 3), dtype=np.uint8)


def bmp() -> bytes:
    file = io.BytesIO()
    Image.fromarray(NOISE).save(file, "BMP")
    return file.getvalue()


def test_an_archive_of_another_kind_is_named(tmp_path: Path) -> None:
    inside = zipped(tmp_path / "in.zip", FILES).read_bytes()
    with pytest.raises(InputError) as caught:
        dataset_from_source(zip_source(zipped(tmp_path / "out.zip", {"in.zip": inside, "readme.txt": b"x"})))
    assert str(caught.value) == (
        "out has no image files. It has 2 other files, such as in.zip. To open in.zip, unpack out first."
    )
    for data, kind in (
        (inside[:-30], "is damaged or cut off; copy it again"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(99), "is a 7z archive, which is not read; unpack it and give the folder"),
        (b"Rar!\x1a\7" + bytes(99), "is a rar archive, which is not read; unpack it and give the folder"),
        (bytes(257) + b"ustar" + bytes(250), "is a tar archive; rename it to .tar"),
    ):
        (tmp_path / "a.zip").write_bytes(data)
        assert text_of(tmp_path / "a.zip") == f"a.zip must be a zip archive, but {kind}."
    (tmp_path / "a.tar").write_bytes(inside)
    with pytest.raises(InputError) as caught:
        open_dataset(str(tmp_path / "a.tar"))
    assert str(caught.value) == "a.tar must be a tar archive, but is a zip archive; rename it to .zip."
    (tmp_path / "a.7z").write_bytes(b"7z")
    with pytest.raises(InputError) as caught:
        open_dataset(str(tmp_path / "a.7z"))
    assert str(caught.value).endswith("that ends in .7z. Unpack it, and give the folder.")
