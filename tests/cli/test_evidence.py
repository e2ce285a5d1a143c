from __future__ import annotations

import json
from pathlib import Path

import pytest

from adq_core import cli

FAST = [
    "evidence",
    "digits",
    "--embeddings",
    "pixels",
    "--diversity",
    "vectors",
    "--min-seeds",
    "2",
    "--max-seeds",
    "2",
]


def test_evidence_prints_a_table_and_writes_json_and_a_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    json_file, figure = tmp_path / "e.json", tmp_path / "e.html"
    arguments = [*FAST, "--keep-ratios", "0.05,0.2", "--strategies", "balanced,adq,margin", "--cache", str(tmp_path)]
    assert cli.main([*arguments, "--json", str(json_file), "--figure", str(figure)]) == 0
    printed = capsys.readouterr().out
    content = json.loads(json_file.read_text())
    assert set(content["verdicts"]) == {"0.05", "0.2"}
    for text in content["verdicts"].values():
        assert text in printed
    rows = {(row["keep_ratio"], row["strategy"]): row for row in content["rows"]}
    assert len(rows) == 6
    adq = content["accuracy"]["adq"]["0.2"]
    base = content["accuracy"]["balanced"]["0.2"]
    assert rows[0.2, "adq"]["accuracy"] == pytest.approx(50 * sum(adq), abs=1e-3)
    assert rows[0.2, "adq"]["difference"] == pytest.approx(50 * (sum(adq) - sum(base)), abs=1e-3)
    assert "plotly" in figure.read_text(encoding="utf-8")


def test_a_single_keep_ratio_is_that_of_the_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*FAST, "--keep-ratio", "0.3", "--strategies", "balanced,adq", "--cache", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "At 30 % kept, ADQ is" in printed
    assert "At 10 %" not in printed


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--strategies", "adq"], "must contain balanced, the baseline, got adq"),
        (["--strategies", "balanced,coreset"], "coreset"),
        (["--keep-ratios", "0.1,half"], "--keep-ratios must be numbers with commas between them, got 0.1,half"),
        (["--min-seeds", "9", "--max-seeds", "3"], "--min-seeds must be at least 2 and at most --max-seeds"),
        (["--half-width", "0"], "--half-width must be more than 0 points"),
        (["--figure", "plot.png"], "--figure must be a file that ends in .html"),
    ],
)
def test_options_that_cannot_be_used_are_refused(
    options: list[str], text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*FAST, *options, "--cache", str(tmp_path)]) == 2
    assert text in capsys.readouterr().err
