"""The device and the precision of networks on this machine."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from adq_core.digests import derive_key
from adq_core.errors import StorageError
from adq_core.storage import atomic_file, default_folder

from .threads import torch_threads

Device = tuple[str, str]


def device_and_precision() -> Device:
    """Return ("cuda", "float32") if there is a GPU, else "cpu" with "bfloat16" if the processor has it, or "float32".

    bfloat16 has three decimal digits: vectors differ from those in float32 by a cosine distance of 4e-6 to 6e-6
    (measured on ResNet-18 with random weights), which can change the order of near ties. Both are part of keys.

    The key of a stored result must not wait for torch, whose import takes seconds. So the answer of torch is stored
    for this machine, and read if torch is not imported yet and neither its version nor the machine has changed.
    """
    if "torch" in sys.modules:
        return _from_torch()
    place = default_folder() / "device" / f"{_machine()}.json"
    known = _read(place)
    if known is not None:
        return known
    found = _from_torch()
    with suppress(StorageError), atomic_file(place, option=None) as temporary:  # read-only: torch is asked each time
        temporary.write_text(json.dumps(found), encoding="utf-8")
    return found


@contextmanager
def network_inference() -> Iterator[str]:
    """Run a network without gradients inside the block; yield the device.

    On the GPU if there is one, in bfloat16 on a CPU that has it, with as many threads as there are idle cores.
    """
    import torch

    device, precision = device_and_precision()
    with (
        torch_threads(),
        torch.inference_mode(),
        torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"),
    ):
        yield device


def _from_torch() -> Device:
    import torch

    if torch.cuda.is_available():
        return "cuda", "float32"
    # An older torch has no get_capabilities; then float32 is used.
    has: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return "cpu", "bfloat16" if has.get("avx512_bf16") or has.get("amx_bf16") or has.get("bf16") else "float32"


def _machine() -> str:
    """Return the digest of all that the answer depends on: torch, the processor, and the GPUs that are visible."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n", 1)[0]
        processor = [line for line in flags.splitlines() if line.startswith(("model name", "flags", "Features"))]
    except OSError:
        processor = [platform.processor()]
    gpus = sorted(path.name for path in Path("/dev").glob("nvidia*"))
    versions = metadata.version("torch"), platform.python_version(), platform.platform()
    return derive_key(versions, processor, gpus, os.environ.get("CUDA_VISIBLE_DEVICES", ""))


def _read(place: Path) -> Device | None:
    try:
        device, precision = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return None
    return (device, precision) if isinstance(device, str) and isinstance(precision, str) else None
