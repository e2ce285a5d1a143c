"""Check that the files of an export are those that its manifest lists."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress

from .manifest import MANIFEST

BUFFER = 1 << 20
MAX_MANIFEST = 1 << 30  # bytes: 5,000,000 files


class Problem(NamedTuple):
    """A difference between an export and its manifest."""

    kind: str  # "missing", "changed", "new" or "count"
    name: str
    detail: str

    def __str__(self) -> str:
        return f"{self.name} {self.detail}"


def problems_of(path: Path, progress: Progress = no_progress) -> list[Problem]:
    """Return every difference between an export, a folder or a zip, and its manifest; [] if there is none.

    The digest of every listed file is computed again; files that are not listed are named, except hidden ones.

    Raises
    ------
    InputError
        If there is no export, or its manifest cannot be read.
    """
    if path.is_file():
        return _problems_of_zip(path, progress)
    try:
        manifest = _manifest((path / MANIFEST).read_bytes(), path)
    except OSError as error:
        raise InputError(f"{path} must be an export with a {MANIFEST}: {error.strerror}.") from None
    problems = check_files(path, manifest["files"], list(manifest["files"]), progress)
    present = (file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_symlink() or not file.is_dir())
    rows = [] if problems else _count_rows(path, manifest)
    return problems + _new(present, manifest) + (_count(manifest) or rows)


def check_files(
    folder: Path, entries: Mapping[str, Any], names: Iterable[str], progress: Progress = no_progress
) -> list[Problem]:
    """Return the differences between files of a folder and their entries in a manifest."""
    problems, names = [], list(names)
    for number, name in enumerate(names):
        progress(number, len(names), "files")
        file = _inside(folder, name)
        problem: Problem | None = Problem("missing", name, "is missing")
        if file is not None:
            try:
                with file.open("rb") as opened:
                    problem = _compare(opened, name, entries[name])
            except OSError as error:
                if file.exists():
                    problem = Problem("changed", name, f"cannot be read: {error.strerror}")
        if problem is not None:
            problems.append(problem)
    progress(len(names), len(names), "files")
    return problems


def _inside(folder: Path, name: str) -> Path | None:
    """Return the path of a file below a folder; None for a name that leads out of it."""
    parts = name.split("/")
    if not name or "\\" in name or "\0" in name or any(part in ("", ".", "..") or ":" in part for part in parts):
        return None
    return folder.joinpath(*parts)


def _problems_of_zip(path: Path, progress: Progress) -> list[Problem]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = {info.filename: info for info in archive.infolist()}
            if MANIFEST not in infos or infos[MANIFEST].file_size > MAX_MANIFEST:
                raise InputError(f"{path} must be an export with a {MANIFEST}, but the zip has none.")
            manifest = _manifest(archive.read(MANIFEST), path)
            problems = []
            for number, (name, entry) in enumerate(manifest["files"].items()):
                progress(number, len(manifest["files"]), "files")
                problem = _of_member(partial(archive.open, name), name, entry, name in infos)
                if problem is not None:
                    problems.append(problem)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path} must be an export: a folder or a .zip with a {MANIFEST}. It cannot be read."
        ) from None
    return problems + _new((name for name in infos if not name.endswith("/")), manifest) + _count(manifest)


def _of_member(open_member: Callable[[], IO[bytes]], name: str, entry: Any, is_there: bool) -> Problem | None:
    if not is_there:
        return Problem("missing", name, "is missing")
    try:
        with open_member() as member:
            return _compare(member, name, entry)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError):
        return Problem("changed", name, "cannot be read")


def _compare(file: IO[bytes], name: str, entry: Any) -> Problem | None:
    expected = entry.get("bytes") if isinstance(entry, Mapping) else None
    state, n_bytes = hashlib.sha256(), 0
    while part := file.read(BUFFER):
        state.update(part)
        n_bytes += len(part)
    if isinstance(entry, Mapping) and state.hexdigest() == entry.get("sha256"):
        return None
    sizes = f"{n_bytes:,} bytes instead of {expected:,}" if isinstance(expected, int) else "another content"
    return Problem("changed", name, f"has changed: {sizes if n_bytes != expected else 'another content'}")


def _new(present: Iterable[str], manifest: dict[str, Any]) -> list[Problem]:
    """Return the files that the manifest does not list, except hidden ones."""
    known = manifest["files"].keys() | {MANIFEST}
    others = sorted(name for name in present if name not in known and not _is_hidden(name))
    return [Problem("new", name, "is not part of the export") for name in others]


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/")) or name.startswith("__MACOSX/")


def _count(manifest: dict[str, Any]) -> list[Problem]:
    """Return the difference between the number of images and the numbers of selected images that a manifest states."""
    selected, export = manifest.get("selected"), manifest.get("export")
    if not isinstance(selected, dict) or not isinstance(selected.get("classes"), dict):
        return []
    numbers = {selected.get("images"), sum(count for count in selected["classes"].values() if isinstance(count, int))}
    if isinstance(export, dict):
        numbers.add(export.get("images"))
    if len(numbers) == 1:
        return []
    return [Problem("count", MANIFEST, f"states different numbers of images: {', '.join(map(str, numbers))}")]


def _count_rows(path: Path, manifest: dict[str, Any]) -> list[Problem]:
    """Return the difference between the rows of the table of an export and its number of images."""
    export = manifest.get("export")
    if not isinstance(export, dict) or not isinstance(table := export.get("table"), str):
        return []
    names = [name for name in manifest["files"] if fnmatchcase(name, table)]
    try:
        found = sum(_rows(path / name) for name in names)
    except (OSError, ValueError, KeyError):
        return [Problem("changed", table, "cannot be read as a table")]
    if found == export.get("images"):
        return []
    return [Problem("count", table, f"has {found:,} images, and the manifest states {export.get('images'):,}")]


def _rows(path: Path) -> int:
    """Return the number of images in a table: its rows, or the selected ones where a column says which they are."""
    import pyarrow.parquet as pq

    if path.suffix == ".jsonl":
        with path.open("rb") as file:
            return sum(1 for _ in file)
    if path.suffix != ".parquet":
        with path.open(encoding="utf-8", newline="") as text:
            return sum(1 for _ in csv.reader(text)) - 1
    if "selected" in pq.read_schema(path).names:
        return int(sum(pq.read_table(path, columns=["selected"])["selected"].to_pylist()))
    return int(pq.read_metadata(path).num_rows)


def _manifest(data: bytes, path: Path) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict) or not content["files"]:
        raise InputError(f"The {MANIFEST} of {path} must be a JSON object with the files of an export.")
    return content
