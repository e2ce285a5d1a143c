"""`app`: starts the app in the browser."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from adq_core.storage import CACHE_VARIABLE

from .options import Commands, add_cache

ROOT = Path(__file__).resolve().parents[2]


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser("app", help="start the app in the browser")
    parser.add_argument("dataset", nargs="?", metavar="DATASET", help="data set to open first")
    parser.add_argument("--port", type=int, help="port of the server (8501)")
    add_cache(parser)
    parser.set_defaults(function=app_command)


def app_command(parsed: argparse.Namespace) -> int:
    """Start the app; its server accepts connections from this machine only."""
    environment = dict(os.environ)
    if parsed.dataset is not None:
        environment["ADQ_DATASET"] = _absolute(parsed.dataset)
    if parsed.cache is not None:
        environment[CACHE_VARIABLE] = str(parsed.cache.resolve())
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py")]
    if parsed.port is not None:
        command += ["--server.port", str(parsed.port)]
    # Streamlit reads .streamlit/config.toml (theme, safe defaults) from the folder in which it is started.
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _absolute(dataset: str) -> str:
    """Return a path as an absolute path, because the app is started in another folder; return a name unchanged."""
    return str(Path(dataset).resolve()) if Path(dataset).exists() else dataset
