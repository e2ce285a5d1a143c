"""How many images per second are embedded, compared with a loop over single images, and with how much peak memory?

    python benchmarks/bench_embeddings.py [--quick]

`pixels` is compared with the usual method for decoded images: Pillow resizes each to 32 x 32, all of them are in one
float array, scikit-learn standardises and computes PCA. `resnet18` with random weights is compared with the published
preprocessing and the float32 network on one image at a time.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._report import in_fresh_process, peak_memory, write

CASES = [  # embedding, way, images, side
    ("pixels", "ours", 100_000, 64),
    ("pixels", "ours", 10_000, 64),
    ("pixels", "loop", 10_000, 64),
    ("resnet18", "ours", 512, 64),
    ("resnet18", "loop", 128, 64),
]
QUICK = [(name, way, max(64, images // 20), side) for name, way, images, side in CASES]


def pictures(path: Path, count: int, side: int) -> None:
    """Write (count, side, side, 3) blurred noise as an .npy file, 1,000 at a time."""
    rng = np.random.default_rng(0)
    memmap = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(count, side, side, 3))
    for start in range(0, count, 1000):
        coarse = rng.integers(0, 256, (min(1000, count - start), 8, 8, 3), dtype=np.uint8)
        memmap[start : start + 1000] = coarse.repeat(side // 8, axis=1).repeat(side // 8, axis=2)


def measure(name: str, way: str, file: Path, weights: Path) -> dict[str, float]:
    """Return images per second and peak memory of one case, in this process."""
    images = np.load(file, mmap_mode="r")
    work = {"ours": ours, "pixels loop": pixels_loop, "resnet18 loop": resnet18_loop}
    embed = work["ours" if way == "ours" else f"{name} loop"]
    before = peak_memory()
    started = time.perf_counter()
    shape = embed(name, images, weights)
    seconds = time.perf_counter() - started
    assert shape[0] == len(images)
    return {
        "images_per_second": round(len(images) / seconds, 1),
        "seconds": round(seconds, 2),
        "peak_mb": round(peak_memory() / 1e6),
        "peak_mb_before": round(before / 1e6),
    }


def ours(name: str, images: np.ndarray, weights: Path) -> tuple[int, ...]:
    from adq_core.data import ImageDataset
    from adq_core.embeddings import embed

    m = len(images)
    dataset = ImageDataset(
        name="benchmark",
        ids=tuple(map(str, range(m))),
        labels=np.zeros(m, np.int64),
        class_names=("all",),
        read=lambda row: images[row],
        thumbnails=images,
        sizes=np.tile(images.shape[1:3], (m, 1)),
        skipped=(),
        key="benchmark",
    )
    return embed(dataset, name=name, weights=None if name == "pixels" else str(weights)).vectors.shape


def pixels_loop(name: str, images: np.ndarray, weights: Path) -> tuple[int, ...]:
    from PIL import Image
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    small = [np.asarray(Image.fromarray(image).resize((32, 32), Image.Resampling.BOX)) for image in images]
    flat = np.stack(small).reshape(len(images), -1).astype(np.float32)
    return PCA(64, random_state=0).fit_transform(StandardScaler().fit_transform(flat)).shape


def resnet18_loop(name: str, images: np.ndarray, weights: Path) -> tuple[int, ...]:
    import torch
    from torchvision.models import ResNet18_Weights, resnet18

    network = resnet18()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.fc = torch.nn.Identity()
    network.eval()
    prepare = ResNet18_Weights.IMAGENET1K_V1.transforms()
    with torch.inference_mode():
        vectors = [network(prepare(torch.from_numpy(image.copy()).permute(2, 0, 1))[None])[0] for image in images]
    return tuple(torch.stack(vectors).shape)


def random_weights(path: Path) -> None:
    """Write an untrained ResNet-18: it takes as long as a trained one."""
    import torch
    from torchvision.models import resnet18

    torch.manual_seed(0)
    torch.save(resnet18(weights=None).state_dict(), path)


def main() -> None:
    quick = "--quick" in sys.argv
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "resnet18.pth"
        random_weights(weights)
        for name, way, count, side in QUICK if quick else CASES:
            file = Path(folder) / f"{count}.npy"
            if not file.exists():
                pictures(file, count, side)
            result = in_fresh_process(__file__, "--case", name, way, str(file), str(weights))
            rows.append({"embedding": name, "way": way, "images": count, "side": side, **result})
            print(rows[-1], flush=True)
    for row in rows:
        loop = next(other for other in rows if other["embedding"] == row["embedding"] and other["way"] == "loop")
        row["times_the_loop"] = round(row["images_per_second"] / loop["images_per_second"], 2)
    from adq_core.models import device_and_precision

    print(
        write(
            "embeddings_quick" if quick else "embeddings",
            rows,
            __doc__.splitlines()[0],
            resnet18_runs_on=device_and_precision(),
        )
    )


if __name__ == "__main__":
    if "--case" in sys.argv:
        name, way, file, weights = sys.argv[sys.argv.index("--case") + 1 :]
        print(json.dumps(measure(name, way, Path(file), Path(weights))))
    else:
        main()
