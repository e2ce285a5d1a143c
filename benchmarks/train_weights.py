"""Train the bundled weights again, on the five training files of CIFAR-10 without their labels.

    python benchmarks/train_weights.py {encoder,mae,unet} --cifar DIR --out FILE

DIR holds train_0.npz to train_4.npz with images (10000, 32, 32, 3) uint8. Uses one thread. After Ctrl-C, the next start
continues from the checkpoint. Prints the numbers in the cards of the pretrained models. The bytes of the result are the
same only on one machine, because bfloat16 sums differ between processors.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from adq_core.models.training.config import TRAINING_CONFIGS
from adq_core.models.training.train import train_on
from benchmarks import _report


def main() -> None:
    import torch
    from tqdm import tqdm

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=sorted(TRAINING_CONFIGS))
    parser.add_argument("--cifar", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=float, help="instead of the default; may change when a training is continued")
    given = parser.parse_args()
    torch.set_num_threads(1)
    images = np.concatenate([np.load(given.cifar / f"train_{part}.npz")["images"] for part in range(5)])
    config = replace(TRAINING_CONFIGS[given.model], epochs=given.epochs or TRAINING_CONFIGS[given.model].epochs)
    bar = tqdm(desc=given.model, dynamic_ncols=True)

    def progress(done: int, total: int, what: str) -> None:
        bar.total = total
        bar.update(done - bar.n)

    trained = train_on(given.model, images, given.out, config=config, progress=progress)
    bar.close()
    for epoch in trained.state.history:
        print(epoch)
    print(json.dumps(asdict(config)), f"{trained.state.cpu_seconds / 3600:.2f} CPU hours")
    print(trained.path, trained.sha256, _report.machine()["processor"])


if __name__ == "__main__":
    main()
