from __future__ import annotations

import errno
import hashlib
import io
import json
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adq_core import Run, Settings
from adq_core.errors import StorageError
from adq_core.export.files import check_target, write_files
from adq_core.export.manifest import differing_digests
from adq_core.storage.store import Store

NAMES = ["manifest.json", "samples.parquet", "bins.csv", "selected_indices.npy", "selected_ids.txt"]


@pytest.fixture(scope="module")
def run() -> Run:
    return Run(Settings(dataset="digits", embeddings="pixels", projection="pca", diversity="vendi"), Store())


@pytest.fixture(scope="module")
def files(run: Run) -> dict[str, bytes]:
    return run.export_files()


def test_all_files_describe_the_same_selection(run: Run, files: dict[str, bytes]) -> None:
    assert list(files) == NAMES
    indices = np.load(io.BytesIO(files["selected_indices.npy"]), allow_pickle=False)
    assert indices.dtype == np.int64
    assert (np.diff(indices) > 0).all()
    samples = pd.read_parquet(io.BytesIO(files["samples.parquet"]))
    columns = "id,path,label,class_name,bin,rank,draw_position,gain,texture,umap_x,umap_y,selected"
    assert ",".join(samples.columns) == columns
    assert np.flatnonzero(samples["selected"]).tolist() == indices.tolist()
    assert files["selected_ids.txt"].decode().splitlines() == samples["id"][samples["selected"]].tolist()
    bins = pd.read_csv(io.BytesIO(files["bins.csv"]))
    assert bins["quota"].tolist() == samples[samples["selected"]].groupby("bin").size().tolist()
    assert bins["capacity"].tolist() == samples.groupby("bin").size().tolist()
    assert (samples["selected"] == (samples["draw_position"] < bins["quota"].to_numpy()[samples["bin"]])).all()
    np.testing.assert_allclose(bins["representativeness"], samples.groupby("bin")["texture"].mean(), rtol=1e-12)
    np.testing.assert_allclose(bins["importance"], bins["representativeness_norm"] + bins["diversity_norm"], rtol=1e-12)
    assert bins["importance_share"].sum() == pytest.approx(1)


def test_the_manifest_lists_settings_data_stages_and_files(run: Run, files: dict[str, bytes]) -> None:
    manifest = json.loads(files["manifest.json"])
    assert Settings.from_mapping(manifest["settings"]) == run.settings
    assert manifest["dataset"]["digest"] == run.dataset.key
    assert manifest["dataset"]["images"] == len(run.dataset) == sum(manifest["dataset"]["classes"].values())
    assert manifest["selected"]["images"] == sum(manifest["selected"]["classes"].values())
    for name, entry in manifest["files"].items():
        assert entry["sha256"] == hashlib.sha256(files[name]).hexdigest()
    assert set(manifest["files"]) == set(NAMES[1:])
    for name, record in run.stages().items():
        assert manifest["stations"][name] == {"key": record.key, "digest": record.digest()}


def test_a_repeat_with_an_empty_store_gives_the_same_bytes(files: dict[str, bytes]) -> None:
    settings = Settings.from_json(files["manifest.json"].decode())
    assert Run(settings, Store()).export_files() == files


def test_stages_with_other_digests_are_listed(run: Run, files: dict[str, bytes]) -> None:
    manifest = json.loads(files["manifest.json"])
    digest = run.dataset.digest()
    assert differing_digests(manifest, run.stages(), digest) == []
    assert differing_digests(manifest, run.stages(), "0" * 32) == ["dataset"]
    manifest["stations"]["embeddings"]["digest"] = "0" * 32
    assert differing_digests(manifest, run.stages(), digest) == ["embeddings"]


@pytest.mark.parametrize("entries", [None, 5, [], {"bins": 5}, {"bins": {}}, {"bins": {"digest": None}}])
def test_a_manifest_of_another_form_is_not_compared(run: Run, entries: object) -> None:
    assert differing_digests({"stations": entries, "dataset": entries}, run.stages(), "0" * 32) == []


def test_the_manifest_names_the_libraries_that_made_each_result(run: Run, files: dict[str, bytes]) -> None:
    versions = json.loads(files["manifest.json"])["versions"]
    assert set(versions["stages"]) == set(run.stages())
    assert versions["stages"]["bins"] == {name: metadata.version(name) for name in ("numba", "numpy")}
    assert "umap-learn" not in versions["stages"]["projection"]  # this map is PCA
    assert versions["adq-explorer"] == metadata.version("adq-explorer")


def test_a_folder_with_files_is_refused_and_overwrite_replaces_only_exported_files(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(StorageError) as caught:
        write_files({"bins.csv": b"a"}, tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} must be empty, but it contains files. Give another folder or add --overwrite."
    )
    write_files({"bins.csv": b"a"}, tmp_path, overwrite=True)
    write_files({"bins.csv": b"b"}, tmp_path, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bins.csv", "mine.txt"]
    assert (tmp_path / "bins.csv").read_bytes() == b"b"
    with pytest.raises(StorageError, match="is a file"):
        check_target(tmp_path / "mine.txt", overwrite=True)


def test_a_full_disk_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if "second" in self.name:
            real(self, data[:1])
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    target = tmp_path / "out"
    with pytest.raises(StorageError) as caught:
        write_files({"first": b"aaa", "second": b"bbb"}, target)
    assert str(caught.value) == (
        f"Could not write {target}: No space left on device. Free some space or name another folder with --out."
    )
    assert not target.exists()
