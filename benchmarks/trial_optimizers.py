"""Does the U-Net reach a smaller loss with Muon than with AdamW, in equal steps and in equal CPU time?

    python benchmarks/trial_optimizers.py --cifar DIR [--steps 240]

DIR holds train_0.npz with images (N, 32, 32, 3) uint8. All optimizers train the same U-Net from the same initial
weights on the same batches and masks; the learning rate increases over the first steps and is then constant. The result
is the training loss on 500 held-out images. One thread, some minutes; writes results/optimizers.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import _report

HELD_OUT, MEASUREMENTS, WARMUP = 500, 4, 15
TRIALS = {  # name: optimizer, learning rate
    "Muon 2e-3": ("muon", 2e-3),
    "AdamW 1e-3": ("adamw", 1e-3),
    "AdamW 2e-3": ("adamw", 2e-3),
}


def trial(images: np.ndarray, kind: str, rate: float, n_steps: int) -> list[dict[str, float]]:
    """Return the held-out loss and the CPU time of the steps at `MEASUREMENTS` steps of the training."""
    import torch

    from adq_core.models.networks import build
    from adq_core.models.training.inpainter import (
        INPAINTER_NETWORKS,
        INPAINTER_TRAININGS,
        masked_squared_error,
        random_masks,
    )
    from adq_core.models.training.loop import seeded
    from adq_core.models.training.optimizer import Muon

    config = INPAINTER_TRAININGS["unet"]
    with seeded(0, 4):
        network = build("unet", INPAINTER_NETWORKS["unet"]).to(memory_format=torch.channels_last)
    optimizer: torch.optim.Optimizer = (
        Muon(network, rate, config.weight_decay)
        if kind == "muon"
        else torch.optim.AdamW(network.parameters(), rate, betas=(0.9, 0.99), weight_decay=config.weight_decay)
    )
    batches = torch.from_numpy(images).permute(0, 3, 1, 2)
    held_out = batches[:HELD_OUT].contiguous().float() / 255
    rng, history, spent = np.random.default_rng(0), [], 0.0
    for step in range(n_steps):
        started = time.process_time()
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / WARMUP)
        rows = rng.choice(np.arange(HELD_OUT, len(images)), config.batch_size, replace=False)
        batch = batches[torch.from_numpy(rows)].contiguous().float() / 255
        with seeded(0, 2, step):
            error, count = masked_squared_error(network, batch, random_masks(batch))
        optimizer.zero_grad()
        (error / count).backward()
        optimizer.step()
        spent += time.process_time() - started
        if (step + 1) % (n_steps // MEASUREMENTS) == 0:
            with torch.no_grad(), seeded(0, 3):
                error, count = masked_squared_error(network, held_out, random_masks(held_out))
            history.append({"step": step + 1, "loss": round(float(error / count), 5), "cpu_s": round(spent, 1)})
            print(f"{kind} {rate:g}", history[-1], flush=True)
    return history


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cifar", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=240)
    parsed = parser.parse_args()
    torch.set_num_threads(1)
    images = np.load(parsed.cifar / "train_0.npz")["images"]
    rows: list[dict[str, Any]] = []
    for name, (kind, rate) in TRIALS.items():
        rows += [{"optimizer": name, **measurement} for measurement in trial(images, kind, rate, parsed.steps)]
    ends = {row["optimizer"]: row["loss"] for row in rows}  # the last measurement of each
    muon, adamw = ends["Muon 2e-3"], min(loss for name, loss in ends.items() if name.startswith("AdamW"))
    sooner = next((row["step"] for row in rows if row["optimizer"].startswith("Muon") and row["loss"] < adamw), None)
    summary = {"steps": parsed.steps, "muon": muon, "best_adamw": adamw, "muon_passes_it_by_step": sooner}
    print(json.dumps(summary))
    print(_report.write("optimizers", rows, __doc__.splitlines()[0], **summary))


if __name__ == "__main__":
    main()
