"""Put faults into a copy of the project one by one and count how many of them the tests notice.

    python tests/mutations/runner.py                        all faults, about an hour on one core
    python tests/mutations/runner.py heads map-js           those of these areas
    python tests/mutations/runner.py --results FOLDER/FILE  continue where an earlier run with this file stopped

Exits with 1 where fewer than 90 % are killed, or where a fault survives that is not explained. Raises
where the text of a fault is not found exactly once: the code has changed, so the fault must be written anew.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.mutations.fault import Fault
from tests.mutations.faults import FAULTS, MODULES, TESTS, TESTS_OF_MODULE

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    "adq_core", "app", "assets", "benchmarks", "docs", "tests", "README.md", "pyproject.toml",
    "package.json", "adq_explorer.py",
)  # fmt: skip
LEAST_KILLED = 0.9
TIMEOUT = 600  # seconds for the test files of one fault
KILLED, TIMED_OUT, SURVIVES = "killed", "TIMED OUT", "SURVIVES"  # a fault that times out is noticed, too
LARGE_LIBRARIES = (
    "torch", "torchvision", "numba", "pandas", "scipy.linalg", "pyarrow.parquet", "plotly.graph_objects",
    "streamlit.testing.v1", "hypothesis.extra.numpy",
)  # fmt: skip


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


def files_of(faults: Iterable[Fault]) -> list[str]:
    """Return the test files that must notice these faults, the quickest first, as listed."""
    names = (name for fault in faults for name in TESTS_OF_MODULE.get(fault.module, TESTS[fault.area]))
    return list(dict.fromkeys(names))


def outcome_of_tests(copy: Path, files: Sequence[str]) -> str:
    """Return `SURVIVES` where these test files pass in the copy, else `KILLED` or `TIMED_OUT`."""
    scripts = [name for name in files if name.endswith(".js")]
    outcome = outcome_of_node(copy, scripts) if scripts else SURVIVES
    modules = [name for name in files if name.endswith(".py")]
    return outcome_of_pytest(copy, modules) if modules and outcome == SURVIVES else outcome


def outcome_of_node(copy: Path, files: Sequence[str]) -> str:
    """Return the outcome of the test files of the JavaScript."""
    process = subprocess.Popen(
        ["node", "--test", *files],
        cwd=copy,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return SURVIVES if process.wait(TIMEOUT / 10) == 0 else KILLED
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return TIMED_OUT


def outcome_of_pytest(copy: Path, files: list[str]) -> str:
    """Return the outcome of the test files of the Python code.

    They run in a fork of this process, which has the large libraries in memory already: importing them anew for every
    fault would take most of the time.
    """
    process = multiprocessing.get_context("fork").Process(target=run_pytest, args=(copy, files))
    process.start()
    process.join(TIMEOUT)
    if process.is_alive():
        process.kill()
        process.join()
        return TIMED_OUT
    if process.exitcode not in (0, 1, 2):  # 2: the fault breaks an import
        raise RuntimeError(f"pytest ended with {process.exitcode} on {files}.")
    return SURVIVES if process.exitcode == 0 else KILLED


def run_pytest(copy: Path, files: list[str]) -> None:
    """Run pytest on these files of the copy, in a process of its own, and exit with its status."""
    for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "adq_core", "app")]:
        del sys.modules[name]  # they are those of the project, and the copy has its own
    sys.path[:] = [str(copy), *(path for path in sys.path if Path(path).resolve() != ROOT)]
    os.chdir(copy)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    already_imported = "ignore::pytest.PytestAssertRewriteWarning"  # plugins among the large libraries
    options = ["-q", "-x", "--tb=native", "-p", "no:cacheprovider", "--assert=plain", "-W", already_imported]
    status = pytest.main([*options, *files])
    os._exit(int(status))


def import_large_libraries(copy: Path) -> None:
    """Import what the tests need beside the project itself."""
    sys.dont_write_bytecode = True  # a compiled file of the same size and second would hide a fault
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1", "NUMBA_CACHE_DIR": str(copy / ".numba"), "OMP_NUM_THREADS": "1"}
    for name in LARGE_LIBRARIES:
        importlib.import_module(name)
    gc.freeze()  # pytest collects garbage at its end, which takes seconds with these libraries


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


def outcome_of(copy: Path, fault: Fault) -> str:
    """Return what becomes of this fault; the copy is as before afterwards."""
    path = copy / MODULES[fault.module]
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(mutated(text, fault), encoding="utf-8")
        return outcome_of_tests(copy, files_of([fault]))
    finally:
        path.write_text(text, encoding="utf-8")


class Results:
    """The outcomes so far, one JSON line per fault in a file, so that a run that is interrupted can continue.

    Faults that survived are run again: a test may have been added since then.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._outcomes: dict[tuple[str, ...], str] = {}
        lines = path.read_text(encoding="utf-8").splitlines() if path is not None and path.exists() else []
        for *fault, outcome in map(json.loads, lines):
            self._outcomes[tuple(fault)] = outcome

    def known(self, fault: Fault) -> str | None:
        """Return the outcome of an earlier run; None where there is none, or where the fault survived."""
        outcome = self._outcomes.get(fault[:5])
        return None if outcome == SURVIVES else outcome

    def add(self, fault: Fault, outcome: str) -> None:
        """Remember an outcome."""
        self._outcomes[fault[:5]] = outcome
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([*fault[:5], outcome]) + "\n")

    def of(self, fault: Fault) -> str:
        """Return the outcome of a fault that was run."""
        return self._outcomes[fault[:5]]


