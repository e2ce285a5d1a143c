"""Evidence for a run: its strategies on a part of the data set, measured on the other part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from adq_core.data import ImageDataset, part_of
from adq_core.evidence import (
    DEFAULT_PROBE,
    GIVEN,
    KEEP_RATIOS,
    PROBES,
    Budget,
    CellFiles,
    CellKey,
    Evidence,
    check_probe,
    measure_evidence,
    split_test_images,
)
from adq_core.pipeline import Run
from adq_core.probes import NETWORK_VERSION, RECIPE, network_device
from adq_core.quotas import target_size
from adq_core.run_probes import describe_test, material_of, run_with_test_set, training_seconds
from adq_core.strategies import ADQ, STRATEGIES, Candidates, strategy_names

from .digests import content_digest, derive_key
from .errors import InputError
from .progress import Progress
from .records import Bools, Embeddings, Ints, Record, Texture

VERSION = 1  # of the protocol, the strategies and the probe


def evidence_of(
    run: Run,
    *,
    probe: str = DEFAULT_PROBE,
    strategies: Sequence[str] | None = None,
    keep_ratios: Sequence[float] | None = None,
    test: Bools | None = None,
    test_set: ImageDataset | None = None,
    given: Ints | None = None,
    budget: Budget | None = None,
    at_once: int | None = None,
    progress: Progress | None = None,
) -> Evidence:
    """Return the evidence for a run: its alpha, rule and scores on a training part, against rivals, on test images.

    strategies: names (default: all that the classes allow). keep_ratios: default `usual_keep_ratios`. test: (M,) the
    test images (default: those that the data set holds out, or a fifth of each class, drawn with the seed of the run).
    test_set: a data set whose images are the test images instead; its classes are matched by name.
    given: candidates that were selected elsewhere, by their position among the images that are not test images; they
    are compared under the name "given". Bins, scores, margins and chosen shares are computed on the other images only.
    The embedding is that of the run: its principal axes have seen the test images, without their labels. Measured cells
    are kept in the folder of the store, so that a stopped measurement goes on.

    probe: a name of `PROBES`. at_once: cells that are measured at the same time (default: what suits the probe).

    Raises `InputError` for one class, too few images or an unknown class of the test set, `SettingsError` for unknown
    names, or a probe of pixels on vectors without images.
    """
    run, data = with_adq(run), run.dataset
    kind = check_probe(probe, has_images=data.has_images, data=data.name)
    tested_on = "given images" if test is not None else describe_test(run, usual_test_images(run), test_set)
    if test_set is not None:
        run = run_with_test_set(run, test_set)
        data, test = run.dataset, run.dataset.held_out
    test = usual_test_images(run) if test is None else _checked_test(test, data.labels)
    names = strategy_names(list(strategies) if strategies else None, data.n_classes)
    candidates = candidates_of(run, np.flatnonzero(~test))
    made = kind.make(material_of(run, candidates, test))
    return measure_evidence(
        candidates,
        made if at_once is None else replace(made, at_once=at_once),
        n_test=int(test.sum()),
        tested_on=tested_on,
        strategies=names,
        keep_ratios=usual_keep_ratios(run) if keep_ratios is None else keep_ratios,
        given=given,
        budget=budget,
        cells=CellFiles(lambda strategy: _cell_file(run, probe, strategy, test, given)),
        progress=progress or run.progress,
    )


class Estimate(NamedTuple):
    """How long the network probe will take for a table."""

    n_trainings: int  # that are not measured yet
    n_steps: int  # of each
    seconds: float  # of all, measured on a few steps; 0 if none is left


def seeds_measured(
    run: Run,
    *,
    probe: str,
    strategies: Sequence[str],
    keep_ratios: Sequence[float],
    test_set: ImageDataset | None = None,
    most: int = 100,
) -> int:
    """Return how many seeds are measured for all of these strategies and keep ratios, at most `most`."""
    run, test = _tested_run(run, test_set)
    files = CellFiles(lambda strategy: _cell_file(run, probe, strategy, test, None))
    for seed in range(most):
        if any(files.get(CellKey(probe, name, r, seed)) is None for name in strategies for r in keep_ratios):
            return seed
    return most


def _tested_run(run: Run, test_set: ImageDataset | None) -> tuple[Run, Bools]:
    """Return the run on the data set with its test images, by ADQ, and which rows these are."""
    run = with_adq(run)
    if test_set is None:
        return run, usual_test_images(run)
    joined = run_with_test_set(run, test_set)
    return joined, joined.dataset.held_out


def estimate_of(
    run: Run,
    *,
    probe: str = "network",
    strategies: Sequence[str] | None = None,
    keep_ratios: Sequence[float] | None = None,
    test_set: ImageDataset | None = None,
    seeds: int = 5,
) -> Estimate:
    """Return how long `evidence_of` will take for the trainings of this many seeds. Raises as `evidence_of` does.

    Strategies that select the same images share a training, so there can be fewer.
    """
    check_probe(probe, has_images=run.dataset.has_images, data=run.dataset.name)
    run, test = _tested_run(run, test_set)
    names = strategy_names(list(strategies) if strategies else None, run.dataset.n_classes)
    files = CellFiles(lambda strategy: _cell_file(run, probe, strategy, test, None))
    ratios = usual_keep_ratios(run) if keep_ratios is None else keep_ratios
    left = sum(
        files.get(CellKey(probe, name, ratio, seed)) is None
        for name in names
        for ratio in ratios
        for seed in range(seeds)
    )
    seconds = left * training_seconds(run, int(test.sum()), RECIPE) if left else 0.0
    return Estimate(left, RECIPE.steps, seconds)


def evidence_key(run: Run, probe: str = DEFAULT_PROBE, test_set: ImageDataset | None = None) -> str:
    """Return the key of the usual evidence of a run; computes nothing but the keys of its stages.

    The evidence compares all strategies, so the strategy of the run has no effect.
    """
    run, s = with_adq(run), run.settings
    stages = [run.key(stage) for stage in ("embeddings", "bins", "scores", "draw_order")]
    test_key = None if test_set is None else test_set.key
    return derive_key("evidence", VERSION, stages, s.rule, s.alpha, s.seed, usual_keep_ratios(run), probe, test_key)


def usual_keep_ratios(run: Run) -> list[float]:
    """Return 1, 2, 5, 10, 20 and 50 % and the keep ratio of the run, as far as they keep some images and not all."""
    m = int(len(run.dataset) * 0.8)
    ratios = {*KEEP_RATIOS, float(run.settings.keep_ratio)}
    return sorted(ratio for ratio in ratios if ratio < 1 and 1 <= target_size(ratio, m) < m)


def usual_test_images(run: Run) -> Bools:
    """Return the test images of a data set: those that it holds out, or a random fifth of each class."""
    data = run.dataset
    if data.held_out.any() and len(np.unique(data.labels[~data.held_out])) == data.n_classes > 1:
        return data.held_out
    return split_test_images(data.labels, seed=run.settings.seed)


def with_adq(run: Run) -> Run:
    """Return the run with the strategy ADQ and no lists of images, and the same results of all stages up to the scores.

    Strategies are compared as they are: images that a user always keeps or never takes do not take part.
    """
    settings = replace(run.settings, strategy=ADQ, always=None, never=None)
    return run if settings == run.settings else Run(settings, run.store, run.progress, dataset=run.dataset)


def candidates_of(run: Run, rows: Ints) -> Candidates:
    """Return these rows of a run as candidates, with bins and scores computed on them alone."""
    run = run_on(run, rows)
    s = run.effective
    return Candidates(
        vectors=run.embeddings.vectors,
        labels=run.dataset.labels,
        n_classes=run.dataset.n_classes,
        bins=run.bins,
        importance=run.scores.importance,
        texture=run.texture_values,
        rule=s.rule,
        alpha=s.alpha,
        draw_order=s.draw_order,
        seed=s.seed,
    )


def run_on(run: Run, rows: Ints) -> Run:
    """Return a run with the same settings on some rows; embeddings and textures are those of the whole run."""
    part = Run(run.settings, run.store, run.progress, dataset=part_of(run.dataset, rows))
    whole = run.embeddings
    given: dict[str, Record] = {"embeddings": Embeddings(whole.vectors[rows], whole.name, part.key("embeddings"))}
    if part.uses("texture"):
        given |= {"texture": Texture(run.texture.values[rows], part.key("texture"))}
    part.__dict__.update(given)
    return part


def _cell_file(run: Run, probe: str, strategy: str, test: Bools, given: Ints | None) -> Path | None:
    """Return the path of the measured cells of a strategy: everything that determines them is in its name."""
    if run.store.folder is None:
        return None
    s = run.settings
    parts: list[object] = [VERSION, run.key("embeddings"), s.seed, content_digest(test)]
    if strategy == GIVEN:
        parts.append(content_digest(given))
    reads = () if strategy == GIVEN else STRATEGIES[strategy].reads
    if "bins" in reads:
        parts += [run.key("bins"), run.key("draw_order")]
    if "scores" in reads:
        parts += [run.key("scores"), s.rule, s.alpha]
    if probe != DEFAULT_PROBE:  # the default has no part of its own, so that measured cells stay valid
        parts.append(probe)
    if PROBES[probe].needs == "pixels":
        parts += [NETWORK_VERSION, repr(RECIPE), network_device()]
    name = strategy if probe == DEFAULT_PROBE else f"{strategy}-{probe}"
    return run.store.folder / "evidence" / f"{derive_key(*parts)}-{name}.jsonl"


def _checked_test(test: Bools, labels: Ints) -> Bools:
    left = np.bincount(labels[~test], minlength=int(labels.max()) + 1)
    if not test.any() or (left == 0).any():
        raise InputError("The test images must be at least one, and leave at least one other image of each class.")
    return test
