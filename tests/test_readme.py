"""What the README says is true: its Python runs, its commands and files exist."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_lines_run_as_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ADQ_CACHE", str(tmp_path))
    test = doctest.DocTestParser().get_doctest(README, {}, "README", "README.md", 0)
    assert len(test.examples) == 4
    failed, attempted = doctest.DocTestRunner().run(test)
    assert (failed, attempted) == (0, 4)


def test_every_file_and_picture_it_names_is_there() -> None:
    names = re.findall(r"\]\((?!https?:)([^)#]+)\)", README) + re.findall(
        r"`((?:app|adq_core|docs|\.ci)/[\w./]*)`", README
    )
    assert len(names) > 8
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_the_two_command_lines_name_what_exists() -> None:
    lines = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert len(lines) == 2
    for name in ("requirements.txt", "app/main.py", "tests/requirements.txt"):
        assert any(name in line for line in lines)
        assert (ROOT / name).exists()


def test_every_package_is_on_the_map() -> None:
    table = README.split("## Where things are")[1].split("\n## ")[0]
    for top in ("adq_core", "app"):
        packages = {path.parent.name for path in (ROOT / top).glob("*/__init__.py")}
        assert [name for name in sorted(packages) if f"{name}/`" not in table] == []


def test_the_stations_of_the_library_are_the_ones_on_the_map() -> None:
    pipeline = (ROOT / "adq_core" / "pipeline.py").read_text(encoding="utf-8")
    for stage in (
        "ImageDataset",
        "Embeddings",
        "Bins",
        "BinScores",
        "Quotas",
        "Selection",
        "PatchMasks",
        "Projection",
    ):
        assert stage in README
        assert stage in pipeline


@pytest.mark.parametrize("name", ["bins", "map"])
def test_the_numbers_of_a_table_are_those_of_the_results_file(name: str) -> None:
    printed = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / f"bench_{name}.py"), "--table"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    told = re.search(rf"<!-- {name}:begin -->\n(.*)<!-- {name}:end -->", README, re.DOTALL)
    assert told, f"the README has no table between <!-- {name}:begin --> and <!-- {name}:end -->"
    assert told.group(1) == printed
