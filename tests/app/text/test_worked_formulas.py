"""The formulas of the method with numbers: each printed result follows from the printed numbers."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from adq_core import Run
from adq_core.quotas import QUOTA_RULES
from app.text import method_document, worked_formulas, worked_quotas

NUMBER = r"-?\d+(?:\.\d+)?"
OPENING, SECTIONS = method_document.parse_sections(method_document.DOCUMENT.read_text(encoding="utf-8"))


def changed(run: Run, **values: object) -> Run:
    return Run(dataclasses.replace(run.settings, **values), run.store, dataset=run.dataset)


def last_number(text: str) -> float:
    return float(re.findall(NUMBER, text)[-1])


def test_every_section_with_formulas_has_numbers(run: Run) -> None:
    assert len(SECTIONS) >= 5
    without = [
        s.heading for s in SECTIONS if "|" in s.formulas and worked_formulas.worked_formula(s.heading, run, 0) is None
    ]
    assert without == []
    assert [name for name in worked_formulas.FORMULAS if not any(s.heading.startswith(name) for s in SECTIONS)] == []


def test_nothing_of_the_document_is_lost() -> None:
    text = method_document.DOCUMENT.read_text(encoding="utf-8")
    again = OPENING + "".join(s.heading + s.formulas + s.notes for s in SECTIONS)
    assert re.findall(r"\w+", again) == re.findall(r"\w+", text.split("\n", 1)[1])


def test_stars_after_numbers_are_no_emphasis_and_bold_stays() -> None:
    _, (section,) = method_document.parse_sections("# T\no\n## H\n\n| a |\n|--|\n\n- by -3.0%*. Or 4.5*, or **that**.")
    assert section.notes == r"- by -3.0%\*. Or 4.5\*, or **that**."


@pytest.mark.parametrize("pool", ["class", "all"])
def test_the_printed_gain_of_a_first_pick_follows_from_the_printed_numbers(run: Run, pool: str) -> None:
    one = changed(run, pool=pool)
    for number in range(10):
        text = worked_formulas.bins(one, number)
        stated = float(re.search(rf"with a gain of ({NUMBER})\. ", text)[1])
        formula = rf"frac\{{(\d+)\}}\{{2\}} - 0 \+ \\frac\{{({NUMBER})\}}\{{2\}} = ({NUMBER})"
        left, inner, gain = re.search(formula, text).groups()
        assert int(left) / 2 + float(inner) / 2 == pytest.approx(float(gain), abs=2e-4)
        assert float(gain) == pytest.approx(stated, rel=1e-3), "the gain of the greedy"
        assert int(left) == (80 if pool == "all" else 20) - number * (8 if pool == "all" else 2)
    assert "frac" not in worked_formulas.bins(changed(run, kernel="euclidean"), 0), (
        "the formula is for the cosine kernel"
    )


def test_a_row_of_zeros_has_no_direction() -> None:
    vectors = np.array([[0.0, 0.0], [3.0, 0.0], [4.0, 3.0]])
    assert worked_formulas._inner_with_sum(vectors, np.arange(3), 1) == pytest.approx(1.8)
    assert worked_formulas._inner_with_sum(vectors, np.arange(3), 0) == 0


@pytest.mark.parametrize(("ratio", "size"), [(0.75, 8), (0.145, 4), (0.01, 32)])
def test_the_printed_number_of_kept_patches_follows_from_the_printed_numbers(run: Run, ratio: float, size: int) -> None:
    one = changed(run, patch_keep_ratio=ratio, patch_size=size)
    text = worked_formulas.patches(one, 3)
    kept = int(re.search(r"rfloor\) = (\d+)", text)[1])
    assert kept == one.patch_masks([0]).keep.sum()
    product = rf"frac\{{(\d+)\}}\{{(\d+)\}} .cdot .frac\{{(\d+)\}}\{{(\d+)\}} = ({NUMBER})"
    a, b, c, d, share = re.search(product, text).groups()
    assert (int(c), int(d)) == (kept, (64 // size) ** 2)
    assert 100 * int(a) / int(b) * kept / int(d) == pytest.approx(float(share), abs=0.006)
    assert (int(a), int(b)) == (one.quotas.quota[3], one.bins.capacity[3])


def test_every_quota_rule_has_a_formula_with_numbers_and_a_row_in_the_document() -> None:
    assert list(worked_quotas.RULES) == list(QUOTA_RULES)
    (formulas,) = (section.formulas for section in SECTIONS if section.heading == "Quotas")
    for rule in QUOTA_RULES:
        assert f"\n| `{rule}`" in formulas, rule


@pytest.mark.parametrize("rule", sorted(QUOTA_RULES))
@pytest.mark.parametrize("alpha", [0.0, 0.65])
def test_the_formula_of_every_rule_ends_with_the_quota(run: Run, rule: str, alpha: float) -> None:
    one = changed(run, rule=rule, alpha=alpha, keep_ratio=0.3)
    for number in range(10):
        text = worked_quotas.worked_quota(one, number)
        assert int(re.findall(rf"q_\{{{number}\}} = .*?(\d+)\$", text)[-1]) == one.quotas.quota[number]
        assert text.count("$") % 2 == 0


def test_the_printed_priorities_agree_with_the_quota(run: Run) -> None:
    one = changed(run, keep_ratio=0.3)
    for number in range(10):
        text = worked_quotas.worked_quota(one, number)
        last = float(re.search(rf"The last image assigned had priority ({NUMBER})", text)[1])
        mine = float(re.search(rf"w/\d+ = ({NUMBER})", text)[1])
        following = float(re.search(rf"next one would have priority \$w/\d+ = ({NUMBER})", text)[1])
        assert mine >= last * (1 - 1e-4)
        assert following <= last * (1 + 1e-4)


def test_printed_fractions_follow_from_the_printed_numbers(run: Run) -> None:
    fraction = rf"\\frac\{{({NUMBER}) - ({NUMBER})\}}\{{({NUMBER}) - ({NUMBER})\}} = ({NUMBER})"
    for number in range(10):
        for a, b, c, d, out in re.findall(fraction, worked_formulas.importance(run, number)):
            assert (float(a) - float(b)) / (float(c) - float(d)) == pytest.approx(float(out), abs=0.02)
        total, count, value = re.search(
            rf"\\frac\{{({NUMBER})\}}\{{(\d+)\}} = ({NUMBER})", worked_formulas.representativeness(run, number)
        ).groups()
        assert float(total) / int(count) == pytest.approx(float(value), abs=1e-4)
        text = worked_formulas.diversity(run, number)
        square, div = re.search(rf"\\frac\{{1\}}\{{({NUMBER})\}} = ({NUMBER})", text).groups()
        assert 1 / float(square) == pytest.approx(float(div), rel=1e-4)
        n, q, n_less, cosine = re.search(
            rf"\\frac\{{(\d+) \\cdot ({NUMBER}) - 1\}}\{{(\d+) - 1\}} = ({NUMBER})", text
        ).groups()
        assert (int(n) * float(q) - 1) / (int(n_less) - 1) == pytest.approx(float(cosine), abs=1e-4)


def test_a_sampled_bin_says_so_and_comes_out_for_all_its_images(run: Run) -> None:
    sampled = changed(run, diversity="random-backbone", diversity_images=32, n_bins=1)
    text = worked_formulas.diversity(sampled, 0)
    assert "of all 80 images of the bin is estimated from 32 of them" in text
    assert "The bin has 160 vectors (2 per image)" in text
    assert last_number(text.strip("$")) == pytest.approx(sampled.scores.mean_cosine[0], abs=1e-4)
    square = float(re.search(rf"frac\{{160 .cdot ({NUMBER}) - 1\}}", text)[1])
    assert (160 * square - 1) / 159 == pytest.approx(sampled.scores.mean_cosine[0], abs=1e-4)
    assert "is estimated" not in worked_formulas.diversity(changed(sampled, diversity_images=0), 0)


@pytest.mark.parametrize("name", sorted(worked_formulas.NORMALISED))
def test_every_normalisation_ends_with_the_score_of_the_run(run: Run, name: str) -> None:
    one = changed(run, normalisation=name)
    for number in range(10):
        rep = worked_formulas.importance(one, number).split("$")[1]
        assert last_number(rep) == pytest.approx(one.scores.representativeness_norm[number], abs=1e-4)


def test_the_draw_order_names_the_selected_images(run: Run) -> None:
    one = changed(run, keep_ratio=0.5)
    for number in range(10):
        ids = re.findall(r"`(\d+)`", worked_formulas.draw_order(one, number))
        assert all(one.selection.selected[int(row)] and one.bins.bin_of[int(row)] == number for row in ids)
        assert len(ids) == min(5, one.quotas.quota[number])
    assert "Bin 0 has" not in worked_formulas.bins(one, 0)
    assert f"$N(0) = {one.bins.capacity[0]}$" in worked_formulas.bins(one, 0)
    assert np.isfinite(one.bins.gain).all()
