"""The keep ratio in three units: properties of the conversions, and the three inputs on the page."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import NumberInput

from adq_core import Settings
from adq_core.quotas.rules import target_size
from app.state import widget_sync
from app.state.keep_ratio import patch_share, share_of_count, share_of_total
from tests.app.pages import Open, numbers_of


@given(st.integers(1, 2_000_000).flatmap(lambda m: st.tuples(st.just(m), st.integers(1, m))))
def test_the_share_of_a_count_keeps_that_count(case: tuple[int, int]) -> None:
    m, count = case
    share = share_of_count(count, m)
    assert 0 < share <= 1
    assert target_size(share, m) == count


@given(st.integers(1, 10_000), st.integers(1, 1000))
def test_a_ratio_in_tenths_of_a_percent_survives_a_round_trip_through_its_count(m: int, thousandths: int) -> None:
    count = target_size(thousandths / 1000, m)
    if count:
        share = share_of_count(count, m)
        assert target_size(share, m) == count
        assert len(repr(share)) <= len(repr(thousandths / 1000)), "no ratio has more digits than necessary"


def test_ratios_checked_by_hand() -> None:
    assert share_of_count(180, 1797) == 0.1
    assert share_of_count(1797, 1797) == 1.0
    assert share_of_count(1, 3) == 0.3
    assert share_of_total(0.075, 0.75, 1797) == 0.1
    assert share_of_total(0.9, 0.75, 1797) == 1.0, "at most all images are kept"
    assert target_size(share_of_total(0.0, 0.75, 80), 80) == 1, "at least one image is kept"


@given(st.floats(1e-6, 1), st.integers(1, 64), st.integers(1, 100_000))
def test_the_total_is_reached_where_possible(total: float, patches: int, m: int) -> None:
    share = share_of_total(total, patches / 64, m)
    assert target_size(share, m) >= 1
    if share_of_count(1, m) < total / (patches / 64) < 1:
        assert share * patches / 64 == pytest.approx(total, abs=1e-9)


def three(app: AppTest) -> tuple[float, int, float]:
    share = app.slider(key="keep_ratio")
    return float(share.value), int(number(app, "Images to keep").value), float(number(app, "Pixels to keep, %").value)


def number(app: AppTest, label: str) -> NumberInput:
    return next(widget for widget in app.number_input if widget.label == label)


def test_each_of_the_three_inputs_changes_the_others_and_the_link(open_app: Open) -> None:
    app = open_app("quotas")
    assert three(app) == (0.1, 8, pytest.approx(7.5))
    number(app, "Images to keep").set_value(33).run()
    assert app.session_state["settings"].keep_ratio == 0.41
    assert three(app) == (0.41, 33, pytest.approx(30.75))
    assert "<b>33 of 80 images</b>" in numbers_of(app)
    number(app, "Pixels to keep, %").set_value(15.0).run()
    assert three(app) == (0.2, 16, pytest.approx(15.0))
    app.slider(key="keep_ratio").set_value(0.5).run()
    assert three(app) == (0.5, 40, pytest.approx(37.5))
    linked = open_app("quotas", keep_ratio="0.4125")
    assert three(linked) == (0.4125, 33, pytest.approx(30.9375))


def test_the_limits_of_each_input(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget_sync, "STALE_AFTER", 0.0)  # as after a few seconds
    app = open_app("quotas")
    number(app, "Pixels to keep, %").set_value(75.0).run()
    assert three(app) == (1.0, 80, pytest.approx(75.0))
    number(app, "Pixels to keep, %").set_value(0.0).run()
    assert three(app)[1] == 1
    assert not app.error
    number(app, "Images to keep").set_value(80).run()
    assert three(app)[0] == 1.0


def test_the_patch_keep_ratio_changes_only_the_share_of_pixels(open_app: Open) -> None:
    assert three(open_app("quotas", patch_keep_ratio="0.5")) == (0.1, 8, pytest.approx(5.0))


def test_the_share_of_patches_is_in_whole_patches() -> None:
    settings = Settings(patch_image_size=64, patch_size=16, patch_keep_ratio=0.3)  # 4.8 of 16 patches
    run: Any = SimpleNamespace(settings=settings)
    assert patch_share(run) == 5 / 16
    run.settings = replace(settings, patch_keep_ratio=0.01)
    assert patch_share(run) == 1 / 16, "at least one patch"
