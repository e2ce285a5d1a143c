"""Projection: feature vectors to points in the plane (the map), and how many neighbours it preserves."""

from .projection import EXACT, JUDGED, compile_umap, neighbour_preservation, neighbours_kept, project

__all__ = ["EXACT", "JUDGED", "compile_umap", "neighbour_preservation", "neighbours_kept", "project"]
