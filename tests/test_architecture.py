"""Imports between packages: the tables are the documentation, and the tests check them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPINE = {
    "digests",
    "errors",
    "id_lists",
    "progress",
    "records",
    "settings",
}  # every stage may import these (settings: see below)

CORE = {  # package or module of adq_core: the other parts of adq_core that it imports
    "__init__": {"errors", "pipeline", "settings"},
    "__main__": {"cli"},
    "cli": {
        "checks", "data", "errors", "evidence", "export", "id_lists", "models", "patches", "pipeline", "progress",
        "records", "run_audit", "run_checks", "run_evidence", "selection", "settings", "storage", "strategies",
    },
    "run_evidence": {
        "data", "digests", "errors", "evidence", "pipeline", "probes", "progress", "quotas", "records", "run_probes",
        "strategies",
    },
    "run_probes": {
        "data", "embeddings", "errors", "evidence", "models", "pipeline", "probes", "records", "strategies",
    },
    "run_checks": {"checks", "data", "pipeline", "progress", "quotas", "records", "run_lists", "strategies"},
    "run_lists": {
        "checks", "errors", "evidence", "id_lists", "pipeline", "probes", "progress", "quotas", "records",
        "run_evidence", "strategies",
    },
    "run_audit": {
        "checks", "errors", "evidence", "linalg", "pipeline", "records", "run_checks", "run_evidence", "selection",
    },
    "run_columns": {"checks", "data", "digests", "embeddings", "errors", "pipeline", "probes", "progress", "records"},
    "run_filters": {"filters", "pipeline", "records", "run_columns"},
    "pipeline": {
        "bins", "dependencies", "digests", "embeddings", "export", "id_lists", "patches", "projection", "records",
        "scores", "selection_stages", "settings", "settings_check", "settings_without_images", "stage_results",
        "texture",
    },
    "selection_stages": {"linalg", "quotas", "records", "selection", "settings_check", "stage_results", "strategies"},
    "stage_results": {
        "data", "dependencies", "digests", "embeddings", "progress", "records", "settings", "settings_check",
        "settings_without_images", "storage",
    },
    "dependencies": {"models", "records", "scores", "settings", "strategies", "versions"},
    "settings_check": {
        "checking", "data", "quotas", "records", "selection", "settings", "settings_without_images", "strategies",
    },
    "settings_without_images": {"data", "errors", "models", "settings"},
    "settings": {"errors", "file_access", "id_lists"},
    "id_lists": {"errors"},
    "file_access": {"errors"},
    "records": {"digests"},
    "digests": {"errors"},
    "checking": {"errors"},
    "parallel": set(),
    "errors": set(),
    "progress": set(),
    "versions": set(),
    "linalg": {"records"},
    "storage": {"digests", "errors", "records"},
    "data": {"digests", "errors", "parallel", "progress", "records", "storage", "versions"},
    "models": {"data", "digests", "errors", "file_access", "linalg", "parallel", "progress", "records", "storage"},
    "embeddings": {"data", "digests", "errors", "linalg", "models", "parallel", "progress", "records"},
    "projection": {"checking", "errors", "linalg", "parallel", "progress", "records"},
    "bins": {"checking", "data", "errors", "linalg", "progress", "records"},
    "texture": {"checking", "data", "errors", "parallel", "progress", "records"},
    "scores": {"checking", "data", "errors", "linalg", "models", "parallel", "progress", "records"},
    "quotas": {"errors", "records"},
    "selection": {
        "checking", "data", "digests", "errors", "id_lists", "linalg", "progress", "records", "settings",
    },
    "patches": {"data", "errors", "models", "progress", "records", "storage", "texture"},
    "export": {"data", "errors", "progress", "records", "storage", "versions"},
    "filters": {"errors", "records"},
    "probes": {"errors", "models", "parallel", "progress", "records"},
    "strategies": {"errors", "linalg", "probes", "progress", "quotas", "records", "selection"},
    "evidence": {
        "errors", "linalg", "parallel", "probes", "progress", "quotas", "records", "storage", "strategies",
    },
    "checks": {"data", "errors", "linalg", "probes", "progress", "quotas", "records"},
}  # fmt: skip

APP = {  # package or module of the app: the other parts of the app that it imports
    "main": {
        "browser_cookie", "components", "export", "http_policy", "pages", "public_server", "server", "session", "state",
        "text", "tiles",
    },
    "tiles": {"images"},
    "http_policy": set(),
    "public_server": set(),
    "pages": set(),
    "uploads": set(),
    "browser_cookie": set(),
    "visitors": {"browser_cookie"},
    "stores": {"public_server", "uploads", "visitors"},
    "access": {"stores", "text", "uploads", "visitors"},
    "server": {"access", "file_checks", "jobs", "stores", "text", "uploads", "visitors"},
    "file_checks": {"text"},
    "error_boundary": {"access", "jobs", "server", "state", "text"},
    "session": {"access", "error_boundary", "file_checks", "images", "jobs", "server", "stores", "text", "visitors"},
    "state": {"access", "components", "pages", "stores", "text", "trainings", "uploads"},
    "jobs": {"text"},
    "trainings": {"access", "export", "jobs", "stores", "uploads", "visitors"},
    "components": set(),  # a component depends on nothing else of the app
    "charts": {"text"},
    "images": set(),
    "text": set(),
    "lessons": set(),  # texts and scenes, computed with adq_core
    "blocks": {
        "access", "charts", "components", "error_boundary", "export", "images", "jobs", "server", "session", "state",
        "stores", "text", "trainings", "uploads", "visitors",
    },
    "selections": {
        "access", "components", "export", "server", "session", "state", "stores", "text", "trainings", "uploads",
        "visitors",
    },
    "export": set(),
    "views": {
        "access", "blocks", "charts", "components", "export", "images", "jobs", "lessons", "pages", "selections",
        "session", "state", "stores", "text", "tiles", "trainings", "uploads", "visitors",
    },
}  # fmt: skip

DATA = {  # package or module of adq_core.data: the other parts of adq_core.data that it imports
    "__init__": {"dataset", "exports", "folders", "joined", "open", "own_columns", "parts", "pixels", "vectors"},
    "open": {
        "builtin", "containers", "dataset", "exports", "folders", "labels", "npz", "scan", "shapes", "torchvision",
        "vectors",
    },
    "vectors": {"arrays", "bounded", "containers", "dataset", "labels", "npz", "own_columns", "tables"},
    "npz": {"arrays", "containers", "dataset", "labels", "pixels", "tables"},
    "containers": {"bounded", "labels", "own_columns", "pickling", "pixels", "scan", "tables"},
    "folders": {"dataset", "labels", "own_columns", "pickling", "pixels", "scan"},
    "exports": {"arrays", "dataset", "labels", "own_columns", "parts"},
    "builtin": {"arrays", "dataset"},
    "shapes": {"arrays", "dataset"},
    "torchvision": {"arrays", "dataset"},
    "arrays": {"dataset", "labels", "pickling", "pixels"},
    "labels": {"pixels", "scan"},
    "scan": {"dataset", "pixels"},
    "parts": {"dataset", "own_columns"},
    "own_columns": set(),
    "joined": {"arrays", "dataset"},
    "dataset": {"pickling", "pixels"},
    "pixels": set(),
    "tables": {"bounded"},
    "bounded": set(),
    "pickling": set(),
}  # fmt: skip

HEAVY = {"torch", "torchvision", "umap", "timm"}  # seconds to import: only inside the functions that need them
TORCH_MODULES = (  # import torch; are imported inside functions
    "adq_core.models.networks",
    "adq_core.models.published",
    "adq_core.models.training",
    "adq_core.export.subset_dataset",
    "adq_core.scores.head_training",
    "adq_core.probes.network_training",
)
OPEN_MODULES = (*TORCH_MODULES, "adq_core.bins")  # submodules that other packages may name


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, *, top_level: bool = False) -> Iterator[tuple[str, str]]:
    """Yield (module, name) of every import, absolute; name is empty for `import module`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    for node in tree.body if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            yield from ((base, alias.name) for alias in node.names)


