"""Figures about one image: its position in the greedy order, and the smallest subset that contains it."""

from __future__ import annotations

import numpy as np

from adq_core.records import Bins
from app.charts import image as image_charts
from app.charts.theme import LIGHT


def test_the_gain_of_the_image_is_marked_at_its_position() -> None:
    bins = Bins(np.array([0, 0, 1, 1, 0]), np.array([1, 0, 2, 3, 9]), np.array([3.0, 4.0, 2.0, 1.0, 7.0]), 2, "k")
    figure = image_charts.gain_of_image(bins, 2, np.array([0, 1, 2, 3]), LIGHT, "its class")
    *lines, mark = figure["data"]
    assert (mark["x"], mark["y"], mark["text"]) == ([3], [2.0], ["position 3"])
    points = {(x, y) for line in lines for x, y in zip(line["x"], line["y"], strict=True)}
    assert points == {(1, 4.0), (2, 3.0), (3, 2.0), (4, 1.0)}, "the images of the group alone"


def test_the_present_alpha_and_number_of_images_are_marked() -> None:
    alphas, counts = np.array([0.0, 0.5, 1.0]), np.array([4, 7, 99])
    _, line, now = image_charts.smallest_subset_chart(alphas, counts, 10, 0.25, 6, LIGHT)["data"]
    assert np.asarray(line["y"]).tolist() == [4, 7, 10], "at most the number of images"
    assert (now["x"], now["y"]) == ([0.25], [6])
