"""The export as one zip, and the command line that writes the same. No Streamlit in here."""

from __future__ import annotations

import copy
import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping

from adq_core import Run, Settings
from adq_core.digests import content_digest, derive_key
from adq_core.export import add_file, list_file

MAX_NAME = 120  # bytes of a data set's name in the name of a file
CONTENTS = {  # description of each file of `adq_core.export.export_files`, for the Export page
    "manifest.json": "all settings, versions, counts and digests, and the skipped files with the reason",
    "samples.parquet": "one row per image: bin, rank, draw position, gain, texture, position on the map, selected",
    "bins.csv": "one row per bin: capacity, raw and normalised scores, quota",
    "selected_indices.npy": "the selected images by index, int64: the position of a file in torchvision's ImageFolder "
    "of the folder, or the row of an array; the manifest states which",
    "selected_ids.txt": "the ids of the selected images, one per line; control characters and backslashes as in JSON",
    "selected.jsonl": "one JSON object per selected image: id, index, label, file",
}
LIST_CONTENTS = {  # of the files that an export has only if a list has an image
    list_file("always"): "the ids of the images that you always keep",
    list_file("never"): "the ids of the images that you never take",
}


def key(run: Run) -> str:
    """Return the key of an export: all settings, the data's digest, and what else the files say about the data set."""
    data = run.dataset
    about = (content_digest(data.indices), data.skipped, data.reading)
    return derive_key("zip", run.settings.to_json(), data.key, *about)


def with_names(settings: Settings, names: Mapping[str, str | None]) -> Settings:
    """Return settings with other names of files, for texts only: the names need not exist on this server."""
    shown = copy.copy(settings)
    for name, value in names.items():
        object.__setattr__(shown, name, value)
    return shown


def export_files(run: Run, shown: Settings) -> dict[str, bytes]:
    """Return the exported files of a run; the manifest has the names of files in `shown`."""
    run.stages()  # computed with the real names
    other = copy.copy(run)
    other.settings = shown
    return other.export_files()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return the files as one zip; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            add_file(archive, name, content)
    return out.getvalue()


def safe_name(name: str) -> str:
    """Return a name as part of a file name: letters of all scripts, at most `MAX_NAME` bytes."""
    text = unicodedata.normalize("NFC", name).encode("utf-8", "ignore").decode()
    text = re.sub(
        r"[\x00-\x1f\x7f\s<>:\"'/\\|?*&;$`!(){}\[\]\u200e\u200f\u2028-\u202e\u2066-\u2069~#%,^=+@]+", "-", text
    )
    while len(text.encode()) > MAX_NAME:
        text = text[:-1]
    return text.strip("-.") or "dataset"
