"""The browser components: their files are served, and they depend on nothing else of the app."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from adq_core.errors import AdqError
from app.components.packaged import PROJECT, packaged_component

ROOT = Path(__file__).parents[3]
COMPONENTS = ROOT / "app" / "components"
FRONTENDS = sorted(COMPONENTS.glob("*/frontend"))
MODULES = sorted(COMPONENTS.glob("*/frontend/*.js"))
PROJECT_FILE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_project_file_lists_every_frontend() -> None:
    listed = PROJECT_FILE["tool"]["streamlit"]["component"]["components"]
    folders = {entry["name"]: entry["asset_dir"] for entry in listed}
    assert folders == {path.parent.name: path.relative_to(ROOT).as_posix() for path in FRONTENDS}
    assert PROJECT_FILE["project"]["name"] == PROJECT
    assert all((path / "index.js").is_file() for path in FRONTENDS)
    assert (ROOT / f"{PROJECT.replace('-', '_')}.py").is_file(), "Streamlit looks for the project file beside it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_a_module_imports_only_modules_of_its_frontend(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    imported = re.findall(r'^import .*?"(.*?)";', text, re.MULTILINE | re.DOTALL)
    assert len(imported) == len(re.findall(r"^import ", text, re.MULTILINE))
    assert all(re.fullmatch(r"\./\w+\.js", name) and (path.parent / name).is_file() for name in imported)


@pytest.mark.parametrize("path", sorted(COMPONENTS.glob("**/*.py")), ids=lambda path: "/".join(path.parts[-2:]))
def test_a_component_imports_nothing_else_of_the_app(path: Path) -> None:
    below = len(path.relative_to(COMPONENTS).parts)  # 1: in app/components, 2: in a component
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)]
    assert all(node.level < 2 or (node.level == below == 2 and node.module in ("packaged", "blobs")) for node in nodes)
    assert not [node for node in nodes if node.level == 0 and (node.module or "").split(".")[0] == "app"]


def test_without_an_installed_project_the_error_names_the_command() -> None:
    """Outside of a running page, Streamlit knows no packaged component, as in a project that is not installed."""
    with pytest.raises(AdqError) as error:
        packaged_component.__wrapped__("bin_map")  # not the one that another test has registered
    assert str(error.value) == (
        "Streamlit does not find the component 'bin_map', because the project is not installed. "
        "Run: pip install -r requirements.txt"
    )
