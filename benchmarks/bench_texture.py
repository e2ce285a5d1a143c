"""How much faster is the texture of a data set than a loop of OpenCV calls, and does its memory grow with the images?

    python benchmarks/bench_texture.py

`opencv` is the bare loop: float32 in [0, 1], cvtColor, two Sobel, abs, addWeighted, mean. `opencv-64` is the same with
Sobel in float64, as the published code has it. `ours` is `measure_texture` over a data set. The three take turns in one
process for each size of image, over few images shown several times, so that none waits for memory; `first_s` is the
first call, with loading the compiled loops from disk. `cpu` counts processor seconds on one core, which a busy machine
lengthens less than the wall clock; ours runs on all cores besides.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from _report import in_fresh_process, peak_memory, write

ROUNDS = 9
CASES = ((32, 2_000, 6), (224, 150, 6))  # side, different images, how often each is shown
STREAMED = (1_000, 4_000)  # images of 224 x 224, made when they are read: 0.15 and 0.6 GB together


def images(side: int, count: int) -> list[np.ndarray]:
    return list(np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8))


def dataset(side: int, count: int, read):
    from adq_core.data import ImageDataset

    return ImageDataset(
        name="noise",
        ids=tuple(f"{i:06}" for i in range(count)),
        labels=np.zeros(count, np.int64),
        class_names=("all",),
        read=read,
        thumbnails=np.zeros((count, 1, 1, 3), np.uint8),
        sizes=np.full((count, 2), side),
        skipped=(),
        key="noise",
    )


def opencv(shown: list[np.ndarray], depth: str) -> list[float]:
    import cv2

    kind = getattr(cv2, depth)
    values = []
    for image in shown:
        grey = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2GRAY)
        across, down = cv2.Sobel(grey, kind, 1, 0, ksize=3), cv2.Sobel(grey, kind, 0, 1, ksize=3)
        values.append(float(cv2.addWeighted(np.abs(across), 0.5, np.abs(down), 0.5, 0).mean()))
    return values


def measure(case: str, side: int, count: int, times: int = 1) -> dict:
    from adq_core.texture import measure_texture

    if case == "streamed":
        noise = np.random.default_rng(0).integers(0, 256, (side + 64, side, 3), dtype=np.uint8)
        data = dataset(side, count, lambda row: np.ascontiguousarray(noise[row % 64 : row % 64 + side]))
        measure_texture(data)
        return {"peak_mb": peak_memory() / 1e6}
    shown = images(side, count) * times
    data = dataset(side, len(shown), shown.__getitem__)
    calls = {
        "opencv": lambda: opencv(shown, "CV_32F"),
        "opencv-64": lambda: opencv(shown, "CV_64F"),
        "ours": lambda: measure_texture(data).values,
    }
    found: dict = {name: {"first_s": None, "best_s": np.inf, "cpu_s": np.inf} for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            wall, cpu = time.perf_counter(), time.process_time()
            values = call()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            best = found[name]
            best["first_s"] = best["first_s"] or wall
            best["best_s"], best["cpu_s"] = min(best["best_s"], wall), min(best["cpu_s"], cpu)
            best["mean"] = float(np.mean(values))
    return found


def main() -> None:
    rows = []
    for side, different, times in CASES:
        found = in_fresh_process(__file__, "compared", str(side), str(different), str(times))
        count = different * times
        for case, best in found.items():
            rows.append(
                {
                    "case": case,
                    "side": side,
                    "images": count,
                    **best,
                    "us_per_image": 1e6 * best["best_s"] / count,
                    "cpu_us_per_image": 1e6 * best["cpu_s"] / count,
                    "times_opencv": found["opencv"]["best_s"] / best["best_s"],
                    "times_opencv_64": found["opencv-64"]["best_s"] / best["best_s"],
                    "times_opencv_cpu": found["opencv"]["cpu_s"] / best["cpu_s"],
                    "difference": abs(best["mean"] - found["opencv-64"]["mean"]),
                }
            )
    for count in STREAMED:
        rows.append(
            {
                "case": "streamed",
                "side": 224,
                "images": count,
                **in_fresh_process(__file__, "streamed", "224", str(count)),
            }
        )
    for row in rows:
        print(row)
    print(write("texture", rows, __doc__.splitlines()[0]))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], *map(int, sys.argv[2:]))))
    else:
        main()
