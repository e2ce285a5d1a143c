"""Weights of networks, by name or file, checked before use. Only safetensors files, which cannot contain code.

A weights file is a safetensors file whose tensors are stored as float16 and used as float32, with three entries of
metadata: `format` (this module's `FORMAT`), `architecture` (a name in `ARCHITECTURES`) and `config`, the widths and
depths of that architecture as JSON. The names and shapes of the tensors must be exactly those of the network that
architecture and config describe. The files in adq_core/models/pretrained are pinned by their SHA-256 as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adq_core.digests import file_digest
from adq_core.errors import InputError, unknown_name
from adq_core.file_access import check_access
from adq_core.storage import atomic_file

if TYPE_CHECKING:
    from torch import nn

FORMAT = "adq-weights-1"
FOLDER = Path(__file__).resolve().parent / "pretrained"
MAX_FILE_BYTES = 256 * 2**20  # far above the size of these architectures


@dataclass(frozen=True)
class Bundled:
    """A file in adq_core/models/pretrained: its name, its architecture and the SHA-256 of its bytes."""

    file: str
    architecture: str
    sha256: str


def weights_path(name_or_file: str | Path) -> Path:
    """Return the file of the bundled weights of this name, or the given file itself.

    Raises `SettingsError` for an unknown name and `InputError` for a file that does not exist.
    """
    bundled = BUNDLED.get(str(name_or_file))
    if not bundled:
        check_access("weights", str(name_or_file))
    path = FOLDER / bundled.file if bundled else Path(name_or_file)
    if path.is_file():
        return path
    if not bundled and path.suffix != ".safetensors":
        raise unknown_name("weights", str(name_or_file), [*BUNDLED, "a .safetensors file"])
    raise InputError(f"Weights must be a readable file, but there is none at {path}. Check the path.")


def weights_identity(name_or_file: str | Path) -> str:
    """Return the SHA-256 of the weights' bytes, for keys: equal weights under another name have the same key.

    The file is read again only if its size or time has changed, because the key of every stage needs this.
    Raises as `weights_path` does.
    """
    path = weights_path(name_or_file)
    _check_size(path)
    return file_digest(path, "sha256")


def load_network(name_or_file: str | Path, architectures: Collection[str]) -> nn.Module:
    """Return the network of these weights in float32, in evaluation mode, after a complete check of the file.

    `architectures` are those that the caller can use. Raises `InputError` for a file that is missing, truncated, not
    safetensors, of another format or architecture, with missing or additional tensors or with tensors of a wrong shape
    or type or with values that are not finite, and for bundled weights with other bytes than the recorded ones.
    """
    path = weights_path(name_or_file)
    content = _read(path)
    bundled = BUNDLED.get(str(name_or_file))
    if bundled and hashlib.sha256(content).hexdigest() != bundled.sha256:
        raise InputError(
            f"The bundled weights {path.name} must have the SHA-256 {bundled.sha256[:12]}..., but the file has "
            "another. It was changed or damaged: get it again from the project."
        )
    if not content.startswith((b"PK", b"\x80")):
        return _network(path.name, content, architectures)
    raise InputError(
        f"Weights must be a safetensors file, but {path.name} is a pickle or a zip archive (the form of torch.save), "
        "which can carry code. It was not opened. Save the tensors with safetensors instead."
    )


def _check_size(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _unreadable(path, error) from None
    if size > MAX_FILE_BYTES:
        raise InputError(
            f"Weights must have at most {MAX_FILE_BYTES // 2**20} MiB, but {path.name} has "
            f"{size // 2**20}. Give a file that this project has trained."
        )


def _read(path: Path) -> bytes:
    _check_size(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"Weights must be a readable file, got {path}: {error.strerror}.")


def _network(name: str, content: bytes, architectures: Collection[str]) -> nn.Module:
    import torch

    from .networks import build

    tensors, metadata = _parse(name, content)
    if metadata.get("format") != FORMAT:
        raise InputError(
            f"Weights must have the format {FORMAT} in their metadata, but {name} has {metadata.get('format')!r:.40}. "
            "Give a file that this project has trained."
        )
    architecture = metadata.get("architecture", "")
    if architecture not in architectures:
        raise InputError(
            f"Weights for {' or '.join(sorted(architectures))} are needed here, but {name} holds {architecture!r:.40}. "
            "Choose another file."
        )
    config = _config(name, architecture, metadata.get("config", ""))
    with torch.device("meta"):  # names and shapes without memory
        network = build(architecture, config)
    _check_tensors(name, tensors, {key: tuple(value.shape) for key, value in _stored(network).items()})
    # `assign` replaces the meta tensors; `to_empty` would import sympy, which takes two seconds.
    values = {key: torch.from_numpy(value.astype(np.float32)) for key, value in tensors.items()}
    counts = {key: torch.zeros((), dtype=torch.int64) for key in network.state_dict().keys() - values.keys()}
    network.load_state_dict(values | counts, assign=True)
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def _parse(name: str, content: bytes) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, str]]:
    """Return tensors and metadata; safetensors has checked the header, with every length and offset, before it is read.

    Raises `InputError` for content that is not safetensors.
    """
    import safetensors.numpy
    from safetensors import SafetensorError

    try:
        tensors = safetensors.numpy.load(content)
        length = int.from_bytes(content[:8], "little")
        metadata = json.loads(content[8 : 8 + length]).get("__metadata__", {})
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"Weights must be a complete safetensors file, but {name} is truncated or of another format "
            f"({str(error).splitlines()[0][:80] if str(error) else type(error).__name__}). Get or train it again."
        ) from None
    return tensors, metadata


def _config(name: str, architecture: str, text: str) -> dict[str, int]:
    """Return the widths and depths. Raises `InputError` outside the limits of `ARCHITECTURES`."""
    limits = ARCHITECTURES[architecture]
    try:
        config = json.loads(text)
    except (ValueError, RecursionError):
        config = None
    if (
        isinstance(config, dict)
        and set(config) == set(limits)
        and all(type(config[key]) is int and low <= config[key] <= high for key, (low, high) in limits.items())
        and config.get("n_values", 0) % (4 * config.get("heads", 1)) == 0
    ):
        return config
    wanted = ", ".join(f"{key} {low} to {high}" for key, (low, high) in limits.items())
    raise InputError(
        f"The config of {architecture} must be JSON with {wanted}, but {name} has {text!r:.80}. Train it again."
    )


def _check_tensors(
    name: str, tensors: Mapping[str, np.ndarray[Any, Any]], wanted: Mapping[str, tuple[int, ...]]
) -> None:
    for key in sorted(wanted.keys() ^ tensors.keys()):
        state = "is missing" if key in wanted else "does not belong there"
        raise InputError(
            f"The tensors of {name} must be those of its network, but {key!r:.80} {state}. Train it again."
        )
    for key, shape in wanted.items():
        tensor = tensors[key]
        if tensor.shape != shape:
            raise InputError(f"{key} in {name} must have the shape {shape}, got {tensor.shape}. Train it again.")
        if tensor.dtype not in (np.float16, np.float32):
            raise InputError(f"{key} in {name} must be float16 or float32, got {tensor.dtype}. Train it again.")
        if not np.isfinite(tensor).all():
            raise InputError(f"{key} in {name} must be finite, but it has NaN or infinity. Train it again.")


def _stored(network: nn.Module) -> dict[str, Any]:
    """Return the tensors that a file contains: all except the batch counters, which only training uses."""
    return {key: value for key, value in network.state_dict().items() if not key.endswith("num_batches_tracked")}


def save_network(network: nn.Module, path: Path, *, architecture: str, config: Mapping[str, int]) -> str:
    """Write the weights as float16 to `path` and return the SHA-256 of the file.

    Equal weights give equal bytes. An existing file is replaced only when the new one is complete. Raises `InputError`
    for values that float16 cannot represent and `StorageError` if the file cannot be written.
    """
    import safetensors.numpy

    tensors = {
        key: np.ascontiguousarray(value.detach().cpu().numpy().astype(np.float32))
        for key, value in _stored(network).items()
    }
    for key, value in tensors.items():
        if not np.isfinite(value).all() or (np.abs(value) > np.finfo(np.float16).max).any():
            raise InputError(f"{key} must be finite and fit float16: the training diverged. Lower its learning rate.")
    metadata = {"format": FORMAT, "architecture": architecture, "config": json.dumps(dict(config), sort_keys=True)}
    content = safetensors.numpy.save({key: value.astype(np.float16) for key, value in tensors.items()}, metadata)
    content = _with_sorted_metadata(content)
    with atomic_file(path, option="--out") as temporary:
        temporary.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _with_sorted_metadata(content: bytes) -> bytes:
    """Return a safetensors file with its metadata in alphabetical order; the library writes them in random order."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # the tensors begin at a multiple of 8
    return len(text).to_bytes(8, "little") + text + content[8 + size :]


# Architecture: the entries of its config and their ranges; a malicious file could otherwise use up the memory.
ARCHITECTURES: dict[str, dict[str, tuple[int, int]]] = {
    "encoder": {"width": (8, 128), "depth": (1, 4)},
    "mae": {"width": (8, 128), "n_values": (32, 512), "depth": (1, 12), "heads": (1, 16)},
    "unet": {"width": (8, 128)},
}
BUNDLED: dict[str, Bundled] = {
    "small": Bundled(
        "small.safetensors", "encoder", "c0fa1c0dd61279694bf9d32eeb4f5a69759fd18a5424328c3f2eb82ddfdc7894"
    ),
    "mae": Bundled("mae.safetensors", "mae", "0813b7bc5febab34c0c5c59e8a2fd50be1884a097178e7209be22ed218156b38"),
    "unet": Bundled("unet.safetensors", "unet", "5ada061a4483f197b0b8870255b0e5f040524de4eca47c26747d1bf01469f1e4"),
}
