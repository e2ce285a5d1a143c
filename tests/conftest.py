"""Configuration of all tests: Hypothesis, the option `--slow` and the folder of real data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("adq", deadline=None)  # the first call compiles functions, and other processes may run
settings.load_profile("adq")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run tests that take minutes (training, large data)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        # A machine that is busy with other work can stop a browser for seconds, and in CI any test that waits. Such a
        # test has a second run, and the report lists it.
        if "browser" in item.keywords or os.environ.get("CI"):
            item.add_marker(pytest.mark.flaky(reruns=1))
    if config.getoption("--slow"):
        return
    skip = pytest.mark.skip(reason="slow: runs with --slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data next to the repository, or the one in ADQ_SHARED_DATA; skip if it is missing.

    The repository does not contain these data because of their licences, and its tests must pass without them.
    """
    named = os.environ.get("ADQ_SHARED_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(
            f"real data are missing: no folder {'with the name in ADQ_SHARED_DATA' if named else '../shared/data'}"
        )
    return folder


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Run torch on one thread, so that sums are reproducible."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
