"""The terminal: texts that it cannot show, a pipe that was closed, and `--quiet`."""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

STDERR = 2  # number of the file


def show_every_text() -> None:
    """Let stdout and stderr show characters that the console does not have as escapes, such as `\\xfc`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def close_broken_output() -> None:
    """Send the rest of the output nowhere, because its reader (such as `head -1`) has closed the pipe."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@contextmanager
def only_errors() -> Iterator[None]:
    """Show nothing but the errors of this program inside the block.

    Warnings and log messages of libraries are not shown. C libraries such as libtiff write to the file of stderr
    directly, so that file is replaced; `sys.stderr` still writes to the terminal.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        disabled = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            with _silent_stderr():
                yield
        finally:
            logging.disable(disabled)


@contextmanager
def _silent_stderr() -> Iterator[None]:
    try:
        terminal = os.dup(STDERR)
    except OSError:  # stderr is closed
        yield
        return
    python_stderr = sys.stderr
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with open(terminal, "w", errors="backslashreplace", buffering=1) as errors:
        if _is_stderr(python_stderr):
            python_stderr.flush()
            sys.stderr = errors
        os.dup2(nowhere, STDERR)
        os.close(nowhere)
        try:
            yield
        finally:
            errors.flush()
            os.dup2(terminal, STDERR)
            sys.stderr = python_stderr


def _is_stderr(stream: object) -> bool:
    """Return whether a stream writes to the file of stderr; in tests it can be in memory."""
    try:
        return isinstance(stream, io.TextIOWrapper) and stream.fileno() == STDERR
    except (OSError, ValueError):
        return False
