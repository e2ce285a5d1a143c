"""The filter bar on every page: counts, chips, widgets, and the images that are left."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from adq_core import Run
from adq_core.filters import Filter
from adq_core.run_filters import mask
from app.blocks.filter_widgets import slider_scale
from app.pages import script
from tests.app.conftest import at_rest
from tests.app.pages import Open, html_of, press, texts_of

WITH_BAR = ("home", "dataset", "bins", "quotas", "image", "patches", "checks", "compare", "export")


def labels_of(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def ids_shown(app: AppTest) -> set[str]:
    """Return the ids of the thumbnails of a page."""
    return set(re.findall(r'data-image="([^"]+)"', html_of(app)))


def ids_of(run: Run, filter: Filter) -> set[str]:
    return {run.dataset.ids[row] for row in np.flatnonzero(mask(run, filter))}


def widgets(app: AppTest) -> AppTest:
    """Open the widgets of the filter, as the button Filter does."""
    app.session_state["filter_open"] = True
    return at_rest(app.run())


@pytest.mark.parametrize("view", WITH_BAR)
def test_every_page_counts_the_same_images_and_shows_no_others(view: str, open_app: Open, run: Run) -> None:
    app = at_rest(open_app(view, filter="class:2 selected"))
    assert not app.exception
    allowed = ids_of(run, Filter(classes=frozenset({"2"}), selected=True))
    assert 0 < len(allowed) < 20
    assert f"**{len(allowed)}** of 80 images" in texts_of(app)
    assert {"class 2", "selected"} <= set(labels_of(app))
    shown = ids_shown(app)
    if view == "image":  # the image itself, and its possible duplicates, are always there
        shown -= set(re.findall(r'data-image="([^"]+)"', html_of(app).split("Possible duplicates")[-1]))
    assert shown <= allowed


@pytest.mark.parametrize("view", WITH_BAR)
def test_without_a_filter_every_page_says_how_many_images_there_are(view: str, open_app: Open) -> None:
    app = at_rest(open_app(view))
    assert "80 images" in [markdown.value for markdown in app.markdown]
    assert "Clear the filter" not in labels_of(app)


def test_a_filter_that_no_image_matches_leaves_pages_without_images(open_app: Open) -> None:
    for view in WITH_BAR:
        app = at_rest(open_app(view, filter="id:nothing-has-this"))
        assert not app.exception, view
        assert "**0** of 80 images" in texts_of(app), view
        assert "No image matches the filter." in texts_of(app), view


def test_a_chip_removes_its_condition_and_one_click_clears_all(open_app: Open) -> None:
    app = at_rest(open_app("bins", filter="bin:0 class:2 texture=0.."))
    assert {"bin 0", "class 2", "texture at least 0"} <= set(labels_of(app))
    assert app.button(key="filter-remove-bin").label == "bin 0"
    at_rest(press(app, "class 2"))
    assert app.text_input(key="filter").value == "bin:0 texture=0.."
    at_rest(press(app, "Clear the filter"))
    assert app.text_input(key="filter").value == ""
    assert "80 images" in [markdown.value for markdown in app.markdown]
    assert "bin 0" not in labels_of(app)


def test_the_widgets_write_the_filter_and_show_it(open_app: Open, run: Run) -> None:
    app = widgets(at_rest(open_app("bins")))
    app.multiselect(key="filter_classes").set_value(["1", "3"]).run()
    app.multiselect(key="filter_bins").set_value([0, 1, 2]).run()
    segmented(app, "filter_selected").set_value("not selected").run()
    app.text_input(key="filter_id").set_value("1").run()
    at_rest(app)
    assert app.text_input(key="filter").value == "-selected bin:0-2 class:1,3 id:1"
    expected = Filter(classes=frozenset({"1", "3"}), bins=frozenset({0, 1, 2}), selected=False, text="1")
    assert f"**{mask(run, expected).sum()}** of 80 images" in texts_of(app)
    app.text_input(key="filter").set_value("class:2 selected").run()
    at_rest(app)
    assert app.multiselect(key="filter_classes").value == ["2"]
    assert app.multiselect(key="filter_bins").value == []
    assert segmented(app, "filter_selected").value == "selected"
    assert app.text_input(key="filter_id").value == ""


def segmented(app: AppTest, key: str) -> Any:
    return next(group for group in app.button_group if group.key == key)


def test_a_slider_sets_a_range_and_its_ends_are_open(open_app: Open, run: Run) -> None:
    app = widgets(at_rest(open_app("bins")))
    slider = app.slider(key="filter_range_texture")
    low, high = slider.min, slider.max
    assert low <= run.texture.values.min() <= run.texture.values.max() <= high
    assert slider.value == (low, high)
    middle = round((low + high) / 2, 3)
    slider.set_value((low, middle)).run()
    assert at_rest(app).text_input(key="filter").value == f"texture=..{middle}"
    assert f"**{(run.texture.values <= middle).sum()}** of 80 images" in texts_of(app)
    app.slider(key="filter_range_texture").set_value((low, high)).run()
    assert at_rest(app).text_input(key="filter").value == ""


def test_slow_columns_are_computed_when_they_are_asked_for(open_app: Open, run: Run) -> None:
    app = widgets(at_rest(open_app("bins")))
    at_rest(press(app, "Compute: margin"))
    assert app.slider(key="filter_range_margin").min < 1
    at_rest(press(app, "Compute: neighbour agreement"))
    assert "Neighbour agreement: 1 for every image." in [element.value for element in app.caption]
    segmented(app, "filter_doubtful").set_value("doubtful").run()
    at_rest(app)
    assert f"**{mask(run, Filter(doubtful=True)).sum()}** of 80 images" in texts_of(app)
    segmented(app, "filter_duplicate").set_value("with one").run()
    assert at_rest(app).text_input(key="filter").value == "doubtful duplicate"


def test_a_text_that_is_no_filter_is_explained_and_all_images_are_shown(open_app: Open) -> None:
    app = at_rest(open_app("bins", filter="bin:x class:zebra"))
    assert "A filter must have parts such as" in texts_of(app)
    assert "80 images" in [markdown.value for markdown in app.markdown]
    app = at_rest(open_app("bins", filter="class:zebra"))
    assert "The filter names a class that" in texts_of(app)


def test_the_export_keeps_all_selected_images_and_says_so(open_app: Open) -> None:
    app = at_rest(open_app("export", filter="class:2"))
    caption = " ".join(element.value for element in app.caption)
    assert "of the 8 selected images match the filter" in caption
    assert "a filter changes what is shown, not what is selected" in caption


def test_the_histograms_are_on_every_page_once_they_are_switched_on(open_app: Open) -> None:
    app = at_rest(open_app("bins"))
    app.toggle(key="filter_histograms").set_value(True).run()
    assert not at_rest(app).exception
    app.switch_page(script("compare")).run()
    assert at_rest(app).toggle(key="filter_histograms").value
    assert app.toggle(key="filter_histograms").label == "Histograms"


@pytest.mark.parametrize(
    ("lowest", "highest", "least", "scale"),
    [
        (0.0123, 0.3456, 0.0, (0.012, 0.346, 0.001)),
        (1, 10_000, 1.0, (0, 10_000, 10.0)),
        (3, 17, 1.0, (3, 17, 1.0)),
        (-1, 1, 0.0, (-1, 1, 0.01)),
        (5, 5, 0.0, (5, 5, 1.0)),
        (0, float("inf"), 0.0, (0, 0, 1.0)),
    ],
)
def test_the_scale_of_a_slider(lowest: float, highest: float, least: float, scale: tuple[float, float, float]) -> None:
    assert slider_scale(lowest, highest, least) == pytest.approx(scale)
