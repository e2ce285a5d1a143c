"""The measured cells of an evidence table, one line of JSON each, so that an interrupted measurement goes on."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from adq_core.records import Bools
from adq_core.storage import storage_errors


class CellKey(NamedTuple):
    """One cell: a strategy at a keep ratio with a seed, measured by a probe."""

    probe: str
    strategy: str
    keep_ratio: float
    seed: int


class Cell(NamedTuple):
    """What was measured: the size of the subset, and for each test image whether the probe is right."""

    n_selected: int
    correct: Bools  # (K,)


class CellFile:
    """Cells by key, in memory and appended to a file; None: only in memory.

    The name of the file contains the key of everything that determines the cells. A line that is cut off, for example
    by a kill, is left out when the file is read.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._cells: dict[CellKey, Cell] = {}
        self._begin = ""  # a line that was cut off is ended before the next one
        if path is not None and path.exists():
            text = path.read_text(encoding="utf-8", errors="replace")
            self._begin = "" if text.endswith("\n") else "\n"
            for line in text.splitlines():
                self._read(line)

    def get(self, key: CellKey) -> Cell | None:
        """Return the cell with this key, or None if it is not measured yet."""
        return self._cells.get(key)

    def add(self, key: CellKey, cell: Cell) -> None:
        """Keep a cell. Raises `StorageError` if the file cannot be written."""
        self._cells[key] = cell
        if self.path is None:
            return
        bits = base64.b64encode(np.packbits(cell.correct).tobytes()).decode("ascii")
        content = {**key._asdict(), "n_selected": cell.n_selected, "n_test": len(cell.correct), "correct": bits}
        with storage_errors(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(self._begin + json.dumps(content) + "\n")
        self._begin = ""

    def _read(self, line: str) -> None:
        try:
            content = json.loads(line)
            key = CellKey(*(content[name] for name in CellKey._fields))
            bits = np.frombuffer(base64.b64decode(content["correct"], validate=True), np.uint8)
            correct = np.unpackbits(bits)[: content["n_test"]].astype(np.bool_)
            if len(correct) == content["n_test"]:
                self._cells[key] = Cell(int(content["n_selected"]), correct)
        except (ValueError, KeyError, TypeError):
            return


class CellFiles:
    """Cells in one file per strategy, so that the cells of a strategy that does not use alpha serve every alpha."""

    def __init__(self, path_of: Callable[[str], Path | None]) -> None:
        self._path_of = path_of
        self._files: dict[str, CellFile] = {}

    def get(self, key: CellKey) -> Cell | None:
        """Return the cell with this key, or None if it is not measured yet."""
        return self._file(key).get(key)

    def add(self, key: CellKey, cell: Cell) -> None:
        """Keep a cell. Raises `StorageError` if its file cannot be written."""
        self._file(key).add(key, cell)

    def _file(self, key: CellKey) -> CellFile:
        if key.strategy not in self._files:
            self._files[key.strategy] = CellFile(self._path_of(key.strategy))
        return self._files[key.strategy]
