"""Fixtures of the tests of formats: libraries without network, difficult pictures, and their selection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adq_core.export import Subset
from tests.export.exported import subset_of, write_pictures

OFFLINE = (  # read by the libraries when they are imported
    "HF_HUB_OFFLINE",
    "HF_DATASETS_OFFLINE",
    "HF_HUB_DISABLE_TELEMETRY",
    "HF_DATASETS_DISABLE_PROGRESS_BARS",
)


@pytest.fixture(scope="session", autouse=True)
def no_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the libraries use neither the network nor the home folder."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in OFFLINE:
            patch.setenv(name, "1")
        patch.setenv("HF_HOME", str(home))
        patch.setenv("CROISSANT_CACHE", str(home / "croissant"))
        yield


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("data") / "pics")


@pytest.fixture(scope="session")
def subset(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Subset:
    return subset_of(pictures, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Subset:
    return subset_of("photos", 0.05, cache=tmp_path_factory.mktemp("cache"))
