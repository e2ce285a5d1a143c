"""`--json`: the results of a command in a file."""

from __future__ import annotations

import argparse
import json
from typing import Any

from adq_core.storage import atomic_file

from .options import path


def add_json(parser: argparse.ArgumentParser, content: str) -> None:
    """Add `--json`, the file for the `content` that the help names."""
    parser.add_argument("--json", type=path, metavar="FILE", help=f"write {content} to this file")


def write_json(parsed: argparse.Namespace, content: dict[str, Any]) -> None:
    """Write the content to the file given as `--json`, if it is given. Raises `StorageError` if that fails."""
    if parsed.json is not None:
        with atomic_file(parsed.json, option="--json") as file:
            file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
