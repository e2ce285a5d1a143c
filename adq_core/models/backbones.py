"""Published networks of torchvision as embeddings: the features before the last layer."""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.data import ImageDataset, file_digest
from adq_core.errors import InputError
from adq_core.progress import Progress

BATCH = 64
PIXELS_AT_ONCE = 16_000_000  # decoded pixels that are stacked before they are made small
TIMEOUT = 20  # seconds without a byte


@dataclass(frozen=True)
class Backbone:
    """Where torchvision keeps a network, and the file its published ImageNet weights come in."""

    weights: str  # name of the enumeration in torchvision.models; always IMAGENET1K_V1, resized 256, cropped 224
    file: str  # as published: the eight digits are the start of its SHA-256
    head: str  # the last layer, which is cut off
    width: int  # d


# ResNet-50 has newer weights (V2), better at ImageNet itself; those of V1 are the ones others compare with.
BACKBONES = {
    "resnet18": Backbone("ResNet18_Weights", "resnet18-f37072fd.pth", "fc", 512),
    "resnet50": Backbone("ResNet50_Weights", "resnet50-0676ba61.pth", "fc", 2048),
    "vit_b_16": Backbone("ViT_B_16_Weights", "vit_b_16-c867db91.pth", "heads", 768),
}


def backbone_identity(name: str, weights: str | None) -> str:
    """Return what the vectors depend on: network, weights (published name or digest of the file), device, precision."""
    which = BACKBONES[name].file if weights is None else file_digest(Path(weights))
    return f"{name}:{which}:{'-'.join(device_and_precision())}"


def device_and_precision() -> tuple[str, str]:
    """Return ("cuda", "float32") where there is a GPU, else "cpu" and "bfloat16" where the processor has it.

    bfloat16 has three digits: vectors differ from float32's by a cosine distance of 4e-6 to 6e-6 (measured on
    ResNet-18 with random weights), and near ties between images may fall otherwise. So both stand in the key.
    """
    import torch

    if torch.cuda.is_available():
        return "cuda", "float32"
    has: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # an older torch cannot tell: then float32
    return "cpu", "bfloat16" if has.get("avx512_bf16") or has.get("amx_bf16") or has.get("bf16") else "float32"


def resnet18(dataset: ImageDataset, weights: str | None, progress: Progress) -> NDArray[np.float32]:
    """Return ResNet-18's pooled features, (M, 512) float32 (He et al. 2016; ImageNet-1K weights V1)."""
    return backbone_features(dataset, "resnet18", weights, progress)


def resnet50(dataset: ImageDataset, weights: str | None, progress: Progress) -> NDArray[np.float32]:
    """Return ResNet-50's pooled features, (M, 2048) float32 (He et al. 2016; ImageNet-1K weights V1)."""
    return backbone_features(dataset, "resnet50", weights, progress)


def vit_b_16(dataset: ImageDataset, weights: str | None, progress: Progress) -> NDArray[np.float32]:
    """Return ViT-B/16's class token, (M, 768) float32 (Dosovitskiy et al. 2021; ImageNet-1K weights V1)."""
    return backbone_features(dataset, "vit_b_16", weights, progress)


def backbone_features(dataset: ImageDataset, name: str, weights: str | None, progress: Progress) -> NDArray[np.float32]:
    """Return the features before the last layer of a network, (M, d) float32.

    Images pass the published preprocessing (shorter side to 256, centre 224 x 224): what lies at the ends of a long
    image is not seen. Runs on the GPU where there is one, in bfloat16 on a CPU that has it.
    """
    import torch

    model = load_backbone(name, weights, progress)
    device, precision = device_and_precision()
    model = model.to(device)
    vectors = np.empty((len(dataset), BACKBONES[name].width), np.float32)
    done = 0
    progress(done, len(dataset), "embeddings")
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
        for batch in _prepared(dataset, _published(name).transforms()):
            out = model(batch.to(device)).float().cpu().numpy()
            vectors[done : done + len(out)] = out
            done += len(out)
            progress(done, len(dataset), "embeddings")
    return vectors


def _published(name: str) -> Any:
    from torchvision import models

    return getattr(models, BACKBONES[name].weights).IMAGENET1K_V1


