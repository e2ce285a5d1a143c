"""The table of quotas and the effect of alpha, compared with the subsets themselves."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.quotas.rules import QUOTA_RULES, make_quotas, quota_table
from app.charts import quotas as quota_charts
from app.charts.theme import LIGHT
from app.text import quotas as quota_texts
from tests.app.pages import Open, chart, texts_of

BINS = st.integers(2, 8).flatmap(
    lambda m: st.tuples(
        st.lists(st.integers(0, 2000).map(lambda n: n / 1000), min_size=m, max_size=m),
        st.lists(st.integers(1, 60), min_size=m, max_size=m),
    )
)


@given(BINS, st.sampled_from(["budget", "uniform", "paper", "paper-scaled"]), st.floats(0.1, 1))
def test_images_that_change_are_the_difference_of_the_sets(
    bins: tuple[list[float], list[int]], rule: str, keep_ratio: float
) -> None:
    """The oracle builds both subsets as sets of (bin, position) and counts their difference."""
    importance, capacity = np.array(bins[0]), np.array(bins[1])
    if round(keep_ratio * capacity.sum()) < 1:
        return
    table = quota_table(importance, capacity, rule=rule, keep_ratio=keep_ratio)
    rows, changed = quota_texts.changes_per_step(table)
    np.testing.assert_allclose(table.alpha[rows], np.arange(21) / 20)
    sets = [{(n, place) for n, q in enumerate(table.quota[row]) for place in range(q)} for row in rows]
    slow = [max(len(one - other), len(other - one)) for one, other in itertools.pairwise(sets)]
    assert changed.tolist() == slow


@given(BINS, st.floats(0, 1), st.floats(0.2, 1))
def test_every_row_of_the_table_adds_up(bins: tuple[list[float], list[int]], alpha: float, keep_ratio: float) -> None:
    importance, capacity = np.array(bins[0]), np.array(bins[1])
    if round(keep_ratio * capacity.sum()) < 1:
        return
    quotas = make_quotas(importance, capacity, rule="budget", alpha=alpha, keep_ratio=keep_ratio)
    uniform = make_quotas(importance, capacity, rule="uniform", alpha=alpha, keep_ratio=keep_ratio)
    table = quota_charts.quotas_by_bin(quotas, uniform)
    assert (table["quota"] - table["uniform"]).tolist() == table["difference"].tolist()
    assert (table["quota"] <= table["capacity"]).all()
    if "capped" in table:
        whole = table["target"] - table["capped"] + table["received"]
        assert (np.abs(whole - table["quota"]) < len(capacity) + 1e-6).all()
        assert abs(table["capped"].sum() - table["received"].sum()) < 1e-6
    assert quota_texts.surplus(quotas).startswith("Capped") == ("capped" in table)


@pytest.mark.parametrize(("keep_ratio", "is_whole"), [(0.1, True), (0.9, False)])
def test_few_images_have_ticks_at_whole_numbers(keep_ratio: float, is_whole: bool) -> None:
    quotas = make_quotas(np.ones(3), np.full(3, 30), rule="budget", alpha=0.5, keep_ratio=keep_ratio)
    table = quota_table(np.ones(3), np.full(3, 30), rule="budget", keep_ratio=keep_ratio)
    for figure in (quota_charts.quota_bars(quotas, quotas, LIGHT), quota_charts.quota_lines(table, 0.5, LIGHT)):
        assert figure["layout"]["yaxis"].get("dtick") == (1 if is_whole else None)
    assert quota_charts.sensitivity_bars(table, 0.5, LIGHT)["layout"]["yaxis"]["dtick"] == 1


def test_the_surplus_of_a_bin_checked_by_hand() -> None:
    quotas = make_quotas(np.array([3.0, 1.0, 0.0]), np.array([10, 10, 10]), rule="budget", alpha=1.0, keep_ratio=0.5)
    # 15 images in shares 3/4, 1/4, 0: 11.25 of 10, 3.75, 0; the 1.25 images go to the only other bin with importance.
    assert quota_texts.surplus(quotas) == (
        "Capped at the capacity of the bin: bin 0 (−1.2). The surplus went to bin 1 (+1.2)."
    )
    lost = make_quotas(np.array([3.0, 1.0, 0.0]), np.array([10, 10, 10]), rule="paper", alpha=1.0, keep_ratio=0.5)
    assert quota_texts.surplus(lost) == "Capped at the capacity of the bin: bin 0 (−20.0). This surplus is lost."


def test_the_effect_of_alpha_as_a_sentence() -> None:
    equal, ten = np.full(2, 50), np.array([1.0, 0.0])
    flat = quota_table(np.ones(2), equal, rule="budget", keep_ratio=0.1)
    assert quota_texts.alpha_effect(flat) == (
        "Alpha has no effect here: under the rule budget every alpha selects the same images."
    )
    steep = quota_table(ten, equal, rule="budget", keep_ratio=0.1)
    # 10 images, from 5 and 5 at alpha 0 to 10 and 0 at alpha 1.
    assert quota_texts.alpha_effect(steep).startswith(
        "Alpha has a large effect here: between alpha 0 and alpha 1, 5 of 10 images differ (50%). A step of 0.05 "
        "changes 0.2 images on average and at most 1 (from "
    )


def test_one_image_that_depends_on_alpha_has_a_singular_verb() -> None:
    two = quota_table(np.array([1.0, 0.0]), np.full(2, 50), rule="budget", keep_ratio=0.02)
    assert "1 of 2 images differs (50%)" in quota_texts.alpha_effect(two)


def test_the_page_shows_the_table_and_the_sensitivity(open_app: Open) -> None:
    app = open_app("quotas")
    assert not app.exception
    account = app.dataframe[0].value
    assert account["quota"].sum() == 8
    assert list(account.columns) == ["bin", "capacity", "target", "quota", "share of bin", "uniform", "difference"]
    assert "No target was above the capacity of its bin, so none was capped." in texts_of(app)
    assert chart(app, "sensitivity")["layout"]["yaxis"]["title"]["text"] == "images that change per 0.05"
    assert "Alpha " in texts_of(app)
    for rule in QUOTA_RULES:
        assert not open_app("quotas", rule=rule, keep_ratio="0.3").exception


def test_a_bar_of_the_sensitivity_stands_between_its_two_alphas() -> None:
    table = quota_table(np.array([1.0, 0.0]), np.full(2, 50), rule="budget", keep_ratio=0.1)
    bars = quota_charts.sensitivity_bars(table, 0.65, LIGHT)["data"][0]
    assert len(bars["y"]) == 20
    np.testing.assert_allclose(bars["x"], np.arange(20) * 0.05 + 0.025)
    np.testing.assert_allclose(bars["customdata"][[0, -1]], [[0, 0.05], [0.95, 1]], atol=1e-12)


@pytest.mark.parametrize(
    ("importance", "word"), [([1.0, 0.98], "hardly any"), ([1.0, 0.6], "a small"), ([1.0, 0.0], "a large")]
)
def test_the_size_of_the_effect_of_alpha_has_a_word(importance: list[float], word: str) -> None:
    table = quota_table(np.array(importance), np.full(2, 500), rule="budget", keep_ratio=0.2)
    assert quota_texts.alpha_effect(table).startswith(f"Alpha has {word} effect here: ")
