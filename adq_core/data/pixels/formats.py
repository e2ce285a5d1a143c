"""Image formats: the endings of the files that are read, of those that are not, and the first bytes of both."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable

# Endings of the formats in `pillow_files.FORMATS`.
SUFFIXES = (
    "apng", "avif", "avifs", "bmp", "dib", "gif", "heic", "heics", "heif", "heifs", "hif", "j2c", "j2k", "jfif", "jif",
    "jp2", "jpc", "jpe", "jpeg", "jpf", "jpg", "jpx", "mpo", "pbm", "pfm", "pgm", "png", "pnm", "ppm", "tif", "tiff",
    "webp",
)  # fmt: skip
# Endings of image formats that are not read: such files are listed with a reason; other files are ignored.
UNSUPPORTED_SUFFIXES = (
    # raw files of cameras
    "3fr", "ari", "arw", "bay", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "iiq", "k25", "kdc", "mef", "mos",
    "mrw", "nef", "nrw", "orf", "pef", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "x3f",
    # drawings
    "ai", "cdr", "emf", "eps", "svg", "svgz", "wmf", "xcf",
    # other pictures; formats that Pillow knows but whose readers are little used
    "blp", "bpg", "bw", "cur", "dcx", "dds", "djvu", "exr", "flc", "fli", "flif", "ftc", "ftu", "gbr", "icb", "icns",
    "ico", "im", "jng", "jxl", "jxr", "mng", "msp", "palm", "pcd", "pcx", "psb", "psd", "pxr", "qoi", "ras", "rgb",
    "rgba", "sgi", "tga", "vda", "vst", "wdp", "xbm", "xpm",
    # science and medicine
    "czi", "dcm", "dicom", "fit", "fits", "fts", "lif", "mha", "nd2", "ndpi", "nii", "nrrd", "svs",
)  # fmt: skip
HEAD_BYTES = 16  # decide whether a file without an ending is an image
MAX_LISTED = 5  # endings in one error

_HEADS = (
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",  # TIFF
    b"MM\x00*",
    b"II+\x00",  # BigTIFF
    b"MM\x00+",
    b"\xff\x4f\xff\x51",  # JPEG 2000
    b"\x00\x00\x00\x0cjP  \r\n\x87\n",
)
_ENDINGS = {
    b"\xff\xd8\xff": ".jpg",
    b"\x89PNG\r\n": ".png",
    b"GIF8": ".gif",
    b"WEBP": ".webp",
    b"II*\x00": ".tif",
    b"MM\x00*": ".tif",
    b"BM": ".bmp",
    b"avif": ".avif",
    b"heic": ".heic",
}
_BRANDS = (  # of AVIF and HEIF
    b"avif", b"avis", b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevm", b"hevs", b"hevx", b"mif1", b"msf1",
)  # fmt: skip
_BMP_HEADERS = (b"\x0c\0", b"(\0", b"4\0", b"8\0", b"@\0", b"l\0", b"|\0")  # their sizes: 12, 40, 52, 56, 64, 108, 124


def suffix(file: str) -> str:
    """Return the ending of a file name in small letters, without the dot; "" if there is none."""
    return os.path.splitext(file)[1].lower().removeprefix(".")


def is_image_head(head: bytes) -> bool:
    """Return whether a file that begins with these 16 bytes is an image of a format that is read.

    A file of text that begins with `BM` or `P1` is not mistaken for a BMP or PPM image: more than the two letters is
    compared.
    """
    if head.startswith(_HEADS):
        return True
    if head[:4] == b"RIFF":
        return head[8:12] == b"WEBP"
    if head[4:8] == b"ftyp":
        return head[8:12] in _BRANDS
    if head[:2] == b"BM":
        return head[6:10] == bytes(4) and head[14:16] in _BMP_HEADERS
    if head[:1] == b"P" and head[1:2] in (b"1", b"2", b"3", b"4", b"5", b"6", b"f"):
        fields = head[2:].split()
        return head[2:3].isspace() and bool(fields) and (fields[0].isdigit() or fields[0].startswith(b"#"))
    return False


def image_suffix(file: str, data: bytes = b"") -> str:
    """Return the ending of an image file, with the dot: that of its name, or else the one of its content; else "".

    Of a name without a known ending, the first bytes decide, for the most frequent formats.
    """
    if suffix(file) in SUFFIXES:
        return os.path.splitext(file)[1]
    return next((ending for head, ending in _ENDINGS.items() if data[: HEAD_BYTES + 4].find(head) in (0, 8)), "")


def unsupported_reason(file: str) -> str:
    """Return the reason for a file of a format that is not read: the end of a sentence that begins with its name."""
    return f"is a .{suffix(file)} file, which is not read; convert it to .png or .jpg"


def count_suffixes(files: Iterable[str]) -> str:
    """Return the numbers of files by ending, the most frequent first, for example "3 .svg, 1 .psd"."""
    counts = sorted(Counter(map(suffix, files)).items(), key=lambda item: (-item[1], item[0]))
    named = [(f".{name}" if name else "without an ending", number) for name, number in counts[:MAX_LISTED]]
    listed = ", ".join(f"{number:,} {name}" for name, number in named)
    return listed + (", ..." if len(counts) > MAX_LISTED else "")
