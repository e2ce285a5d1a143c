"""A small map for the tests of its component: points, the values of a view, and the reading of its blob."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from adq_core.selection.draw_orders import draw_order
from app.components.bin_map import MapView, QuotaSteps

KINDS = {"f4": np.float32, "u4": np.uint32, "u2": np.uint16, "u1": np.uint8}


def unpack(blob: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read a blob as `decode` in data.js does."""
    assert blob[:4] == b"ADQM"
    length = int(np.frombuffer(blob, np.uint32, 1, 4)[0])
    header = json.loads(blob[8 : 8 + length])
    found, at = {}, 8 + length
    for name, kind, many in header["arrays"]:
        found[name] = np.frombuffer(blob, KINDS[kind], many, at)
        at += -(-found[name].nbytes // 4) * 4
    assert at == len(blob)
    return header, found


def set_of(m: int, n_bins: int, n_classes: int = 3, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(m) % n_classes
    bin_of = rng.permutation(np.arange(m) % n_bins).astype(np.int32)
    rank = np.empty(m, np.int64)
    for c in range(n_classes):
        rows = np.flatnonzero(labels == c)
        rank[rows[np.argsort(bin_of[rows], kind="stable")]] = np.arange(len(rows))
    position = draw_order(bin_of, labels, rank, n_bins=n_bins, texture=np.zeros(m)).draw_position
    xy = rng.normal(size=(m, 2)).astype(np.float32)
    return {"xy": xy, "bin_of": bin_of, "labels": labels, "rank": rank, "draw_position": position}


def view_of(n_bins: int = 4, **changes: Any) -> MapView:
    table = QuotaSteps(np.arange(101) / 100, np.tile(np.arange(n_bins), (101, 1)))
    plain = {"quotas": table, "alpha": 0.65, "bin_colours": (["#000000"], ["#ffffff"]), "class_colours": ([], [])}
    return MapView(**{**plain, **changes})
