"""Tables and descriptions are read back by the libraries for which they are made."""

from __future__ import annotations

import csv
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from torchvision.datasets import ImageFolder

from adq_core.export import FORMATS, Subset
from tests.export.exported import exported, originals, pixels_of


def records(path: Path, name: str) -> list[dict[str, Any]]:
    """Return the records of a record set, read by mlcroissant; nothing in the description may be wrong."""
    import mlcroissant

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        described = mlcroissant.Dataset(jsonld=str(path / "croissant.json"))
        assert described.metadata.issues.errors == set()
        assert all("datePublished" in text or "license" in text for text in described.metadata.issues.warnings)
        return [{key.split("/")[-1]: value for key, value in record.items()} for record in described.records(name)]


def check_rows(rows: list[dict[str, Any]], subset: Subset, label: str = "label") -> None:
    """Check that rows read by mlcroissant are those of the table, in its order."""
    assert [row["id"].decode() for row in rows] == subset.table["id"].tolist()
    assert [row["bin"] for row in rows] == subset.table["bin"].tolist()
    expected = subset.table["label"] if isinstance(rows[0][label], int | np.integer) else subset.table["class_name"]
    assert [v.decode() if isinstance(v := row[label], bytes) else v for row in rows] == expected.tolist()


def test_embedding_atlas_has_the_map_and_the_neighbours(subset: Subset, tmp_path: Path) -> None:
    from sklearn.neighbors import NearestNeighbors

    path = exported(subset, "embedding-atlas", tmp_path / "atlas")
    table = pq.read_table(path / "embedding_atlas.parquet").to_pandas()
    assert table["id"].tolist() == subset.table["id"].tolist()
    assert table["projection_x"].tolist() == subset.table["umap_x"].tolist()
    assert table["projection_y"].tolist() == subset.table["umap_y"].tolist()
    vectors = np.asarray(subset.vectors(), np.float64)
    theirs, ids = NearestNeighbors(n_neighbors=15).fit(vectors).kneighbors(vectors)
    for row, (near, far) in enumerate(zip(ids, theirs, strict=True)):
        neighbours = table["neighbors"][row]
        assert next(iter(neighbours["ids"])) == row
        assert set(neighbours["ids"]) == set(near)
        np.testing.assert_allclose(neighbours["distances"], far, atol=1e-3)
    small = [pixels_of(image["bytes"]) for image in table["image"]]
    for pixels, data in zip(small, originals(subset), strict=True):
        np.testing.assert_array_equal(pixels, pixels_of(data))


def test_csv_and_parquet_have_one_row_per_selected_image(subset: Subset, tmp_path: Path) -> None:
    with (exported(subset, "csv", tmp_path / "csv") / "selected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == subset.table["id"].tolist()
    assert [int(row["bin"]) for row in rows] == subset.table["bin"].tolist()
    table = pd.read_parquet(exported(subset, "parquet", tmp_path / "parquet") / "selected.parquet")
    pd.testing.assert_frame_equal(table, subset.table)


def test_indices_have_the_names_of_the_published_code(subset: Subset, pictures: Path, tmp_path: Path) -> None:
    path = exported(subset, "npy", tmp_path / "npy")
    samples = subset.samples
    bins = [np.load(path / "bins" / f"select_indices_pics_exp{number}.npy") for number in range(3)]
    assert len(list((path / "bins").iterdir())) == 3
    for number, indices in enumerate(bins):
        assert sorted(indices) == sorted(samples["index"][samples["bin"] == number])
    chosen = np.load(path / "select_indices_pics_0.7.npy")
    assert sorted(chosen) == np.load(path / "selected_indices.npy").tolist() == sorted(subset.table["index"])
    places = [next(b for b, of_bin in enumerate(bins) if index in of_bin) for index in chosen]
    assert places == sorted(places), "bin after bin, as the published code appends them"
    theirs = [Path(name).relative_to(pictures).as_posix() for name, _ in ImageFolder(str(pictures)).samples]
    id_of = dict(zip(subset.table["index"], subset.table["id"], strict=True))
    assert all(theirs[index] == id_of[index] for index in chosen if index < len(theirs))


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "zip"])
def test_mlcroissant_reads_the_description(name: str, subset: Subset, tmp_path: Path) -> None:
    path = exported(subset, name, tmp_path / "out", croissant=True, shard_bytes=15_000)
    rows = records(path, "rows")
    if FORMATS[name].table == "samples.parquet":
        assert [row["id"].decode() for row in rows] == subset.samples["id"].tolist()
        assert [row["id"].decode() for row in rows if row["selected"]] == subset.table["id"].tolist()
        return
    check_rows(rows, subset)
    files = originals(subset)
    if FORMATS[name].images:
        images = records(path, "images")
        metadata = [json.loads(line)["file_name"] for line in (path / "metadata.jsonl").read_text().splitlines()]
        place = {name.split(".tar/")[-1]: number for number, name in enumerate(metadata)}
        assert sorted(image["file_name"].decode() for image in images) == sorted(place)
        for image in images:
            data = files[place[image["file_name"].decode()]]
            np.testing.assert_array_equal(np.asarray(image["image"].convert("RGB")), pixels_of(data))
    if name in ("hf-parquet", "embedding-atlas"):
        for row, data in zip(rows, files, strict=True):
            np.testing.assert_array_equal(np.asarray(row["image"].convert("RGB")), pixels_of(data))


def test_every_format_is_read_back() -> None:
    texts = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_read_back*.py")]
    assert all(any(f'"{name}"' in text for text in texts) for name in FORMATS)
