"""`python -m adq_core`: the command line."""

import sys

from adq_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
