"""Projection: feature vectors to points of the plane (the map), and the share of neighbours that it preserves."""

from ._project import compile_umap, project
from .labels import label_places
from .preview import preview
from .quality import EXACT_KNN_MAX, RECALL_SAMPLE, knn_recall, mean_knn_recall

__all__ = [
    "EXACT_KNN_MAX",
    "RECALL_SAMPLE",
    "compile_umap",
    "knn_recall",
    "label_places",
    "mean_knn_recall",
    "preview",
    "project",
]
