"""Scores: representativeness (Rep), diversity (Div) and importance (IS) of every bin."""

from .augmentations import (
    PUBLISHED_SIZE,
    augmentation_size,
    encode_augmentations,
    has_encoder,
    load_view_encoder,
    published_backbone,
    published_note,
)
from .contrastive import HEADS, apply_head
from .diversity import DIVERSITIES
from .importance import NORMALISATIONS, amplification, bin_means, score_bins
from .representativeness import measure_representativeness
from .samples import sample_bins

__all__ = [
    "DIVERSITIES",
    "HEADS",
    "NORMALISATIONS",
    "PUBLISHED_SIZE",
    "amplification",
    "apply_head",
    "augmentation_size",
    "bin_means",
    "encode_augmentations",
    "has_encoder",
    "load_view_encoder",
    "measure_representativeness",
    "published_backbone",
    "published_note",
    "sample_bins",
    "score_bins",
]
