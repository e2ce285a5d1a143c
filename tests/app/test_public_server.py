"""Which servers are public, and what their visitors may open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from adq_core import file_access
from app import public_server


@pytest.fixture(autouse=True)
def no_restriction(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("ADQ_PUBLIC", raising=False)
    monkeypatch.delenv("ADQ_DATA_ROOT", raising=False)
    yield
    file_access.restrict(None)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("localhost", True), ("127.0.0.1", True), ("127.9.8.7", True), ("::1", True), ("[::1]", True),
        ("unix:///run/adq.sock", True), ("0.0.0.0", False), ("::", False), ("192.168.1.4", False), (None, False),
        ("", False), ("my-machine", False), ("localhost.evil.example", False), ("10.0.0.1", False),
    ],
)  # fmt: skip
def test_only_loopback_addresses_are_local(address: str | None, local: bool) -> None:
    assert public_server.is_local(address) == local


def test_a_local_server_opens_all_files_and_a_public_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    public_server.restrict_files("127.0.0.1")
    assert not file_access.is_restricted()
    public_server.restrict_files("0.0.0.0")
    assert file_access.is_restricted()
    file_access.restrict(None)
    monkeypatch.setenv("ADQ_PUBLIC", "1")  # behind a proxy the address can be a local one
    public_server.restrict_files("127.0.0.1")
    assert file_access.is_restricted()


def test_a_visitor_of_a_public_server_sees_a_sentence_instead_of_a_folder(
    open_app: Callable[..., AppTest], small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADQ_PUBLIC", "1")
    monkeypatch.setenv("ADQ_DATA_ROOT", str(small_set.parent))
    public_server.restrict_files("127.0.0.1")
    assert not open_app("dataset").error, "a data set below the data root opens"
    asked = ({"dataset": "/usr/share"}, {"dataset": str(tmp_path)}, {"weights": "/etc/passwd", "embeddings": "small"},
             {"labels": "/etc/passwd"}, {"embeddings": "/etc/passwd"})  # fmt: skip
    for query in asked:
        app = open_app("dataset", **query)
        assert [error.value for error in app.error], query
        assert "must be a built-in name, an upload, or a file in the data folder" in app.error[0].value, query
    for page, query in (
        ("compare", {"b": "held:weights=%2Fetc%2Fpasswd"}),
        ("patches", {"painter": "/etc/x.safetensors"}),
    ):
        app = open_app(page, **query)
        texts = [message.value for message in (*app.error, *app.warning)]
        assert any("must be a built-in name" in text for text in texts), (page, texts)
