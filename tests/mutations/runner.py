"""Put faults into a copy of the project one by one and count how many of them the tests notice.

    python tests/mutations/runner.py            all faults, about five minutes
    python tests/mutations/runner.py heads      those of one area

Exits with 1 where fewer than 90 % are killed, or where a fault survives that is not explained. Raises
where the text of a fault is not found exactly once: the code has changed, so the fault must be written anew.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.mutations.fault import Fault
from tests.mutations.faults import FAULTS, MODULES, TESTS

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("adq_core", "app", "assets", "benchmarks", "docs", "tests", "README.md", "pyproject.toml")
LEAST_KILLED = 0.9
TIMEOUT = 600  # seconds for the test files of one fault


def copy_of_project(folder: Path) -> Path:
    """Copy what the tests need into a folder and return it."""
    ignored = shutil.ignore_patterns("__pycache__", "browser")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        elif source.is_file():
            shutil.copy(source, folder / name)
    return folder


def passes(copy: Path, areas: Sequence[str]) -> bool:
    """Return whether the test files of these areas pass in the copy.

    They run in a fork of this process, which has the large libraries in memory already: importing them anew for every
    fault would take most of the time.
    """
    files = list(dict.fromkeys(name for area in areas for name in TESTS[area]))  # the quickest first, as listed
    process = multiprocessing.get_context("fork").Process(target=run_tests, args=(copy, files))
    process.start()
    process.join(TIMEOUT)
    if process.is_alive():
        process.kill()
        process.join()
    if process.exitcode not in (0, 1, 2, -signal.SIGKILL):  # 2: the fault breaks an import
        raise RuntimeError(f"pytest ended with {process.exitcode} on {files}.")
    return process.exitcode == 0


def run_tests(copy: Path, files: list[str]) -> None:
    """Run pytest on these files of the copy, in a process of its own, and exit with its status."""
    for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "adq_core", "app")]:
        del sys.modules[name]  # they are those of the project, and the copy has its own
    sys.path[:] = [str(copy), *(path for path in sys.path if Path(path).resolve() != ROOT)]
    os.chdir(copy)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    status = pytest.main(["-q", "-x", "-p", "no:cacheprovider", *files])
    os._exit(int(status))


def import_large_libraries(copy: Path) -> None:
    """Import what the tests need beside the project itself."""
    sys.dont_write_bytecode = True  # a compiled file of the same size and second would hide a fault
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1", "NUMBA_CACHE_DIR": str(copy / ".numba"), "OMP_NUM_THREADS": "1"}
    for name in ("torch", "torchvision", "numba", "pandas", "scipy.linalg", "pyarrow.parquet"):
        importlib.import_module(name)


def mutated(text: str, fault: Fault) -> str:
    """Return the text of a module with the fault in it."""
    found = text.count(fault.old)
    if found != 1:
        raise ValueError(f"{fault.module}: {fault.old!r} is found {found} times, and once is needed.")
    return text.replace(fault.old, fault.new)


def check_texts(faults: Sequence[Fault]) -> None:
    """Raise `ValueError` where a fault does not fit the code."""
    for fault in faults:
        mutated((ROOT / MODULES[fault.module]).read_text(encoding="utf-8"), fault)


def survives(copy: Path, fault: Fault) -> bool:
    """Return whether the tests pass with this fault; the copy is as before afterwards."""
    path = copy / MODULES[fault.module]
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(mutated(text, fault), encoding="utf-8")
        return passes(copy, [fault.area])
    finally:
        path.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the faults of the chosen areas and print what became of each; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("areas", nargs="*", help=f"of {', '.join(TESTS)}; all where none is named")
    areas = parser.parse_args(arguments).areas or list(TESTS)
    faults = [fault for fault in FAULTS if fault.area in areas]
    check_texts(faults)
    survivors: list[Fault] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_of_project(Path(folder))
        import_large_libraries(copy)
        if not passes(copy, areas):
            print("The tests fail without any fault.")
            return 1
        for fault in faults:
            started = time.monotonic()
            alive = survives(copy, fault)
            survivors += [fault] if alive else []
            seconds = time.monotonic() - started
            print(f"{'SURVIVES' if alive else 'killed':9}{seconds:6.1f} s  {fault.area}: {fault.name}", flush=True)
    killed = len(faults) - len(survivors)
    print(f"{killed} of {len(faults)} faults are killed ({killed / len(faults):.0%}).")
    for fault in survivors:
        print(f"  survives: {fault.area}: {fault.name}: {fault.explained or 'NOT EXPLAINED'}")
    for fault in faults:
        if fault.explained and fault not in survivors:
            print(f"  killed after all, delete its explanation: {fault.area}: {fault.name}")
    unexplained = [fault for fault in survivors if not fault.explained]
    return 1 if unexplained or killed < LEAST_KILLED * len(faults) else 0


if __name__ == "__main__":
    raise SystemExit(main())
