"""Digests of every stage and of every exported file, for the regression test in this folder.

`python tests/golden/record.py SHARED_DATA` records all cases again and prints what changed. The file also holds the
machine facts on which float32 results depend; the test compares only on a machine with the same facts.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run as a script: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).parents[2]))

from adq_core import Run, Settings

RECORDED = Path(__file__).with_name("digests.json")


def machine_facts() -> dict[str, str]:
    """Return the facts that can change the last digit of a float32 result: vector instructions and library versions."""
    import torch

    versions = {
        name: metadata.version(name) for name in ("numpy", "torch", "umap-learn", "numba", "scikit-learn", "timm")
    }
    return {"cpu": torch.backends.cpu.get_cpu_capability()} | versions


def golden_digests(run: Run) -> dict[str, str]:
    """Return the content digest of every stage and the SHA-256 of every exported file of a run.

    The manifest is compared without its versions and without the path of the data set.
    """
    found = {name: record.digest() for name, record in run.stages().items()}
    found["dataset"] = run.dataset.digest()
    found["patch_masks"] = (
        run.patch_masks(list(range(min(20, len(run.dataset))))).digest() if run.dataset.has_images else ""
    )
    for name, content in run.export_files().items():
        if name == "manifest.json":
            manifest = json.loads(content)
            del manifest["versions"]
            del manifest["settings"]["dataset"]
            for stage in manifest["stations"].values():
                del stage["key"]
            content = json.dumps(manifest, sort_keys=True).encode()
        found[f"file {name}"] = hashlib.sha256(content).hexdigest()
    return found


SMALL = {"embeddings": "small"}
DATA = {"clothing": "clothing/train", "cifar10": "cifar10/train_0.npz"}  # below the folder of shared data
CASES: dict[str, dict[str, Any]] = {  # name of a case: its settings; `dataset` is the name before the comma
    "digits": SMALL,
    "shapes": SMALL,
    "photos": SMALL,
    "clothing": SMALL,
    "cifar10": SMALL,
    "digits, lite0": {},
    "photos, lite0": {},
    "clothing, lite0": {},
    "digits, exact": {"embeddings": "pixels", "projection": "pca", "diversity": "vectors"},
}


def settings_of(case: str, shared: Path | None) -> Settings:
    """Return the settings of a case; `shared` is the folder of shared data, which some cases need."""
    name = case.split(",")[0]
    dataset = str(shared / DATA[name]) if shared is not None and name in DATA else name
    return Settings(dataset=dataset, **CASES[case])


def record(case: str, shared: Path) -> dict[str, str]:
    """Return the digests of one case, computed in an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        from adq_core.storage.store import Store

        return golden_digests(Run(settings_of(case, shared), Store(folder)))


if __name__ == "__main__":
    earlier = json.loads(RECORDED.read_text(encoding="utf-8"))["digests"]
    digests = {}
    for each in CASES:
        digests[each] = record(each, Path(sys.argv[1]))
        before = earlier.get(each, {})
        print(each, "changed:", sorted(name for name, value in digests[each].items() if before.get(name) != value))
    content = {"machine": machine_facts(), "digests": digests}
    RECORDED.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
