"""Write a subset in one of the formats: into a temporary place first, the manifest last, then renamed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, BinaryIO

from adq_core.errors import InputError, StorageError
from adq_core.progress import Progress, no_progress
from adq_core.storage import is_empty, remember_place, remove_stale, storage_errors, temporary_path

from .croissant import CROISSANT, croissant
from .formats import Format, format_of
from .manifest import MANIFEST
from .options import ExportOptions
from .sinks import FolderSink, Sink, ZipSink
from .subset import Subset
from .verify import problems_of

OPTION = "--to"


def write_export(
    subset: Subset,
    name: str,
    target: Path,
    *,
    options: ExportOptions | None = None,
    overwrite: bool = False,
    cache: Path | None = None,
    progress: Progress = no_progress,
) -> dict[str, Any]:
    """Write a subset in the format of this name to a folder, or a zip, and return the manifest.

    Nothing appears under the target before everything is written. `cache` is the folder in which the place of the
    temporary files is recorded, so that the next start of a program removes them if this process is killed.

    Raises
    ------
    InputError
        If the format needs images and there are none, or the target is inside the data set.
    StorageError
        If the target exists (unless `overwrite`, and it is an export), or cannot be written.
    Cancelled
        If `progress` raises it; then nothing is left.
    """
    options = options or ExportOptions()
    chosen = format_of(name, subset)
    target = target.expanduser().absolute()
    check_export_target(target, overwrite=overwrite, is_zip=chosen.is_zip)
    _check_outside(subset, target)
    with storage_errors(target, OPTION):
        _restore(target)
        temporary = temporary_path(target)
        with remember_place(cache, target.parent):
            try:
                if chosen.is_zip:
                    with temporary.open("xb") as file:
                        manifest = write_zip(subset, name, file, options=options, progress=progress)
                else:
                    temporary.mkdir()
                    sink = FolderSink(temporary, options.links)
                    manifest = _write(subset, name, chosen, sink, options, progress)
                _put_in_place(temporary, target)
            finally:
                _remove(temporary)
    return manifest


def write_zip(
    subset: Subset,
    name: str,
    file: BinaryIO,
    *,
    options: ExportOptions | None = None,
    progress: Progress = no_progress,
) -> dict[str, Any]:
    """Write a subset in the format of this name as a zip, part by part, into an open file; return the manifest."""
    chosen, sink = format_of(name, subset), ZipSink(file)
    try:
        manifest = _write(subset, name, chosen, sink, options or ExportOptions(), progress)
        sink.close()
    finally:
        sink.give_up()
    return manifest


def _write(
    subset: Subset, name: str, chosen: Format, sink: Sink, options: ExportOptions, progress: Progress
) -> dict[str, Any]:
    chosen.write(subset, sink, options, progress)
    if options.croissant:
        sink.add(CROISSANT, croissant(subset, chosen, sink.files))
    about = {"format": name, "images": len(subset), "names": options.names, "table": chosen.table}
    manifest = {**subset.manifest, "export": about, "files": dict(sink.files)}
    encoder = json.JSONEncoder(indent=2, ensure_ascii=False, allow_nan=False)
    with sink.open(MANIFEST) as file:  # part by part: as one text, it would be in memory several times
        for part in encoder.iterencode(manifest):
            file.write(part.encode("utf-8", "surrogatepass"))
        file.write(b"\n")
    return manifest


def check_export_target(target: Path, *, overwrite: bool, is_zip: bool) -> None:
    """Raise `StorageError` if this must not be written, before anything is computed.

    Only an export whose files are all listed in its manifest is replaced, so that no other file can be lost.
    """
    if is_zip and target.suffix.lower() != ".zip":
        raise StorageError(f"{OPTION} must end in .zip for this format, got {target.name}. Add the ending.")
    if not target.exists() and not target.is_symlink():
        return
    if target.is_dir() and not is_zip and is_empty(target, option=OPTION) and not target.is_symlink():
        return
    if not overwrite:
        raise StorageError(f"{target} exists already. Give another name or add --overwrite.")
    if target.is_dir() != (not is_zip) or target.is_symlink():
        kind = "a file" if is_zip else "a folder"
        raise StorageError(f"{target} is not {kind}, so it is not replaced. Give another name.")
    try:
        others = [problem for problem in problems_of(target) if problem.kind == "new"]
    except InputError:
        raise StorageError(
            f"{target} is not an export, so it is not replaced. Remove it yourself or give another name."
        ) from None
    if others:
        raise StorageError(f"{target} has files that are not part of the export ({others[0].name}). Move them first.")


def _check_outside(subset: Subset, target: Path) -> None:
    """Raise `InputError` for a target inside the folder of the data set: the next opening would find its images."""
    first = subset.dataset.file_path(int(subset.rows[0]))
    paths = subset.dataset.paths
    if first is None or paths is None:
        return
    path = Path(first)
    relative = paths[int(subset.rows[0])]
    root = path.parents[relative.count("/")] if path.as_posix().endswith(relative) else path.parent
    if target.resolve().is_relative_to(root.resolve()):
        raise InputError(
            f"{target} is inside the folder of the images ({root}), which would then have every selected image twice. "
            "Give a folder beside it."
        )


def _put_in_place(temporary: Path, target: Path) -> None:
    """Rename the finished export to the target. An earlier export has another name until the new one is in place."""
    if not target.exists():
        temporary.rename(target)
        return
    if target.is_dir() and is_empty(target, option=None):
        remove_stale(target, depth=0)
        for hidden in list(target.iterdir()):  # files such as those that file managers create are kept
            if not (temporary / hidden.name).exists():
                hidden.rename(temporary / hidden.name)
        temporary.replace(target)
        return
    if target.is_file():
        temporary.replace(target)
        return
    previous = _previous(target)
    target.rename(previous)
    try:
        temporary.rename(target)
    except OSError:
        previous.rename(target)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def _restore(target: Path) -> None:
    """Undo or finish the replacement of an export by a process that was killed."""
    previous = _previous(target)
    if previous.is_dir() and not target.exists():
        previous.rename(target)
    elif previous.is_dir():
        shutil.rmtree(previous, ignore_errors=True)


def _previous(target: Path) -> Path:
    return target.with_name(f".{target.name}.adq-previous")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
