"""The architectures behind the shipped weights: an encoder and two painters of dropped patches.

This module imports torch at its top, so it is itself imported only inside the functions that need a network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ConvBlock(nn.Module):
    """Two 3x3 convolutions with batch norm beside a shortcut (He et al. 2016, the basic block)."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(n_out)
        self.shortcut = nn.Conv2d(n_in, n_out, 1, stride, bias=False) if stride > 1 or n_in != n_out else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Images of features in, images of features out, `stride` times smaller."""
        inner = F.relu(self.norm1(self.conv1(x)), inplace=True)
        return F.relu(self.norm2(self.conv2(inner)) + self.shortcut(x), inplace=True)


class Encoder(nn.Module):
    """A small ResNet for 32 to 64 px: the mean over the last feature image is the embedding.

    The stem halves the resolution at once, because at full resolution a CPU spends most of its time on few channels.
    """

    def __init__(self, width: int = 64, depth: int = 1) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 4, 2, 1, bias=False)
        self.stem_norm = nn.BatchNorm2d(width)
        blocks: list[nn.Module] = []
        n_in = width
        for level in range(3):
            n_out = width * 2**level
            for place in range(depth if level else 1):
                blocks.append(ConvBlock(n_in, n_out, 2 if level and place == 0 else 1))
                n_in = n_out
        self.blocks = nn.Sequential(*blocks)
        self.n_values = n_in

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1] -> (B, d)."""
        x = (images - 0.5) / 0.25
        x = F.relu(self.stem_norm(self.stem(x)), inplace=True)
        return cast(Tensor, self.blocks(x)).mean((2, 3))


class Projector(nn.Module):
    """The head that only training uses; the contrastive loss sees its output, the embedding is what enters it."""

    def __init__(self, n_in: int, n_hidden: int = 512, n_out: int = 128) -> None:
        super().__init__()
        self.hidden = nn.Linear(n_in, n_hidden, bias=False)
        self.norm = nn.BatchNorm1d(n_hidden)
        self.out = nn.Linear(n_hidden, n_out, bias=False)

    def forward(self, embeddings: Tensor) -> Tensor:
        """(B, d) -> (B, n_out)."""
        return cast(Tensor, self.out(F.relu(self.norm(self.hidden(embeddings)), inplace=True)))


def pyramid_fill(images: Tensor, known: Tensor, rounds: int = 8) -> Tensor:
    """Return the images with unknown pixels filled smoothly from the known ones: cheap, near the harmonic fill.

    Means of the known pixels are taken over squares of 2, 4, 8, ... pixels. From the coarsest squares to the pixels,
    what is unknown comes from the level above and is relaxed: `rounds` times, unknown = mean of its four neighbours.

    images (B, 3, S, S), known (B, 1, S, S) of 0 and 1 -> (B, 3, S, S); known pixels are as given.
    """
    levels = [(images * known, known)]  # (B, 3, s, s), (B, 1, s, s)
    while min(known.shape[-2:]) > 1:
        total, share = F.avg_pool2d(levels[-1][0], 2, ceil_mode=True), F.avg_pool2d(known, 2, ceil_mode=True)
        known = (share > 0).to(share.dtype)
        levels.append((total / share.clamp_min(1e-6) * known, known))
    filled = levels.pop()[0]
    for given, known in reversed(levels):
        unknown = 1 - known
        finer = F.interpolate(filled, size=given.shape[-2:], mode="bilinear", align_corners=False)
        filled = given + finer * unknown
        for _ in range(rounds):
            padded = F.pad(filled, (1, 1, 1, 1), mode="replicate")
            around = padded[..., :-2, 1:-1] + padded[..., 2:, 1:-1] + padded[..., 1:-1, :-2] + padded[..., 1:-1, 2:]
            filled = torch.addcmul(given, around, unknown, value=0.25)
    return filled


class Residual(nn.Module):
    """Two 3x3 convolutions added to their input.

    Without a norm: batch statistics change with the share of dropped patches. The second convolution starts at zero
    instead, so that the block starts as the identity.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, 1, 1)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(cast(Tensor, self.conv2.bias))

    def forward(self, x: Tensor) -> Tensor:
        """Same shape out as in."""
        return x + cast(Tensor, self.conv2(F.relu(self.conv1(x), inplace=True)))


class Painter(nn.Module):
    """What both painters share: they paint a correction on top of `pyramid_fill`, and only where patches were dropped.

    Pixels are folded 2x2 into channels first: all the work happens at half resolution, four times cheaper.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(16, width, 3, 1, 1)  # (3 colours + known) * 4 pixels
        self.leave = nn.Conv2d(width, 12, 3, 1, 1)  # 3 colours * 4 pixels
        nn.init.zeros_(self.leave.weight)  # training starts from the fill, not from noise
        nn.init.zeros_(cast(Tensor, self.leave.bias))

    def body(self, x: Tensor) -> Tensor:
        """(B, width, S/2, S/2) -> the same shape."""
        raise NotImplementedError

    def forward(self, images: Tensor, known: Tensor) -> Tensor:
        """images (B, 3, S, S) in [0, 1], known (B, 1, S, S) of 0 and 1 -> (B, 3, S, S), known pixels unchanged."""
        filled = pyramid_fill(images, known)
        x = torch.cat([(filled - 0.5) / 0.25, known * 2 - 1], 1)
        x = F.pixel_unshuffle(x, 2)
        correction = F.pixel_shuffle(self.leave(self.body(F.relu(self.enter(x)))), 2).float()
        return torch.where(known > 0.5, images, filled + 0.25 * correction)


