"""Zip archives with the same bytes for the same content."""

from __future__ import annotations

import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)  # date of every file in an archive, because today's date would change the bytes


def add_file(archive: zipfile.ZipFile, name: str, content: bytes, *, deflated: bool = True) -> None:
    """Add a file without a date to a zip; use `deflated=False` for compressed content such as PNG."""
    archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED)
