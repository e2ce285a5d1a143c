"""`evidence`: compares strategies with class-balanced random images on test images."""

from __future__ import annotations

import argparse
from dataclasses import fields

from adq_core.errors import InputError, SettingsError
from adq_core.evidence import KEEP_RATIOS, Budget, Evidence, content_of, figure_of, table_of, verdict_sentence
from adq_core.pipeline import Run
from adq_core.run_evidence import evidence_of
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
    parser.add_argument("--strategies", metavar="NAMES", help="names with commas between them (all)")
    parser.add_argument(
        "--keep-ratios",
        metavar="RATIOS",
        help=f"with commas between them ({','.join(map(str, KEEP_RATIOS))}; with --keep-ratio: that one)",
    )
    parser.add_argument("--min-seeds", type=int, default=default.min_seeds, metavar="N", help=f"({default.min_seeds})")
    parser.add_argument("--max-seeds", type=int, default=default.max_seeds, metavar="N", help=f"({default.max_seeds})")
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
        evidence = evidence_of(
            Run(settings, open_store(parsed), progress),
            strategies=None if parsed.strategies is None else _names(parsed.strategies),
            keep_ratios=_keep_ratios(parsed),
            budget=_budget(parsed),
        )
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


def _keep_ratios(parsed: argparse.Namespace) -> list[float] | None:
    if parsed.keep_ratios is None:
        return [parsed.keep_ratio] if parsed.keep_ratio is not None else None
    try:
        return [float(part) for part in _names(parsed.keep_ratios)]
    except ValueError:
        raise SettingsError(
            f"--keep-ratios must be numbers with commas between them, got {parsed.keep_ratios}."
        ) from None


def _budget(parsed: argparse.Namespace) -> Budget:
    if not 2 <= parsed.min_seeds <= parsed.max_seeds:
        raise SettingsError(
            f"--min-seeds must be at least 2 and at most --max-seeds, got {parsed.min_seeds} and {parsed.max_seeds}."
        )
    if not parsed.half_width > 0:
        raise SettingsError(f"--half-width must be more than 0 points, got {parsed.half_width:g}.")
    seconds = float("inf") if parsed.minutes is None else 60 * parsed.minutes
    return Budget(parsed.min_seeds, parsed.max_seeds, parsed.half_width / 100, seconds)


def _summary(evidence: Evidence) -> str:
    lines = [
        f"Accuracy of a {evidence.probe} probe on {evidence.n_test:,} test images, trained on a subset of "
        f"{evidence.n_train:,} others, in %;",
        "in brackets: difference to balanced random with its 95 % interval, * where it is distinguishable from 0.",
        "",
        table_of(evidence),
        "",
        *(verdict_sentence(evidence, keep_ratio) for keep_ratio in evidence.keep_ratios),
    ]
    if not evidence.complete:
        lines.append("The time was up before the intervals were as small as asked for; the same command goes on.")
    return "\n".join(lines)
