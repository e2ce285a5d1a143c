"""The tables of an export: one row per image, one row per bin."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from adq_core.data import ImageDataset, is_numeric
from adq_core.records import Bins, BinScores, Projection, Quotas, Selection, Texture

if TYPE_CHECKING:
    import pandas as pd  # imported inside the functions: it takes 0.2 s


def samples_table(
    dataset: ImageDataset, projection: Projection, bins: Bins, texture: Texture | None, selection: Selection
) -> pd.DataFrame:
    """Return one row per image, in the data set's order, with its scores, its bin and whether it is selected.

    `index` is the number of the image as `dataset.reading.index` describes it: its position in an `ImageFolder`, or its
    row in an array. `label` is the position of `class_name` among the class names of the manifest.
    """
    import pandas as pd

    return pd.DataFrame(
        {
            "id": pd.Series(dataset.ids, dtype="str"),
            "index": dataset.indices,
            "path": pd.Series(dataset.paths if dataset.paths is not None else [None] * len(dataset), dtype="str"),
            "label": dataset.labels,
            "class_name": pd.Series(np.asarray(dataset.class_names, dtype=object)[dataset.labels], dtype="str"),
            "bin": bins.bin_of,
            "rank": bins.rank,
            "draw_position": selection.draw_position,
            "gain": bins.gain,
            "texture": np.full(len(dataset), np.nan) if texture is None else texture.values,
            "umap_x": projection.xy[:, 0],
            "umap_y": projection.xy[:, 1],
            "selected": selection.selected,
            **own_columns(dataset),
        }
    )


def own_columns(dataset: ImageDataset) -> dict[str, pd.Series]:
    """Return the own columns of the data set for a table: missing numbers are nan, missing texts are None."""
    import pandas as pd

    return {
        name: pd.Series(values) if is_numeric(values) else pd.Series([text or None for text in values], dtype="str")
        for name, values in dataset.columns.items()
    }


def bins_table(scores: BinScores, quotas: Quotas) -> pd.DataFrame:
    """Return one row per bin: capacity, raw and normalised scores, importance, mixing ratio r and quota."""
    import pandas as pd

    return pd.DataFrame(
        {
            "bin": np.arange(len(quotas.quota)),
            "capacity": quotas.capacity,
            "representativeness": scores.representativeness,
            "diversity": scores.diversity,
            "representativeness_norm": scores.representativeness_norm,
            "diversity_norm": scores.diversity_norm,
            "importance": scores.importance,
            "importance_share": quotas.importance_share,
            "r": quotas.r,
            "quota": quotas.quota,
        }
    )


def parquet(frame: pd.DataFrame) -> bytes:
    """Return the bytes of a parquet file with this table; equal tables give equal bytes."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()
