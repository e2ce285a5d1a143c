"""Who may import whom: the table is the documentation, the test keeps it true."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EVERYBODY = {"errors", "images", "keys", "progress", "records"}  # may be imported by every module of adq_core
ALLOWED = {  # module of adq_core: what else of adq_core it may import; a station not named here imports no other
    "pipeline": None,  # None: anything
    "lineage": {"embeddings", "heads", "settings", "views"},
    "cli": None,
    "__init__": None,
    "__main__": {"cli"},
    "store": set(),
    "graphcut": {"greedy", "greedy_loops", "gradients"},
    "greedy": {"greedy_lazy", "greedy_loops", "greedy_short"},
    "greedy_lazy": {"greedy_loops", "greedy_short"},
    "greedy_short": {"greedy_loops"},
    "datasets": {"archives", "builtin", "folders", "npz", "shapes", "store", "torchvision_sets", "vectorsets"},
    "vectorsets": {"arrays", "vectorfiles"},
    "fitting": {"settings"},
    "builtin": {"arrays"},
    "shapes": {"arrays"},
    "torchvision_sets": {"arrays"},
    "npz": {"arrays"},
    "arrays": {"imagefiles", "store"},
    "archives": {"imagefiles", "scan"},
    "folders": {"imagefiles", "scan"},
    "scan": {"imagefiles", "store"},
    "patches": {"texture"},
    "encoder": {"weights"},
    "reconstruction": {"networks", "threads", "weights"},
    "weights": {"networks"},
    "patchfiles": {"reconstruction"},
    "training": {"networks", "weights"},
    "embeddings": {"backbones", "encoder", "principal", "vectorfiles", "weights"},
    "backbones": {"vectorfiles"},
    "projection": {"principal"},
    "texture": {"texture_kernels"},
    "views": {"backbones", "encoder", "threads", "weights"},
    "heads": {"principal", "threads"},
    "diversity": {"principal"},
    "counterfactuals": {"quotas", "webster"},
    "kept": {"settings"},
    "handpicked": {"export"},
    "quotas": {"webster"},  # the rounding that three of the rules share
}
HEAVY = {"torch", "torchvision", "umap"}  # ten seconds together: only inside the functions that need them
LATE = {"networks", "training"}  # may import torch at their top, and are themselves imported inside functions only


def imported(path: Path, *, top_level: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level else list(ast.walk(tree))
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names |= {module + ("" if module.endswith(".") else ".") + alias.name for alias in node.names} | {module}
    return names


CORE = sorted((ROOT / "adq_core").glob("**/*.py"))
APP = sorted((ROOT / "app").glob("**/*.py"))


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_core_knows_nothing_of_the_app_and_stations_nothing_of_each_other(path: Path) -> None:
    names = imported(path)
    assert not {name for name in names if name.split(".")[0] in {"streamlit", "app"}}
    module = path.relative_to(ROOT / "adq_core").with_suffix("").parts[0]
    at_top = imported(path, top_level=True)
    if module not in LATE:
        assert not {name for name in at_top if name.split(".")[0] in HEAVY or name.lstrip(".").split(".")[0] in LATE}
    allowed = ALLOWED.get(module, set())
    if allowed is not None:
        up = ".." if path.parent.name in LATE else "."  # a package's own files may import each other
        inside = {name.removeprefix(up).split(".")[0] for name in names if name.startswith(up)} - {""}
        assert inside <= EVERYBODY | allowed


@pytest.mark.parametrize("path", APP, ids=lambda path: path.stem)
def test_figures_and_sheets_are_made_without_streamlit(path: Path) -> None:
    if path.stem in {"charts", "choices", "compared", "drawing", "mosaics"}:
        assert not {name for name in imported(path) if name.split(".")[0] == "streamlit"}
