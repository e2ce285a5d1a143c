"""Scores: representativeness (Rep), diversity (Div) and importance (IS) of every bin."""

from .augmentations import VIEW_SIZES, has_encoder, open_eye, view_vectors
from .contrastive import HEADS, apply_head
from .diversity import DIVERSITIES, unit_rows
from .importance import NORMALISATIONS, amplification, bin_means, score_bins
from .representativeness import measure

__all__ = [
    "DIVERSITIES",
    "HEADS",
    "NORMALISATIONS",
    "VIEW_SIZES",
    "amplification",
    "apply_head",
    "bin_means",
    "has_encoder",
    "measure",
    "open_eye",
    "score_bins",
    "unit_rows",
    "view_vectors",
]
