"""Sentences whose numbers can be checked by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core import Run, Settings
from adq_core.quotas.rules import make_quotas
from adq_core.records import Bins, Texture
from app.text import format as formats
from app.text import summaries
from tests.fakes import fake_dataset


def bins_of(bin_of: list[int]) -> Bins:
    m = len(bin_of)
    return Bins(np.array(bin_of, np.int32), np.arange(m, dtype=np.int32), np.zeros(m), max(bin_of) + 1, "k")


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.05, "5.0%"),
        (0.123, "12.3%"),
        (0.999, "99.9%"),
        (1.0, "100%"),
        (2.79, "279%"),
        (0, "0.0%"),
        (10 / 49_999, "0.02%"),
        (1e-5, "0.001%"),
        (0.9996, "99.96%"),
        (1 - 1e-16, "100%"),
        (1e-12, "0.0%"),
    ],
)
def test_percentages(share: float, text: str) -> None:
    assert formats.percent(share) == text


def test_texture_differs_little_between_bins_and_much_inside() -> None:
    texture = Texture(np.array([0.5, 1.5, 0.55, 1.55]), "k")  # means 1.0 and 1.05; spread .5/1.0 and .5/1.05
    assert summaries.texture_by_bin(bins_of([0, 0, 1, 1]), texture) == (
        "The mean texture of the bins differs by 4.9% (range / mean). Inside a bin, texture varies by 48.8% (standard "
        "deviation / mean): the difference between bins is small compared with the spread inside a bin."
    )


def test_a_large_difference_between_bins_has_no_warning() -> None:
    texture = Texture(np.array([1.0, 1.0, 3.0, 3.0]), "k")
    assert summaries.texture_by_bin(bins_of([0, 0, 1, 1]), texture) == (
        "The mean texture of the bins differs by 100% (range / mean). Inside a bin, texture varies by 0.0% (standard "
        "deviation / mean)."
    )


def test_one_bin_has_only_a_spread() -> None:
    texture = Texture(np.array([0.5, 1.5]), "k")
    assert summaries.texture_by_bin(bins_of([0, 0]), texture) == (
        "There is only one bin. Inside it, texture varies by 50.0% (standard deviation / mean)."
    )


def test_the_comparison_with_the_uniform_rule_counts_the_images_that_differ() -> None:
    importance, capacity = np.array([0.0, 1.0]), np.array([10, 10])
    given = make_quotas(importance, capacity, rule="budget", alpha=1.0, keep_ratio=0.3)
    even = make_quotas(importance, capacity, rule="uniform", alpha=1.0, keep_ratio=0.3)
    assert (given.quota.tolist(), even.quota.tolist()) == ([0, 6], [3, 3])
    assert summaries.compare_quotas(given, even) == (
        "Compared with the uniform rule, 3 images differ: more from bin 1 (+3), fewer from bin 0 (−3)."
    )
    assert summaries.compare_quotas(even, even) == (
        "Every bin gives the same share of its images, as under the uniform rule."
    )


@pytest.mark.parametrize(("low", "ending"), [(0.5, ", 3.0 times as much."), (0.0, "."), (-0.5, ".")])
def test_the_ratio_of_classes_is_given_for_positive_values_only(low: float, ending: str) -> None:
    data = fake_dataset([np.zeros((2, 2, 3), np.uint8)] * 4, labels=[0, 0, 1, 1])
    sentence = summaries.texture_by_class(data, Texture(np.array([low, low, 1.5, 1.5]), "k"))
    first, second = data.class_names
    assert sentence == f"The mean texture of a class ranges from {low:.3f} ({first}) to 1.500 ({second}){ending}"


@given(st.text("abc", min_size=1, max_size=40), st.integers(3, 30))
def test_a_shortened_name_fits_and_contains_both_ends(name: str, most: int) -> None:
    text = formats.shorten(name, most)
    assert len(text) == min(len(name), most)
    assert (text[0], text[-1]) == (name[0], name[-1])
    assert (text == name) == (len(name) <= most)


def test_a_class_without_images_has_no_texture() -> None:
    data = fake_dataset([np.zeros((2, 2, 3), np.uint8)] * 4, labels=[0, 0, 2, 2])
    sentence = summaries.texture_by_class(data, Texture(np.array([0.5, 0.5, 1.5, 1.5]), "k"))
    assert sentence.startswith("The mean texture of a class ranges from 0.500 (class 0) to 1.500 (class 2)")


@pytest.mark.parametrize(
    ("psnr", "start"),
    [
        ({"unet": 24.0, "mae": 23.0, "fill": 22.5}, "On these images **unet** is best, 1.5 dB above the smooth fill."),
        ({"unet": 24.0, "mae": 23.0, "fill": 25.0}, "On these images **no network is better than the smooth fill**"),
        ({"unet": float("inf"), "mae": 23.0, "fill": 25.0}, ""),
    ],
)
def test_the_best_network_is_the_one_with_the_highest_psnr(psnr: dict[str, float], start: str) -> None:
    text = summaries.best_inpainter(psnr, "fill")
    assert text.startswith(start)
    assert bool(text) == bool(start)


def test_a_difference_between_bins_of_the_size_of_the_spread_has_no_warning() -> None:
    texture = Texture(np.array([0.5, 1.5, 0.9, 1.9]), "k")  # between 0.4 / 1.2, within the mean of 0.5 and 0.36
    assert summaries.texture_by_bin(bins_of([0, 0, 1, 1]), texture) == (
        "The mean texture of the bins differs by 33.3% (range / mean). Inside a bin, texture varies by 42.9% (standard "
        "deviation / mean)."
    )


def test_bins_whose_interval_of_div_has_no_upper_end_are_counted(run: Run) -> None:
    scores, interval = run.scores, np.ones((run.settings.n_bins, 2))
    assert summaries.unbounded_intervals(dataclasses.replace(scores, diversity_interval=interval)) == ""
    interval[2, 1] = np.inf
    text = summaries.unbounded_intervals(dataclasses.replace(scores, diversity_interval=interval))
    assert text.startswith("The 95% interval of Div has no upper end in 1 bin: the mean cosine there may be zero")
    interval[4, 1] = np.inf
    text = summaries.unbounded_intervals(dataclasses.replace(scores, diversity_interval=interval))
    assert "in 2 bins:" in text


def test_one_class_has_no_comparison_of_classes() -> None:
    dataset = fake_dataset([np.zeros((4, 4, 3), np.uint8)] * 3, [0, 0, 0])
    sentence = summaries.texture_by_class(dataset, Texture(np.ones(3), "k"))
    assert sentence == "There is only one class, so classes cannot be compared."


def test_pairs_of_bins_whose_intervals_overlap(run: Run) -> None:
    m = len(run.scores.importance)
    apart = np.arange(m)[:, None] * 2.0 + np.array([0.0, 1.0])
    unknown = apart.copy()
    unknown[0], unknown[1, 1] = np.nan, np.inf  # bin 0 with all others; bin 1 with all above it
    scores = dataclasses.replace(run.scores, representativeness_interval=apart, diversity_interval=unknown)
    pairs = m * (m - 1) // 2
    assert summaries.overlapping_intervals(scores) == (
        f"The 95% intervals overlap, or are unknown, for 0 of {pairs} pairs of bins in Rep and for {2 * m - 3} in Div: "
        "between such bins, a difference in IS may be noise."
    )


def test_measures_of_div_say_how_they_depart_from_the_paper(run: Run) -> None:
    default = dataclasses.replace(run.scores, diversity_name=Settings().diversity)
    assert "the default here" in summaries.departure_of_diversity(default)
    assert summaries.departure_of_diversity(dataclasses.replace(run.scores, diversity_name="published")) == ""
    assert set(summaries.DIV_DEPARTURES) <= set(summaries.DIV_NOTES)
