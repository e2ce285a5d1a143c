"""The page of one image: search, steps, explanations with the numbers of the run; its parts checked by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from adq_core import Run
from adq_core.data.arrays import dataset_from_arrays
from adq_core.quotas.rules import make_quotas
from adq_core.records import Bins
from adq_core.selection import rows_of_bin
from app.charts import image as image_charts
from app.charts.theme import DARK, LIGHT
from app.images import single
from app.state import focus
from app.text import explanations
from app.views.image import lookup
from tests.app.pages import Open, html_of, number, press, texts_of, widget


@pytest.mark.parametrize("row", [0, 33, 79])
def test_the_sentences_agree_with_the_run(open_app: Open, run: Run, row: int) -> None:
    app = open_app("image", image=str(row))
    assert not app.exception
    assert not app.error
    bin_of, place = int(run.bins.bin_of[row]), int(run.selection.draw_position[row])
    assert number(app, "state") == ("selected" if run.selection.selected[row] else "not selected")
    assert number(app, "bin") == str(bin_of)
    assert number(app, "draw position in the bin") == f"{place + 1} of 8"
    assert number(app, "quota of the bin") == str(run.quotas.quota[bin_of])
    count = int(re.search(r"it is selected if at least (\d+) image", texts_of(app))[1])
    for total, there in ((count, True), (count - 1, False)):
        if total:
            made = make_quotas(
                run.scores.importance, run.bins.capacity, rule="budget", alpha=0.65, keep_ratio=total / 80
            )
            assert bool(place < made.quota[bin_of]) is there


def test_without_an_image_in_focus_the_last_selected_image_of_the_bin_is_shown(open_app: Open, run: Run) -> None:
    app = open_app("image", bin="3")
    assert (number(app, "bin"), number(app, "state")) == ("3", "selected")
    assert number(app, "draw position in the bin") == f"{run.quotas.quota[3]} of 8"


def test_the_step_buttons_follow_the_bin_and_the_class_and_change_the_link(open_app: Open, run: Run) -> None:
    rows = rows_of_bin(run.bins.bin_of, run.draw_order.draw_position, 2)
    app = open_app("image", image=str(rows[0]))
    labels = {button.label: button for button in app.button}
    assert labels["Previous in bin"].disabled
    for row in rows[1:]:
        press(app, "Next in bin")
        assert app.query_params["image"] == [str(row)] or app.query_params["image"] == str(row)
    assert {button.label: button.disabled for button in app.button}["Next in bin"]
    press(app, "Previous in class")
    order = lookup.greedy_order_of(run, int(rows[-1])).tolist()
    assert app.session_state["image"] == str(order[order.index(rows[-1]) - 1])


def test_every_step_button_and_the_box_open_their_image(open_app: Open, run: Run) -> None:
    app = open_app("image")
    widget(app, "image").set_value("33").run()
    order, others = (
        rows_of_bin(run.bins.bin_of, run.draw_order.draw_position, int(run.bins.bin_of[33])),
        lookup.greedy_order_of(run, 33),
    )

    def place(row: int) -> tuple[str, str]:
        position = f"{run.selection.draw_position[row] + 1} of {run.bins.capacity[run.bins.bin_of[row]]}"
        return f"{run.bins.bin_of[row]}", position

    assert (number(app, "bin"), number(app, "draw position in the bin")) == place(33)
    steps = zip(("Previous in bin", "Next in bin"), lookup.neighbours(order, 33), strict=True)
    more = zip(("Previous in class", "Next in class"), lookup.neighbours(others, 33), strict=True)
    for label, row in (*steps, *more):
        assert row is not None
        press(app, label)
        assert (number(app, "bin"), number(app, "draw position in the bin")) == place(row)
        assert widget(app, "image").value == str(row)
        widget(app, "image_search").set_value("33")
        press(app, "Find")


def test_the_search_box_finds_an_image(open_app: Open, run: Run) -> None:
    app = open_app("image", image="5")
    widget(app, "image_search").set_value(" 33 ")
    press(app, "Find")
    assert widget(app, "image").value == "33"
    assert number(app, "bin") == str(run.bins.bin_of[33])
    press(app, "Find")
    assert widget(app, "image").value == "33", "an empty search changes nothing"


def test_an_unknown_id_gives_a_message_and_a_part_of_an_id_gives_suggestions(open_app: Open, tmp_path: Path) -> None:
    app = open_app("image", image="nobody")
    assert "No id contains “nobody”. Ids look like “0”." in texts_of(app)
    rng = np.random.default_rng(0)
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        for name in range(12):
            pixels = rng.integers(0, 255, (20, 20, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / label / f"{name:02d}.png")
    app = open_app("image", dataset=str(tmp_path), image="DOG/")
    assert not app.error
    assert "12 ids contain this text; the page shows the first." in [caption.value for caption in app.caption]
    assert app.button(key="suggested-15").label == "dog/03.png"
    app.button(key="suggested-15").click().run()
    assert app.session_state["image"] == "dog/03.png"


def test_images_with_the_same_pixels_and_similar_selected_images_are_found(open_app: Open, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (40, 16, 16, 3)).astype(np.uint8)
    images[21] = images[3]
    np.savez(tmp_path / "twins.npz", images=images, labels=np.arange(40) % 2)
    app = open_app("image", dataset=str(tmp_path / "twins.npz"), image="3", keep_ratio="1.0", n_bins="4")
    assert "1 with the same pixels, no other with a cosine of " in texts_of(app)
    assert "The most similar selected image has a cosine of 1.000 with this one. 0.0% of random pairs" in texts_of(app)
    assert html_of(app).count("<figcaption>same") == 2


def test_every_rule_has_its_sentence() -> None:
    alpha, counts = np.array([0.0, 0.5, 1.0]), np.array([20, 12, 9])
    smallest_subset = explanations.smallest_subset
    assert smallest_subset(counts, alpha, 1, 10, 50, "budget") == (
        "At alpha 0.50 it is selected if at least 12 images (keep ratio 24.00%) are selected: 2 more than the present "
        "10. The smallest such number is at alpha 1.00: 9 images (keep ratio 18.00%)."
    )
    assert smallest_subset(counts, alpha, 2, 10, 50, "budget") == (
        "At alpha 1.00 it is selected if at least 9 images (keep ratio 18.00%) are selected: the present 10 could be "
        "reduced by 1."
    )
    assert smallest_subset(np.full(3, 1), alpha, 0, 10, 50, "uniform") == (
        "At alpha 0.00 it is selected if at least 1 image (keep ratio 2.00%) is selected: the present 10 could be "
        "reduced by 9. This number is the same at every alpha."
    )
    assert smallest_subset(np.array([51, 1, 1]), alpha, 0, 10, 50, "paper") == (
        "The paper's equation does not contain the keep ratio. At alpha 0.00 this image is never selected, whatever "
        "the keep ratio is."
    )
    assert smallest_subset(np.full(3, 51), alpha, 0, 10, 50, "published-code") == (
        "At alpha 0.00 this image is not selected at any keep ratio."
    )


def test_an_id_comes_before_a_row_number() -> None:
    data = dataset_from_arrays(np.zeros((3, 4, 4), np.uint8), ["a"] * 3, name="three", ids=["2", "x1", "x2"])
    assert [
        (rows.tolist(), exact) for rows, exact in (focus.find_rows(data, text) for text in ("2", "1", "X", "", "9"))
    ] == [
        ([0], True),
        ([1], True),
        ([1, 2], False),
        ([], False),
        ([], False),
    ]


def test_a_percentile_counts_ties_half() -> None:
    assert lookup.percentile(np.array([1.0, 2.0, 2.0, 3.0]), 2.0) == 0.5


def test_figures_mark_the_image() -> None:
    bins = Bins(np.array([0, 0, 1, 1]), np.array([1, 0, 2, 3]), np.array([3.0, 4.0, 2.0, 1.0]), 2, "k")
    figure = json.loads(go.Figure(image_charts.gain_of_image(bins, 2, np.arange(4), LIGHT, "its class")).to_json())
    mark = figure["data"][-1]
    assert (mark["x"], mark["y"], mark["text"]) == ([3], [2.0], ["position 3"])
    plane = go.Figure(image_charts.smallest_subset_chart(np.array([0.0, 1.0]), np.array([4, 99]), 10, 1.0, 6, DARK))
    line, now = plane.data[1], plane.data[2]
    assert (list(line.y), list(now.x), list(now.y)) == ([4, 10], [1.0], [6])


def test_pictures_keep_pixels_and_scale() -> None:
    assert single.texture_image(np.array([[0.0, 1.0, 4.0, 4.0]]))[0, :, 0].tolist() == [0, 128, 255, 255]
    small = single.single_image(np.zeros((8, 8, 3), np.uint8), 'a "b"')
    assert "image-rendering:pixelated" in small
    assert 'alt="a &quot;b&quot;"' in small
    assert "pixelated" not in single.single_image(np.zeros((300, 200, 3), np.uint8), "large")
    assert "draw position 3 of 8; the quota selects the first 2" in single.draw_position_bar(2, 2, 8, "#000000")
