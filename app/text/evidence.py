"""Sentences about the evidence: is the choice better than balanced random?"""

from __future__ import annotations

from adq_core.evidence import PROBES, Difference, Evidence, RankAgreement
from adq_core.run_evidence import Estimate
from adq_core.strategies import ADQ, BASELINE, STRATEGIES

from .format import percent
from .strategies import shown_name

CIFAR_AGREEMENT = (  # benchmarks/results/probe_agreement.json
    "On CIFAR-10 at 10%, ridge regression ranked six strategies like the network with a rank correlation of 0.82 (95% "
    "interval 0.47 to 1.00), logistic regression with 0.59 (0.41 to 0.88)."
)
PROBE_NAMES = {"ridge": "Ridge regression", "linear": "Logistic regression", "network": "Network"}


def points(difference: Difference) -> str:
    """Return "0.9 ± 0.3 points above balanced random"."""
    side = "above" if difference.mean >= 0 else "below"
    return f"{100 * abs(difference.mean):.1f} ± {100 * difference.half_width:.1f} points {side} balanced random"


def headline(evidence: Evidence, keep_ratio: float, strategy: str = ADQ) -> tuple[str, str]:
    """Return the verdict on a strategy at one keep ratio as Markdown, and its kind: better, worse or same."""
    if strategy not in evidence.strategies:
        return f"**{shown_name(strategy)} is in use and was not compared here.**", "same"
    if strategy == BASELINE:
        return "**Balanced random is in use**: the strategy with which all others are compared.", "same"
    one, name = evidence.differences(keep_ratio)[strategy], shown_name(strategy)
    kept = f"With {percent(keep_ratio)} of the images, {name} is {points(one)}"
    if not one.distinguishable:
        others = len(evidence.strategies) - 1
        why = f"not distinguishable from 0 after correction for {others} comparisons"
        return f"**{name} is no better than random here.** {kept}: {why}.", "same"
    if one.mean > 0:
        return f"**{name} is better than random here.** {kept}.", "better"
    return f"**{name} is worse than random here.** {kept}.", "worse"


def detectable(evidence: Evidence, keep_ratio: float) -> str:
    """Return the smallest difference that the measurement could show, and what would make it smaller."""
    one = evidence.differences(keep_ratio)["adq"]
    row, column = evidence.strategies.index("adq"), evidence.keep_ratios.index(keep_ratio)
    share = evidence.test_error[row, column] ** 2 / max((one.half_width / 2) ** 2, 1e-12)
    advice = "more test images" if share > 0.25 else "more seeds"
    return (
        f"With {one.n_seeds} seeds and {evidence.n_test:,} test images, a true difference of "
        f"{100 * one.detectable:.1f} points would be found in four of five measurements; {advice} would show smaller "
        "ones."
    )


def best_rival(evidence: Evidence, keep_ratio: float) -> str | None:
    """Return the strategy, ADQ apart, with the largest distinguishable gain over balanced random, or None."""
    found = {
        name: one.mean
        for name, one in evidence.differences(keep_ratio).items()
        if name not in ("adq", BASELINE) and one.distinguishable and one.mean > 0
    }
    return max(found, key=lambda name: found[name]) if found else None


def rival_sentence(evidence: Evidence, keep_ratio: float) -> str:
    """Return which other strategy is better than balanced random, or that none is, as Markdown."""
    name = best_rival(evidence, keep_ratio)
    if name is None:
        return "None of the other strategies is distinguishably better than balanced random either."
    one = evidence.differences(keep_ratio)[name]
    lead = one.mean - evidence.differences(keep_ratio)[ADQ].mean
    if lead <= 0:
        return f"The strategy {shown_name(name)} is {points(one)}. {STRATEGIES[name].summary}."
    return (
        f"**A rival wins here:** {shown_name(name)} is {points(one)}, and {100 * lead:.1f} points above ADQ on "
        f"average. {STRATEGIES[name].summary}."
    )


def row_of(evidence: Evidence, keep_ratio: float, strategy: str) -> str:
    """Return the result of one strategy in the list of strategies, as Markdown."""
    if strategy == BASELINE:
        return "the baseline"
    one = evidence.differences(keep_ratio)[strategy]
    text = f"{100 * one.mean:+.1f} ± {100 * one.half_width:.1f} points".replace("-", "\u2212")
    if not one.distinguishable:
        return f"{text}, not distinguishable"
    return f"{text}, **{'better' if one.mean > 0 else 'worse'}**"


def ranked(evidence: Evidence, keep_ratio: float) -> list[str]:
    """Return the strategies, the one with the largest mean difference to balanced random first."""
    found = evidence.differences(keep_ratio)
    return sorted((name for name in found if name in STRATEGIES), key=lambda name: -found[name].mean)


def probe_help(name: str) -> str:
    """Return what a probe is, what it costs, and where it is from, as Markdown."""
    one = PROBES[name]
    return f"{one.summary.lower()}; {one.cost}. {one.reference[0].upper()}{one.reference[1:]}."


def measured(evidence: Evidence, keep_ratio: float) -> str:
    """Return how many seeds were run, on which test images, and what the width of the intervals is due to."""
    draws, images = (100 * part for part in evidence.half_widths(keep_ratio))
    stopped = "" if evidence.complete else " The time for a first answer was up."
    return (
        f"{evidence.accuracy.shape[2]} seeds were run; {evidence.n_test:,} test images: {evidence.tested_on}.{stopped} "
        f"The widest interval at {percent(keep_ratio)} is ± {draws:.1f} points by the draws, which more seeds make "
        f"smaller, and ± {images:.1f} points by the test images, which only more test images make smaller."
    )


def duration(seconds: float) -> str:
    """Return "40 seconds", "12 minutes" or "2.5 hours"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    return f"{round(seconds / 60)} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def trainings(estimate: Estimate) -> str:
    """Return how long the trainings that are left will take, and what a stop does."""
    if estimate.n_trainings == 0:
        return "All of these trainings are measured already."
    return (
        f"{estimate.n_trainings:,} trainings of {estimate.n_steps:,} steps are left: about "
        f"{duration(estimate.seconds)} on this machine, measured on a few steps. They can be stopped, and go on later "
        "where they were."
    )


def agreement(found: RankAgreement) -> str:
    """Return how well ridge regression ranks the strategies like the network on this data set."""
    return (
        f"Ridge regression ranks these {len(found.strategies)} strategies like the network with a rank correlation "
        f"(Spearman) of {found.spearman:.2f}, 95% interval over the draws {found.low:.2f} to {found.high:.2f}. 1: the "
        "same order, 0: no relation."
    )
