"""Projection: feature vectors to points in the plane (the map), and how many neighbours it preserves."""

from .labels import label_places
from .projection import EXACT_KNN_MAX, RECALL_SAMPLE, compile_umap, knn_recall, mean_knn_recall, project

__all__ = ["EXACT_KNN_MAX", "RECALL_SAMPLE", "compile_umap", "knn_recall", "label_places", "mean_knn_recall", "project"]
