"""`run`: computes all stages and writes the exported files."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any

from adq_core.data import DATASETS
from adq_core.errors import InputError
from adq_core.export import check_target, differing_digests, write_files
from adq_core.pipeline import Run
from adq_core.progress import no_progress
from adq_core.settings import Settings

from .options import Commands, add_cache, add_out_folder, add_quiet, add_settings, given_settings, open_store
from .progress_bars import TqdmProgress, repeat_sigint

MAX_LISTED = 10  # skipped images that are printed; the manifest lists all


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser("run", help="compute a subset of a data set and export it")
    add_settings(parser)
    parser.add_argument(
        "--settings",
        type=Path,
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
    check_target(parsed.out, overwrite=parsed.overwrite)
    manifest = _read_manifest(parsed.settings) if parsed.settings else None
    options = given_settings(parsed)
    base = Settings.from_json(json.dumps(manifest)) if manifest is not None else Settings()
    settings = dataclasses.replace(base, **options)
    started = time.perf_counter()
    bars = TqdmProgress()
    with repeat_sigint(no_progress if parsed.quiet else bars) as progress:
        run = Run(settings, open_store(parsed), progress)
        try:
            files = run.export_files()
        finally:
            bars.close()
    write_files(files, parsed.out, overwrite=parsed.overwrite)
    if not parsed.quiet:
        print(_summary(run, time.perf_counter() - started))
        print(f"Wrote {', '.join(files)} to {parsed.out}")
    if manifest is not None and not options:
        for name in differing_digests(manifest, run.stages()):
            print(
                f"adq: the result of stage {name} differs from the one recorded in {parsed.settings}; "
                "the subset may differ.",
                file=sys.stderr,
            )
    return 0


def _summary(run: Run, seconds: float) -> str:
    """Return the summary of a run: numbers of images, quotas, seconds per stage, skipped files and notes."""
    quotas, data = run.quotas, run.dataset
    lines = [
        f"{data.name}: {len(data):,} {data.kind} in {data.n_classes} classes, {len(data.skipped)} skipped",
        f"Kept {quotas.quota.sum():,} ({quotas.reached_keep_ratio:.1%}), rule {quotas.rule}, alpha {quotas.alpha:g}",
        "Quotas  " + "  ".join(f"{q}/{n}" for q, n in zip(quotas.quota, quotas.capacity, strict=True)),
        "Seconds " + "  ".join(f"{name} {spent:.1f}" for name, spent in run.seconds.items()) + f"  total {seconds:.1f}",
    ]
    if run.settings.dataset not in DATASETS:
        lines.insert(1, data.description)
    lines += [f"Note: {note}" for note in data.reading.notes]
    lines += list(filter(None, [data.reading.other_files, run.embeddings.note]))
    lines += [f"Skipped {item.id}: {item.reason}" for item in data.skipped[:MAX_LISTED]]
    if len(data.skipped) > MAX_LISTED:
        lines.append(f"... and {len(data.skipped) - MAX_LISTED} more; the manifest lists all of them")
    return "\n".join(lines + [f"Note: {note}" for note in run.scores.warnings + quotas.notes])


def _read_manifest(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file; raise `InputError` if there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"--settings must be a readable file, got {path}: {error.strerror}.") from None
    except ValueError:
        raise InputError(f"--settings must be a manifest.json or settings as JSON; {path} is not JSON.") from None
    if not isinstance(content, dict):
        raise InputError(f"--settings must be a manifest.json or settings as JSON; {path} holds no JSON object.")
    return content
