"""Scores of the bundled inpainting networks, measured by `benchmarks/bench_weights.py` and listed in their cards."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from adq_core.models import weights_path
from adq_core.records import Floats

SCORES_FILE = "scores.json"  # beside the weights
BEST_FILL = "mean of harmonic and biharmonic"  # the best of the measured fills without a network


class NetworkScores(NamedTuple):
    """PSNR over the dropped pixels of test images, in dB; every array has one value per way of dropping patches."""

    n_images: int
    unet: Floats  # (w,)
    mae: Floats  # (w,)
    fill: Floats  # (w,) the best fill without a network


@lru_cache
def network_scores() -> NetworkScores:
    """Return the scores of `unet` and `mae` on test images of CIFAR-10, and those of the best fill without a network.

    How they mislead: on flat patches of larger photographs a fill can be better than both networks.
    """
    content = json.loads(weights_path("unet").with_name(SCORES_FILE).read_text(encoding="utf-8"))
    unet, mae, fill = (np.array(list(content["psnr_db"][name].values())) for name in ("unet", "mae", BEST_FILL))
    return NetworkScores(int(content["images"]), unet, mae, fill)
