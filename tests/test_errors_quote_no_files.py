"""Errors never quote a file that a link can name as images, labels, vectors or weights, such as /etc/passwd."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adq_core import Run, Settings
from adq_core.data import open_dataset
from adq_core.errors import DAMAGED, AdqError, foreign_reason
from adq_core.models.weights import ARCHITECTURES, load_network

SECRET = "s3cr3tKEY"
HEADER = json.dumps({SECRET: {"dtype": SECRET, "shape": [1], "data_offsets": [0, 4]}}).encode()
CONTENTS = {
    "passwd": f"root:{SECRET}:0:0:root:/root:/bin/bash\nuser:x:1:1\n".encode(),
    "env": f"API_KEY={SECRET}\nOTHER=2\n".encode(),
    "table": f"{SECRET},other\n1,2\n".encode(),
    "tabs": f"{SECRET}\tother\n1\t2\n".encode(),
    "json": json.dumps({"key": SECRET, SECRET: 1}).encode(),
    "key": f"-----BEGIN {SECRET} PRIVATE KEY-----\nMIIE\n-----END-----\n".encode(),
    "open quote": f'file,label\n"{SECRET}\n'.encode(),
    "short line": f"a,b\n1,2\n{SECRET}\n".encode(),
    "text among numbers": f"a,b\n1,2\n3,{SECRET}\n".encode(),
    "numbers and a name": f"0.5,{SECRET}\n1,2\n".encode(),
    "id column": f"id,{SECRET}\n0.png,x\n".encode(),
    "labels with another name": f"file,label\n{SECRET}.png,cat\n".encode(),
    "labels with other columns": f"file,{SECRET}\n0.png,cat\n".encode(),
    "binary": b"\x00\xff" + SECRET.encode() + b"\n\x00",
    "first bytes": SECRET.encode() * 3,
    "npy header": b"\x93NUMPY\x01\x00"
    + struct.pack("<H", 64)
    + f"{{'descr': '{SECRET}', 'shape': (1".encode().ljust(64),
    "safetensors header": struct.pack("<Q", len(HEADER)) + HEADER + b"\0" * 4,
    "zip": b"PK\x03\x04" + SECRET.encode() * 20,
    "parquet": b"PAR1" + SECRET.encode() * 20 + b"PAR1",
    "png": b"\x89PNG\r\n\x1a\n" + SECRET.encode() * 20,
    "utf-16": f"{SECRET},b\n1,2\n".encode("utf-16"),
}
ENDINGS = (
    "",
    ".csv",
    ".tsv",
    ".txt",
    ".json",
    ".jsonl",
    ".npy",
    ".npz",
    ".parquet",
    ".zip",
    ".tar",
    ".safetensors",
    ".png",
)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    for number in range(4):
        Image.fromarray(np.full((8, 8, 3), 20 * number, np.uint8)).save(folder / f"{number}.png")
    return folder


def readers(file: Path, images: Path) -> dict[str, Callable[[], object]]:
    """Return what a link can do with a file."""
    name, folder = str(file), str(images)
    return {
        "dataset": lambda: open_dataset(name),
        "labels": lambda: open_dataset(folder, labels=name),
        "embeddings": lambda: Run(Settings(dataset=folder, embeddings=name, n_bins=1)).embeddings,
        "weights": lambda: Run(Settings(dataset=folder, embeddings="small", weights=name, n_bins=1)).key("embeddings"),
        "network": lambda: load_network(name, list(ARCHITECTURES)),
    }


def refusal(read: Callable[[], object]) -> str:
    """Return the text of the error of a reader, empty if it reads the file."""
    try:
        read()
    except AdqError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", CONTENTS)
def test_no_reader_quotes_the_file_that_it_refuses(kind: str, images: Path, tmp_path: Path) -> None:
    refused = 0
    for ending in ENDINGS:
        file = tmp_path / f"file{ending}"
        file.write_bytes(CONTENTS[kind])
        for use, read in readers(file, images).items():
            text = refusal(read)
            refused += bool(text)
            for part in (SECRET, SECRET[:4], SECRET.encode("utf-16-le").decode("latin-1")):
                assert part not in text, (use, ending)
    assert refused > len(ENDINGS), "the files are refused, so that there are messages to look at"


def test_texts_of_other_libraries_lose_their_quotations() -> None:
    for text in ("got b'abc'", 'parse error: "abc', "unknown variant `abc`, expected one of", "‘abc’ is no number"):
        assert foreign_reason(ValueError(text)) == DAMAGED
    assert foreign_reason(ValueError("File is not a zip file.\nmore")) == "File is not a zip file"
    assert foreign_reason(PermissionError(13, "Permission denied", "/root/x")) == "Permission denied"
    assert foreign_reason(EOFError()) == "EOFError"
    assert len(foreign_reason(ValueError("x" * 5000))) == 160
