"""What all sessions share: open data sets and jobs; and errors that reach the log and the page."""

from __future__ import annotations

import logging
import os
import time
from collections import OrderedDict
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from adq_core import Settings
from adq_core.errors import AdqError, SettingsError
from app import error_boundary, server, session
from app.jobs.registry import UNEXPECTED, Job, Jobs
from tests.fakes import fake_dataset


class Shown:
    """Stands in for Streamlit: remembers the texts that a page draws."""

    def __init__(self) -> None:
        self.session_state: dict[str, Any] = {}
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.buttons: list[str] = []

    def error(self, text: str, **options: Any) -> None:
        self.errors.append(text)

    def warning(self, text: str, **options: Any) -> None:
        self.warnings.append(text)

    def button(self, label: str, **options: Any) -> None:
        self.buttons.append(label)

    def container(self, **options: Any) -> nullcontext[None]:
        return nullcontext()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    shown = Shown()
    for module in (session, error_boundary):
        monkeypatch.setattr(module, "st", shown)
    return shown


def touch_later(path: Path) -> None:
    """Write a file again, with a later time than before."""
    before = path.stat().st_mtime_ns
    path.write_bytes(b"changed")
    os.utime(path, ns=(before + 10**9, before + 10**9))


def test_a_data_set_is_opened_again_when_its_file_or_its_labels_change(tmp_path: Path) -> None:
    images, labels = tmp_path / "images.npz", tmp_path / "labels.csv"
    for path in (images, labels):
        path.write_bytes(b"first")
    settings = Settings(dataset=str(images), labels=str(labels))
    keys = [server.dataset_key(settings), server.dataset_key(settings)]
    for path in (images, labels):
        touch_later(path)
        keys.append(server.dataset_key(settings))
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_a_folder_is_opened_again_when_a_file_is_added_to_a_class(tmp_path: Path) -> None:
    folder = tmp_path / "cat"
    folder.mkdir()
    settings = Settings(dataset=str(tmp_path))
    before = server.dataset_key(settings)
    later = folder.stat().st_mtime_ns + 10**9
    os.utime(folder, ns=(later, later))  # what a new file does to its folder
    assert server.dataset_key(settings) != before


def test_the_files_of_a_folder_are_listed_once_and_not_at_every_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[str] = []
    scandir = os.scandir

    def counted(path: str) -> Any:
        listed.append(path)
        return scandir(path)

    (tmp_path / "cat").mkdir()
    for number in range(50):
        (tmp_path / f"{number}.png").touch()
    long_ago = time.time_ns() - 10 * server.RECENT
    os.utime(tmp_path, ns=(long_ago, long_ago))
    monkeypatch.setattr(server.os, "scandir", counted)
    settings = Settings(dataset=str(tmp_path))
    keys = {server.dataset_key(settings) for _ in range(5)}
    assert (len(keys), listed) == (1, [str(tmp_path)])
    (tmp_path / "dog").mkdir()
    keys |= {server.dataset_key(settings) for _ in range(5)}
    assert len(keys) == 2
    assert len(listed) == 6, "a folder that was changed a moment ago is listed again"
    later = (tmp_path / "dog").stat().st_mtime_ns + 10**9
    os.utime(tmp_path / "dog", ns=(later, later))
    assert server.dataset_key(settings) not in keys


def test_only_the_last_used_data_sets_stay_open(monkeypatch: pytest.MonkeyPatch) -> None:
    known: OrderedDict[str, object] = OrderedDict((name, object()) for name in "abcd")
    forgotten: list[str] = []
    monkeypatch.setattr(server, "open_datasets", lambda: known)
    monkeypatch.setattr(server, "jobs", lambda: SimpleNamespace(forget=forgotten.append))
    monkeypatch.setattr(server, "IN_USE", 0.0)
    server.use_dataset("a")
    assert (list(known), forgotten) == (["b", "c", "d", "a"], [])
    known["e"] = object()
    server.use_dataset("e")
    assert (list(known), forgotten) == (["c", "d", "a", "e"], ["b"])
    assert len(known) == server.OPEN_DATASETS


