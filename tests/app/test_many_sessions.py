"""Eight visitors of one server at the same time: at every step each sees the numbers that the library computes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.quotas import target_size
from adq_core.selection import compare
from adq_core.storage import Store
from app.blocks.quota_steps import quotas_over_alpha
from app.text import quotas as quota_texts
from app.text import summaries
from app.text.format import percent
from benchmarks._sessions import Session, values

from .conftest import QUICK
from .running_server import start  # noqa: F401

SESSIONS, STEPS = 8, 6


def write_set(path: Path, seed: int) -> Path:
    """Write an .npz whose size, classes and scores differ from those of other seeds."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(12, 30, 2 + seed % 4)
    labels = np.repeat(np.arange(len(counts)), counts)
    noise = rng.random(len(labels))[:, None, None, None] * rng.integers(0, 255, (len(labels), 12, 12, 3))
    np.savez(path, images=noise.astype(np.uint8), labels=labels)
    return path


def assert_quotas(session: Session, run: Run) -> None:
    """Compare the page Quotas with the library."""
    quotas, uniform = run.quotas, Run(replace(run.settings, rule="uniform"), run.store, dataset=run.dataset).quotas
    n_selected, m = int(quotas.quota.sum()), len(run.dataset)
    assert session.numbers() == {
        "selected": f"{n_selected:,} of {m:,} images",
        "keep ratio reached": percent(quotas.reached_keep_ratio),
    }
    bars, dashes = session.chart("quota-bars")["data"][:2]
    assert values(bars["y"]) == quotas.quota.tolist()
    assert values(bars["customdata"]) == quotas.capacity.tolist()
    assert values(dashes["y"]) == uniform.quota.tolist()
    table = quotas_over_alpha(run)
    lines = session.chart("quota-lines")["data"]
    assert [values(line["y"]) for line in lines] == np.asarray(table.quota).T.tolist()
    for text in (
        summaries.compare_quotas(quotas, uniform),
        quota_texts.surplus(quotas),
        quota_texts.alpha_effect(table),
    ):
        assert text in session.texts()


def assert_scores(session: Session, run: Run) -> None:
    """Compare the page Scores with the library."""
    scores = run.scores
    best = int(scores.importance.argmax())
    assert session.numbers()["highest IS"] == f"bin {best} ({scores.importance[best]:.2f})"
    rep, div = session.chart("importance")["data"][:2]
    assert values(rep["y"]) == scores.representativeness_norm.tolist()
    assert values(div["y"]) == scores.diversity_norm.tolist()


def assert_comparison(session: Session, run: Run) -> None:
    """Compare the page Compare with the library: the present settings and the uniform rule."""
    data, bins = run.dataset, run.bins
    other = Run(replace(run.settings, rule="uniform"), run.store, dataset=data).selection.indices
    c = compare(run.selection.indices, other, data.labels, bins.bin_of, n_classes=data.n_classes, n_bins=bins.n_bins)
    numbers = session.numbers()
    assert numbers["in both"] == f"{len(c.both):,}"
    assert numbers["only in A"] == f"{len(c.only_a):,} of {c.size_a:,}"
    assert numbers["Jaccard"] == f"{c.jaccard:.3f}"


PAGES = {"quotas": assert_quotas, "scores": assert_scores, "compare": assert_comparison}


def visit(port: int, folder: Path, number: int, together: Barrier) -> int:
    """Drive one session over all pages and return the number of comparisons."""
    dataset = str(write_set(folder / f"set {number}.npz", number))
    rng, store, compared = np.random.default_rng(100 + number), Store(folder / f"store {number}"), 0
    data = Run(Settings(dataset=dataset, n_bins=4, **QUICK), store).dataset
    for page, check in PAGES.items():
        with Session(port, page, dataset=dataset, n_bins="4", **QUICK) as session:
            session.settle()
            for _ in range(STEPS):
                alpha, ratio = round(rng.integers(0, 101) / 100, 2), round(rng.integers(4, 180) / 200, 3)
                session.set_slider("alpha", alpha)
                session.set_slider("Keep ratio", ratio)
                together.wait(timeout=240)
                session.settle()
                run = Run(
                    Settings(dataset=dataset, n_bins=4, alpha=alpha, keep_ratio=ratio, **QUICK), store, dataset=data
                )
                assert int(run.quotas.quota.sum()) == target_size(ratio, len(data))
                check(session, run)
                compared += 1
    return compared


def test_eight_sessions_see_their_own_numbers(start: Callable[..., int], tmp_path: Path) -> None:  # noqa: F811
    port, together = start(), Barrier(SESSIONS)
    with ThreadPoolExecutor(SESSIONS) as pool:
        visits = [pool.submit(visit, port, tmp_path, number, together) for number in range(SESSIONS)]
        assert [one.result() for one in visits] == [STEPS * len(PAGES)] * SESSIONS


def test_the_sets_of_the_sessions_differ(tmp_path: Path) -> None:
    sizes = {len(np.load(write_set(tmp_path / "set.npz", number))["labels"]) for number in range(SESSIONS)}
    assert len(sizes) > SESSIONS // 2


@pytest.mark.parametrize("array", [[1, 2], {"dtype": "i1", "bdata": "AQI="}])
def test_values_of_a_figure(array: object) -> None:
    assert values(array) == [1.0, 2.0]
