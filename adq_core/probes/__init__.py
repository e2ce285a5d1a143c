"""Probes: quick classifiers on embeddings that measure how much a subset teaches."""

from .margins import out_of_fold_margins, stratified_folds
from .ridge import PENALTIES, RidgeFit, choose_penalty, correct_predictions, probe_features

__all__ = [
    "PENALTIES",
    "RidgeFit",
    "choose_penalty",
    "correct_predictions",
    "out_of_fold_margins",
    "probe_features",
    "stratified_folds",
]
