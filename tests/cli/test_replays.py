"""Runs repeated from a manifest: moved folders, other images, missing images, exports opened as data sets."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from adq_core import cli
from adq_core.data import open_dataset
from adq_core.errors import InputError

QUICK = ("--embeddings", "pixels", "--projection", "pca", "--diversity", "vendi", "--n-bins", "2")


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, with a folder `pets` of 12 images in two classes."""
    for number in range(12):
        path = tmp_path / "work" / "pets" / ("cat" if number % 2 else "dog") / f"{number:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (20, 20, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def run(*arguments: object, code: int = 0) -> None:
    assert cli.main(["run", *map(str, arguments), "--quiet"]) == code


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def export(work: Path, out: str = "subset", *options: object) -> Path:
    run("pets", *QUICK, "--keep-ratio", 0.5, "--cache", work.parent / "cache", "--out", out, *options)
    return work / out


@pytest.mark.parametrize("out", ["subset", "results/2026/subset"])
def test_a_relative_path_is_found_from_the_folder_of_the_manifest(
    work: Path, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = export(work, out)
    moved = work.rename(work.parent / "moved")
    monkeypatch.chdir(work.parent)
    run("--settings", moved / out / "manifest.json", "--cache", "fresh", "--out", "again")
    assert files(work.parent / "again") == files(moved / out)
    assert json.loads((moved / out / "manifest.json").read_text())["settings"]["dataset"] == "pets"
    assert not first.exists()


def test_images_in_the_folder_of_the_manifest_come_first(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subset = export(work)
    shutil.move(work / "pets", subset / "pets")
    elsewhere = work.parent / "elsewhere"
    (elsewhere / "pets").mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    run("--settings", subset / "manifest.json", "--cache", work.parent / "fresh", "--out", "again")
    assert files(elsewhere / "again") == files(subset)


def test_a_data_set_named_beside_the_settings_is_compared(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = export(work) / "manifest.json"
    shutil.copytree(work / "pets", work / "same")
    shutil.copytree(work / "pets", work / "other")
    Image.new("RGB", (20, 20), (9, 9, 9)).save(work / "other" / "cat" / "01.png")
    options = ("--settings", manifest, "--cache", work.parent / "cache", "--out")
    capsys.readouterr()
    monkeypatch.chdir(work.parent)
    run("work/same", *options, "a")
    assert capsys.readouterr().err == ""
    run("work/other", *options, "b")
    errors = capsys.readouterr().err.splitlines()
    assert errors[0] == (f"adq: the data set differs from the one recorded in {manifest}; the subset may differ.")
    assert any("stage embeddings" in line for line in errors)
    run("work/other", *options, "c", "--alpha", 0)  # another run on purpose
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("content", [
    "", "[", "5", "null", "[]", '"x"', "{}" + "x", '{"settings": 5}', '{"settings": {"seed": 1e400}}', "[" * 100_000,
    '{"settings": {"seed": ' + "9" * 5000 + "}}", '{"settings": {"alpha": [1]}}', '{"settings": {"dataset": {}}}',
    '{"settings": {"rule": ["budget"]}}', '{"settings": {"n_bins": true}}', '{"settings": {"labels": "\\u0000"}}',
    '{"settings": {"dataset": "\\u0000"}}', '{"settings": {"keep_ratio": NaN}}', '{"settings": {"no": 1}}', "\ufeff{",
    '{"settings": {"weights": "/nowhere"}, "stations": 5}', '{"settings": {"dataset": "~nobody-here/x"}}',
])  # fmt: skip
def test_a_malformed_manifest_is_one_sentence(content: str, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "m.json").write_text(content, encoding="utf-8")
    run("--settings", "m.json", "--cache", work.parent / "cache", "--out", "out", code=2)
    error = capsys.readouterr().err
    assert error.startswith("adq: ")
    assert error.count("\n") == 1
    assert len(error) < 1000


@pytest.mark.parametrize("stations", [5, None, [], {"bins": 5}, {"bins": {"digest": 3}}])
def test_digests_of_another_form_are_no_error(stations: object, work: Path) -> None:
    path = export(work) / "manifest.json"
    manifest = json.loads(path.read_text()) | {"stations": stations, "dataset": stations, "files": stations}
    path.write_text(json.dumps(manifest))
    run("--settings", path, "--cache", work.parent / "cache", "--out", "again")


def test_a_hidden_file_does_not_make_the_folder_not_empty(work: Path) -> None:
    (work / "subset").mkdir()
    (work / "subset" / ".DS_Store").write_text("mine")
    subset = export(work)
    assert (subset / ".DS_Store").read_text() == "mine"
    assert (subset / "manifest.json").exists()
    assert cli.main(["patches", "pets", "--model", "fill", "--quiet", "--out", "subset"]) == 2
    (work / "painted").mkdir()
    (work / "painted" / ".hidden").write_text("mine")
    assert cli.main(["patches", "pets", "--model", "fill", "--quiet", "--out", "painted"]) == 0
    assert sorted(path.name for path in (work / "painted").iterdir()) == [".hidden", "masks.parquet", "painted"]


def test_finished_results_export_where_the_images_are_gone(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(export(work))
    shutil.rmtree(work / "pets")
    after = files(export(work, "again"))
    assert after == before
    cli.main(["run", "pets", *QUICK, "--keep-ratio", "0.5", "--cache", str(work.parent / "cache"), "--out", "third"])
    assert "Note: The folder pets is gone." in capsys.readouterr().out
    run("pets", *QUICK, "--n-bins", 3, "--representativeness", "compressibility", "--out", "new",
        "--cache", work.parent / "cache", code=2)  # fmt: skip
    assert "can no longer be read" in capsys.readouterr().err
    run("pets", *QUICK, "--out", "new", "--cache", work.parent / "fresh", code=2)
    assert "There is no data set 'pets'" in capsys.readouterr().err


# --- an export as a data set ------------------------------------------------------------------------------------------


def test_an_export_is_a_data_set_of_the_selected_images(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subset = export(work)
    selected = [line for line in (subset / "selected_ids.txt").read_text().splitlines() if line]
    source = open_dataset("pets")
    monkeypatch.chdir(work.parent)
    for cache in (None, work.parent / "cache"):
        for _ in range(2):
            data = open_dataset("work/subset", cache=cache)
            assert list(data.ids) == selected
            assert 0 < len(data) < len(source)
            assert data.notes == ()
            for row, image_id in enumerate(data.ids):
                at = source.ids.index(image_id)
                np.testing.assert_array_equal(data.read(row), source.read(at))
                np.testing.assert_array_equal(data.thumbnails[row], source.thumbnails[at])
                assert data.class_names[data.labels[row]] == source.class_names[source.labels[at]]
    run("work/subset", *QUICK, "--keep-ratio", 0.5, "--cache", work.parent / "cache", "--out", "smaller")
    smaller = (work.parent / "smaller" / "selected_ids.txt").read_text().split()
    assert set(smaller) < set(selected)
    assert list(open_dataset("smaller").ids) == smaller  # an export of an export


def test_an_export_of_vectors_and_of_a_built_in_set(work: Path) -> None:
    np.save(work / "v.npy", np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32))
    run("v.npy", "--embeddings", "own", "--representativeness", "centre-closeness", "--diversity", "vendi", "--n-bins",
        2, "--projection", "pca", "--out", "v", "--keep-ratio", 0.5)  # fmt: skip
    data = open_dataset(str(work / "v"))
    assert data.vectors is not None
    assert data.vectors.shape == (20, 5)
    run("digits", *QUICK, "--out", "d")
    assert len(open_dataset("d")) == 180


def test_an_export_whose_source_has_changed_says_so(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subset = export(work)
    Image.new("RGB", (20, 20), (9, 9, 9)).save(work / "pets" / "cat" / "new.png")
    data = open_dataset("subset")
    assert data.notes == ("pets has changed since subset was exported from it; the images may be others.",)
    gone = data.ids[0]
    (work / "pets" / gone).unlink()
    with pytest.raises(InputError) as caught:
        open_dataset("subset")
    assert str(caught.value) == (
        f"subset is an export of pets, but 1 of its {len(data)} images are not there ({gone}). "
        "Restore them, or export again."
    )
    shutil.rmtree(work / "pets")
    with pytest.raises(InputError, match=r"^subset is an export. Its source cannot be opened: There is no data set"):
        open_dataset("subset")
    assert subset.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"settings": None}, "The manifest of subset must name a data set in its settings."),
        ({"settings": {"dataset": 5}}, "The manifest of subset must name a data set in its settings."),
        ({"settings": {"dataset": "\0"}}, "The manifest of subset must name a data set in its settings."),
        ({"settings": {"dataset": "subset"}}, "names subset itself as its source"),
    ],
)
def test_a_manifest_without_a_source_is_one_sentence(change: dict[str, object], sentence: str, work: Path) -> None:
    path = export(work) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=sentence):
        open_dataset("subset")


def test_a_table_without_ids_is_one_sentence(work: Path) -> None:
    subset = export(work)
    for content in (b"", b"PAR1", b"x" * 100):
        (subset / "samples.parquet").write_bytes(content)
        with pytest.raises(InputError, match="must be the table of an export"):
            open_dataset("subset")
    pd.DataFrame({"id": ["a"]}).to_parquet(subset / "samples.parquet")
    with pytest.raises(InputError, match="must be the table of an export"):
        open_dataset("subset")
