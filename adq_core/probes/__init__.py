"""Probes: classifiers on embeddings or pixels that measure how much a subset teaches."""

from .linear import choose_inverse_penalty, predict_by_logistic_regression
from .margins import out_of_fold_margins, stratified_folds
from .network import (
    NETWORK_VERSION,
    RECIPE,
    NetworkRecipe,
    network_device,
    network_images,
    seconds_per_training,
    train_and_predict,
    trainings_at_once,
)
from .ridge import PENALTIES, RidgeFit, choose_penalty, correct_predictions, probe_features

__all__ = [
    "NETWORK_VERSION",
    "PENALTIES",
    "RECIPE",
    "NetworkRecipe",
    "RidgeFit",
    "choose_inverse_penalty",
    "choose_penalty",
    "correct_predictions",
    "network_device",
    "network_images",
    "out_of_fold_margins",
    "predict_by_logistic_regression",
    "probe_features",
    "seconds_per_training",
    "stratified_folds",
    "train_and_predict",
    "trainings_at_once",
]
