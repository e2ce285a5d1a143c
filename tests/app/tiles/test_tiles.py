"""Sheets of tiles over HTTP: their contents, who may see them, and requests that a browser may send."""

from __future__ import annotations

import base64
import gc
import io
import json
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from adq_core.data import ImageDataset
from adq_core.data.arrays import dataset_from_arrays
from app.tiles import ROUTES, ImageColumn, Sources, TileSource, registry, sides_of, tile_path
from app.tiles.route import MAX_TILES, read_rows
from app.tiles.sheets import ACROSS, LARGE, MAX_TEXT


def images_of(n: int = 20, side: int = 16) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 255, (n, side, side, 3)).astype(np.uint8)


def as_set(images: np.ndarray) -> ImageDataset:
    return dataset_from_arrays(images, np.arange(len(images)) % 2, class_names=("cat", "dog"), name="set")


def source(data: ImageDataset, *columns: ImageColumn, is_allowed: Callable[[], bool] = lambda: True) -> TileSource:
    return TileSource(weakref.ref(data), columns, is_allowed)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Sources:
    sources = Sources()
    monkeypatch.setattr(registry, "_sources", sources)
    return sources


@pytest.fixture
def client(known: Sources) -> TestClient:
    return TestClient(Starlette(routes=ROUTES))


def rows_text(*rows: int) -> str:
    return base64.urlsafe_b64encode(np.array(rows, "<u4").tobytes()).decode().rstrip("=")


def read_sheet(content: bytes) -> tuple[dict[str, Any], np.ndarray]:
    length = int(np.frombuffer(content[:4], "<u4")[0])
    picture = Image.open(io.BytesIO(content[4 + length :])).convert("RGB")
    return json.loads(content[4 : 4 + length]), np.asarray(picture)


def test_a_sheet_has_the_pictures_and_the_texts_of_its_rows(client: TestClient, known: Sources) -> None:
    images = images_of()
    data = as_set(images)
    column = ImageColumn("gain", np.linspace(0, 1, 20))
    path = tile_path(known.add("me", "key", lambda: source(data, column)))
    answer = client.get(f"{path}/sheet", params={"rows": rows_text(19, *range(9)), "side": "16"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("private")
    header, picture = read_sheet(answer.content)
    assert (header["side"], header["across"]) == (16, ACROSS)
    assert header["texts"][0] == [data.ids[19], "dog", "1"]
    assert header["texts"][2] == [data.ids[1], "dog", "0.05263"]
    assert picture.shape == (32, 128, 3)
    assert np.array_equal(picture[:16, :16], images[19])  # small tiles are lossless
    assert np.array_equal(picture[16:, 16:32], images[8])
    assert not picture[16:, 32:].any()


def test_large_tiles_are_made_from_the_image_and_show_its_centred_square(client: TestClient, known: Sources) -> None:
    wide = np.zeros((1, 300, 500, 3), np.uint8)
    wide[:, :, 100:400] = [[[200, 30, 90]]]
    data = as_set(np.repeat(wide, 2, axis=0))
    assert sides_of(data) == [64, LARGE]
    path = tile_path(known.add("me", "key", lambda: source(data)))
    _, picture = read_sheet(client.get(f"{path}/sheet", params={"rows": rows_text(1), "side": str(LARGE)}).content)
    assert picture.shape == (LARGE, LARGE, 3)
    assert np.abs(picture.astype(int) - [200, 30, 90]).max() < 12
    small = client.get(f"{path}/sheet", params={"rows": rows_text(1), "side": "9999"})
    assert read_sheet(small.content)[1].shape == (64, 64, 3)  # other sides are those of the thumbnails


def test_sets_whose_images_are_thumbnails_have_one_side(client: TestClient, known: Sources) -> None:
    data = as_set(images_of(side=16))
    assert sides_of(data) == [16]
    path = tile_path(known.add("me", "key", lambda: source(data)))
    answer = client.get(f"{path}/sheet", params={"rows": rows_text(0), "side": str(LARGE)})
    assert read_sheet(answer.content)[0]["side"] == 16
    assert sides_of(as_set(images_of(side=64))) == [64]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"rows": "", "side": "16"},
        {"rows": rows_text(20), "side": "16"},
        {"rows": rows_text(0xFFFFFFFF), "side": "16"},
        {"rows": "AAA", "side": "16"},
        {"rows": "A*AA", "side": "16"},
        {"rows": "é", "side": "16"},
        {"rows": rows_text(0), "side": "-1"},
        {"rows": rows_text(0), "side": "x"},
        {"rows": rows_text(*[0] * (MAX_TILES + 1)), "side": "16"},
    ],
)
def test_requests_for_no_images_are_refused(client: TestClient, known: Sources, query: dict[str, str]) -> None:
    data = as_set(images_of())
    path = tile_path(known.add("me", "key", lambda: source(data)))
    assert client.get(f"{path}/sheet", params=query).status_code == 400


