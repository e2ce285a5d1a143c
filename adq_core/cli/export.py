"""`export`: writes the images of an earlier run in the format of another tool."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path

from adq_core.data import open_dataset
from adq_core.export import (
    FORMATS,
    LINKS,
    NAMES,
    ExportOptions,
    Subset,
    check_export_target,
    read_files,
    subset_of_files,
    write_export,
)
from adq_core.pipeline import Run
from adq_core.progress import Progress
from adq_core.records import Floats
from adq_core.settings import Settings
from adq_core.storage import Store

from .manifests import base_of
from .options import Commands, add_cache, add_quiet, open_store, path
from .progress_bars import terminal_progress

MEGABYTE = 1_000_000


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    formats = "\n".join(f"  {name:16} {each.sentence}" for name, each in FORMATS.items())
    parser = commands.add_parser(
        "export",
        help="write the selected images in the format of another tool",
        description="Write the selected images of an earlier run in the format of another tool.",
        epilog=f"formats:\n{formats}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=path, metavar="DIR", help="folder that `run --out DIR` has written")
    parser.add_argument("--format", choices=tuple(FORMATS), required=True, metavar="FORMAT", help="see below")
    parser.add_argument("--to", type=path, metavar="PATH", required=True, help="folder or .zip to write")
    parser.add_argument(
        "--links", choices=LINKS, default="copy", help="images in folders: copies or links of the files (copy)"
    )
    parser.add_argument(
        "--names", choices=NAMES, default="original", help="names of images in folders: original or numbered (original)"
    )
    parser.add_argument("--shard-size", type=int, default=500, metavar="MB", help="images per shard, in MB (500)")
    parser.add_argument("--croissant", action="store_true", help="also write croissant.json, which describes the files")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier export at PATH")
    add_quiet(parser)
    add_cache(parser)
    parser.set_defaults(function=export_command, after_stop="Nothing was written.")


def export_command(parsed: argparse.Namespace) -> int:
    """Write the selected images of an export in another format."""
    target: Path = parsed.to.absolute()
    check_export_target(target, overwrite=parsed.overwrite, is_zip=FORMATS[parsed.format].is_zip)
    store = open_store(parsed)
    shard_bytes = max(1, parsed.shard_size) * MEGABYTE
    options = ExportOptions(parsed.links, parsed.names, shard_bytes, parsed.croissant)
    with terminal_progress(parsed) as progress:
        subset = open_subset(parsed.folder, store, progress)
        manifest = write_export(
            subset,
            parsed.format,
            target,
            options=options,
            overwrite=parsed.overwrite,
            cache=store.folder,
            progress=progress,
        )
    for note in subset.dataset.notes:
        if "has changed since" in note:
            print(f"adq: {note}", file=sys.stderr)
    if not parsed.quiet:
        n_bytes = sum(entry["bytes"] for entry in manifest["files"].values())
        print(f"Wrote {len(subset):,} {subset.dataset.kind} as {parsed.format} to {parsed.to}: "
              f"{len(manifest['files']):,} files, {n_bytes / MEGABYTE:,.1f} MB.")  # fmt: skip
    return 0


def open_subset(folder: Path, store: Store, progress: Progress) -> Subset:
    """Return the selected images of an export that `run` has written."""
    files = read_files(folder)
    dataset = open_dataset(str(folder), cache=store.folder, progress=progress)

    def vectors() -> Floats:
        manifest = json.loads(files["manifest.json"])
        with contextlib.chdir(base_of(manifest, folder.absolute())):
            run = Run(Settings.from_json(json.dumps(manifest)), store, progress)
            row_of = {image_id: row for row, image_id in enumerate(run.dataset.ids)}
            return run.embeddings.vectors[[row_of[image_id] for image_id in subset.table["id"]]]

    subset = subset_of_files(files, dataset, vectors, name=str(folder))
    return subset
