"""Contrastive losses over two views of each image of a batch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def nt_xent(z: Tensor, temperature: float) -> Tensor:
    """Return the NT-Xent loss (InfoNCE over all other vectors of the batch), a scalar in nats.

    Mean over the 2B vectors of  -log( exp(z.z+ / t) / sum over the other 2B - 1 vectors z' of exp(z.z' / t) )

    z (2B, n): rows i and i + B are the two views of image i; the rows are first scaled to length 1. A random network
    has a loss of about log(2B - 1). How it misleads: the loss grows with the batch, so values compare only between
    batches of equal size. References: van den Oord et al. 2018, https://arxiv.org/abs/1807.03748; Chen et al. 2020
    (SimCLR), https://arxiv.org/abs/2002.05709.
    """
    z = F.normalize(z, dim=1)
    logits = (z @ z.T / temperature).fill_diagonal_(-torch.inf)
    n_images = len(z) // 2
    positive = torch.cat([torch.arange(n_images, 2 * n_images), torch.arange(n_images)])
    return F.cross_entropy(logits, positive)


def decoupled_nt_xent(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Return the decoupled contrastive loss, a scalar in nats.

    Mean over the 2B views of  -cos(z, z+) / t + log sum over the views z' of the other images of exp(cos(z, z') / t)

    first, second (B, n): the two views, of any length. NT-Xent has the positive pair in the sum as well, which weakens
    the gradient of pairs that are already close; without it a short training reaches a better encoder.
    Reference: Yeh et al. 2022, "Decoupled contrastive learning", https://arxiv.org/abs/2110.06848.
    """
    n_images = len(first)
    z = F.normalize(torch.cat([first, second]).float())  # (2B, n)
    similarity = z @ z.T / temperature  # (2B, 2B)
    positive = (z[:n_images] * z[n_images:]).sum(1).repeat(2) / temperature
    same_image = torch.eye(n_images, dtype=torch.bool, device=z.device).repeat(2, 2)
    return (torch.logsumexp(similarity.masked_fill(same_image, -torch.inf), 1) - positive).mean()
