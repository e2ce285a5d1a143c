"""Entry point of the command line: parses the arguments, runs the command, turns errors into exit codes."""

from __future__ import annotations

import argparse
import dataclasses
import errno
import sys
from collections.abc import Sequence
from contextlib import nullcontext

from adq_core.errors import AdqError, SettingsError
from adq_core.settings import Settings

from . import app, audit, cache, check, datasets, evidence, export, patches, run, train, verify
from .console import close_broken_output, only_errors, show_every_text
from .interrupts import StopSignals, stop_signals

# A command is a module with `add_parser(commands)`, which declares its options and names the function that runs it.
COMMANDS = (run, export, verify, app, check, evidence, audit, datasets, train, patches, cache)
OPTIONS = {  # setting: its option, as errors name it
    field.name: "--" + field.name.replace("_", "-") for field in dataclasses.fields(Settings) if field.name != "dataset"
}
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
STOPPED = "No files were written; finished stages remain in the cache."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0, 2 after an `AdqError` (its text on stderr), 130 after Ctrl-C, 143 after SIGTERM.
    """
    show_every_text()
    parser = argparse.ArgumentParser(
        prog="python -m adq_core", description="Adaptive Dataset Quantization: select a subset of a set of images."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add_parser(commands)
    with stop_signals() as signals:
        try:
            return _run_command(parser.parse_args(arguments), signals)
        finally:
            try:
                if sys.stdout is not None:
                    sys.stdout.flush()
            except BrokenPipeError:
                close_broken_output()


def _run_command(parsed: argparse.Namespace, signals: StopSignals) -> int:
    parsed.signals = signals
    with only_errors() if getattr(parsed, "quiet", False) else nullcontext():
        outcome = signals.outcome(lambda: int(parsed.function(parsed)))
    if isinstance(outcome, int):
        return outcome
    if signals.received is not None:  # also other errors: an import that was interrupted raises any
        print(f"adq: stopped. {getattr(parsed, 'after_stop', STOPPED)}", file=sys.stderr)
        return 128 + signals.received
    if isinstance(outcome, AdqError):
        text = outcome.named(OPTIONS) if isinstance(outcome, SettingsError) else str(outcome)
        print(f"adq: {text}", file=sys.stderr)
        return outcome.exit_code
    if isinstance(outcome, BrokenPipeError):  # commands print when their work is done
        close_broken_output()
        return 0
    if isinstance(outcome, OSError) and outcome.errno in FULL:  # for example where numba stores compiled functions
        print(f"adq: Could not write a file: {outcome.strerror}. Free some space.", file=sys.stderr)
        return 2
    raise outcome
