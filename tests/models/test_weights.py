from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from adq_core.errors import AdqError, InputError, SettingsError, StorageError
from adq_core.models import weights
from adq_core.models.weights import BUNDLED, FORMAT, load_network, save_network, weights_identity, weights_path

TINY = {"width": 8, "depth": 1}


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    import torch

    from adq_core.models.networks import build

    torch.manual_seed(0)
    path = tmp_path / "tiny.safetensors"
    save_network(build("encoder", TINY), path, architecture="encoder", config=TINY)
    return path


def changed(path: Path, **metadata: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return the tensors and the metadata of a file, with changed metadata."""
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return safetensors.numpy.load(content), header["__metadata__"] | metadata


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_network(path, ("encoder",))
    return str(caught.value)


def test_saved_weights_are_loaded_at_half_precision(tiny: Path) -> None:
    import torch

    from adq_core.models.networks import build

    torch.manual_seed(0)
    made = build("encoder", TINY).eval()
    loaded = load_network(tiny, ("encoder",))
    for name, value in loaded.state_dict().items():
        assert value.dtype in (torch.float32, torch.int64)
        if value.dtype == torch.float32:
            assert torch.equal(value, made.state_dict()[name].half().float()), name
    assert not loaded.training
    assert not any(p.requires_grad for p in loaded.parameters())


def test_equal_weights_give_equal_bytes(tiny: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.safetensors"
    digest = save_network(load_network(tiny, ("encoder",)), again, architecture="encoder", config=TINY)
    assert again.read_bytes() == tiny.read_bytes()
    assert digest == weights_identity(tiny) == weights_identity(again)


def test_a_changed_weights_file_has_another_identity(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "one.safetensors"
    path.write_bytes(tiny.read_bytes())
    before = weights_identity(path)
    changed = bytearray(tiny.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(changed)
    os.utime(path, ns=(0, 7))  # two writes within one tick of the clock of the file system have the same time
    assert weights_identity(path) == hashlib.sha256(changed).hexdigest() != before


def test_an_unknown_name_lists_the_names() -> None:
    with pytest.raises(SettingsError) as caught:
        weights_path("smal")
    assert str(caught.value) == "Unknown weights 'smal'. Choose one of: small, mae, unet, a .safetensors file."


def test_a_missing_file(tmp_path: Path) -> None:
    missing = tmp_path / "no.safetensors"
    assert refused(missing) == f"Weights must be a readable file, but there is none at {missing}. Check the path."


@pytest.mark.parametrize("keep", [0, 4, 8, 100, 0.5, -1])
def test_truncated(tiny: Path, keep: float) -> None:
    content = tiny.read_bytes()
    tiny.write_bytes(content[: int(len(content) * keep) if isinstance(keep, float) else keep])
    assert refused(tiny).startswith("Weights must be a complete safetensors file, but tiny.safetensors is truncated or")


@pytest.mark.parametrize(
    "content",
    [
        b"\xff" * 8 + b"{}",  # a header of 2^64 - 1 bytes
        struct.pack("<Q", 2**40) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 4) + b"null",
        struct.pack("<Q", 200_000) + b"[" * 200_000,  # deep enough to end a recursive parser
        b"not weights at all",
    ],
    ids=["endless", "terabyte", "list", "null", "deep", "text"],
)
def test_hostile_headers(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    assert refused(path).startswith("Weights must be a complete safetensors file, but bad.safetensors is truncated or")


def test_offsets_beyond_the_file_or_over_each_other(tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    for spans in ([(0, 4), (0, 4)], [(0, 4), (4, 400)], [(4, 0), (4, 8)]):
        header = {
            name: {"dtype": "F16", "shape": [2], "data_offsets": list(span)}
            for name, span in zip("ab", spans, strict=True)
        }
        text = json.dumps(header).encode()
        path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(8))
        assert refused(path).startswith("Weights must be a complete safetensors file")


class Trap:
    """Unpickling this object creates a file, which shows that a loader has unpickled it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("form", ["pickle", "torch"])
def test_a_pickle_is_never_opened(tmp_path: Path, form: str) -> None:
    import pickle

    import torch

    trap, path = tmp_path / "sprung", tmp_path / "evil.safetensors"
    if form == "pickle":
        path.write_bytes(pickle.dumps(Trap(trap)))
    else:
        torch.save(Trap(trap), path)
    assert refused(path) == (
        "Weights must be a safetensors file, but evil.safetensors is a pickle or a zip archive (the form of "
        "torch.save), which can carry code. It was not opened. Save the tensors with safetensors instead."
    )
    assert not trap.exists()


def test_another_format_or_architecture(tiny: Path) -> None:
    tensors, metadata = changed(tiny, format="other")
    safetensors.numpy.save_file(tensors, tiny, metadata)
    assert refused(tiny) == (
        f"Weights must have the format {FORMAT} in their metadata, but tiny.safetensors has 'other'. "
        "Give a file that this project has trained."
    )
    safetensors.numpy.save_file(tensors, tiny, metadata | {"format": FORMAT, "architecture": "unet"})
    assert refused(tiny) == (
        "Weights for encoder are needed here, but tiny.safetensors holds 'unet'. Choose another file."
    )


@pytest.mark.parametrize(
    "config",
    [
        "",
        "[]",
        '{"width": 8}',
        '{"width": 8, "depth": 1, "more": 1}',
        '{"width": 8.0, "depth": 1}',
        '{"width": true, "depth": 1}',
        '{"width": 100000000, "depth": 1}',
        '{"width": 8, "depth": -1}',
        "[" * 100_000,
    ],
)
def test_a_config_out_of_range(tiny: Path, config: str) -> None:
    tensors, metadata = changed(tiny, config=config)
    safetensors.numpy.save_file(tensors, tiny, metadata)
    assert refused(tiny).startswith("The config of encoder must be JSON with width 8 to 128, depth 1 to 4, but tiny.s")


def test_names_shapes_types_and_values(tiny: Path) -> None:
    tensors, metadata = changed(tiny)

    def after(change: dict[str, np.ndarray | None]) -> str:
        kept = {name: value for name, value in (tensors | change).items() if value is not None}
        safetensors.numpy.save_file(kept, tiny, metadata)
        return refused(tiny)

    assert after({"stem.weight": None}) == (
        "The tensors of tiny.safetensors must be those of its network, but 'stem.weight' is missing. Train it again."
    )
    assert after({"extra": np.zeros(1, np.float16)}) == (
        "The tensors of tiny.safetensors must be those of its network, but 'extra' does not belong there. "
        "Train it again."
    )
    assert after({"stem.weight": np.zeros((8, 3, 4), np.float16)}) == (
        "stem.weight in tiny.safetensors must have the shape (8, 3, 4, 4), got (8, 3, 4). Train it again."
    )
    assert after({"stem.weight": np.zeros((8, 3, 4, 4), np.int8)}) == (
        "stem.weight in tiny.safetensors must be float16 or float32, got int8. Train it again."
    )
    assert after({"stem.weight": np.full((8, 3, 4, 4), np.nan, np.float16)}) == (
        "stem.weight in tiny.safetensors must be finite, but it has NaN or infinity. Train it again."
    )


def test_a_file_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "MAX_FILE_BYTES", 2**20)
    path = tmp_path / "large.safetensors"
    with path.open("wb") as file:
        file.truncate(3 * 2**20)
    assert refused(path) == (
        "Weights must have at most 1 MiB, but large.safetensors has 3. Give a file that this project has trained."
    )