def test_data_sets_in_use_stay_open_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    known: OrderedDict[str, object] = OrderedDict()
    forgotten: list[str] = []
    uses: dict[str, float] = {}
    now = [0.0]
    monkeypatch.setattr(server, "open_datasets", lambda: known)
    monkeypatch.setattr(server, "last_uses", lambda: uses)
    monkeypatch.setattr(server, "jobs", lambda: SimpleNamespace(forget=forgotten.append))
    monkeypatch.setattr(server.time, "monotonic", lambda: now[0])
    for number in range(server.MOST_DATASETS):  # one session each
        known[str(number)] = object()
        server.use_dataset(str(number))
        now[0] += 1
    assert (len(known), forgotten) == (server.MOST_DATASETS, [])
    known["more"] = object()
    server.use_dataset("more")
    assert forgotten == ["0"]
    now[0] += server.IN_USE
    server.use_dataset("more")
    assert len(known) == server.OPEN_DATASETS
    assert set(uses) == set(known)


def test_an_unexpected_error_of_a_page_is_logged_and_an_expected_one_is_not(
    shown: Shown, caplog: pytest.LogCaptureFixture
) -> None:
    with error_boundary.boundary():
        raise ZeroDivisionError("secret")
    assert shown.errors == [UNEXPECTED]
    (record,) = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)
    with error_boundary.boundary():
        raise AdqError("The file has no images.")
    assert shown.errors[1:] == ["The file has no images."]
    assert len(caplog.records) == 1


def test_an_unexpected_error_of_a_job_is_logged_and_an_expected_one_is_not(caplog: pytest.LogCaptureFixture) -> None:
    def raises(error: Exception) -> Job:
        def work(progress: Any) -> None:
            raise error

        job = Jobs().start("a", "Work", work, bare=True)
        assert job.wait(10)
        return job

    with caplog.at_level(logging.INFO):
        assert raises(AdqError("No images.")).error == "No images."
        assert caplog.records == []
        assert raises(ZeroDivisionError("secret")).error == UNEXPECTED
    (record,) = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)
    assert "Work" in record.getMessage()


@pytest.mark.parametrize(
    ("job", "warned"),
    [
        (None, []),
        (Job("k", "Map"), []),
        (Job("k", "Map", error="Too few images."), ["The map shows PCA, because umap failed. Too few images."]),
    ],
)
def test_a_map_that_failed_is_replaced_and_the_page_says_why(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, job: Job | None, warned: list[str]
) -> None:
    quick = SimpleNamespace(projection="by PCA")
    monkeypatch.setattr(session, "with_settings", lambda run, **changes: quick)
    monkeypatch.setattr(session, "require", lambda run, *stages: None)
    monkeypatch.setattr(session, "start_in_background", lambda work: job)
    run: Any = SimpleNamespace(ready=lambda name: False, settings=Settings(projection="umap"))
    assert session.projection_now(run) == "by PCA"
    assert shown.warnings == warned


@pytest.mark.parametrize(
    ("awaited", "left"),
    [({"needed"}, []), ({"needed", "settings", "former"}, [{"needed", "settings"}])],
)
def test_at_the_end_of_a_run_only_jobs_of_the_page_and_of_its_settings_are_still_awaited(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, awaited: set[str], left: list[set[str]]
) -> None:
    kept: list[set[str]] = []
    jobs = SimpleNamespace(awaited=lambda waiter: awaited, leave=lambda waiter, needed: kept.append(needed))
    monkeypatch.setattr(session, "jobs", lambda: jobs)
    monkeypatch.setattr(session, "session_id", lambda: "me")
    monkeypatch.setattr(session, "_keys_of_settings", lambda: {"settings", "another stage"})
    shown.session_state[session.NEEDED] = {"needed"}
    session.end_run()
    assert kept == left


def test_too_many_bins_are_replaced_by_the_size_of_the_largest_class(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(n_bins=12)
    data = fake_dataset([np.zeros((2, 2, 3), np.uint8)] * 14, labels=[0] * 9 + [2] * 5)  # class 1 is empty
    monkeypatch.setattr(server, "open_datasets", lambda: {server.dataset_key(settings): data})
    fixes = error_boundary.suggested_fixes(SettingsError("n_bins is too large", "n_bins"), settings)
    assert [changes for _, changes in fixes] == [{"n_bins": 9}, {"pool": "all"}]
    assert fixes[0][0] == "Use 9 bins"


def test_a_keep_ratio_that_keeps_nothing_is_replaced_by_the_one_that_keeps_an_image(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = Settings(keep_ratio=0.001)
    data = fake_dataset([np.zeros((2, 2, 3), np.uint8)] * 14, labels=[0] * 14)
    monkeypatch.setattr(server, "open_datasets", lambda: {server.dataset_key(settings): data})
    fixes = error_boundary.suggested_fixes(SettingsError("keep_ratio is too small", "keep_ratio"), settings)
    assert fixes == [("Keep 1 image", {"keep_ratio": 0.1})]
