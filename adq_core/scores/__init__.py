"""Scores: representativeness (Rep), diversity (Div) and importance (IS) of every bin."""

from .augmentations import AUGMENTATION_SIZES, encode_augmentations, has_encoder, load_view_encoder
from .contrastive import HEADS, apply_head
from .diversity import DIVERSITIES
from .importance import NORMALISATIONS, amplification, bin_means, score_bins
from .representativeness import measure_representativeness
from .samples import sample_bins

__all__ = [
    "AUGMENTATION_SIZES",
    "DIVERSITIES",
    "HEADS",
    "NORMALISATIONS",
    "amplification",
    "apply_head",
    "bin_means",
    "encode_augmentations",
    "has_encoder",
    "load_view_encoder",
    "measure_representativeness",
    "sample_bins",
    "score_bins",
]
