"""Training of the network probe. Imports torch: import this module inside functions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from adq_core.progress import Progress, no_progress
from adq_core.records import Ints

from .network import SIDE, NetworkRecipe, network_device

PATCH = 2  # side of the patches of the first layer, in pixels
MAX_PATCH_IMAGES = 2000  # images from which the first layer is computed
OUTPUT_SCALE = 0.2  # of the logits: features of a maximum over places are large
TEST_BATCH = 500


class Trained(NamedTuple):
    """A trained network with the means and deviations of the channels of its training images."""

    module: nn.Module
    mean: Tensor  # (1, 3, 1, 1)
    deviation: Tensor
    device: str


class Residual(nn.Module):
    """A block whose output is added to its input."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum, of the shape of `x`."""
        result: Tensor = x + self.block(x)
        return result


class Scaled(nn.Module):
    """A linear layer without bias whose outputs are multiplied by a constant."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.linear = nn.Linear(n_in, n_out, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (B, n_out) float32."""
        result: Tensor = self.linear(x).float() * OUTPUT_SCALE
        return result


def make_network(whitening: Tensor, widths: tuple[int, int, int], n_classes: int, seed: int) -> nn.Module:
    """Return the network: fixed whitening filters, three pairs of 3 x 3 convolutions, the maximum over places, logits.

    Reference: the network follows Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU", arXiv 2404.00498, in
    smaller.
    """
    n_in = len(whitening)
    with torch.device("meta"):  # without parameters yet: their defaults use the random generator of the whole process
        first = nn.Conv2d(3, n_in, PATCH, bias=False)
        layers: list[nn.Module] = [first, nn.ReLU(inplace=True)]
        for width in widths:
            layers += [_block(n_in, width, pool=True), Residual(_block(width, width, pool=False))]
            n_in = width
        network = nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), Scaled(n_in, n_classes))
    network.to_empty(device="cpu")
    _initialise(network, seed)
    first.requires_grad_(False)
    first.weight.copy_(whitening)
    return network


def _initialise(network: nn.Module, seed: int) -> None:
    """Draw the parameters as torch does by default, with a random generator of this network alone."""
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_uniform_(module.weight, a=5**0.5, generator=generator)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()


def _block(n_in: int, n_out: int, *, pool: bool) -> nn.Module:
    convolution = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
    reduction = [nn.MaxPool2d(2)] if pool else []
    return nn.Sequential(convolution, *reduction, nn.BatchNorm2d(n_out), nn.ReLU(inplace=True))


def whitening_filters(images: Tensor) -> Tensor:
    """Return the filters that give patches of 2 x 2 pixels equal variance in all directions, and their negatives.

    images: (n, 3, S, S) normalised. Shape (24, 3, 2, 2). A direction without variance gets a finite filter.
    """
    patches = functional.unfold(images[:MAX_PATCH_IMAGES], PATCH, stride=PATCH)
    patches = patches.transpose(1, 2).reshape(-1, 3 * PATCH * PATCH)
    values, vectors = torch.linalg.eigh((patches.T @ patches / len(patches)).double())
    filters = (vectors / (values.clamp(min=0) + 5e-4).sqrt()).T.float().reshape(-1, 3, PATCH, PATCH)
    return torch.cat([filters, -filters])


def train(
    images: NDArray[np.uint8],
    labels: Ints,
    n_classes: int,
    *,
    seed: int,
    recipe: NetworkRecipe,
    progress: Progress = no_progress,
) -> Trained:
    """Return the network after the steps of the recipe, in evaluation mode."""
    device = network_device()[0]
    x = torch.from_numpy(np.array(images)).to(device).permute(0, 3, 1, 2).float().div_(255)
    mean = x.mean((0, 2, 3), keepdim=True)
    deviation = x.std((0, 2, 3), keepdim=True).clamp_(min=1e-3)
    x = (x - mean) / deviation
    with _one_thread(device):
        network = make_network(whitening_filters(x).cpu(), recipe.widths, n_classes, seed)
        network = network.to(device).to(memory_format=torch.channels_last)
        _fit(network, Batches(x, torch.from_numpy(np.array(labels, np.int64)), recipe, seed), recipe, progress)
    network.eval()
    return Trained(network, mean, deviation, device)


