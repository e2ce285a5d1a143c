"""`run`: computes all stages and writes the exported files."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import sys
import time
from pathlib import Path

from adq_core.data import DATASETS, read_manifest
from adq_core.export import check_target, differing_digests, with_lists, write_files
from adq_core.pipeline import Run
from adq_core.settings import ID_LISTS, Settings
from adq_core.strategies import ADQ, STRATEGIES

from .manifests import base_of
from .options import (
    PATH_SETTINGS,
    Commands,
    add_cache,
    add_out_folder,
    add_quiet,
    add_settings,
    given_settings,
    open_store,
    path,
    run_of,
)
from .progress_bars import terminal_progress

PLACES = {"dataset", "labels", "weights"}  # settings that say where files are: with others, other results are expected
MAX_LISTED = 10  # skipped images that are printed; the manifest lists all


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser("run", help="compute a subset of a data set and export it")
    add_settings(parser)
    parser.add_argument(
        "--settings",
        type=path,
        metavar="FILE",
        help="manifest.json of a run to repeat; other options replace its values",
    )
    add_out_folder(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace the files of an earlier export in --out")
    add_quiet(parser)
    add_cache(parser)
    parser.set_defaults(function=run_command)


def run_command(parsed: argparse.Namespace) -> int:
    """Compute all stages and write the exported files into --out."""
    out: Path = parsed.out.absolute()
    check_target(out, overwrite=parsed.overwrite)
    store, options = open_store(parsed), given_settings(parsed)
    manifest = None if parsed.settings is None else read_manifest(parsed.settings, "--settings")
    if manifest is not None:
        manifest = with_lists(manifest, parsed.settings.parent)
    base = Path() if manifest is None else base_of(manifest, parsed.settings.parent, options)
    if base != Path():
        options |= {name: _absolute(options[name]) for name in PATH_SETTINGS if name in options}
    recorded = Settings() if manifest is None else Settings.from_json(json.dumps(manifest))
    settings = dataclasses.replace(recorded, **options)
    started = time.perf_counter()
    with terminal_progress(parsed) as progress, contextlib.chdir(base):
        run = run_of(settings, parsed, store, progress)
        files = run.export_files()
        differing = [] if manifest is None else differing_digests(manifest, run.stages(), run.dataset.digest())
    write_files(files, out, overwrite=parsed.overwrite)
    if not parsed.quiet:
        print(_summary(run, time.perf_counter() - started))
        print(f"Wrote {', '.join(files)} to {parsed.out}")
    if options.keys() <= PLACES and not any(getattr(parsed, name) for name in ID_LISTS):
        for name in differing:
            what = "the data set" if name == "dataset" else f"the result of stage {name}"
            print(
                f"adq: {what} differs from the one recorded in {parsed.settings}; the subset may differ.",
                file=sys.stderr,
            )
    return 0


def _absolute(text: str) -> str:
    """Return a path as an absolute path, because the run takes place in another folder; return a name unchanged."""
    return str(Path(text).absolute()) if Path(text).exists() else text


def _printable(line: str) -> str:
    """Return a line without control characters: a file name in it must not control the terminal."""
    return "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in line)


def _how(run: Run) -> str:
    """Return the settings that decided the numbers: rule and alpha, or the strategy."""
    s = run.settings
    decides = "alpha" in STRATEGIES[s.strategy].settings
    parts = ([] if s.strategy == ADQ else [f"strategy {s.strategy}"]) + (
        [f"rule {s.rule}, alpha {s.alpha:g}"] if decides else []
    )
    return ", ".join(parts)


def _summary(run: Run, seconds: float) -> str:
    """Return the summary of a run: numbers of images, quotas, seconds per stage, skipped files and notes."""
    quotas, data = run.quotas, run.dataset
    lines = [
        f"{data.name}: {len(data):,} {data.kind} in {data.n_classes} classes, {len(data.skipped)} skipped",
        data.description,
        f"Kept {quotas.quota.sum():,} ({quotas.reached_keep_ratio:.1%}), {_how(run)}",
        ("Quotas  " if run.settings.strategy == ADQ else "Per bin ")
        + "  ".join(f"{q}/{n}" for q, n in zip(quotas.quota, quotas.capacity, strict=True)),
        "Seconds " + "  ".join(f"{name} {spent:.1f}" for name, spent in run.seconds.items()) + f"  total {seconds:.1f}",
    ]
    if run.settings.dataset not in DATASETS:
        lines.insert(1, data.description)
    lines += list(filter(None, [data.reading.other_files, run.embeddings.note]))
    lines += [f"Skipped {item.id}: {item.reason}" for item in data.skipped[:MAX_LISTED]]
    if len(data.skipped) > MAX_LISTED:
        lines.append(f"... and {len(data.skipped) - MAX_LISTED} more; the manifest lists all of them")
    lines += [f"Note: {note}" for note in data.notes + run.scores.warnings + quotas.notes]
    return "\n".join(map(_printable, lines))
