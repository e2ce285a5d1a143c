"""`verify`: compares the files of an export with its manifest."""

from __future__ import annotations

import argparse

from adq_core.export import problems_of

from .options import Commands, add_quiet, path
from .progress_bars import terminal_progress

MAX_LISTED = 20


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser("verify", help="are the files of an export complete and unchanged?")
    parser.add_argument("path", type=path, metavar="PATH", help="folder or .zip of an export")
    add_quiet(parser)
    parser.set_defaults(function=verify_command, after_stop="The files were not all compared.")


def verify_command(parsed: argparse.Namespace) -> int:
    """Print every missing, changed or additional file, and return 1 if there is one."""
    with terminal_progress(parsed) as progress:
        problems = problems_of(parsed.path, progress)
    for problem in problems[:MAX_LISTED]:
        print(_printable(str(problem)))
    if len(problems) > MAX_LISTED:
        print(f"... and {len(problems) - MAX_LISTED:,} more")
    if not parsed.quiet:
        n = len(problems)
        print(f"{n:,} difference{'s' if n > 1 else ''}" if problems else "Every file is the one that was exported.")
    return 1 if problems else 0


def _printable(line: str) -> str:
    """Return a line without control characters: a file name in it must not control the terminal."""
    return "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in line)