def test_every_damaged_byte_of_a_header_is_an_input_error_or_harmless(tiny: Path) -> None:
    content = bytearray(tiny.read_bytes())
    length = 8 + int.from_bytes(content[:8], "little")
    rng = np.random.default_rng(0)
    for place in rng.choice(length, 60, replace=False):
        damaged = bytearray(content)
        damaged[place] ^= int(rng.integers(1, 256))
        tiny.write_bytes(damaged)
        with suppress(AdqError):
            load_network(tiny, ("encoder",))


def test_a_diverged_training_and_a_full_disk_write_nothing(tmp_path: Path) -> None:
    import torch

    from adq_core.models.networks import build

    network = build("encoder", TINY)
    with torch.no_grad():
        network.get_parameter("stem.weight")[0, 0, 0, 0] = 1e6
    with pytest.raises(InputError, match=re.escape("stem.weight must be finite and fit float16: the training")):
        save_network(network, tmp_path / "a.safetensors", architecture="encoder", config=TINY)
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"^Could not write .*a\.safetensors: File exists\. Free some space"):
        save_network(build("encoder", TINY), tmp_path / "file" / "a.safetensors", architecture="encoder", config=TINY)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_weights_have_the_recorded_digests(name: str) -> None:
    assert weights_identity(name) == BUNDLED[name].sha256
    load_network(name, (BUNDLED[name].architecture,))


def test_bundled_weights_are_small_and_have_cards() -> None:
    files = [weights_path(name) for name in BUNDLED]
    assert sum(path.stat().st_size for path in files) <= 20_000_000
    assert sorted(weights.FOLDER.glob("*.safetensors")) == sorted(files)
    for name, path in zip(BUNDLED, files, strict=True):
        card = path.with_suffix(".md").read_text(encoding="utf-8")
        assert BUNDLED[name].sha256 in card


def test_bundled_weights_that_were_changed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = BUNDLED["small"]
    content = bytearray(weights_path("small").read_bytes())
    content[-1] ^= 1
    (tmp_path / bundled.file).write_bytes(content)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    with pytest.raises(InputError) as caught:
        load_network("small", ("encoder",))
    assert str(caught.value) == (
        f"The bundled weights {bundled.file} must have the SHA-256 {bundled.sha256[:12]}..., but the file has another. "
        "It was changed or damaged: get it again from the project."
    )


def test_the_core_does_not_import_torch() -> None:
    code = "import sys, adq_core.cli, adq_core.models.encoder, adq_core.patches; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
