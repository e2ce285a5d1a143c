"""`python -m adq_core` and the command `adq`: the command line.

Ctrl-C is handled from the first line on. The command line itself is imported after that, because its imports take a
second.
"""

import os
import signal
import sys
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

    return main()


if __name__ == "__main__":
    sys.exit(start())