def targets(path: Path, top: str, *, top_level: bool = False) -> set[str]:
    """Return the full names of what a file imports from below `top`: modules, or names of a package."""
    found = set()
    for module, name in imports(path, top_level=top_level):
        if f"{module}.{name}".startswith(f"{top}."):
            found.add(f"{module}.{name}" if name else module)
    return found


def own_part(path: Path, top: str) -> str:
    return path.relative_to(ROOT.joinpath(*top.split("."))).with_suffix("").parts[0]


CORE_FILES = sorted((ROOT / "adq_core").rglob("*.py"))
DATA_FILES = sorted((ROOT / "adq_core" / "data").rglob("*.py"))
APP_FILES = sorted(path for path in (ROOT / "app").rglob("*.py") if path != ROOT / "app" / "__init__.py")


@pytest.mark.parametrize(
    ("top", "table", "files"),
    [("adq_core", CORE, CORE_FILES), ("adq_core.data", DATA, DATA_FILES), ("app", APP, APP_FILES)],
)
def test_packages_import_exactly_the_parts_in_the_table(
    top: str, table: dict[str, set[str]], files: list[Path]
) -> None:
    found: dict[str, set[str]] = {own_part(path, top): set() for path in files}
    for path in files:
        part = own_part(path, top)
        others = {name.removeprefix(f"{top}.").split(".")[0] for name in targets(path, top)}
        found[part] |= others - {part, "Run", "Settings"}
    assert found == table


