"""`audit` on selections made elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from adq_core import Run, Settings, cli
from adq_core.run_audit import audit_of, difference_to_strategy
from adq_core.selection import ForeignSelection
from adq_core.storage import Store

SETTINGS = Settings(dataset="digits", embeddings="pixels", diversity="vectors")
FAST = ["audit", "digits", "--embeddings", "pixels", "--diversity", "vectors"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(SETTINGS, Store(tmp_path_factory.mktemp("audit")))


def audited(run: Run, rows: np.ndarray) -> dict[str, float]:
    """Return the difference of a selection to balanced random, and its overlap with the run's own."""
    audit = audit_of(run, ForeignSelection(np.sort(rows), False, ""))
    assert audit.evidence is not None
    found = audit.evidence.differences(audit.evidence.keep_ratios[0])["given"]
    size = audit.evidence.n_selected[audit.evidence.strategies.index("given"), 0]
    assert size == len(rows)
    assert (audit.evidence.n_selected[:, 0] == len(rows)).all(), "all strategies select as many images"
    own = difference_to_strategy(audit.evidence, "adq")
    assert own.mean == pytest.approx(
        np.nanmean(audit.evidence.accuracy[-1, 0] - audit.evidence.accuracy[audit.evidence.strategies.index("adq"), 0])
    )
    return {
        "mean": found.mean,
        "distinguishable": found.distinguishable,
        "jaccard": audit.jaccard,
        "to_adq": own.mean,
        "low": own.mean - own.half_width,
        "high": own.mean + own.half_width,
    }


def test_the_run_s_own_selection_overlaps_fully(run: Run) -> None:
    assert audited(run, run.selection.indices)["jaccard"] == 1


def test_a_selection_of_two_classes_is_found_to_teach_badly(run: Run) -> None:
    rows = np.flatnonzero(run.dataset.labels < 2)[:180]
    found = audited(run, rows)
    assert found["mean"] < -0.5
    assert found["high"] < -0.3, "much worse than ADQ, too"
    assert found["distinguishable"]


def test_a_balanced_random_selection_is_about_as_good_as_others(run: Run) -> None:
    rng = np.random.default_rng(5)
    rows = np.concatenate([rng.permutation(np.flatnonzero(run.dataset.labels == label))[:18] for label in range(10)])
    found = audited(run, rows)
    assert abs(found["mean"]) < 0.06
    assert found["low"] < 0 < found["high"], "no better than ADQ"


def test_no_test_image_is_selected_and_a_whole_set_cannot_be_tested(run: Run) -> None:
    audit = audit_of(run, ForeignSelection(np.arange(len(run.dataset)), False, ""))
    assert audit.evidence is None
    assert "none is left to test on" in audit.reason


def test_the_command_prints_and_writes_the_audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rows.npy"
    np.save(file, np.arange(0, 1797, 10))
    arguments = [*FAST, "--indices", str(file), "--cache", str(tmp_path / "c"), "--json", str(tmp_path / "a.json")]
    assert cli.main(arguments) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("180 of 1,797 images, named by index.")
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["n_images"] == 180
    assert "given" in content["evidence"]["accuracy"]
    (text,) = content["evidence"]["verdicts"].values()
    assert text in printed
    assert "the given selection is" in text
    assert "Against ADQ it is " in printed


def test_the_order_of_the_files_can_be_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "rows.npy", np.arange(1, 1798, 10))
    options = ["--indices", str(tmp_path / "rows.npy"), "--order", "one-based", "--cache", str(tmp_path / "c")]
    assert cli.main([*FAST, *options]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "The list was read in another order, as asked for: the order of this data set, counted from 1." in printed


def test_a_list_that_does_not_fit_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "rows.npy", np.array([0, 5000, 5001]))
    assert cli.main([*FAST, "--indices", str(tmp_path / "rows.npy"), "--cache", str(tmp_path / "c")]) == 2
    assert "of 3 entries, 2 are outside 0 to 1,796" in capsys.readouterr().err
