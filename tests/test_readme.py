"""The README is correct: its Python code runs, its commands and files exist, its tables equal the results."""

from __future__ import annotations

import doctest
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_code_gives_the_printed_results(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ADQ_CACHE", str(tmp_path))
    test = doctest.DocTestParser().get_doctest(README, {}, "README", "README.md", 0)
    assert len(test.examples) == 4
    failed, attempted = doctest.DocTestRunner().run(test)
    assert (failed, attempted) == (0, 4)


def test_every_named_file_exists() -> None:
    names = re.findall(r"\]\((?!https?:)([^)#]+)\)", README) + re.findall(
        r"`((?:app|adq_core|docs|\.ci)/[\w./]*)`", README
    )
    assert len(names) > 8
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_the_install_commands_name_existing_files() -> None:
    lines = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert len(lines) == 2
    for name in ("requirements.txt", "app/main.py", "tests/requirements.txt"):
        assert any(name in line for line in lines)
        assert (ROOT / name).exists()


def test_the_table_of_files_contains_every_package() -> None:
    table = README.split("## Where things are")[1].split("\n## ")[0]
    for top in ("adq_core", "app"):
        packages = {path.parent.name for path in (ROOT / top).glob("*/__init__.py")}
        assert [name for name in sorted(packages) if f"{name}/`" not in table] == []


def test_the_diagram_contains_the_stages_of_the_pipeline() -> None:
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


@pytest.mark.parametrize("name", ["bins", "browse", "map"])
def test_tables_equal_the_results_files(name: str) -> None:
    printed = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / f"bench_{name}.py"), "--table"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    table = re.search(rf"<!-- {name}:begin -->\n(.*)<!-- {name}:end -->", README, re.DOTALL)
    assert table, f"the README has no table between <!-- {name}:begin --> and <!-- {name}:end -->"
    assert table.group(1) == printed


def results(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text())["rows"]
    return rows


def test_the_table_of_the_network_equals_its_results_and_the_aim_is_told_with_them() -> None:
    from benchmarks.evidence_cifar10_network import BEGIN, END, readme_table

    row = results("evidence_cifar10_network")[0]
    assert README.split(BEGIN)[1].split(END)[0] == readme_table(row)
    assert {one["n_seeds"] for one in row["rows"]} == {5}
    adq = next(one for one in row["rows"] if one["strategy"] == "adq")
    points = round(adq["difference"], 1)
    assert f"ADQ is {points} ± {adq['half_width']:.1f} points above, {3 - points:.1f} points" in README
    assert not any(one["distinguishable"] and one["difference"] > 0 for one in row["rows"])


def test_the_agreement_of_the_probes_equals_its_results_on_the_page_and_here() -> None:
    from app.text.evidence import CIFAR_AGREEMENT

    rows = {row["probe"]: row for row in results("probe_agreement") if row["strategies"] == 6}
    for text in (" ".join(README.split()), CIFAR_AGREEMENT.replace("95%", "95 %")):
        for row in rows.values():
            value, low, high = (f"{row[name]:.2f}" for name in ("spearman", "low", "high"))
            assert re.search(rf"{value} \([a-z0-9% ]*{low} to {high}\)", text)


def test_the_precision_of_label_doubts_equals_its_results() -> None:
    found = {row["method"]: row["precision"] for row in results("label_doubts")}
    text = " ".join(README.split())
    assert f"{found['margin (ours)']:.1f} % of the first 5 %" in text
    best = max(value for name, value in found.items() if name.startswith("cleanlab"))
    assert f"{best:.1f} % with the best ranking of cleanlab" in text
    assert found["margin (ours)"] >= 80