@pytest.mark.parametrize("table", [CORE, DATA, APP], ids=["adq_core", "adq_core.data", "app"])
def test_the_table_has_no_circle(table: dict[str, set[str]]) -> None:
    placed: set[str] = set()
    left = {part: set(others) for part, others in table.items()}
    while left:
        ready = {part for part, others in left.items() if others <= placed}
        assert ready, f"these import each other: {sorted(left)}"
        placed |= ready
        left = {part: others for part, others in left.items() if part not in ready}


@pytest.mark.parametrize("path", CORE_FILES, ids=module_name)
def test_the_core_imports_neither_the_app_nor_heavy_libraries(path: Path) -> None:
    assert not {module for module, _ in imports(path) if module.split(".")[0] in {"streamlit", "app"}}
    if not module_name(path).startswith(TORCH_MODULES):
        at_top = {module for module, _ in imports(path, top_level=True)}
        assert not {module for module in at_top if module.split(".")[0] in HEAVY or module.startswith(TORCH_MODULES)}


@pytest.mark.parametrize("path", [*CORE_FILES, *APP_FILES], ids=module_name)
def test_other_packages_import_from_the_package_and_not_from_its_modules(path: Path) -> None:
    """Other packages import from `adq_core.quotas`, not from `adq_core.quotas.rules`."""
    me = module_name(path)
    for module, _ in imports(path):
        parts = module.split(".")
        if parts[0] == "adq_core" and len(parts) > 2 and not module.startswith(OPEN_MODULES):
            assert me.split(".")[:2] == parts[:2], f"{me} imports {module}: import from {'.'.join(parts[:2])}"


@cache
def _reached(path: Path) -> frozenset[Path]:
    """Return the files of the app that are loaded when this one is imported, with itself, without function bodies."""
    found, todo = {path}, [path]
    while todo:
        for name in targets(todo.pop(), "app", top_level=True):
            parts = name.split(".")
            for n in range(1, len(parts) + 1):
                stem = ROOT.joinpath(*parts[:n])
                for file in (stem.with_suffix(".py"), stem / "__init__.py"):
                    if file.exists() and file not in found:
                        found.add(file)
                        todo.append(file)
    return frozenset(found)


@pytest.mark.parametrize(
    "path", [path for path in APP_FILES if own_part(path, "app") in {"charts", "images", "text"}], ids=module_name
)
def test_charts_images_and_texts_load_no_streamlit(path: Path) -> None:
    guilty = {
        module_name(file)
        for file in _reached(path)
        if any(module.split(".")[0] == "streamlit" for module, _ in imports(file, top_level=True))
    }
    assert not guilty


def test_no_view_imports_another_and_no_other_module_imports_views() -> None:
    for path in APP_FILES:
        me = module_name(path).split(".")
        for name in targets(path, "app"):
            parts = name.split(".")
            if parts[1] == "views":
                assert me[1] == "views", f"{'.'.join(me)} imports {name}"
                assert len(me) > 3, f"{'.'.join(me)} imports {name}"
                assert parts[2] == me[2], f"{'.'.join(me)} imports {name}"
