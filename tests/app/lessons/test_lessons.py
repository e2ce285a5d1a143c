"""The lessons: their numbers are those of the core, and the facts that their answers state are true."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from adq_core import Run
from adq_core.bins import greedy_steps, make_bins
from adq_core.probes import RidgeFit, correct_predictions, probe_features
from adq_core.quotas import make_quotas
from adq_core.texture import sobel_gradients, texture_map
from app.lessons import (
    LESSONS,
    Lesson,
    alpha,
    bins,
    diversity,
    greedy,
    lesson_named,
    random_draws,
    switches,
    texture,
)
from app.lessons.plane import bins_of, cloud
from app.pages import PAGES

CASES = [(lesson, case) for lesson in LESSONS.values() for case in lesson.cases]
PAGE_NAMES = {name for pages in PAGES.values() for name, *_ in pages}


@pytest.mark.parametrize(("lesson", "case"), CASES, ids=[f"{lesson.name}-{case}" for lesson, case in CASES])
def test_a_scene_is_complete(lesson: Lesson, case: str) -> None:
    points, limits = lesson.start(case), lesson.limits(case)
    assert limits.fewest <= len(points) <= limits.most
    assert (points >= limits.box[:2]).all()
    assert (points <= limits.box[2:]).all()
    scene = lesson.scene(points, case).data()
    json.dumps(scene, allow_nan=False)
    n_steps = len(scene["steps"])
    assert 0 <= scene["first"] < n_steps
    for panel in scene["panels"]:
        assert len(panel["frames"]) in (1, n_steps)
        for frame in panel["frames"]:
            assert frame["words"].endswith(".")
            for name in ("radius", "fill", "tag", "value"):
                assert len(frame.get(name, points)) == len(points), name


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_a_lesson_is_complete(lesson: Lesson) -> None:
    assert lesson_named(lesson.name) is lesson
    assert len(lesson.sentences) == 3
    assert lesson.page in PAGE_NAMES
    for question in (lesson.prediction, lesson.question):
        assert [option.right for option in question.options].count(True) == 1
        assert all(option.why.endswith(".") for option in question.options)
        assert len({option.text for option in question.options}) == len(question.options) >= 3


def test_an_unknown_lesson_is_replaced_by_the_first() -> None:
    assert lesson_named("nothing").name == next(iter(LESSONS))


@pytest.mark.parametrize("kernel", ["euclidean", "cosine"])
def test_the_steps_of_the_greedy_are_those_of_the_core(kernel: str) -> None:
    points = cloud()
    vectors = points.astype(np.float32)
    made = make_bins(vectors, np.zeros(40, np.int64), n_bins=4, pool="all", kernel=kernel)
    steps = greedy_steps(vectors, made, kernel)
    panel = greedy.panel(points, kernel)
    assert panel.taken_at == (made.rank + 1).tolist()
    assert panel.colours == (3 * made.bin_of).tolist()
    assert len(panel.frames) == 41
    for step, frame in enumerate(panel.frames[1:]):
        winner = int(np.flatnonzero(made.rank == step)[0])
        assert frame.ring == winner
        assert frame.radius is not None
        assert frame.value is not None
        assert frame.note.endswith(f"= {made.gain[winner]:.2f}".replace("-", "−"))
        left = np.flatnonzero(made.rank >= step)
        assert frame.radius[winner] == max(frame.radius[row] for row in left), "the highest gain is the largest point"
        np.testing.assert_allclose([frame.value[row] for row in left], steps.gain[step, left], atol=0.006)
        assert frame.value.count(None) == step


def test_the_first_bin_is_in_the_middle_and_the_last_at_the_rim() -> None:
    points = cloud()
    distance = np.hypot(*(points - points.mean(axis=0)).T)
    made = bins_of(points, 4, "euclidean")
    means = [distance[made.bin_of == number].mean() for number in range(4)]
    assert means == sorted(means)
    assert distance[np.argmin(made.rank)] < np.median(distance) / 2


@pytest.mark.parametrize("corner", [(0.2, 0.2), (11.8, 8.8), (11.8, 0.2), (0.2, 8.8)])
def test_the_first_point_dragged_to_a_corner_is_in_the_last_bin(corner: tuple[float, float]) -> None:
    points = cloud()
    first = int(np.argmin(bins_of(points, 4, "euclidean").rank))
    points[first] = corner
    assert bins_of(points, 4, "euclidean").bin_of[first] == 3


def test_geometric_bins_have_the_sizes_that_the_prediction_states() -> None:
    assert bins_of(cloud(), 4, "euclidean", "geometric").capacity.tolist() == [10, 8, 6, 16]


@pytest.mark.parametrize("schedule", ["equal", "geometric"])
@pytest.mark.parametrize("n_bins", [3, 4, 10])
def test_an_outlier_moves_some_points_to_other_bins_and_is_in_the_last(schedule: str, n_bins: int) -> None:
    before, after = (bins_of(bins.start(case), n_bins, bins.KERNEL, schedule) for case in bins.LESSON.cases)
    changed = int((before.bin_of != after.bin_of)[1:].sum())
    assert 0 < changed < 30
    assert after.bin_of[bins.OUTLIER] == n_bins - 1
    frame = bins.frame(bins.start("One outlier"), n_bins, schedule)
    assert frame.fill == [round(9 * number / (n_bins - 1)) for number in after.bin_of.tolist()]
    assert f"The outlier (with the ring) is in bin {n_bins - 1}. {changed} of the other points" in frame.note
    assert frame.note.startswith(f"Sizes: {', '.join(map(str, after.capacity.tolist()))}.")


def test_the_measures_of_diversity_have_the_values_of_their_definitions() -> None:
    points = diversity.start("Half circle")
    value = diversity.measures(points)
    cosines = points @ points.T
    assert value["vectors"] == pytest.approx(1 / cosines.mean())
    assert value["cosine"] == pytest.approx((cosines.sum() - 8) / (8 * 7))
    eigenvalues = np.linalg.eigvalsh(cosines / 8)
    eigenvalues = eigenvalues[eigenvalues > 1e-12]
    assert value["vendi"] == pytest.approx(np.exp(-(eigenvalues * np.log(eigenvalues)).sum()))
    note = diversity.scene(points, "Half circle").panels[0].frames[0].note
    assert f"1 / |mean|² = {value['vectors']:.2f}. Mean cosine of different vectors: {value['cosine']:.3f}." in note


def turned(case: str, degrees: float) -> float:
    """Return 1/|mean|^2 after the last vector is turned, divided by its value before."""
    points = diversity.start(case)
    angle = np.arctan2(points[7, 1], points[7, 0]) + np.deg2rad(degrees)
    after = np.vstack([points[:7], [[np.cos(angle), np.sin(angle)]]])
    return diversity.measures(after)["vectors"] / diversity.measures(points)["vectors"]


def test_only_near_a_mean_of_zero_a_small_movement_changes_the_measure_much() -> None:
    assert turned("One group", 5) == pytest.approx(1, abs=0.05)
    assert turned("Right angle", 5) == pytest.approx(1, abs=0.05)
    assert turned("Opposite", 5) > 5
    equal, opposite = np.tile([[0.0, 1.0]], (8, 1)), np.array([[0.0, 1.0]] * 4 + [[0.0, -1.0]] * 4)
    assert diversity.measures(equal)["vectors"] == diversity.measures(equal)["vendi"] == 1
    assert diversity.measures(opposite)["vectors"] > 1e6
    assert diversity.measures(opposite)["vendi"] == pytest.approx(1)
    assert diversity.score_text(diversity.measures(opposite)["vectors"]) == "more than a million"


@pytest.mark.parametrize("case", alpha.LESSON.cases)
def test_the_bars_are_the_quotas_of_the_core(case: str) -> None:
    scene = alpha.scene(alpha.start(case), case)
    scores = np.array(alpha.SCORES[case])
    for at in (0, 13, 26, 40):
        for panel, rule in zip(scene.panels[1 + (case == alpha.SMALL) :], ("budget", "paper"), strict=False):
            wanted = make_quotas(
                alpha.importance_of(scores, case),
                np.full(len(scores), 100),
                rule=rule,
                alpha=at / 40,
                keep_ratio=alpha.KEEP_RATIO[case],
            )
            assert [bar[3] for bar in panel.frames[at].bars] == wanted.quota.tolist()
            assert (
                f"= {wanted.quota[0]}." in panel.frames[at].note or f"so {wanted.quota[0]} im" in panel.frames[at].note
            )
            assert f"{wanted.quota.sum()} of {100 * len(scores):,} images are kept" in panel.frames[at].note
    assert scene.steps[26] == "alpha 0.65"


def test_the_facts_of_the_lesson_on_alpha() -> None:
    two = np.array(alpha.SCORES[alpha.TWO])
    assert alpha.quotas(two, alpha.TWO, 0, "budget").quota.tolist() == [20, 20]
    assert alpha.quotas(two, alpha.TWO, 1, "budget").quota.tolist() == [30, 10]
    raw = np.array(alpha.SCORES[alpha.SMALL])
    assert np.ptp(raw) / raw.mean() == pytest.approx(0.05, abs=0.002)
    normal = alpha.importance_of(raw, alpha.SMALL)
    assert (normal.min(), normal.max()) == (0, 1)
    assert alpha.quotas(np.array(alpha.SCORES[alpha.PAPER]), alpha.PAPER, 0.65, "paper").quota.sum() > 700


@pytest.mark.parametrize("case", texture.LESSON.cases)
def test_the_textures_and_the_formula_of_a_pixel_are_those_of_the_core(case: str) -> None:
    scene = texture.scene(texture.LESSON.start(case), case)
    for step, percent in ((0, 0), (2, 25)):
        for panel, name in zip(scene.panels[2:], texture.CASES[case], strict=True):
            image = texture.noisy(texture.picture(name), percent)
            values = texture_map(image)
            frame = panel.frames[step]
            assert frame.note.endswith(f"= {values.mean():.3f}")
            assert frame.cells is not None
            assert len(frame.cells) == 24 * 24
            gx, gy = sobel_gradients(image)
            assert frame.cells[5 * 24 + 7].startswith(f"0.5 × {abs(gx[5, 7]):.2f} + 0.5 × {abs(gy[5, 7]):.2f} = ")
            assert float(frame.cells[5 * 24 + 7].split("= ")[1]) == pytest.approx(values[5, 7], abs=0.006)


def test_the_facts_of_the_lesson_on_texture() -> None:
    first, second = (texture_map(texture.picture(name)).mean() for name in texture.CASES["Flower and gravel"])
    assert second > 2 * first, "B scores higher"
    noise = texture_map(texture.picture("noise")).mean()
    for names in texture.CASES.values():
        for name in names:
            values = [texture_map(texture.noisy(texture.picture(name), percent)).mean() for percent in texture.NOISE]
            if name != "noise":
                assert values[-1] > values[0], "noise raises the score"
                assert noise > values[0], "noise scores higher than any of the photographs"


def test_the_accuracies_are_those_of_the_probe_of_the_core() -> None:
    points, data = random_draws.start("Typical"), random_draws.toy()
    rows = random_draws.chosen_rows(points)
    assert [int((data.labels[rows] == label).sum()) for label in range(3)] == [5, 5, 5]
    for label in range(3):
        distance = np.hypot(*(data.train[data.labels == label] - points[label]).T)
        chosen = np.hypot(*(data.train[rows[data.labels[rows] == label]] - points[label]).T)
        assert chosen.max() <= np.sort(distance)[4] + 1e-9
    features = probe_features(np.vstack([data.train, data.test]), np.arange(len(data.train)))
    fit = RidgeFit.fit(features[rows], data.labels[rows], 3, random_draws.PENALTY)
    accuracy = float(correct_predictions(fit, features[len(data.train) :], data.test_labels).mean())
    frames = random_draws.scene(points, "Typical").panels[1].frames
    assert frames[9].note.startswith(f"Your points: {100 * accuracy:.1f} %. 10 random draws: ")
    assert [dot[1] for dot in frames[9].dots] == [round(100 * one, 2) for one in random_draws.random_accuracies()]
    assert sum(dot[4] for dot in random_draws.scene(points, "Typical").panels[0].frames[0].dots) == 15


def test_the_facts_of_the_lesson_on_random_draws() -> None:
    draws = random_draws.random_accuracies()
    typical, side = (
        random_draws.learn(random_draws.chosen_rows(random_draws.start(case)))[0] for case in ("Typical", "One side")
    )
    assert min(draws) < typical < max(draws)
    assert np.mean(draws) < typical
    assert sum(one < typical for one in draws) >= 5, "many draws are lower"
    assert side < min(draws)
    assert 0.03 < max(draws) - min(draws) < 0.08, "about five points"


@pytest.mark.parametrize("case", switches.LESSON.cases)
def test_the_switches_show_the_quotas_and_the_overlap_of_two_runs(case: str) -> None:
    default, other = (
        Run(replace(switches.BASE, **switches.SWITCHES[name])) for name in (switches.LESSON.cases[0], case)
    )
    panels = switches.scene(switches.LESSON.start(case), case).panels
    for panel, run in zip(panels, (default, other), strict=True):
        assert [bar[3] for bar in panel.frames[0].bars] == run.quotas.quota.tolist()
    same = len(set(default.selection.indices.tolist()) & set(other.selection.indices.tolist()))
    moved = int((default.bins.bin_of != other.bins.bin_of).sum())
    assert f"Of the 180 images that this project selects, {same} are selected here as well." in panels[1].frames[0].note
    assert f"{moved:,} of 1,797 images are in another bin." in panels[1].frames[0].note


def test_the_facts_of_the_lesson_on_paper_and_code() -> None:
    project = switches.run_with(switches.PROJECT)
    same = {
        name: int((switches.run_with(name).selection.selected & project.selection.selected).sum())
        for name in switches.SWITCHES
    }
    assert switches.run_with("Rule of the paper").selection.selected.mean() > 0.7
    assert same["Rule of the code"] == 180 - 3
    assert switches.run_with("Rule of the code").quotas.quota.sum() != 180
    assert min(same, key=lambda name: same[name]) == "Distances of the paper"
    assert same["Distances of the paper"] / 180 == pytest.approx(2 / 3, abs=0.03)
    for name in ("Distances of the paper", "Bin sizes of the code"):
        assert (switches.run_with(name).bins.bin_of != project.bins.bin_of).mean() > 0.5
