"""The common header of all benchmarks: machine, date, versions, commit and peak memory.

A benchmark answers one question. It measures each case in a new process (`in_fresh_process`), compares it with a
baseline in the same run, and writes its rows with `write` into `benchmarks/results/<name>.json`.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
PACKAGES = ("numpy", "scipy", "scikit-learn", "scikit-image", "pillow", "torch", "torchvision", "umap-learn", "numba")


def machine() -> dict[str, Any]:
    """Return the facts that affect timings: processor, usable cores, memory in GB, operating system, Python."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        processor = models[0] if models else processor
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9 if hasattr(os, "sysconf") else None
    return {
        "processor": processor,
        "cores": cores,
        "memory_gb": None if memory is None else round(memory, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,  # above `cores`: unreliable
    }


def peak_memory() -> int:
    """Return the largest resident size of this process so far, in bytes.

    On Linux this is `VmHWM`, which starts at zero with a program. On other systems it is `ru_maxrss`, which also counts
    the memory of the parent process before the fork. Pages of a memory map count while they are resident, although the
    system can release them at any time.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def in_fresh_process(script: str | Path, *arguments: str) -> Any:
    """Run `python script arguments...` from the repository's root and return the JSON on the last line it prints."""
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


def write(name: str, rows: list[dict[str, Any]], question: str = "", **notes: Any) -> Path:
    """Write the header, the rows and the `notes` of a benchmark and return the file."""
    report = {
        "question": question,
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit(),
        "machine": machine(),
        "versions": {package: found for package in PACKAGES if (found := _version(package))},
        **notes,
        "rows": rows,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return path


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def commit() -> str:
    """Return the commit, with a plus sign if files of adq_core or of the benchmarks differ from it."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "adq_core", "app", "benchmarks/*.py")
        return git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
