"""The Bins view, and the bin that is picked in any view."""

from __future__ import annotations

from adq_core import Run

from .pages import Open


def test_the_bin_picked_is_shown_everywhere_and_in_the_link(open_app: Open, run: Run) -> None:
    app = open_app("bins")
    assert "First images of bin 0" in [element.value for element in app.subheader]
    app.button_group(key="bin_here").set_value(3).run()
    assert "First images of bin 3" in [element.value for element in app.subheader]
    app.switch_page("views/quotas.py").run()
    wanted = f"Bin 3: {run.quotas.quota[3]} of {run.bins.capacity[3]} images"
    assert wanted in [element.value for element in app.subheader]
    linked = open_app("bins", bin="5")
    assert "First images of bin 5" in [element.value for element in linked.subheader]


def test_a_bin_that_is_not_there_falls_back_to_the_last(open_app: Open) -> None:
    app = open_app("bins", bin="99")
    assert not app.exception
    assert "First images of bin 9" in [element.value for element in app.subheader]
