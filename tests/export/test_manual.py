from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adq_core import Run, Settings
from adq_core.errors import Cancelled, InputError
from adq_core.export import manual as handpicked
from adq_core.export.files import samples_table
from tests.fakes import Cancels

HOW = {"told": "by a test", "settings": {"alpha": 0.65}}


@pytest.fixture(scope="module")
def run() -> Run:
    return Run(Settings(dataset="digits", embeddings="pixels", projection="pca", diversity="vectors"))


def archive(run: Run, rows: list[int], **more) -> bytes:
    file = io.BytesIO()
    parts = (run.projection, run.bins, run.texture if run.uses("texture") else None, run.selection)
    handpicked.write_archive(file, run.dataset, np.array(rows, np.int64), *parts, how=HOW, **more)
    return file.getvalue()


def test_an_archive_holds_ids_rows_pictures_and_how_they_were_picked(run: Run) -> None:
    rows = [3, 900, 17]
    with zipfile.ZipFile(io.BytesIO(archive(run, rows))) as packed:
        assert packed.testzip() is None
        assert packed.read("ids.txt").decode().split() == [run.dataset.ids[row] for row in sorted(rows)]
        table = pd.read_parquet(io.BytesIO(packed.read("samples.parquet")))
        whole = samples_table(run.dataset, run.projection, run.bins, run.texture, run.selection)
        pd.testing.assert_frame_equal(table.drop(columns="image"), whole.iloc[sorted(rows)].reset_index(drop=True))
        for row, name in zip(sorted(rows), table["image"], strict=True):
            picture = np.asarray(Image.open(io.BytesIO(packed.read(name))))
            assert (picture == run.dataset.read(row)).all()
        how = json.loads(packed.read("how.json"))
    assert how["told"] == "by a test"
    assert how["images"] == 3
    assert how["dataset"] == {"name": "digits", "digest": run.dataset.key, "images": 1797}
    assert archive(run, rows) == archive(run, sorted(rows)), "the same picking gives the same bytes"


def test_many_go_without_their_pictures_and_it_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handpicked, "MAX_IMAGES", 4)
    with zipfile.ZipFile(io.BytesIO(archive(run, [1, 2, 3, 4, 5]))) as packed:
        assert packed.namelist() == ["how.json", "ids.txt", "samples.parquet"]
        assert json.loads(packed.read("how.json"))["pictures"] == "left out: there are more than 4"
    with zipfile.ZipFile(io.BytesIO(archive(run, [1, 2, 3, 4]))) as packed:
        assert len(packed.namelist()) == 7


def test_vectors_without_images_have_no_pictures(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "mine.npz", vectors=rng.normal(size=(40, 6)).astype(np.float32), labels=np.arange(40) % 4)
    own = Run(Settings(dataset=str(tmp_path / "mine.npz"), projection="pca", n_bins=5))
    with zipfile.ZipFile(io.BytesIO(archive(own, [1, 2]))) as packed:
        assert packed.namelist() == ["how.json", "ids.txt", "samples.parquet"]
        assert json.loads(packed.read("how.json"))["pictures"] == "left out: these are vectors without images"


def test_none_is_refused_and_it_can_be_stopped(run: Run) -> None:
    with pytest.raises(InputError) as refused:
        archive(run, [])
    assert str(refused.value) == "An archive of picked images must have at least one, got none. Pick some first."
    with pytest.raises(Cancelled):
        archive(run, [1, 2, 3], progress=Cancels(2))


@given(st.integers(0, 10**9), st.text(max_size=30), st.text(max_size=30))
def test_names_of_pictures_are_unique_and_no_way_out_of_the_archive(row: int, one: str, other: str) -> None:
    name = handpicked.picture_name(row, one)
    path = PurePosixPath(name)
    assert path.parts[0] == "images"
    assert len(path.parts) == 2
    assert ".." not in path.parts
    assert name.endswith(".png")
    assert name != handpicked.picture_name(row + 1, other)


def test_a_name_to_read() -> None:
    assert handpicked.picture_name(12, "../cats/tom & jerry.png") == "images/0000012-tom-jerry.png"
    assert handpicked.picture_name(12, "///") == "images/0000012.png"
