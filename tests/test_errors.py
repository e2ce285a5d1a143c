from __future__ import annotations

import inspect

import pytest

from adq_core import errors
from adq_core.errors import (
    AdqError,
    Cancelled,
    FilesChangedError,
    InputError,
    SettingsError,
    StorageError,
    unknown_name,
)
from adq_core.progress import no_progress


def test_all_errors_have_one_base_and_an_exit_code() -> None:
    ours = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__}
    assert ours == {AdqError, InputError, FilesChangedError, SettingsError, StorageError, Cancelled}
    assert all(issubclass(kind, AdqError) for kind in ours)
    assert {kind for kind in ours if issubclass(kind, ValueError)} == {InputError, FilesChangedError, SettingsError}
    assert {kind: kind.exit_code for kind in ours} == dict.fromkeys(ours - {Cancelled}, 2) | {Cancelled: 130}


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("a", "b"), "Unknown rule 'x'. Choose one of: a, b."),
        ({"one": 1}, "Unknown rule 'x'. Choose one of: one."),
        ((32, 64), "Unknown rule 'x'. Choose one of: 32, 64."),
    ],
)
def test_the_error_for_an_unknown_name_lists_the_valid_names(names, text: str) -> None:
    error = unknown_name("rule", "x", names)
    assert isinstance(error, SettingsError)
    assert str(error) == text


def test_no_progress_accepts_any_progress() -> None:
    assert no_progress(1, 2, "bins") is None
