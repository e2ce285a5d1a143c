"""`audit`: checks a selection that was made elsewhere, and compares it with random images."""

from __future__ import annotations

import argparse
from typing import Any

from adq_core.checks import worst_level
from adq_core.evidence import content_of, table_of, verdict_sentence
from adq_core.run_audit import Audit, audit_of, difference_to_strategy
from adq_core.selection import ORDERS, read_selection
from adq_core.settings import Settings
from adq_core.strategies import ADQ

from . import check
from .json_files import add_json, write_json
from .options import Commands, add_cache, add_quiet, add_settings, given_settings, open_store, path, run_of
from .progress_bars import terminal_progress


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser("audit", help="is a selection that was made elsewhere any good?")
    add_settings(parser)
    parser.add_argument(
        "--indices",
        type=path,
        nargs="+",
        required=True,
        metavar="FILE",
        help="indices or ids: .npy, .csv, .txt, .json, .jsonl; several files are one selection",
    )
    parser.add_argument(
        "--order",
        choices=tuple(ORDERS),
        metavar="{" + ",".join(ORDERS) + "}",
        help="order of the files that the indices were made for, if it is not the order of this data set",
    )
    add_json(parser, "all verdicts and accuracies")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a verdict is bad")
    add_quiet(parser)
    add_cache(parser)
    parser.set_defaults(function=audit_command)


def audit_command(parsed: argparse.Namespace) -> int:
    """Audit a selection, print the verdicts and the evidence, and write them if asked for."""
    settings = Settings(**given_settings(parsed))
    with terminal_progress(parsed) as progress:
        run = run_of(settings, parsed, open_store(parsed), progress)
        given = read_selection(parsed.indices, run.dataset, order=parsed.order)
        audit = audit_of(run, given)
    ids = run.dataset.ids
    if not parsed.quiet:
        print(f"{len(given.rows):,} of {len(ids):,} images, named by {'index' if given.by_index else 'id'}.\n")
        print(check.table_of(audit.verdicts, ids))
        print(f"\n{_evidence(audit, settings.strategy)}")
    content: dict[str, Any] = {
        "level": worst_level(audit.verdicts),
        "n_images": len(given.rows),
        "jaccard": audit.jaccard,
        "random_jaccard": audit.random_jaccard,
        "verdicts": [one.content(ids) for one in audit.verdicts],
        "evidence": None if audit.evidence is None else content_of(audit.evidence),
    }
    write_json(parsed, content)
    return 1 if parsed.strict and content["level"] == "bad" else 0


def _evidence(audit: Audit, strategy: str) -> str:
    name = "ADQ" if strategy == ADQ else strategy
    overlap = (
        f"It shares images with the selection of {name}: Jaccard index {audit.jaccard:.2f}, {audit.random_jaccard:.2f} "
        "by chance."
    )
    if audit.evidence is None:
        return f"{overlap}\nNo comparison with random images: {audit.reason}"
    one = difference_to_strategy(audit.evidence, strategy)
    against = f"Against {name} it is {100 * one.mean:+.1f} ± {100 * one.half_width:.1f} points."
    verdict = verdict_sentence(audit.evidence, audit.evidence.keep_ratios[0])
    return "\n".join([table_of(audit.evidence), "", f"{verdict} {against}", overlap])
