"""`embedding-atlas`: one Parquet file with the map, the nearest neighbours and small images, for Embedding Atlas."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image as Pillow

from adq_core.progress import Progress
from adq_core.records import Floats, Ints

from .options import ExportOptions
from .sinks import Sink
from .subset import Subset

N_NEIGHBOURS = 15
BLOCK = 1024  # images whose neighbours are searched at once
SIDE = 64  # pixels of the longer side of an image in the table
NAME = "embedding_atlas.parquet"
CARD = """Open with Embedding Atlas (https://apple.github.io/embedding-atlas):

    pip install embedding-atlas
    embedding-atlas {name} --x projection_x --y projection_y --neighbors neighbors{image}
"""


def write_embedding_atlas(subset: Subset, sink: Sink, options: ExportOptions, progress: Progress) -> None:
    """Write `embedding_atlas.parquet`: one row per selected image.

    `projection_x` and `projection_y` are its position on the map. `neighbors` has the rows of the 15 most similar
    selected images (`ids`, itself first) and their Euclidean distances in the embedding (`distances`). `image` is a PNG
    of at most 64 pixels, where the data set has images.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = subset.table.drop(columns=["label", "path"], errors="ignore")
    names = {"umap_x": "projection_x", "umap_y": "projection_y", "class_name": "label"}
    columns = pa.Table.from_pandas(table.rename(columns=names), preserve_index=False).replace_schema_metadata(None)
    ids, distances = neighbours(np.asarray(subset.vectors()), subset.places, progress)
    pairs = [{"ids": near, "distances": far} for near, far in zip(ids.tolist(), distances.tolist(), strict=True)]
    kind = pa.struct([("ids", pa.list_(pa.int64())), ("distances", pa.list_(pa.float64()))])
    columns = columns.append_column("neighbors", pa.array(pairs, kind))
    if subset.dataset.has_images:
        columns = columns.append_column("image", _images(subset, progress))
    with sink.open(NAME) as file:
        pq.write_table(columns, pa.PythonFile(file, "w"), compression="zstd")
    image = " --image image" if subset.dataset.has_images else ""
    sink.add("README.md", CARD.format(name=NAME, image=image).encode())


def neighbours(vectors: Floats, places: Ints, progress: Progress) -> tuple[Ints, Floats]:
    """Return the nearest vectors of those at `places`, themselves first: (n, k) int64 and their distances, (n, k).

    Distances are Euclidean and computed exactly, block by block.
    """
    from sklearn.neighbors import NearestNeighbors

    k = min(N_NEIGHBOURS, len(vectors))
    search = NearestNeighbors(n_neighbors=k, algorithm="brute", n_jobs=1).fit(vectors)
    ids, distances = np.empty((len(places), k), np.int64), np.empty((len(places), k))
    for start in range(0, len(places), BLOCK):
        progress(start, len(places), "neighbours")
        block = slice(start, start + BLOCK)
        distances[block], ids[block] = search.kneighbors(vectors[places[block]])
        for number, place in enumerate(places[block]):
            _itself_first(ids[start + number], distances[start + number], int(place))
    return ids, distances


def _itself_first(ids: Ints, distances: Floats, place: int) -> None:
    """Put an image before its copies, in place; if it has more copies than neighbours, instead of the last one."""
    found = np.flatnonzero(ids == place)
    at = int(found[0]) if len(found) else len(ids) - 1
    ids[1 : at + 1], distances[1 : at + 1] = ids[:at].copy(), distances[:at].copy()
    ids[0], distances[0] = place, 0.0


def _images(subset: Subset, progress: Progress) -> Any:
    """Return the small images as an array of `{bytes, path}`."""
    import pyarrow as pa

    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    parts = []
    for start in range(0, len(subset), BLOCK):
        images = []
        for number in range(start, min(start + BLOCK, len(subset))):
            progress(number, len(subset), "images")
            file = io.BytesIO()
            with Pillow.fromarray(subset.dataset.pixels(int(subset.rows[number]))) as image:
                image.thumbnail((SIDE, SIDE))
                image.save(file, "PNG")
            images.append({"bytes": file.getvalue(), "path": f"{number:07d}.png"})
        parts.append(pa.array(images, kind))
    return pa.chunked_array(parts, kind)
