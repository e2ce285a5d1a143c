"""`check`: is anything wrong with a selection?"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence

from adq_core.checks import CHECKS, LEVELS, Verdict, worst_level
from adq_core.data import open_dataset
from adq_core.run_checks import checks_of
from adq_core.settings import Settings

from .json_files import add_json, write_json
from .options import Commands, add_cache, add_quiet, add_settings, given_settings, open_store, run_of
from .progress_bars import terminal_progress

WIDTH = 110
MAX_LISTED = 5  # images that are printed per verdict; the JSON file has all of them


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser("check", help="is anything wrong with the selection?")
    add_settings(parser)
    parser.add_argument(
        "--test", metavar="DATASET", help="images that must not be in the selection: a folder, for example"
    )
    parser.add_argument(
        "--checks", metavar="NAMES", help=f"some of {', '.join(CHECKS)}, with commas between them (all)"
    )
    add_json(parser, "all verdicts")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a verdict is bad")
    add_quiet(parser)
    add_cache(parser)
    parser.set_defaults(function=check_command)


def check_command(parsed: argparse.Namespace) -> int:
    """Check the selection of a run, print the verdicts, worst first, and write them if asked for."""
    settings = Settings(**given_settings(parsed))
    with terminal_progress(parsed) as progress:
        run = run_of(settings, parsed, open_store(parsed), progress)
        test = None if parsed.test is None else open_dataset(parsed.test, cache=run.store.folder, progress=progress)
        names = None if parsed.checks is None else [name.strip() for name in parsed.checks.split(",")]
        verdicts = checks_of(run, test=test, names=names)
    return report(verdicts, run.dataset.ids, parsed)


def report(verdicts: Sequence[Verdict], ids: tuple[str, ...], parsed: argparse.Namespace) -> int:
    """Print verdicts, write `--json`, and return the exit code: 1 if a verdict is bad and `--strict` is given."""
    if not parsed.quiet:
        print(table_of(verdicts, ids))
    write_json(parsed, {"level": worst_level(verdicts), "verdicts": [one.content(ids) for one in verdicts]})
    return 1 if parsed.strict and worst_level(verdicts) == "bad" else 0


def table_of(verdicts: Sequence[Verdict], ids: tuple[str, ...]) -> str:
    """Return the verdicts as text, the most harmful first, each with its sentence, its action and some images."""
    ordered = sorted(verdicts, key=lambda verdict: -LEVELS.index(verdict.level))
    lines = []
    for verdict in ordered:
        head = f"{verdict.level:<8}{verdict.check:<30}"
        text = f"{verdict.sentence} {verdict.action}".strip()
        lines += textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * 8, break_on_hyphens=False)
        if verdict.level in ("watch", "bad"):
            lines += [
                f"{' ' * 8}  {' = '.join(ids[row] for row in group)}" for group in verdict.rows[:MAX_LISTED].tolist()
            ]
            if len(verdict.rows) > MAX_LISTED:
                lines.append(f"{' ' * 8}  ... and {len(verdict.rows) - MAX_LISTED} more")
    counts = {level: sum(verdict.level == level for verdict in verdicts) for level in reversed(LEVELS)}
    return "\n".join([*lines, "", ", ".join(f"{count} {level}" for level, count in counts.items() if count)])
