from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from adq_core import cli
from adq_core.data import open_dataset
from adq_core.evidence import PROBES
from adq_core.evidence.probes import network_probe
from adq_core.probes import NetworkRecipe

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


def test_the_probe_and_the_test_set_are_named_in_the_table_and_the_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digits = open_dataset("digits")
    images, labels = np.asarray(digits.thumbnails)[:200], digits.labels[:200]
    np.savez(tmp_path / "other.npz", images=255 - images, labels=labels, class_names=np.array(digits.class_names))
    arguments = [*FAST, "--keep-ratios", "0.1", "--strategies", "balanced,adq", "--cache", str(tmp_path / "cache")]
    arguments += ["--probe", "linear", "--test", str(tmp_path / "other.npz"), "--json", str(tmp_path / "e.json")]
    assert cli.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "Accuracy of a linear probe on 200 test images, trained on a subset of 1,797 others" in printed
    assert "2 seeds. Test images: the images of other." in printed
    content = json.loads((tmp_path / "e.json").read_text())
    assert (content["probe"], content["n_test"], content["tested_on"]) == ("linear", 200, "the images of other")


def test_the_network_says_how_long_it_takes_and_goes_on_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = NetworkRecipe(steps=3, batch_size=16, widths=(8, 8, 8))
    made = PROBES["network"]._replace(make=lambda material: network_probe(material, tiny))
    monkeypatch.setitem(PROBES, "network", made)
    monkeypatch.setattr("adq_core.run_evidence.RECIPE", tiny)
    arguments = [*FAST[:-2], "--probe", "network", "--strategies", "balanced,adq", "--cache", str(tmp_path)]
    assert cli.main(arguments) == 0
    printed = capsys.readouterr()
    assert re.search(r"4 trainings of 3 steps: about \d+ (s|min) on this machine, measured on a few steps", printed.err)
    assert "Accuracy of a network probe" in printed.out
    assert "At 10 % kept" in printed.out
    assert "At 20 %" not in printed.out, "only the keep ratio of the settings"
    assert cli.main([*arguments, "--min-seeds", "2"]) == 0
    again = capsys.readouterr()
    assert "All trainings are measured already." in again.err
    assert again.out == printed.out


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--strategies", "adq"], "must contain balanced, the baseline, got adq"),
        (["--strategies", "balanced,coreset"], "coreset"),
        (["--keep-ratios", "0.1,half"], "--keep-ratios must be numbers with commas between them, got 0.1,half"),
        (["--min-seeds", "9", "--max-seeds", "3"], "--min-seeds must be at least 2 and at most --max-seeds"),
        (["--probe", "forest"], "Unknown probe 'forest'. Choose one of: ridge, linear, network."),
        (["--test", "shapes"], "The test set shapes has classes that digits does not have"),
        (["--test", "digits"], "The test set digits is the data set itself"),
        (["--test", "no/such/folder"], "no/such/folder"),
        (["--half-width", "0"], "--half-width must be more than 0 points"),
        (["--figure", "plot.png"], "--figure must be a file that ends in .html"),
    ],
)
def test_options_that_cannot_be_used_are_refused(
    options: list[str], text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*FAST, *options, "--cache", str(tmp_path)]) == 2
    assert text in capsys.readouterr().err
