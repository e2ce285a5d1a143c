"""Entry point of the command line: parses the arguments, runs the command, turns errors into exit codes."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from contextlib import nullcontext

from adq_core.errors import AdqError, SettingsError
from adq_core.settings import Settings

from . import app, cache, datasets, patches, run, train
from .console import close_broken_output, only_errors, show_every_text
from .interrupts import StopSignals, stop_signals

# A command is a module with `add_parser(commands)`, which declares its options and names the function that runs it.
COMMANDS = (run, app, datasets, train, patches, cache)
OPTIONS = {  # setting: its option, as errors name it
    field.name: "--" + field.name.replace("_", "-") for field in dataclasses.fields(Settings) if field.name != "dataset"
}
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
            parsed = parser.parse_args(arguments)
            return _run_command(parsed, signals)
        except KeyboardInterrupt:
            return _stopped(signals, STOPPED)
        finally:
            try:
                if sys.stdout is not None:
                    sys.stdout.flush()
            except BrokenPipeError:
                close_broken_output()


def _run_command(parsed: argparse.Namespace, signals: StopSignals) -> int:
    parsed.signals = signals
    after_stop = getattr(parsed, "after_stop", STOPPED)
    try:
        with only_errors() if getattr(parsed, "quiet", False) else nullcontext():
            return int(parsed.function(parsed))
    except AdqError as error:
        if signals.received is not None:
            return _stopped(signals, after_stop)
        print(f"adq: {error.named(OPTIONS) if isinstance(error, SettingsError) else error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return _stopped(signals, after_stop)
    except BrokenPipeError:  # commands print when their work is done
        close_broken_output()
        return 0
    except Exception:
        if signals.received is None:
            raise
        return _stopped(signals, after_stop)  # an import that was interrupted raises other errors


def _stopped(signals: StopSignals, text: str) -> int:
    print(f"adq: stopped. {text}", file=sys.stderr)
    return 128 + (signals.received or 2)
