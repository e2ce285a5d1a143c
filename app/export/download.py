"""The export as one zip, and the command line that writes the same. No Streamlit in here."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, fields

from adq_core import Run, Settings
from adq_core.digests import content_digest, derive_key
from adq_core.export import add_file

CONTENTS = {  # description of each file of `adq_core.export.export_files`, for the Export page
    "manifest.json": "all settings, versions, counts and digests, and the skipped files with the reason",
    "samples.parquet": "one row per image: bin, rank, draw position, gain, texture, position on the map, selected",
    "bins.csv": "one row per bin: capacity, raw and normalised scores, quota",
    "selected_indices.npy": "the selected images by index, int64: the position of a file in torchvision's ImageFolder "
    "of the folder, or the row of an array; the manifest states which",
    "selected_ids.txt": "the ids of the selected images, one per line; control characters and backslashes as in JSON",
    "selected.jsonl": "one JSON object per selected image: id, index, label, file",
}


def key(run: Run) -> str:
    """Return the key of an export: all settings, the data's digest, and what else the files say about the data set."""
    data = run.dataset
    about = (content_digest(data.indices), data.skipped, data.reading)
    return derive_key("zip", run.settings.to_json(), data.key, *about)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return the files as one zip; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            add_file(archive, name, content)
    return out.getvalue()


def safe_name(name: str) -> str:
    """Return a data set's name as part of a file name."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.") or "dataset"


def command(settings: Settings) -> list[str]:
    """Return the command line that repeats this run; it names the settings that differ from their defaults."""
    words = ["python", "-m", "adq_core", "run", settings.dataset]
    values = asdict(settings)
    for spec in fields(Settings):
        if spec.name != "dataset" and values[spec.name] != spec.default:
            words += ["--" + spec.name.replace("_", "-"), str(values[spec.name])]
    return [*words, "--out", "DIR"]
