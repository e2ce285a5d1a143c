"""Copied code is run: it gives the selection of the page."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adq_core import Run, Settings
from app.text import as_code

ROOT = Path(__file__).parents[3]
QUICK: dict[str, Any] = {"embeddings": "pixels", "projection": "pca", "diversity": "vectors"}


def run_python(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(code, "copied", "exec"), names)
    return names


@pytest.mark.parametrize("changes", [{}, {"alpha": 0.2, "keep_ratio": 0.03, "rule": "uniform", "seed": 7, "n_bins": 4}])
def test_copied_python_gives_the_same_selection(
    changes: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADQ_CACHE", str(tmp_path))
    settings = Settings(dataset="digits", **QUICK, **changes)
    run = Run(settings)
    image = run.dataset.ids[int(run.selection.indices[3])]
    names = run_python(as_code.python_code(settings, image=image))
    assert names["run"].settings == settings
    np.testing.assert_array_equal(names["rows"], run.selection.indices)
    assert names["ids"] == [run.dataset.ids[row] for row in run.selection.indices]
    np.testing.assert_array_equal(names["indices"], run.dataset.indices[run.selection.indices])
    assert names["is_selected"] is True


def test_copied_python_writes_the_export(tmp_path: Path) -> None:
    from adq_core.export import problems_of

    settings = Settings(dataset="digits", keep_ratio=0.02, **QUICK)
    run_python(as_code.python_code(settings, export=("imagefolder", str(tmp_path / "out"))))
    assert problems_of(tmp_path / "out") == []
    assert len(list((tmp_path / "out").glob("*/*"))) == len(Run(settings).selection.indices)


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell")
@pytest.mark.parametrize("name", ['it\'s a "set" $(x) `y`', "-begins with a hyphen", "größe"])
def test_copied_commands_give_the_same_selection(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.export.exported import write_pictures

    write_pictures(tmp_path / name, ("cat", "dog"))
    lists = {"always": '["cat/-6.png"]', "never": '["cat/2.jpg","dog/c/[x] 4%.webp"]'}
    settings = Settings(dataset=name, keep_ratio=0.6, n_bins=2, alpha=0.3, strategy="uniform-bins", **lists, **QUICK)
    (bin := tmp_path / "bin").mkdir()
    (bin / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (bin / "python").chmod(0o755)
    environment = {"PATH": f"{bin}:/usr/bin:/bin", "ADQ_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    lines = as_code.command_lines(settings, export=("zip", "out.zip"))
    done = subprocess.run(
        ["sh", "-ec", lines], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    monkeypatch.chdir(tmp_path)
    run = Run(settings)
    indices = np.load(tmp_path / "DIR" / "selected_indices.npy")
    np.testing.assert_array_equal(indices, run.dataset.indices[run.selection.indices])
    assert (tmp_path / "out.zip").is_file()
    ids = run_python(as_code.python_code(settings))["ids"]
    assert ids == [json.loads(line)["id"] for line in (tmp_path / "DIR" / "selected.jsonl").read_text().splitlines()]
    assert "cat/-6.png" in ids
    assert not {"cat/2.jpg", "dog/c/[x] 4%.webp"} & set(ids)


def test_every_changed_setting_is_in_both_texts() -> None:
    other: dict[str, Any] = {}
    for spec in fields(Settings):
        choices = [value for value in spec.metadata.get("choices", ()) if value != spec.default]
        if choices:
            other[spec.name] = choices[0]
        elif isinstance(spec.default, float):
            other[spec.name] = 0.375
        elif spec.name not in ("patch_image_size", "patch_size") and isinstance(spec.default, int):
            other[spec.name] = 77
    other |= {"patch_image_size": 96, "patch_size": 12, "labels": "l.csv", "weights": "w.safetensors"}
    settings = replace(Settings(), **other)
    code, command = as_code.python_code(settings), as_code.command_lines(settings)
    for name, value in other.items():
        assert f"    {name}={value!r},\n" in code
        assert f"--{name.replace('_', '-')} {value}" in command
    assert as_code.python_code(Settings()).count("\n    ") == 1, "defaults are left out"
    assert as_code.command_lines(Settings()) == "python -m adq_core run photos --out DIR\n"


def test_hostile_names_stay_one_string() -> None:
    name = "a\n'; import os\u202e\x1b[2J"
    settings = Settings(dataset=name)
    code = as_code.python_code(settings)
    assert "\u202e" not in code
    assert "\x1b" not in code
    assert f"dataset={name!r}," in code
