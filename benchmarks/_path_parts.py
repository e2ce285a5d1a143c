"""Parts of `bench_path.py`: the images, the cost of one part of a run, and the floors of single stages."""

from __future__ import annotations

import io
import os
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SIDE = 64
CROP_SIDES = (48, 192)  # pixels of a crop before it is reduced to 64 x 64
QUALITY = 90
REPLAY_SECONDS = 4.0  # for which one batch is encoded repeatedly


def make_images(folder: Path, m: int, seed: int = 0) -> None:
    """Write m JPEG files of 64 x 64 pixels, seeded crops of the built-in photographs, one class folder each."""
    from adq_core.data.builtin import PHOTOGRAPHS, _pixels

    names = sorted(PHOTOGRAPHS)
    photographs = {name: Image.fromarray(_pixels(PHOTOGRAPHS[name])) for name in names}
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for number in range(m):
        name = names[number % len(names)]
        photograph = photographs[name]
        side = int(rng.integers(CROP_SIDES[0], min(CROP_SIDES[1], *photograph.size) + 1))
        left, top = (int(rng.integers(0, length - side + 1)) for length in photograph.size)
        crop = photograph.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side))
        crop.save(folder / name / f"{number:06d}.jpg", "JPEG", quality=QUALITY)


@contextmanager
def cost() -> Iterator[dict[str, float]]:
    """Yield a dictionary that has, after the block, its seconds, CPU seconds, page faults and peak memory."""
    row: dict[str, float] = {}
    reset_peak_memory()
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    yield row
    used = resource.getrusage(resource.RUSAGE_SELF)
    row["seconds"] = round(time.perf_counter() - started, 2)
    row["user_seconds"] = round(used.ru_utime - before.ru_utime, 2)
    row["system_seconds"] = round(used.ru_stime - before.ru_stime, 2)
    row["page_faults"] = used.ru_minflt - before.ru_minflt
    status = memory_status()
    row["peak_mb"] = round(status.get("VmHWM", 0) / 1e6)
    row["anonymous_mb"] = round(status.get("RssAnon", 0) / 1e6)  # at the end, without the pages of mapped files


def memory_status() -> dict[str, int]:
    """Return the sizes in /proc/self/status, in bytes; empty where there is no such file."""
    path = Path("/proc/self/status")
    lines = path.read_text().splitlines() if path.exists() else []
    sizes = (line.split() for line in lines if line.endswith(" kB"))
    return {parts[0].rstrip(":"): int(parts[1]) * 1024 for parts in sizes}


def reset_peak_memory() -> None:
    """Let `VmHWM` begin at the present resident size, so that each stage has a peak of its own (Linux only)."""
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text("5")


class NetworkMeter:
    """Counts images and seconds inside networks while it is installed; calls of layers inside a network are its own.

    With `replay`, the second call is repeated with the same batch for some seconds, and `Measured` ends the stage: the
    floor of a stage is the network alone, with its own precision and threads, without any input.
    """

    class Measured(BaseException):
        """Ends the stage; not an `Exception`, so that nothing handles it."""

    def __init__(self, replay: bool = False) -> None:
        self.seconds, self.images, self.calls = 0.0, 0, 0
        self.per_image: float | None = None
        self._replay, self._inside = replay, False

    @contextmanager
    def installed(self) -> Iterator[NetworkMeter]:
        """Measure all networks in the block."""
        import torch

        original = torch.nn.Module.__call__

        def call(module: Any, *args: Any, **options: Any) -> Any:
            if self._inside or not args or not isinstance(args[0], torch.Tensor):
                return original(module, *args, **options)
            self._inside = True
            try:
                return self._call(lambda: original(module, *args, **options), len(args[0]))
            finally:
                self._inside = False

        torch.nn.Module.__call__ = call
        try:
            yield self
        except NetworkMeter.Measured:
            pass
        finally:
            torch.nn.Module.__call__ = original

    def _call(self, forward: Callable[[], Any], images: int) -> Any:
        started = time.perf_counter()
        result = forward()
        self.seconds += time.perf_counter() - started
        self.images += images
        self.calls += 1
        if self._replay and self.calls == 2:
            started, n = time.perf_counter(), 0
            while time.perf_counter() - started < REPLAY_SECONDS:
                forward()
                n += 1
            self.per_image = (time.perf_counter() - started) / n / images
            raise NetworkMeter.Measured
        return result


def walk_floor(folder: Path) -> int:
    """Walk the folder and ask for the status of each file; return the number of files."""
    n = 0
    for directory, _, names in os.walk(folder):
        for name in names:
            os.stat(os.path.join(directory, name))
            n += 1
    return n


def decode_floor(folder: Path) -> int:
    """Decode every file with Pillow in as many threads as there are cores; return the number of files."""

    def decode(path: str) -> None:
        with open(path, "rb") as file, Image.open(io.BytesIO(file.read())) as image:
            image.convert("RGB")

    paths = [os.path.join(directory, name) for directory, _, names in os.walk(folder) for name in names]

    def decode_many(part: list[str]) -> None:
        for path in part:
            decode(path)

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        list(pool.map(decode_many, [paths[start : start + 500] for start in range(0, len(paths), 500)]))
    return len(paths)


def pixels_floor(m: int) -> float:
    """Return the seconds of the one product that `pixels` needs per batch, repeated, for m images."""
    from adq_core.embeddings.pixels import BATCH, DIMENSIONS

    x, axes = np.ones((BATCH, 3072)), np.ones((3072, DIMENSIONS))
    started, n = time.perf_counter(), 0
    while time.perf_counter() - started < 1.0:
        x @ axes
        n += 1
    return (time.perf_counter() - started) / n / BATCH * m
