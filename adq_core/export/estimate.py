"""Size and time of an export before it is written: measured on a few of its images."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from adq_core.progress import Progress, no_progress
from adq_core.storage import storage_errors, temporary_path

from .formats import format_of
from .manifest import MANIFEST
from .options import ExportOptions
from .sinks import FolderSink
from .subset import Subset

ENTRY_BYTES = 130  # of one file in the manifest, without its name
FEW, MORE = 8, 40  # images of the two trials


class Estimate(NamedTuple):
    """What an export will take."""

    n_bytes: int
    seconds: float
    n_measured: int  # images that were written to measure it
    exact: bool  # all images were written, so the size is exact


def estimate(
    subset: Subset,
    name: str,
    *,
    options: ExportOptions | None = None,
    folder: Path | None = None,
    progress: Progress = no_progress,
) -> Estimate:
    """Return the size and the time of an export in the format of this name.

    The format writes 8 and 40 evenly spaced images into a temporary folder (in `folder`, if given); the difference is
    what each further image takes. Links take no space. How it misleads: the size is off where few images are much
    larger than the others, and the time where the target is on a slower disk or the files are no longer in memory.
    """
    options, chosen = options or ExportOptions(), format_of(name, subset)
    if options.links == "hard":
        options = replace(options, links="symbolic")  # the temporary folder can be on another disk
    trials = [size for size in (FEW, MORE) if size < len(subset)] if chosen.grows else []
    sizes = trials if len(trials) == 2 else [len(subset)]
    measured = [_trial(subset.sample(size), name, options, folder, progress) for size in sizes]
    if len(measured) == 1:
        return Estimate(measured[0][0], measured[0][1], len(subset), True)
    (few_bytes, few_seconds), (more_bytes, more_seconds) = measured
    further = len(subset) - MORE
    each_bytes = max(0.0, (more_bytes - few_bytes) / (MORE - FEW))
    each_seconds = max((more_seconds - few_seconds) / (MORE - FEW), 0.0)
    return Estimate(round(more_bytes + further * each_bytes), more_seconds + further * each_seconds, FEW + MORE, False)


def _trial(
    subset: Subset, name: str, options: ExportOptions, folder: Path | None, progress: Progress
) -> tuple[int, float]:
    """Return the bytes and the seconds of an export that is removed at once."""
    with storage_errors("a temporary file"):
        place = temporary_path((folder or Path(tempfile.gettempdir())) / "trial")
        place.mkdir(parents=True)
        try:
            sink = FolderSink(place, options.links)
            started = time.perf_counter()
            format_of(name, subset).write(subset, sink, options, progress)
            seconds = time.perf_counter() - started
            own = (file for file in sink.files if not place.joinpath(*file.split("/")).is_symlink())
            n_bytes = sum(sink.files[file]["bytes"] for file in own)
            names = sum(len(file) for file in sink.files)
        finally:
            shutil.rmtree(place, ignore_errors=True)
    return n_bytes + len(subset.files[MANIFEST]) + names + ENTRY_BYTES * len(sink.files), seconds
