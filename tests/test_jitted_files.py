"""Compiled functions: numba's disk cache checks only the file of the function that is called from Python.

A compiled function that includes a function, a constant or a tuple of another file keeps the old one after an edit of
that file. So files with compiled functions must not import such things from each other.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CORE = Path(__file__).parents[1] / "adq_core"
ANNOTATIONS = {"Any", "Bools", "Floats", "Image", "Ints", "NDArray"}  # not part of compiled code


def decorator_names(function: ast.FunctionDef) -> set[str]:
    return {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for decorator in function.decorator_list
        for node in ast.walk(decorator)
        if isinstance(node, ast.Attribute | ast.Name)
    }


def compiled_functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and decorator_names(node) & {"njit", "jit", "vectorize", "guvectorize", "stencil", "intrinsic", "overload"}
    ]


def names_of_other_core_files(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("adq_core")):
            names |= {alias.asname or alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            names |= {alias.asname or "adq_core" for alias in node.names if alias.name.startswith("adq_core")}
    return names


def borrowed_names(source: str) -> dict[str, set[str]]:
    """Return the names from other files of adq_core that a compiled function uses, without annotations."""
    tree = ast.parse(source)
    imported = names_of_other_core_files(tree) - ANNOTATIONS
    found = {}
    for function in compiled_functions(tree):
        used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} & imported
        if used:
            found[function.name] = used
    return found


FILES = sorted(path for path in CORE.rglob("*.py") if compiled_functions(ast.parse(path.read_text(encoding="utf-8"))))


def test_the_files_with_compiled_functions_are_found() -> None:
    assert CORE / "bins" / "_compiled_loops.py" in FILES
    assert len(FILES) >= 3


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CORE)))
def test_compiled_functions_use_nothing_of_another_file(path: Path) -> None:
    assert borrowed_names(path.read_text(encoding="utf-8")) == {}


@pytest.mark.parametrize(
    "line",
    [
        "from ._compiled_loops import dot",
        "from adq_core.bins._compiled_loops import other as dot",
        "from adq_core import dot",
        "import adq_core.bins._compiled_loops as dot",
    ],
)
def test_a_borrowed_function_is_found(line: str) -> None:
    source = f"import numba\n{line}\n\n@numba.njit(cache=True)\ndef f(a):\n    return dot(a, a)\n"
    assert borrowed_names(source) == {"f": {"dot"}}
