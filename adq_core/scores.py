"""Rep and Div of every bin, put on one scale and added up: the Importance score (IS)."""

from __future__ import annotations

import numpy as np

from .records import Bins, BinScores, Floats, Texture


def score_bins(
    bins: Bins,
    texture: Texture,
    diversity: Floats,
    mean_cosine: Floats,
    *,
    diversity_name: str,
    normalisation: str = "minmax",
    key: str = "",
) -> BinScores:
    """Return raw and normalised scores of every bin; importance is the sum of the normalised ones."""
    rep = np.bincount(bins.bin_of, weights=texture.values, minlength=bins.n_bins) / np.maximum(bins.capacity, 1)
    normalise = NORMALISATIONS[normalisation]
    rep_norm, div_norm = normalise(rep), normalise(diversity)
    nothing = np.full((bins.n_bins, 2), np.nan)
    return BinScores(
        representativeness=rep,
        diversity=diversity,
        mean_cosine=mean_cosine,
        representativeness_norm=rep_norm,
        diversity_norm=div_norm,
        importance=rep_norm + div_norm,
        representativeness_interval=nothing,
        diversity_interval=nothing,
        diversity_name=diversity_name,
        normalisation=normalisation,
        warnings=(),
        key=key,
    )


def minmax(score: Floats) -> Floats:
    """Return the score stretched to [0, 1]; a score equal in all bins says nothing and becomes 0."""
    low, high = score.min(), score.max()
    return (score - low) / (high - low) if high > low else np.zeros_like(score)


NORMALISATIONS = {"minmax": minmax}
