"""One hand-made fault of the code."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """One fault; `explained` says why no test can notice it, where that is so."""

    area: str
    name: str
    module: str
    old: str
    new: str = ""  # the old text is removed
    explained: str = ""