class UNet(Painter):
    """A convolutional U-Net (Ronneberger et al. 2015) over three resolutions; side lengths are multiples of 8."""

    def __init__(self, width: int = 64) -> None:
        super().__init__(width)
        self.down0 = Residual(width)
        self.shrink1 = nn.Conv2d(width, 2 * width, 2, 2)
        self.down1 = Residual(2 * width)
        self.shrink2 = nn.Conv2d(2 * width, 4 * width, 2, 2)
        self.middle = Residual(4 * width)
        self.grow1 = nn.Conv2d(4 * width, 8 * width, 1)  # then folded out to twice the side
        self.up1 = Residual(2 * width)
        self.grow0 = nn.Conv2d(2 * width, 4 * width, 1)
        self.up0 = Residual(width)

    def body(self, x: Tensor) -> Tensor:
        """(B, width, S/2, S/2) -> the same shape."""
        fine = self.down0(x)
        mid = self.down1(F.relu(self.shrink1(fine)))
        coarse = self.middle(F.relu(self.shrink2(mid)))
        mid = self.up1(mid + F.pixel_shuffle(self.grow1(F.relu(coarse)), 2))
        return F.relu(self.up0(fine + F.pixel_shuffle(self.grow0(F.relu(mid)), 2)))


def positions(height: int, width: int, n_values: int, top: int, left: int) -> Tensor:
    """Return sines and cosines of each patch's row and column, counted from top and left, (height*width, n_values)."""
    quarter = n_values // 4
    rates = 0.5 ** torch.linspace(0, 5, quarter)
    rows = torch.arange(top, top + height)[:, None] * rates  # (height, quarter)
    columns = torch.arange(left, left + width)[:, None] * rates  # (width, quarter)
    down = torch.cat([rows.sin(), rows.cos()], 1)[:, None].expand(-1, width, -1)
    across = torch.cat([columns.sin(), columns.cos()], 1)[None].expand(height, -1, -1)
    return torch.cat([down, across], 2).reshape(height * width, 4 * quarter)


def through(block: nn.TransformerEncoderLayer, tokens: Tensor) -> Tensor:
    """Return what the block (norm first, no dropout, ReLU) makes of (B, L, n) tokens, without an L x L matrix.

    The block's own forward lays all L x L weights of attention out in inference: 4 GB for one image of 512 pixels.
    """
    attention = block.self_attn
    projected = F.linear(block.norm1(tokens), attention.in_proj_weight, attention.in_proj_bias)  # (B, L, 3n)
    query, key, value = projected.view(*tokens.shape[:2], 3, attention.num_heads, -1).permute(2, 0, 3, 1, 4)
    mixed = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)  # (B, L, n)
    tokens = tokens + cast(Tensor, attention.out_proj(mixed))
    return tokens + cast(Tensor, block.linear2(F.relu(block.linear1(block.norm2(tokens)))))


class MaskedAutoencoder(Painter):
    """A transformer over patches of 4x4 pixels, with convolutions before and after it.

    He et al. 2022 encode only the visible patches and put mask tokens into a decoder. With 64 patches that saves
    little; here every patch is a token, dropped ones carry the cheap fill, and the transformer corrects it, which
    needs far fewer steps. The blocks are torch's own.
    """

    def __init__(self, width: int = 64, n_values: int = 256, depth: int = 4, heads: int = 4) -> None:
        super().__init__(width)
        self.before = Residual(width)
        self.to_tokens = nn.Conv2d(width, n_values, 2, 2)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(
                n_values, heads, 2 * n_values, dropout=0.0, activation="relu", batch_first=True, norm_first=True
            )
            for _ in range(depth)
        )
        self.from_tokens = nn.Linear(n_values, 4 * width)
        self.after = Residual(width)

    def body(self, x: Tensor) -> Tensor:
        """(B, width, S/2, S/2) -> the same shape."""
        fine = self.before(x)
        grid = self.to_tokens(fine)  # (B, n_values, S/4, S/4)
        height, width = grid.shape[-2:]
        tokens = grid.flatten(2).transpose(1, 2)  # (B, L, n_values)
        # In training the grid lies anywhere in 16 x 16 patches, so that a 64-pixel image meets no unknown position.
        top, left = torch.randint(0, 9, (2,)).tolist() if self.training else (0, 0)
        tokens = tokens + positions(height, width, tokens.shape[-1], top, left)
        for block in self.blocks:
            tokens = through(cast(nn.TransformerEncoderLayer, block), tokens)
        grid = self.from_tokens(tokens).transpose(1, 2).unflatten(2, (height, width))
        return F.relu(self.after(fine + F.pixel_shuffle(grid, 2)))


def build(architecture: str, config: Mapping[str, int]) -> nn.Module:
    """Return the network named `architecture` with the widths and depths in `config`, with fresh weights."""
    return NETWORKS[architecture](**config)


NETWORKS: dict[str, Callable[..., nn.Module]] = {"encoder": Encoder, "mae": MaskedAutoencoder, "unet": UNet}
