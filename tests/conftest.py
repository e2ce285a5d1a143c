"""What all tests share: the option `--slow`, and where real data lies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("adq", deadline=None)  # a first call compiles, and the machine may be busy
settings.load_profile("adq")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run what takes minutes (training, large data)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    skip = pytest.mark.skip(reason="slow: runs with --slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data beside the repository, or the one ADQ_SHARED_DATA names; skips where it is absent.

    Nothing of it is in the repository, for the licences' sake, and the project must build and pass without it.
    """
    named = os.environ.get("ADQ_SHARED_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"real data is not here: no folder {'named by ADQ_SHARED_DATA' if named else '../shared/data'}")
    return folder


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Torch on one thread, so that sums come out the same."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
