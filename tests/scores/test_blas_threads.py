"""Results have the same bytes with any number of BLAS threads, because a repeated run must give the same files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import hashlib, json, sys
import numpy as np
import scipy.linalg  # loads its own BLAS, which the limit below must reach too
from threadpoolctl import threadpool_info, threadpool_limits
from adq_core.records import AugmentedFeatures, Embeddings
from adq_core.scores import contrastive, diversity, representativeness

limits = threadpool_limits(int(sys.argv[1]), user_api="blas")
threads = sorted({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"})
rng = np.random.default_rng(0)
views = AugmentedFeatures(vectors=rng.normal(0.3, 1, (2, 1797, 256)).astype(np.float16), name="made up", key="made up")
bin_of = np.arange(1797) % 10
embeddings = Embeddings(vectors=views.vectors[0].astype(np.float32), name="made up", key="made up")
results = {
    "apply_head": contrastive.apply_head(contrastive.random_head(256), views).vectors,
    "vendi": diversity.vendi(views, bin_of, 10).diversity,
    "vendi interval": diversity.vendi(views, bin_of, 10).interval,
    "inverse_mean_cosine": diversity.inverse_mean_cosine(views, bin_of, 10).diversity,
    "half-sample interval": diversity.inverse_mean_cosine(views, bin_of, 10).interval,
    "centre closeness": representativeness.centre_closeness(None, embeddings, bin_of),
}
digests = {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in results.items()}
print(json.dumps({"threads": threads, "digests": digests}))
"""


def results_with(threads: int) -> dict[str, str]:
    root = Path(__file__).parents[2]
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    command = [sys.executable, "-c", SCRIPT, str(threads)]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["threads"] == [threads]
    digests: dict[str, str] = found["digests"]
    return digests


@pytest.fixture(scope="module")
def with_one_thread() -> dict[str, str]:
    return results_with(1)


@pytest.mark.parametrize("threads", [2, 3])
def test_results_have_the_same_bytes_with_any_number_of_threads(threads: int, with_one_thread: dict[str, str]) -> None:
    assert results_with(threads) == with_one_thread
