"""The contrastive head: its loss against loops, the rows it trains on, and the head that it returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from adq_core.models import LoadedBackbone, find_backbone  # noqa: E402
from adq_core.records import AugmentedFeatures  # noqa: E402
from adq_core.scores import augmentations as views  # noqa: E402
from adq_core.scores import contrastive as heads  # noqa: E402
from adq_core.scores import head_training  # noqa: E402
from tests import diversity_oracles  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")


def two_views(
    n: int = 200, d: int = 10, n_bins: int = 3, noise: float = 2.0, seed: int = 0
) -> tuple[AugmentedFeatures, np.ndarray]:
    """Return two views of n objects: three values identify the object, others are noise; scales and means differ."""
    rng = np.random.default_rng(seed)
    thing = np.repeat(rng.normal(0, 1, (1, n, 3)), 2, axis=0) + 0.4 * rng.normal(0, 1, (2, n, 3))
    vectors = np.concatenate([thing, noise * rng.normal(0, 1, (2, n, d - 3))], axis=2)
    vectors = vectors * np.geomspace(0.5, 4, d) + np.linspace(-3, 5, d)
    return AugmentedFeatures(vectors=vectors.astype(np.float32), name="made up", key="made up"), np.arange(n) % n_bins


def test_the_loss_is_info_nce_at_temperature_0_07() -> None:
    rng = np.random.default_rng(0)
    for n in (1, 2, 5):
        features = rng.normal(0, 1, (2, n, 4))
        head = heads.random_head(4, seed=n)
        parts = [
            torch.from_numpy(np.array(getattr(head, name), np.float64))
            for name in ("weight_in", "bias_in", "weight_out", "bias_out")
        ]
        found = float(head_training.head_loss(torch.from_numpy(features), parts))
        outputs = [[diversity_oracles.head_output(head, row) for row in view] for view in features]
        assert found == pytest.approx(diversity_oracles.info_nce(*outputs, temperature=0.07), rel=1e-9)


def test_info_nce_checked_by_hand() -> None:
    # Two images; views of one image are equal, views of different images orthogonal: -log(e^(1/t) / (e^(1/t) + 2)).
    assert diversity_oracles.info_nce(np.eye(2), np.eye(2), temperature=0.5) == pytest.approx(
        np.log(1 + 2 * np.exp(-2))
    )


def test_steps_are_those_of_adam() -> None:
    rng = np.random.default_rng(0)
    ours = [torch.from_numpy(rng.normal(0, 1, shape)) for shape in ((3, 2), (3,))]
    theirs = [value.clone().requires_grad_() for value in ours]
    moments: list[dict[str, Any]] = [{}, {}]
    adam = torch.optim.Adam(theirs, lr=1e-3)
    for step in range(1, 6):
        gradients = [torch.from_numpy(rng.normal(0, step, tuple(value.shape))) for value in ours]
        head_training.adam_step(ours, gradients, moments)
        for value, gradient in zip(theirs, gradients, strict=True):
            value.grad = gradient
        adam.step()
        for one, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(one, other.detach(), rtol=1e-9, atol=1e-12)


def test_early_stopping_counts_evaluations_without_a_sufficient_improvement() -> None:
    stopping = head_training.EarlyStopping(patience=2, min_delta=0.1)
    assert [stopping.improved(loss) for loss in (1.0, 0.95, 0.8, 0.75)] == [True, False, True, False]
    assert not stopping.stop
    assert not stopping.improved(float("nan"))
    assert stopping.stop
    assert stopping.best_loss == 0.8


class Batches:
    """Record the rows of every batch for which the loss is computed, in training and on held-out images."""

    def __init__(self, seen: AugmentedFeatures, monkeypatch: pytest.MonkeyPatch) -> None:
        self.trained: list[np.ndarray] = []
        self.held_out: list[np.ndarray] = []
        self._order = np.argsort(seen.vectors[0, :, 0])
        self._loss = head_training.head_loss
        self._values = np.sort(seen.vectors[0, :, 0])
        self._seen = seen
        monkeypatch.setattr(head_training, "head_loss", self)

    def __call__(self, features: Any, parameters: Any) -> Any:
        mean, std = self._seen.vectors.mean((0, 1)), self._seen.vectors.std((0, 1), ddof=1)
        raw = features[0, :, 0].numpy() * std[0] + mean[0]
        nearest = np.abs(self._values[None] - raw[:, None]).argmin(axis=1)
        (self.trained if torch.is_grad_enabled() else self.held_out).append(self._order[nearest])
        return self._loss(features, parameters)


def test_batches_contain_one_bin_each_and_never_a_held_out_image(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, bin_of = two_views(240)
    batches = Batches(seen, monkeypatch)
    heads.train_head(seen, bin_of, seed=1)
    for batch in batches.trained + batches.held_out:
        assert len(set(batch.tolist())) == len(batch), "no image is in a batch twice"
        assert len(set(bin_of[batch].tolist())) == 1
    held_out = set(np.concatenate(batches.held_out).tolist())
    trained = set(np.concatenate(batches.trained).tolist())
    assert not held_out & trained
    assert held_out | trained == set(range(240)), "every image is used"
    assert np.bincount(bin_of[sorted(held_out)]).tolist() == [8, 8, 8], "a tenth of each bin"
    assert {int(bin_of[batch[0]]) for batch in batches.trained} == {0, 1, 2}


def test_batches_are_drawn_anew_and_larger_bins_are_drawn_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head_training, "BATCH", 16)
    monkeypatch.setattr(head_training, "HELD_OUT", 0.0)  # so that it trains for all steps
    seen, _ = two_views(200)
    bin_of = (np.arange(200) >= 150).astype(int)
    batches = Batches(seen, monkeypatch)
    heads.train_head(seen, bin_of, seed=2)
    assert {len(batch) for batch in batches.trained} == {16}
    assert set(np.concatenate(batches.trained).tolist()) == set(range(200))
    share = np.mean([bin_of[batch[0]] == 0 for batch in batches.trained])
    assert share == pytest.approx(0.75, abs=0.07)


def test_a_random_head_is_drawn_as_torch_draws_a_linear_layer() -> None:
    head = heads.random_head(300, seed=4)
    for name, inputs in (("weight_in", 300), ("bias_in", 300), ("weight_out", 512), ("bias_out", 512)):
        values = getattr(head, name) * np.sqrt(inputs)
        assert np.abs(values).max() <= 1 + 1e-6
        assert values.mean() == pytest.approx(0, abs=4 / np.sqrt(3 * values.size))
        assert values.std() == pytest.approx(1 / np.sqrt(3), abs=0.05)


def held_out_loss(head: Any, seen: AugmentedFeatures, batches: list[np.ndarray]) -> float:
    """Return the mean loss of a head on batches of raw features, by loops."""
    losses = []
    for rows in batches:
        outputs = [
            [diversity_oracles.head_output(head, row) for row in view[rows].astype(np.float64)] for view in seen.vectors
        ]
        losses.append(diversity_oracles.info_nce(*outputs, temperature=0.07))
    return float(np.mean(losses))


@pytest.mark.parametrize("seed", [0, 3])
def test_the_returned_head_is_the_best_one_and_accepts_unscaled_features(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, bin_of = two_views(300, seed=seed)
    monkeypatch.setattr(
        head_training, "LEARNING_RATE", 3e-3
    )  # the head overfits early, so the last one is not the best
    batches = Batches(seen, monkeypatch)
    head = heads.train_head(seen, bin_of, seed=seed)
    history = head.losses[:, 1]
    best = history.min()
    assert history[-1] > best + 0.02, "otherwise the test would also pass with the last head"
    found = held_out_loss(head, seen, batches.held_out[:3])
    assert best - 1e-4 <= found <= best + head_training.MIN_DELTA + 1e-4


def test_training_stops_four_evaluations_after_the_last_improvement() -> None:
    seen, bin_of = two_views(300)
    history = heads.train_head(seen, bin_of, seed=0).losses[:, 1]
    best, last_gain = np.inf, 0
    for evaluation, loss in enumerate(history):
        if loss < best - 0.005:
            best, last_gain = loss, evaluation
    assert len(history) - 1 == min(last_gain + 4, 40)


def test_without_held_out_images_it_trains_for_all_steps() -> None:
    seen, bin_of = two_views(30)
    head = heads.train_head(seen, bin_of, seed=0)
    assert len(head.losses) == head_training.MAX_STEPS // head_training.EVAL_EVERY + 1
    assert np.isnan(head.losses[:, 1]).all()
    assert head.losses[-1, 0] < head.losses[1, 0] - 0.1, "the loss in training falls"
    drawn = heads.random_head(10, seed=0)
    rows = [np.flatnonzero(bin_of == 0)]
    assert held_out_loss(head, seen, rows) < held_out_loss(drawn, seen, rows) - 0.5, "the last head is returned"


class Channels(torch.nn.Module):
    """A network that returns the mean of each colour as it receives it."""

    def forward(self, images: Any) -> Any:
        return images.float().mean((2, 3))


CIFAR = ([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010])
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


HALF = ([0.5] * 3, [0.5] * 3)


@pytest.mark.parametrize(
    ("name", "scale", "size"),
    [("resnet18", IMAGENET, 64), ("resnet50", IMAGENET, 64), ("vit_b_16", IMAGENET, 224), ("lite0", HALF, 96)],
)
def test_views_are_scaled_as_the_network_needs_them(
    name: str, scale: tuple[list[float], list[float]], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = channels_instead_of_networks(monkeypatch)
    encoder = views.load_view_encoder(name, seed=0)
    assert_scaled(encoder, scale)
    assert encoder.size == views.augmentation_size(name) == size
    assert opened == [name]


@pytest.mark.parametrize("is_on_this_machine", [True, False])
def test_published_views_are_those_of_the_published_code_on_the_backbone_at_hand(
    is_on_this_machine: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "resnet18.pth"
    if is_on_this_machine:
        file.write_bytes(b"weights")
    monkeypatch.setattr(views, "published_file", lambda name: file)
    opened = channels_instead_of_networks(monkeypatch)
    encoder = views.load_view_encoder("published", seed=0)
    assert_scaled(encoder, CIFAR)
    assert encoder.size == 32
    assert opened == [views.published_backbone()] == ["resnet18" if is_on_this_machine else "lite0"]
    assert bool(views.published_note()) != is_on_this_machine


def channels_instead_of_networks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace every backbone by one that returns the mean of each channel; return the list of opened names."""
    opened: list[str] = []

    def load(name: str, weights: str | None, progress: object) -> LoadedBackbone:
        opened.append(name)
        return LoadedBackbone(Channels(), find_backbone(name).input)

    monkeypatch.setattr(views, "load_backbone", load)
    return opened


def assert_scaled(encoder: views.ViewEncoder, scale: tuple[list[float], list[float]]) -> None:
    images = np.random.default_rng(0).random((2, 3, 8, 8), np.float32)
    mean, std = np.array(scale[0]), np.array(scale[1])
    np.testing.assert_allclose(encoder.encode(images), (images.mean((2, 3)) - mean) / std, atol=1e-5)


def test_random_networks_see_views_scaled_as_in_the_published_code(monkeypatch: pytest.MonkeyPatch) -> None:
    import torchvision

    def model(weights: None) -> torch.nn.Module:
        assert weights is None
        return Channels()

    monkeypatch.setattr(torchvision.models, "resnet18", model)
    images = np.random.default_rng(0).random((2, 3, 8, 8), np.float32)
    expected = (images.mean((2, 3)) - np.array(CIFAR[0])) / np.array(CIFAR[1])
    np.testing.assert_allclose(views.load_view_encoder("random-resnet18").encode(images), expected, atol=1e-5)
