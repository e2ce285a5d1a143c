"""Undo and redo: laws of the history, compared with a plain model, and the names of changes."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.state.history import MAX_CHANGES, MERGE_WITHIN, History, same
from app.state.link_check import SPECS
from app.state.tracked import FURTHER, Tracked, change_name, read_values, tracked
from tests.app.conftest import QUICK

NAMES = ("alpha", "dataset", "picks")
VALUE = st.integers(0, 3)
LATER = MERGE_WITHIN * 2


class AgainstTwoStacks(RuleBasedStateMachine):
    """A history and a model of it: two stacks of whole states, as in any text editor."""

    @initialize()
    def begin(self) -> None:
        self.now = 0.0
        self.present: dict[str, Any] = dict.fromkeys(NAMES, 0)
        self.undone: list[dict[str, Any]] = []
        self.done: list[dict[str, Any]] = []
        self.history = History()
        self.history.observe(self.present, self.now)

    def change(self, values: dict[str, int]) -> None:
        before = self.present
        self.present = before | values
        self.history.observe(self.present, self.now)
        if self.present != before:
            self.done = [*self.done, before][-MAX_CHANGES:]
            self.undone = []

    @rule(values=st.dictionaries(st.sampled_from(NAMES), VALUE, max_size=3))
    def change_later(self, values: dict[str, int]) -> None:
        self.now += LATER
        self.change(values)

    @rule(name=st.sampled_from(NAMES), moves=st.lists(VALUE, min_size=1, max_size=30))
    def drag(self, name: str, moves: list[int]) -> None:
        """Many quick changes of one value count as one, whatever the values between are."""
        self.now += LATER
        before = self.present
        for last, value in pairwise([before[name], *moves]):
            if value != last:
                self.now += MERGE_WITHIN / 4
                self.history.observe(before | {name: value}, self.now)
        if set(moves) == {before[name]}:
            return
        self.present = before | {name: moves[-1]}
        self.done = [*self.done, before][-MAX_CHANGES:]
        self.undone = []
        if self.present == before:  # the drag is no change, but the oldest change has made room for it
            self.done.pop()

    @rule(step=st.sampled_from([-1, 1]))
    def move(self, step: int) -> None:
        possible = bool(self.done) if step < 0 else bool(self.undone)
        changed = self.history.go_to(self.history.position + step)
        assert bool(changed) == possible
        if possible:
            source, target = (self.done, self.undone) if step < 0 else (self.undone, self.done)
            target.append(self.present)
            before, self.present = self.present, source.pop()
            assert changed == {name: value for name, value in self.present.items() if before[name] != value}
        self.history.observe(self.present, self.now)

    @rule(data=st.data())
    def jump(self, data: st.DataObject) -> None:
        to = data.draw(st.integers(0, len(self.history.states) - 1))
        states = [*self.done, self.present, *reversed(self.undone)]
        changed = self.history.go_to(to)
        assert self.present | changed == states[to]
        self.done, self.present, self.undone = states[:to], states[to], states[:to:-1]
        self.history.observe(self.present, self.now)

    @invariant()
    def all_states_are_those_of_the_model(self) -> None:
        if hasattr(self, "history"):
            assert self.history.states == [*self.done, self.present, *reversed(self.undone)]
            assert self.history.position == len(self.done) <= MAX_CHANGES
            assert self.history.can_undo == bool(self.done)
            assert self.history.can_redo == bool(self.undone)


TestAgainstTwoStacks = AgainstTwoStacks.TestCase


def history_of(*alphas: float, every: float = LATER) -> History:
    history = History()
    for number, alpha in enumerate(alphas):
        history.observe({"alpha": alpha}, number * every)
    return history


def test_the_last_twenty_changes_are_kept() -> None:
    history = history_of(*[number / 100 for number in range(40)])
    assert [state["alpha"] for state in history.states] == [number / 100 for number in range(19, 40)]


def test_a_drag_is_one_change_and_a_pause_begins_another() -> None:
    history = history_of(0.5, *[0.5 + number / 200 for number in range(1, 101)], every=0.05)
    assert [state["alpha"] for state in history.states] == [0.5, 1.0]
    history.observe({"alpha": 0.9}, 1e6)
    assert history.go_to(history.position - 1) == {"alpha": 1.0}


def test_quick_changes_of_different_values_are_two_changes() -> None:
    history = History()
    for number, values in enumerate(({"a": 0, "b": 0}, {"a": 1, "b": 0}, {"a": 1, "b": 1}, {"a": 2, "b": 1})):
        history.observe(values, 1.0 + number / 100)
    assert len(history.states) == 4


def test_a_change_right_after_undo_is_not_merged_with_an_older_one() -> None:
    history = history_of(0.1, 0.2, 0.3, every=LATER)
    history.go_to(1)
    history.observe({"alpha": 0.2}, 2 * LATER)
    history.observe({"alpha": 0.25}, 2 * LATER + 0.1)
    assert [state["alpha"] for state in history.states] == [0.1, 0.2, 0.25]


def test_a_correction_by_a_widget_after_undo_keeps_redo() -> None:
    history = History()
    for number, size in enumerate((128, 64)):
        history.observe({"side": size, "patch": size // 4}, number * LATER)
    assert history.go_to(0) == {"side": 128, "patch": 32}
    history.observe({"side": 128, "patch": 16}, 9.0)
    assert history.can_redo
    assert history.states[0] == {"side": 128, "patch": 16}


def test_a_value_that_appears_late_belongs_to_all_states() -> None:
    history = history_of(0.1, 0.2)
    history.observe({"alpha": 0.2, "classes": ("cat",)}, 99.0)
    assert not history.can_redo
    assert [state["classes"] for state in history.states] == [("cat",), ("cat",)]


@given(st.floats(-1e300, 1e300))
def test_numbers_are_the_same_up_to_rounding(value: float) -> None:
    assert same(value, value * (1 + 1e-12))
    assert same((0.0, value), (0.0, value))
    assert not same(value, value + max(1.0, abs(value)))


def test_numbers_texts_and_missing_values_differ() -> None:
    assert not same(1, "1")
    assert not same(0, False)
    assert not same("", None)
    assert not same(("a",), ("a", "b"))
    assert same(math.inf, math.inf)


def named(**changes: tuple[Any, Any]) -> str:
    known = tracked(dict.fromkeys(SPECS, ""))
    base = {name: one.default for name, one in known.items()}
    before = base | {name: pair[0] for name, pair in changes.items()}
    return change_name(known, before, base | {name: pair[1] for name, pair in changes.items()})


def test_names_of_changes() -> None:
    assert named(alpha=(0.5, 0.3)) == "alpha 0.50 → 0.30"
    assert named(alpha=(0.5, 0.333)) == "alpha 0.50 → 0.333"
    assert named(dataset=("photos", "/data/pictures/clothing")) == "data set photos → clothing"
    assert named(keep_ratio=(0.1, 0.005)) == "keep ratio 10.0% → 0.5%"
    assert named(labels=("", "/data/labels.csv")) == "labels (table) none → labels.csv"
    assert named(n_bins=(10, 5), alpha=(0.5, 0.3), seed=(0, 1), rule=("budget", "uniform")) == (
        "number of bins 10 → 5, quota rule budget → uniform and 2 others"
    )


def test_values_come_from_the_session_and_wait_for_widgets_that_only_the_link_names(monkeypatch: Any) -> None:
    monkeypatch.setitem(FURTHER, "classes", Tracked("classes", (), lambda value: ", ".join(value) or "all"))
    defaults = dict.fromkeys(SPECS, "") | {"alpha": 0.65}
    known = tracked(defaults)
    session = {"alpha": 0.5, "dataset": None, **QUICK}
    assert read_values(known, session, {})["classes"] == ()
    values = read_values(known, session, {"classes": "cat"})
    assert "classes" not in values
    assert (values["alpha"], values["dataset"], values["n_bins"]) == (0.5, "", "")
    assert change_name(known, {**values, "classes": ()}, {**values, "classes": ("cat",)}) == "classes all → cat"
