"""Every strategy of the table as the setting `strategy`: run, export, replay, keys, progress, checks."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.cli import main
from adq_core.data.arrays import dataset_from_arrays
from adq_core.dependencies import DEPENDENCIES
from adq_core.errors import Cancelled, SettingsError
from adq_core.quotas import target_size
from adq_core.run_checks import checks_of
from adq_core.storage import Store
from adq_core.strategies import STRATEGIES
from tests.pictures import pictures

QUICK = {"embeddings": "pixels", "projection": "pca", "diversity": "vectors", "n_bins": 3, "keep_ratio": 0.3}
RIVALS = sorted(set(STRATEGIES) - {"adq"})
OPTIONS = ["--embeddings", "pixels", "--projection", "pca", "--diversity", "vectors", "--keep-ratio", "0.1"]


def run_of(strategy: str, **changes: Any) -> Run:
    return Run(Settings(**QUICK | changes, strategy=strategy), Store(), dataset=pictures())


@pytest.mark.parametrize("keep_ratio", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_a_run_keeps_the_number_of_images_asked_for(strategy: str, keep_ratio: float) -> None:
    run = run_of(strategy, keep_ratio=keep_ratio)
    asked = target_size(keep_ratio, 45)
    assert run.selection.selected.sum() == asked == run.quotas.quota.sum()
    assert run.quotas.reached_keep_ratio == asked / 45


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_the_selection_is_the_subset_of_the_strategy_and_the_first_images_of_each_bin(strategy: str) -> None:
    run = run_of(strategy)
    candidates = dataclasses.replace(
        run.candidates,
        vectors=run.embeddings.vectors,
        bins=run.bins,
        importance=run.scores.importance,
        texture=run.texture.values,
        _kept={},
    )
    rows = STRATEGIES[strategy].select(candidates, target_size(0.3, 45), run.settings.seed)
    assert run.selection.indices.tolist() == rows.tolist()
    for number in range(3):
        inside = np.flatnonzero(run.bins.bin_of == number)
        position = run.selection.draw_position[inside]
        assert sorted(position) == list(range(len(inside))), "each position of a bin once"
        np.testing.assert_array_equal(run.selection.selected[inside], position < run.quotas.quota[number])


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_an_export_is_repeated_from_its_manifest_byte_for_byte(
    strategy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    cache = ["--cache", str(tmp_path / "cache")]
    assert main(["run", "digits", *OPTIONS, "--strategy", strategy, *cache, "--out", "first"]) == 0
    printed = capsys.readouterr().out
    assert ("rule budget, alpha 0.65" in printed) == ("alpha" in STRATEGIES[strategy].settings)
    assert (f"strategy {strategy}" in printed) == (strategy != "adq")
    assert main(["run", "--settings", "first/manifest.json", "--quiet", "--out", "again"]) == 0
    assert capsys.readouterr().err == "", "no stage differs from the manifest"
    names = {path.name for path in Path("first").iterdir()}
    assert {name for name in names if Path("first", name).read_bytes() != Path("again", name).read_bytes()} == set()
    manifest = json.loads(Path("first/manifest.json").read_text())
    assert manifest["settings"].get("strategy", "adq") == strategy
    assert ("strategy_draw" in manifest["stations"]) == (strategy != "adq")
    assert manifest["selected"]["images"] == 180 == len(np.load("first/selected_indices.npy"))


def key(strategy: str, stage: str = "selection", **changes: Any) -> str:
    return run_of(strategy, **changes).key(stage)


DECIDING = {  # setting with another value: strategies whose subset may depend on it
    ("alpha", 0.1): {"adq", "adq+margin"},
    ("rule", "uniform"): {"adq", "adq+margin"},
    ("draw_order", "greedy"): {"adq", "adq+margin", "uniform-bins"},
    ("seed", 1): set(STRATEGIES) - {"k-centre", "herding"},
    ("keep_ratio", 0.4): set(STRATEGIES),
    ("n_bins", 4): {"adq", "adq+margin", "uniform-bins"},
    ("normalisation", "rank"): {"adq", "adq+margin"},
    ("embeddings", "small"): set(STRATEGIES) - {"random", "balanced"},
    ("patch_size", 16): set(),
    ("map_seed", 3): set(),
}


@pytest.mark.parametrize("change", DECIDING, ids=str)
def test_a_draw_has_another_key_exactly_where_a_setting_may_change_it(change: tuple[str, Any]) -> None:
    name, value = change
    changed = {
        strategy
        for strategy in RIVALS
        if key(strategy, "strategy_draw") != key(strategy, "strategy_draw", **{name: value})
    }
    assert changed == DECIDING[change] - {"adq"}


@pytest.mark.parametrize("strategy", RIVALS)
def test_settings_with_the_same_key_give_the_same_draw(strategy: str) -> None:
    for (name, value), deciding in DECIDING.items():
        if strategy not in deciding:
            before, after = run_of(strategy), run_of(strategy, **{name: value})
            assert before.strategy_draw.digest() == after.strategy_draw.digest(), name


def test_alpha_has_no_effect_on_the_keys_of_random() -> None:
    stages = [stage for stage in DEPENDENCIES if stage != "dataset"]
    before, after = run_of("random"), run_of("random", alpha=0.1, rule="uniform")
    assert {stage for stage in stages if before.key(stage) != after.key(stage)} == set()


def test_strategies_have_different_keys_and_those_before_the_draw_are_shared() -> None:
    keys = {strategy: run_of(strategy) for strategy in STRATEGIES}
    for stage in ("selection", "quotas", "draw_order"):
        assert len({run.key(stage) for run in keys.values()}) == len(STRATEGIES), stage
    for stage in ("embeddings", "bins", "scores", "texture", "projection"):
        assert len({run.key(stage) for run in keys.values()}) == 1, stage


def test_a_draw_is_read_from_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(**QUICK, strategy="margin")
    first = Run(settings, Store(tmp_path), dataset=pictures())
    expected = first.selection.indices.tolist()
    assert "strategy_draw" in first.seconds
    again = Run(settings, Store(tmp_path), dataset=pictures())
    assert again.ready("strategy_draw")
    monkeypatch.setattr(Run, "strategy_draw_of", lambda *_: pytest.fail("computed before"))
    assert again.selection.indices.tolist() == expected
    assert again.strategy_draw.margin.shape == (45,)


@pytest.mark.parametrize("strategy", ["random", "balanced"])
def test_random_strategies_compute_no_embedding_for_their_draw(strategy: str) -> None:
    run = run_of(strategy)
    assert run.strategy_draw.selected.sum() == 14
    assert set(run.seconds) == {"strategy_draw"}


@pytest.mark.parametrize("strategy", ["margin", "window", "ccs", "adq+margin", "k-centre", "facility-location"])
def test_a_slow_strategy_reports_progress_and_can_be_stopped(strategy: str) -> None:
    run = run_of(strategy)
    for stage in ("bins", "scores"):
        getattr(run, stage)
    messages: list[str] = []

    def stop(done: int, total: int, what: str) -> None:
        messages.append(what)
        if len(messages) == 2:
            raise Cancelled

    run.progress = stop
    with pytest.raises(Cancelled):
        _ = run.strategy_draw
    assert len(messages) == 2
    assert not run.ready("strategy_draw"), "no partial result is stored"


@pytest.mark.parametrize("strategy", sorted(name for name, one in STRATEGIES.items() if one.needs_classes))
def test_a_strategy_that_needs_classes_is_refused_before_anything_is_computed(strategy: str) -> None:
    one_class = dataset_from_arrays(np.zeros((20, 8, 8, 3), np.uint8), np.zeros(20, np.int64))
    run = Run(Settings(**QUICK, strategy=strategy), Store(), dataset=one_class)
    with pytest.raises(SettingsError, match=r"needs at least two classes and 5 images .* got 1 and 20"):
        _ = run.selection
    assert not run.seconds


@pytest.mark.parametrize("strategy", RIVALS)
def test_checks_speak_about_the_strategy(strategy: str) -> None:
    verdicts = {verdict.check: verdict for verdict in checks_of(run_of(strategy), names=["arithmetic", "stability"])}
    assert set(verdicts) == {"arithmetic.total", "arithmetic.empty_bins", "arithmetic.empty_classes", "stability.seeds"}
    assert verdicts["arithmetic.total"].sentence == f"The strategy {strategy} selects 14 images, as asked for."
    assert ("random draws" in verdicts["stability.seeds"].sentence) == STRATEGIES[strategy].seeded
    texts = " ".join(verdict.sentence + verdict.action for verdict in verdicts.values())
    assert "alpha" not in texts
    assert "quota" not in texts


def test_a_rule_that_misses_the_keep_ratio_is_found_for_a_strategy_too() -> None:
    run = run_of("adq+margin", rule="paper")
    kept = int(run.selection.selected.sum())
    assert run.quotas.notes == (
        f"The strategy adq+margin selects {kept} images instead of the 14 that the keep ratio asks for.",
    )
    assert run_of("adq+margin").quotas.notes == ()
    found = next(one for one in checks_of(run, names=["arithmetic"]) if one.check == "arithmetic.total")
    assert found.level == "bad"
    assert found.settings == {"rule": "budget"}
