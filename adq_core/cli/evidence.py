"""`evidence`: compares strategies with class-balanced random images on test images."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import fields
from typing import Any

from adq_core.data import open_dataset
from adq_core.errors import InputError, SettingsError
from adq_core.evidence import (
    DEFAULT_PROBE,
    KEEP_RATIOS,
    PROBES,
    Budget,
    Evidence,
    content_of,
    figure_of,
    table_of,
    verdict_sentence,
)
from adq_core.pipeline import Run
from adq_core.run_evidence import Estimate, estimate_of, evidence_of
from adq_core.settings import ID_LISTS, Settings
from adq_core.storage import atomic_file

from .json_files import add_json, write_json
from .options import Commands, add_cache, add_quiet, add_settings, given_settings, open_store, path
from .progress_bars import terminal_progress


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser("evidence", help="is a strategy better than balanced random images on this data set?")
    add_settings(parser, [spec.name for spec in fields(Settings) if spec.name not in ID_LISTS])
    default = Budget()
    parser.add_argument(
        "--probe", metavar="NAME", default=DEFAULT_PROBE, help=f"one of {', '.join(PROBES)} ({DEFAULT_PROBE})"
    )
    parser.add_argument(
        "--test", metavar="DATASET", help="test images: a folder or another data set with the same class names"
    )
    parser.add_argument("--strategies", metavar="NAMES", help="names with commas between them (all)")
    parser.add_argument(
        "--keep-ratios",
        metavar="RATIOS",
        help=f"with commas between them ({','.join(map(str, KEEP_RATIOS))}; with --keep-ratio or --probe network: that "
        "one)",
    )
    parser.add_argument("--min-seeds", type=int, default=default.min_seeds, metavar="N", help=f"({default.min_seeds})")
    parser.add_argument(
        "--max-seeds", type=int, metavar="N", help=f"({default.max_seeds}; --probe network: as --min-seeds)"
    )
    parser.add_argument(
        "--half-width",
        type=float,
        default=100 * default.half_width,
        metavar="POINTS",
        help=f"add seeds until draws change a mean by less than this ({100 * default.half_width:g})",
    )
    parser.add_argument(
        "--minutes", type=float, metavar="MINUTES", help="stop after this time, with at least two seeds"
    )
    add_json(parser, "the table with all accuracies")
    parser.add_argument("--figure", type=path, metavar="FILE", help="write a figure to this .html file")
    add_quiet(parser)
    add_cache(parser)
    parser.set_defaults(function=evidence_command)


def evidence_command(parsed: argparse.Namespace) -> int:
    """Measure the evidence, print its table and its verdicts, and write the files that were asked for."""
    if parsed.figure is not None and parsed.figure.suffix != ".html":
        raise InputError(f"--figure must be a file that ends in .html, got {parsed.figure}.")
    settings = Settings(**given_settings(parsed))
    with terminal_progress(parsed) as progress:
        run = Run(settings, open_store(parsed), progress)
        budget = _budget(parsed)
        test_set = None
        if parsed.test is not None:
            test_set = open_dataset(os.path.expanduser(parsed.test), cache=run.store.folder, progress=progress)
        asked: dict[str, Any] = {
            "probe": parsed.probe,
            "strategies": None if parsed.strategies is None else _names(parsed.strategies),
            "keep_ratios": _keep_ratios(parsed, settings),
            "test_set": test_set,
        }
        if parsed.probe == "network" and not parsed.quiet:
            print(announcement(estimate_of(run, **asked, seeds=budget.min_seeds)), file=sys.stderr, flush=True)
        evidence = evidence_of(run, **asked, budget=budget)
    if not parsed.quiet:
        print(_summary(evidence))
    write_json(parsed, content_of(evidence))
    if parsed.figure is not None:
        import plotly.graph_objects as go

        with atomic_file(parsed.figure, option="--figure") as file:
            file.write_text(go.Figure(figure_of(evidence)).to_html(include_plotlyjs=True), encoding="utf-8")
    return 0


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def announcement(estimate: Estimate) -> str:
    """Return how long the trainings will take."""
    if estimate.n_trainings == 0:
        return "All trainings are measured already."
    minutes = estimate.seconds / 60
    time = f"{minutes:.0f} min" if minutes >= 2 else f"{estimate.seconds:.0f} s"
    return (
        f"{estimate.n_trainings:,} trainings of {estimate.n_steps:,} steps: about {time} on this machine, measured on "
        "a few steps. Ctrl-C stops; the same command goes on."
    )


def _keep_ratios(parsed: argparse.Namespace, settings: Settings) -> list[float] | None:
    if parsed.keep_ratios is None:
        one = parsed.keep_ratio is not None or parsed.probe == "network"
        return [settings.keep_ratio] if one else None
    try:
        return [float(part) for part in _names(parsed.keep_ratios)]
    except ValueError:
        raise SettingsError(
            f"--keep-ratios must be numbers with commas between them, got {parsed.keep_ratios}."
        ) from None


def _budget(parsed: argparse.Namespace) -> Budget:
    most = parsed.max_seeds
    if most is None:
        most = parsed.min_seeds if parsed.probe == "network" else max(parsed.min_seeds, Budget().max_seeds)
    if not 2 <= parsed.min_seeds <= most:
        raise SettingsError(
            f"--min-seeds must be at least 2 and at most --max-seeds, got {parsed.min_seeds} and {most}."
        )
    if not parsed.half_width > 0:
        raise SettingsError(f"--half-width must be more than 0 points, got {parsed.half_width:g}.")
    seconds = float("inf") if parsed.minutes is None else 60 * parsed.minutes
    return Budget(parsed.min_seeds, most, parsed.half_width / 100, seconds)


def _summary(evidence: Evidence) -> str:
    seeds = evidence.accuracy.shape[2]
    lines = [
        f"Accuracy of a {evidence.probe} probe on {evidence.n_test:,} test images, trained on a subset of "
        f"{evidence.n_train:,} others, in %, {seeds} seeds. Test images: {evidence.tested_on}.",
        "In brackets: difference to balanced random with its 95 % interval, * where it is distinguishable from 0.",
        "",
        table_of(evidence),
        "",
        *(verdict_sentence(evidence, keep_ratio) for keep_ratio in evidence.keep_ratios),
    ]
    if not evidence.complete:
        lines.append("The time was up before the intervals were as small as asked for; the same command goes on.")
    return "\n".join(lines)