def test_a_name_is_valid_while_the_set_is_open_and_the_owner_may_see_it(client: TestClient, known: Sources) -> None:
    opened, allowed = [as_set(images_of())], [True]
    name = known.add("me", "key", lambda: source(opened[0], is_allowed=lambda: allowed[0]))
    assert known.add("me", "key", lambda: source(opened[0])) == name
    assert known.add("other", "key", lambda: source(opened[0])) != name
    query = {"rows": rows_text(0), "side": "16"}
    ask = lambda: client.get(f"{tile_path(name)}/sheet", params=query).status_code  # noqa: E731
    assert ask() == 200
    assert client.get(f"{tile_path('unknown')}/sheet", params=query).status_code == 404
    allowed[0] = False
    assert ask() == 404
    assert client.post(f"{tile_path(name)}/ids", content=rows_text(0)).status_code == 404
    allowed[0] = True
    opened.clear()
    gc.collect()
    assert ask() == 404  # the source does not keep the data set in memory
    again = as_set(images_of())
    assert known.add("me", "key", lambda: source(again)) != name


def test_an_image_that_cannot_be_read_is_an_error_without_details(client: TestClient, known: Sources) -> None:
    data = as_set(np.zeros((2, 300, 300, 3), np.uint8))

    def gone(row: int) -> np.ndarray:
        raise FileNotFoundError("/secret/path.png")

    object.__setattr__(data, "read", gone)
    path = tile_path(known.add("me", "key", lambda: source(data)))
    answer = client.get(f"{path}/sheet", params={"rows": rows_text(0), "side": str(LARGE)})
    assert (answer.status_code, answer.text) == (500, "These images cannot be read.")


def test_ids_are_lines(client: TestClient, known: Sources) -> None:
    data = as_set(images_of())
    object.__setattr__(data, "ids", ("a\nb", *data.ids[1:]))
    path = tile_path(known.add("me", "key", lambda: source(data)))
    assert client.post(f"{path}/ids", content=rows_text(0, 2)).text == f"a\\nb\n{data.ids[2]}"
    assert client.post(f"{path}/ids", content="A*").status_code == 400
    assert client.post(f"{path}/ids", content=b"\xff\xfe").status_code == 400
    assert client.get(f"{path}/ids").status_code == 405


def test_rows_of_a_request() -> None:
    assert read_rows(rows_text(3, 1), 4).tolist() == [3, 1]
    assert read_rows("", 4).tolist() == []
    assert read_rows(rows_text(4), 4) is None


def test_old_sources_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MAX_SOURCES", 2)
    known, data = Sources(), as_set(images_of())
    first, second = (known.add("me", key, lambda: source(data)) for key in "ab")
    known.add("me", "a", lambda: source(data))
    known.add("me", "c", lambda: source(data))
    assert known.find(first) is not None
    assert known.find(second) is None


def test_texts_of_values() -> None:
    assert ImageColumn("n", np.array([np.nan, 3.0, 0.123456, 1e6])).text(0) == ""
    column = ImageColumn("n", np.array([3.0, 0.123456, 1e6, -2.5]))
    assert [column.text(row) for row in range(4)] == ["3", "0.1235", "1,000,000", "-2.5"]
    assert ImageColumn("rank", np.array([0.0]), is_position=True).text(0) == "1"
    assert ImageColumn("n", np.array([1.0]), texts=("a", "b")).text(0) == "b"


def test_long_and_odd_texts_are_sent(client: TestClient, known: Sources) -> None:
    data = as_set(images_of())
    object.__setattr__(data, "ids", ("x" * 1000, "\ud800<b>", *data.ids[2:]))
    path = tile_path(known.add("me", "key", lambda: source(data)))
    header, _ = read_sheet(client.get(f"{path}/sheet", params={"rows": rows_text(0, 1), "side": "16"}).content)
    assert header["texts"][0][0] == "x" * (MAX_TEXT - 1) + "…"
    assert header["texts"][1][0] == "?<b>"
