"""`python -m adq_core` and the command `adq`: the command line.

Ctrl-C is handled from the first line on. The command line itself is imported after that, because its imports take a
second.
"""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType


def stop_at_once(number: int, frame: FrameType | None) -> None:
    """Print one line and end the process: the handler of SIGINT and SIGTERM where there is nothing to clean up."""
    del frame
    os.write(2, b"adq: stopped.\n")
    os._exit(128 + number)


def start() -> int:
    """Run the command line and return its exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop_at_once)
    from adq_core.cli import main

    code = main()
    if code > 128:  # after a signal: wait for no thread, and keep the code
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(start())
