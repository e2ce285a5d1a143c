"""`croissant.json`: a description of an export in the Croissant format of MLCommons (JSON-LD)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from .image_folder import CROISSANT
from .subset import Subset

if TYPE_CHECKING:
    from .formats import Format

__all__ = ["CROISSANT", "croissant"]

TARS = "*.tar"
CITATION = (
    "@inproceedings{li2025adaptive, title={Adaptive Dataset Quantization}, author={Li, Muquan and Zhang, Dongyang and "
    "Dong, Qiang and Xie, Xiurui and Qin, Ke}, booktitle={AAAI}, year={2025}}"
)
CONFORMS = "http://mlcommons.org/croissant/1.0"
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
MEDIA_TYPES = {
    "jsonl": "application/jsonlines",
    "csv": "text/csv",
    "parquet": "application/x-parquet",
    "tar": "application/x-tar",
    "json": "application/json",
    "npy": "application/octet-stream",
    "txt": "text/plain",
    "md": "text/markdown",
    "py": "text/x-python",
}
IMAGE_TYPES = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif", ".jif"), "image/jpeg"),
    **dict.fromkeys((".tif", ".tiff"), "image/tiff"),
    ".apng": "image/png",
}
KINDS = {"i": "sc:Integer", "u": "sc:Integer", "f": "sc:Float", "b": "sc:Boolean"}
TABLE, IMAGES = "table", "image-files"  # names of the sources


def croissant(subset: Subset, chosen: Format, files: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Return the description: the files with their digests, and one record set with a field per column.

    Where the images are files of their own, a second record set has the images; `file_name` joins the two. The licence
    of the images is not known here, so the description does not state one.
    """
    endings = sorted({subset.suffix_of(number) for number in range(len(subset))}) if chosen.images else []
    if chosen.images == TARS:
        endings = sorted({ending.lower() for ending in endings})
    about = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        "name": subset.name,
        "description": f"{len(subset):,} images of {subset.name}, selected by Adaptive Dataset Quantization.",
        "citeAs": CITATION,
        "url": "https://arxiv.org/abs/2412.16895",
        "version": "1.0.0",
        "distribution": _distribution(chosen, files, endings),
        "recordSet": _record_sets(subset, chosen),
    }
    return (json.dumps(about, indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode()


def _distribution(chosen: Format, files: Mapping[str, Mapping[str, Any]], endings: list[str]) -> list[dict[str, Any]]:
    """Return the files that are not images one by one, and sets of files for images and for tables of several files."""
    found: list[dict[str, Any]] = []
    shards: list[dict[str, Any]] = []
    for name, entry in files.items():
        if name == chosen.table or not _in_set(name, chosen):
            found.append(_file(TABLE if name == chosen.table else name, name, entry))
        if name.endswith(".tar"):
            shards.append({"@id": name})
    if "*" in chosen.table:
        found.append(_set(TABLE, chosen.table, MEDIA_TYPES["parquet"]))
    if chosen.images:
        images = _set(IMAGES, [f"*{ending}" for ending in endings], _image_types(endings))
        found.append(images | ({"containedIn": shards} if shards else {}))
    return found


def _in_set(name: str, chosen: Format) -> bool:
    """Return whether a file is one of a set, which is not listed by itself; archives are listed."""
    patterns = (chosen.table, "" if chosen.images == TARS else chosen.images)
    return any(pattern and fnmatchcase(name, pattern) for pattern in patterns)


def _image_types(endings: list[str]) -> list[str]:
    """Return the media types of images with these endings, those first that `mlcroissant` reads."""
    types = {IMAGE_TYPES.get(ending.lower(), f"image/{ending[1:].lower()}") for ending in endings}
    return sorted(types, key=lambda name: (name not in ("image/jpeg", "image/png"), name))


def _file(key: str, name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    ending = name.rpartition(".")[2]
    return {
        "@type": "cr:FileObject",
        "@id": key,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{entry['bytes']} B",
        "encodingFormat": MEDIA_TYPES.get(ending, "application/octet-stream"),
        "sha256": entry["sha256"],
    }


def _set(key: str, pattern: str | list[str], media_type: str | list[str]) -> dict[str, Any]:
    return {"@type": "cr:FileSet", "@id": key, "name": key, "encodingFormat": media_type, "includes": pattern}


def _record_sets(subset: Subset, chosen: Format) -> list[dict[str, Any]]:
    source = {"fileSet" if "*" in chosen.table else "fileObject": {"@id": TABLE}}
    fields = [
        _field("rows", name, kind, source | {"extract": {"column": name}})
        for name, kind in columns_of(subset, chosen).items()
    ]
    if chosen.table.startswith(("data/", "embedding_atlas")) and subset.dataset.has_images:
        image = {"extract": {"column": "image"}, "transform": {"jsonPath": "bytes"}}
        fields.insert(0, _field("rows", "image", "sc:ImageObject", source | image))
    sets = [{"@type": "cr:RecordSet", "@id": "rows", "name": "rows", "field": fields}]
    if chosen.images:
        images = {"fileSet": {"@id": IMAGES}}
        sets.append(
            {
                "@type": "cr:RecordSet",
                "@id": "images",
                "name": "images",
                "field": [
                    _field("images", "file_name", "sc:Text", images | {"extract": {"fileProperty": "fullpath"}}),
                    _field("images", "image", "sc:ImageObject", images | {"extract": {"fileProperty": "content"}}),
                ],
            }
        )
    return sets


def _field(record_set: str, name: str, kind: str, source: dict[str, Any]) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": f"{record_set}/{name}", "name": name, "dataType": kind, "source": source}


def columns_of(subset: Subset, chosen: Format) -> dict[str, str]:
    """Return the columns of the table of a format with their types."""
    if chosen.table == "samples.parquet":
        return _kinds(subset.samples)
    if chosen.table.startswith("selected"):
        return _kinds(subset.table)
    kinds = _kinds(subset.table.drop(columns=["label", "path"], errors="ignore"))
    named = {"label" if name == "class_name" else name: kind for name, kind in kinds.items()}
    if chosen.table == "data/*.parquet":
        return {**named, "label": "sc:Integer"}
    if chosen.table.startswith("embedding_atlas"):
        renamed = {"umap_x": "projection_x", "umap_y": "projection_y"}
        return {renamed.get(name, name): kind for name, kind in named.items()}
    return {"file_name": "sc:Text", **named}


def _kinds(table: Any) -> dict[str, str]:
    return {str(name): KINDS.get(getattr(dtype, "kind", "O"), "sc:Text") for name, dtype in table.dtypes.items()}
