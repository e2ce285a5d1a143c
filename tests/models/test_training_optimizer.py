"""The optimizer against the published formulas, and which parameters a training returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from adq_core.models.training import loop  # noqa: E402
from adq_core.models.training.config import TrainingConfig, TrainingState  # noqa: E402
from adq_core.models.training.optimizer import Muon, adam_update, muon_update  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")


def test_the_adam_update_is_that_of_adam() -> None:
    rng = np.random.default_rng(0)
    ours = torch.from_numpy(rng.normal(0, 1, (4, 3)))
    theirs = ours.clone().requires_grad_()
    adam = torch.optim.Adam([theirs], lr=0.01, betas=(0.9, 0.99), eps=1e-8)
    state: dict[str, Any] = {}
    for step in range(1, 8):
        gradient = torch.from_numpy(rng.normal(0, step, (4, 3)))
        ours = ours - 0.01 * adam_update(gradient, state)
        theirs.grad = gradient
        adam.step()
        torch.testing.assert_close(ours, theirs.detach(), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("shape", [(6, 6), (4, 20), (20, 4), (8, 3, 3, 3)])
def test_a_muon_update_has_equal_singular_values_and_the_size_of_an_adam_update(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    left, _, right = torch.linalg.svd(torch.randn(shape).flatten(1), full_matrices=False)
    gradient = (left * torch.logspace(0, -1.5, left.shape[1]) @ right).reshape(shape)  # far from orthogonal
    matrix = muon_update(gradient, {}).flatten(1)
    scale = 0.2 * max(matrix.shape) ** 0.5
    values = torch.linalg.svdvals(matrix) / scale
    assert 0.3 < float(values.min()) <= float(values.max()) < 1.3
    torch.testing.assert_close(matrix / scale, left @ right, atol=0.6, rtol=0)
    assert float((matrix / scale * (left @ right)).sum() / (left @ right).square().sum()) > 0.7


def test_muon_uses_nesterov_momentum() -> None:
    torch.manual_seed(1)
    first, second = torch.randn(5, 5), torch.randn(5, 5)
    state: dict[str, Any] = {}
    muon_update(first, state)
    update = muon_update(second, state)
    mean = 0.95 * (0.05 * first) + 0.05 * second
    ahead = 0.05 * second + 0.95 * mean
    torch.testing.assert_close(update, muon_update(ahead / 0.05, {}) * 1.0, atol=0.35, rtol=0)
    torch.testing.assert_close(state["mean"], mean)


class Network(torch.nn.Module):
    """One parameter of each kind: inner matrix, outer matrix, vector."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.body = torch.nn.Linear(3, 4), torch.nn.Linear(4, 4)


def test_inner_matrices_use_muon_and_all_other_parameters_adam_without_decay_of_vectors() -> None:
    torch.manual_seed(0)
    network = Network()
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    optimizer = Muon(network, learning_rate=0.1, weight_decay=0.5)
    gradients = {name: torch.randn_like(value) for name, value in before.items()}
    for name, value in network.named_parameters():
        value.grad = gradients[name].clone()
    optimizer.step()
    for name, value in network.named_parameters():
        update = (muon_update if name == "body.weight" else adam_update)(gradients[name], {})
        decay = 1.0 if name.endswith("bias") else 1 - 0.1 * 0.5
        torch.testing.assert_close(value.detach(), before[name] * decay - 0.1 * update)


def fit(
    path: Path, held_out: list[float], patience: int = 6
) -> tuple[torch.nn.Linear, list[torch.Tensor], TrainingState]:
    """Train a linear layer with these held-out losses, one per epoch; return it with its weights after every epoch."""
    torch.manual_seed(0)
    network, after = torch.nn.Linear(2, 1), []

    def held_out_loss(rows: np.ndarray) -> float:
        after.append(network.weight.detach().clone())
        return held_out[len(after) - 1]

    state = loop.fit(
        network,
        lambda rows: network(torch.ones(len(rows), 2)).square().mean(),
        held_out_loss,
        40,
        TrainingConfig(epochs=len(held_out), batch_size=8, learning_rate=0.05, held_out=0.2, patience=patience),
        checkpoint=path,
        name="line",
    )
    return network, after, state


def test_a_training_returns_the_best_parameters_and_not_the_last(tmp_path: Path) -> None:
    network, after, state = fit(tmp_path / "c", [3.0, 1.0, 2.0, 4.0])
    assert not torch.equal(after[1], after[-1])
    assert torch.equal(network.weight, after[1])
    assert state.best_loss == 1.0
    assert state.epochs_since_best == 2
    assert not network.training


def test_an_equal_loss_is_no_improvement_and_patience_ends_a_training(tmp_path: Path) -> None:
    network, after, state = fit(tmp_path / "c", [3.0, 1.0, 1.0, 1.0, 0.5], patience=2)
    assert len(after) == len(state.history) == 4
    assert torch.equal(network.weight, after[1])
