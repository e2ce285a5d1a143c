"""Entry point of the command line: parses the arguments, runs the command, turns errors into exit codes."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence

from adq_core.errors import AdqError, SettingsError
from adq_core.settings import Settings

from . import app, check, datasets, evidence, patches, run, train

# A command is a module with `add_parser(commands)`, which declares its options and names the function that runs it.
COMMANDS = (run, app, check, evidence, datasets, train, patches)
OPTIONS = {  # setting: its option, as errors name it
    field.name: "--" + field.name.replace("_", "-") for field in dataclasses.fields(Settings) if field.name != "dataset"
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 2 after an `AdqError` (its text on stderr), 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m adq_core", description="Adaptive Dataset Quantization: select a subset of a set of images."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add_parser(commands)
    parsed = parser.parse_args(arguments)
    try:
        return int(parsed.function(parsed))
    except AdqError as error:
        print(f"adq: {error.named(OPTIONS) if isinstance(error, SettingsError) else error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("adq: stopped. No files were written; finished stages remain in the cache.", file=sys.stderr)
        return 130
