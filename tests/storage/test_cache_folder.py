"""The cache as a whole: entries, sizes, removal by last use, and what is never removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adq_core import Run, Settings, cli
from adq_core.cli.cache import age, size, size_text
from adq_core.data import open_dataset
from adq_core.dependencies import STAGE_RECORDS
from adq_core.records import Texture
from adq_core.storage import (
    CACHE_KINDS,
    Library,
    Store,
    cache_entries,
    clear_cache,
    limit_cache,
    remove_scratch,
    temporary_path,
)


def fill(folder: Path, *keys: str) -> None:
    """Store one texture of 8,000 bytes per key; the first was used last 400 days after 1970, the next a day later."""
    store = Store(folder)
    for number, key in enumerate(keys):
        store.get_or_compute(Texture, key, lambda key=key: Texture(values=np.zeros(1000), key=key))  # type: ignore[misc]
        os.utime(folder / "texture" / key, (86400 * (400 + number), 86400 * (400 + number)))


def names(folder: Path) -> list[str]:
    return [entry.name for entry in cache_entries(folder)]


def test_every_kind_of_stage_result_is_an_entry(tmp_path: Path) -> None:
    assert {record.kind for record in STAGE_RECORDS.values()} | {"evidence"} < set(CACHE_KINDS)
    quick = {"embeddings": "pixels", "projection": "pca", "diversity": "vendi"}
    Run(Settings(dataset="digits", **quick), Store(tmp_path)).export_files()
    (tmp_path / "images" / "a").mkdir(parents=True)
    for number in range(3):
        from PIL import Image

        Image.new("RGB", (9, 9), (number, 0, 0)).save(tmp_path / "images" / "a" / f"{number}.png")
    open_dataset(str(tmp_path / "images"), cache=tmp_path)
    kinds = {entry.kind for entry in cache_entries(tmp_path)}
    assert kinds == {"embeddings", "projection", "bins", "texture", "binscores", "draworder", "scans", "listings"}
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} - kinds == {"locks", "images"}
    assert all(entry.n_bytes > 100 for entry in cache_entries(tmp_path))


def test_the_least_recently_used_entries_are_removed_first(tmp_path: Path) -> None:
    fill(tmp_path, "a", "b", "c")
    assert names(tmp_path) == ["a", "b", "c"]
    assert Store(tmp_path).get(Texture, "a") is not None  # used now
    assert names(tmp_path) == ["b", "c", "a"]
    n_bytes = sum(entry.n_bytes for entry in cache_entries(tmp_path))
    assert limit_cache(tmp_path, max_bytes=n_bytes) == []
    assert [entry.name for entry in limit_cache(tmp_path, max_bytes=n_bytes - 1)] == ["b"]
    assert names(tmp_path) == ["c", "a"]
    assert [entry.name for entry in limit_cache(tmp_path, max_bytes=0)] == ["c", "a"]
    assert names(tmp_path) == []


def test_entries_beyond_the_age_are_removed(tmp_path: Path) -> None:
    fill(tmp_path, "a", "b", "c")
    now = 86400 * 403.0
    assert [entry.name for entry in limit_cache(tmp_path, max_age=86400 * 1.5, now=lambda: now)] == ["a", "b"]
    assert names(tmp_path) == ["c"]


def test_user_data_and_unknown_files_are_never_removed(tmp_path: Path) -> None:
    fill(tmp_path, "a")
    kept = [
        "handpicked/k/record.json",
        "trained/mine.safetensors",
        "uploads/x/photo.png",
        "texture.txt",
        "device/m.json",
    ]
    for name in kept:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("mine")
    library = Library(tmp_path / "data")
    library.save(Texture(values=np.zeros(3), key="k"))
    limit_cache(tmp_path, max_bytes=0)
    clear_cache(tmp_path)
    assert names(tmp_path) == []
    assert all((tmp_path / name).read_text() == "mine" for name in kept)
    assert Library(tmp_path / "data").get(Texture, "k") is not None


def test_an_open_record_stays_readable_when_its_entry_is_removed(tmp_path: Path) -> None:
    fill(tmp_path, "a")
    record = Store(tmp_path).get(Texture, "a")
    assert record is not None
    clear_cache(tmp_path)
    assert record.values.sum() == 0
    assert Store(tmp_path).get(Texture, "a") is None


def test_scratch_of_ended_processes_is_removed_in_the_whole_cache(tmp_path: Path) -> None:
    fill(tmp_path, "a")
    code = "import sys; from pathlib import Path; from adq_core.storage import temporary_path; "
    code += "[temporary_path(Path(name)).mkdir() for name in sys.argv[1:]]"
    mine = temporary_path(tmp_path / "texture" / "c")
    mine.mkdir()
    places = [tmp_path / "texture" / "b", tmp_path / "scans" / "place" / "scan", tmp_path / "x"]
    subprocess.run([sys.executable, "-c", code, *map(str, places)], check=True, cwd=Path(__file__).parents[2])
    hidden = [path.name for path in tmp_path.rglob(".*")]
    assert len(hidden) == 4
    remove_scratch(tmp_path)
    assert [path.name for path in tmp_path.rglob(".*")] == [mine.name]
    assert names(tmp_path) == ["a"]


def command(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert cli.main(["cache", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_the_command_lists_and_removes_entries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path, "a", "b")
    assert command(capsys, "--cache", tmp_path).endswith(f"{tmp_path}: 2 entries, 16.4 KB\n")
    assert "texture      b\n" in command(capsys, "list", "--cache", tmp_path)
    listed = json.loads(command(capsys, "list", "--json", "--cache", tmp_path))
    assert [row["name"] for row in listed["entries"]] == ["a", "b"]
    assert listed["entries"][0]["last_used"] == 86400 * 400
    assert listed["bytes"] == sum(row["bytes"] for row in listed["entries"]) == listed["kinds"]["texture"]["bytes"]
    removed = json.loads(command(capsys, "limit", "--max-size", "9KB", "--json", "--cache", tmp_path))
    assert (removed["removed"], names(tmp_path)) == (1, ["b"])
    assert "Removed 0 entries" in command(capsys, "clear", "--kind", "bins", "--cache", tmp_path)
    assert "Removed 1 entries" in command(capsys, "clear", "--cache", tmp_path)
    assert command(capsys, "--cache", tmp_path / "none").endswith("0 entries, 0 B\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["limit"], "cache limit needs --max-size or --max-age"),
        (["clear", "--max-size", "1GB"], "cache limit needs --max-size or --max-age"),
        (["limit", "--max-age", "1d", "--kind", "bins"], "applies to all kinds together"),
    ],
)
def test_options_that_do_not_belong_together_are_refused(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path, "a")
    assert cli.main(["cache", *arguments, "--cache", str(tmp_path)]) == 2
    assert sentence in capsys.readouterr().err
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("text", ["", "5", "d", "-1d", "1e400d", "5 GB", "9" * 400 + "d", "nan"])
def test_ages_that_are_no_time_are_refused(text: str) -> None:
    with pytest.raises(Exception, match="must be a time such as 30d"):
        age(text)


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "1e400", "5 PB", "9" * 400, "nan"])
def test_sizes_that_are_no_size_are_refused(text: str) -> None:
    with pytest.raises(Exception, match="must be a size such as 5GB"):
        size(text)


def test_sizes_and_ages_have_units() -> None:
    assert [size(text) for text in ("0", "1.5gb", "20 MB", "7B")] == [0, 1_500_000_000, 20_000_000, 7]
    assert [age(text) for text in ("2m", "1.5h", "30d", "1W")] == [120, 5400, 30 * 86400, 7 * 86400]
    assert [size_text(n) for n in (0, 999, 1000, 1_234_567, 5 * 10**12)] == ["0 B", "999 B", "1 KB", "1.23 MB", "5 TB"]