def _fit(network: nn.Module, batches: Batches, recipe: NetworkRecipe, progress: Progress) -> None:
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(
        [
            {"params": [one for one in trained if one.ndim > 1], "weight_decay": recipe.weight_decay},
            {"params": [one for one in trained if one.ndim == 1], "weight_decay": 0.0},
        ],
        lr=recipe.learning_rate,
        momentum=0.9,
        nesterov=True,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        recipe.learning_rate,
        total_steps=recipe.steps,
        pct_start=recipe.warmup,
        anneal_strategy="linear",
        cycle_momentum=False,
        final_div_factor=1e3,
    )
    network.train()
    for step, (images, labels) in enumerate(batches):
        progress(step, recipe.steps, "training a network")
        with _autocast(batches.device):
            logits = network(images)
        loss = functional.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    progress(recipe.steps, recipe.steps, "training a network")


class Batches:
    """The augmented batches of all steps: each image is flipped, shifted and partly covered at random.

    The images are taken in a random order without repetition, then in another one, so that a batch is full whatever
    the size of the subset.
    """

    def __init__(self, images: Tensor, labels: Tensor, recipe: NetworkRecipe, seed: int) -> None:
        padded = functional.pad(images, (recipe.shift,) * 4, mode="reflect") if recipe.shift else images
        self._padded = padded.permute(0, 2, 3, 1).contiguous()
        self._labels, self._recipe, self._seed = labels.to(images.device), recipe, seed
        self.device = images.device.type

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        rng = np.random.default_rng([self._seed, 1])
        rows = self._rows(rng)
        for _ in range(self._recipe.steps):
            batch = torch.from_numpy(np.fromiter(itertools.islice(rows, self._recipe.batch_size), np.int64))
            batch = batch.to(self._padded.device)
            yield self._augmented(batch, rng), self._labels[batch]

    def _rows(self, rng: np.random.Generator) -> Iterator[int]:
        while True:
            yield from rng.permutation(len(self._padded)).tolist()

    def _augmented(self, batch: Tensor, rng: np.random.Generator) -> Tensor:
        """Return (B, 3, 32, 32) in channels-last memory; images are shifted and flipped by indices of pixels."""
        n, device = len(batch), self._padded.device
        offset = torch.from_numpy(rng.integers(0, 2 * self._recipe.shift + 1, (2, n, 1))).to(device)
        flip = torch.from_numpy(rng.random((n, 1)) < 0.5).to(device)
        place = torch.arange(SIDE, device=device)
        rows, columns = place + offset[0], torch.where(flip, SIDE - 1 - place, place) + offset[1]
        images = self._padded[batch[:, None, None], rows[:, :, None], columns[:, None, :]]
        if self._recipe.cutout:
            centre = torch.from_numpy(rng.integers(0, SIDE, (2, n, 1))).to(device)
            near = (place - centre).abs() * 2 < self._recipe.cutout  # (2, B, 32)
            images = images.masked_fill((near[0][:, :, None] & near[1][:, None, :])[..., None], 0.0)
        return images.permute(0, 3, 1, 2)


def predict(trained: Trained, images: NDArray[np.uint8]) -> Ints:
    """Return the class of each image, (K,) int64: the largest sum of the logits of an image and of its mirror image."""
    found = []
    with _one_thread(trained.device), torch.inference_mode(), _autocast(trained.device):
        for start in range(0, len(images), TEST_BATCH):
            batch = torch.from_numpy(np.array(images[start : start + TEST_BATCH])).to(trained.device)
            x = (batch.permute(0, 3, 1, 2).float().div_(255) - trained.mean) / trained.deviation
            x = x.contiguous(memory_format=torch.channels_last)
            found.append((trained.module(x) + trained.module(x.flip(3))).argmax(dim=1).cpu())
    return np.asarray(torch.cat(found).numpy(), np.int64)


def _autocast(device: str) -> torch.autocast:
    """Return bfloat16 arithmetic where the processor has it; elsewhere everything is float32."""
    return torch.autocast(device, torch.bfloat16, enabled=network_device()[1] == "bfloat16")


@contextmanager
def _one_thread(device: str) -> Iterator[None]:
    """Compute with one thread on a CPU inside the block: sums then do not depend on the number of cores."""
    previous = torch.get_num_threads()
    torch.set_num_threads(1 if device == "cpu" else previous)
    try:
        yield
    finally:
        torch.set_num_threads(previous)