def run_faults(faults: Sequence[Fault], results: Results) -> bool:
    """Run the faults without a known outcome and print their outcomes; return False where the tests fail anyway."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_of_project(Path(folder))
        files = files_of(faults)
        if any(name.endswith(".py") for name in files):
            import_large_libraries(copy)
        if outcome_of_tests(copy, files) != SURVIVES:
            print("The tests fail without any fault.")
            return False
        for fault in faults:
            started = time.monotonic()
            results.add(fault, outcome_of(copy, fault))
            seconds = time.monotonic() - started
            print(f"{results.of(fault):10}{seconds:6.1f} s  {fault.area}: {fault.name}", flush=True)
    return True


def report(faults: Sequence[Fault], results: Results) -> int:
    """Print the number of killed faults of every area and the survivors; return the exit status."""
    survivors = [fault for fault in faults if results.of(fault) == SURVIVES]
    for area in dict.fromkeys(fault.area for fault in faults):
        of_area = [fault for fault in faults if fault.area == area]
        print(f"{area:16}{sum(fault not in survivors for fault in of_area):4} of {len(of_area):3}")
    killed = len(faults) - len(survivors)
    print(f"{killed} of {len(faults)} faults are killed ({killed / len(faults):.0%}).")
    for fault in survivors:
        print(f"  survives: {fault.area}: {fault.name}: {fault.explained or 'NOT EXPLAINED'}")
    for fault in faults:
        if fault.explained and fault not in survivors:
            print(f"  killed after all, delete its explanation: {fault.area}: {fault.name}")
    unexplained = [fault for fault in survivors if not fault.explained]
    return 1 if unexplained or killed < LEAST_KILLED * len(faults) else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the faults of the chosen areas and print what became of each; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("areas", nargs="*", help=f"of {', '.join(TESTS)}; all where none is named")
    parser.add_argument("--results", type=Path, help="file of the outcomes: killed faults in it are not run again")
    options = parser.parse_args(arguments)
    areas = options.areas or list(TESTS)
    faults = [fault for fault in FAULTS if fault.area in areas]
    check_texts(faults)
    results = Results(options.results)
    pending = [fault for fault in faults if results.known(fault) is None]
    if pending and not run_faults(pending, results):
        return 1
    return report(faults, results)


if __name__ == "__main__":
    raise SystemExit(main())