def _prepared(dataset: ImageDataset, transform: Callable[[Any], Any]) -> Iterator[Any]:
    """Yield (B, 3, 224, 224) float32 batches in row order; neighbours of one size are made small together."""
    import torch

    for start in range(0, len(dataset), BATCH):
        rows = range(start, min(start + BATCH, len(dataset)))
        parts = []
        for size, same in groupby(rows, key=lambda row: tuple(dataset.sizes[row])):
            together = list(same)
            most = max(1, PIXELS_AT_ONCE // max(1, int(size[0]) * int(size[1])))
            for first in range(0, len(together), most):
                images = np.stack([dataset.read(row) for row in together[first : first + most]])
                parts.append(transform(torch.from_numpy(images).permute(0, 3, 1, 2)))
        yield torch.cat(parts)


def load_backbone(name: str, weights: str | None, progress: Progress) -> Any:
    """Return the network, ready to run, with its last layer taken off and the weights of a file or the published ones.

    A file is read without unpickling objects; the last layer in it, if any, may have any number of classes.
    """
    import torch
    from torchvision import models

    spec = BACKBONES[name]
    path = published_weights(name, progress) if weights is None else Path(weights)
    model = getattr(models, name)(weights=None)
    setattr(model, spec.head, torch.nn.Identity())
    given = _read_state(path)
    wanted = model.state_dict()
    for key, value in wanted.items():
        if key not in given:
            raise InputError(f"{path.name} is not a {name}: it has no {key!r}. Give weights of torchvision's {name}.")
        if tuple(given[key].shape) != tuple(value.shape):
            raise InputError(
                f"{path.name} is not a {name}: {key!r} must have the shape {tuple(value.shape)}, got "
                f"{tuple(given[key].shape)}. Give weights of torchvision's {name}."
            )
    extra = [key for key in given if key not in wanted and not key.startswith(f"{spec.head}.")]
    if extra:
        raise InputError(f"{path.name} is not a {name}: nothing there is called {extra[0]!r}.")
    model.load_state_dict({key: given[key] for key in wanted})
    return model.eval()


def _read_state(path: Path) -> dict[str, Any]:
    """Return the tensors of a weights file by name; objects in it are refused, never run."""
    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise InputError(f"Could not read {path}: {error.strerror or error}. Give a file that is there.") from None
    except Exception as error:  # torch raises a dozen kinds here; what matters is that nothing of the file ran
        if type(error).__name__ == "UnpicklingError":
            reason = "it holds more than tensors"
        else:
            reason = "it is damaged or no weights at all"
        raise InputError(
            f"{path.name} was not read as weights: {reason}. Save it with torch.save(model.state_dict(), file)."
        ) from None
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise InputError(f"{path.name} must hold tensors by name. Save it with torch.save(model.state_dict(), file).")
    return {str(key).removeprefix("module."): value for key, value in state.items()}


def published_weights(
    name: str, progress: Progress, folder: Path | None = None, opener: Callable[..., Any] = urllib.request.urlopen
) -> Path:
    """Return the file of the published weights: the one in torch's own cache (`folder`), else downloaded into it.

    `opener` fetches an address, as `urllib.request.urlopen` does. The file is kept only if its digest is the one that
    its published name begins with.
    """
    import torch

    spec = BACKBONES[name]
    path = (folder or Path(torch.hub.get_dir()) / "checkpoints") / spec.file
    if path.exists():
        return path
    address = _published(name).url
    aside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opener(address, timeout=TIMEOUT) as answer:
            total = int(answer.headers.get("Content-Length") or 0)
            state, done = hashlib.sha256(), 0
            with tempfile.NamedTemporaryFile(prefix=f".{spec.file}.", dir=path.parent, delete=False) as file:
                aside = Path(file.name)
                while part := answer.read(1 << 20):
                    file.write(part)
                    state.update(part)
                    done += len(part)
                    progress(done, max(total, done), "weights")
        expected = path.stem.rsplit("-", 1)[1]
        if not state.hexdigest().startswith(expected):
            raise OSError("what arrived is not the published file")
        os.replace(aside, path)
    except OSError as error:  # no network, no such host, no space, a broken line: all are OSErrors
        raise InputError(
            f"The published weights of {name} are not in {path.parent} and could not be downloaded "
            f"({getattr(error, 'reason', None) or error.strerror or error}). Fetch {address} where there is a network "
            f"and name the file with --weights, or choose the embedding `pixels`."
        ) from None
    finally:
        if aside is not None:
            aside.unlink(missing_ok=True)
    return path
