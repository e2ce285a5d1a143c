"""The page that `bench_browse.py` opens: `?draw=grid` is the image browser, `image` st.image, `frame` st.dataframe."""

from __future__ import annotations

import base64
import io
import sys
import weakref
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from adq_core.data import ImageDataset, open_dataset
from adq_core.data.arrays import dataset_from_arrays
from app.components.image_grid import GridView, image_grid
from app.tiles import ImageColumn, TileSource, sides_of, sources, tile_path

SIDE = 64  # pixels of an image


@st.cache_resource(show_spinner=False)
def made(m: int) -> ImageDataset:
    """Return m images: the built-in photographs again and again, each shifted and with its own brightness."""
    photos = open_dataset("photos").thumbnails
    rng = np.random.default_rng(0)
    images = np.empty((m, SIDE, SIDE, 3), np.uint8)
    for row in range(m):
        shift = tuple(rng.integers(0, SIDE, 2))
        images[row] = np.roll(photos[row % len(photos)], shift, axis=(0, 1)) * rng.uniform(0.6, 1.0)
    return dataset_from_arrays(images, np.arange(m) % 10, name="many photographs", images_digest=f"bench-{m}")


def address(data: ImageDataset) -> str:
    """Return the path of the pictures."""
    columns = (ImageColumn("row", np.arange(len(data), dtype=np.float64)),)
    make = lambda: TileSource(weakref.ref(data), columns, lambda: True)  # noqa: E731
    return tile_path(sources().add("bench", data.key, make))


def grid(data: ImageDataset) -> None:
    """Draw the image browser with a tenth of the images selected."""
    m = len(data)
    quota = np.array([[0, 0], [m // 10, 0]])
    view = GridView(
        images=data.key,
        total=m,
        order=np.arange(m),
        address=address(data),
        sides=tuple(sides_of(data)),
        facts=("row",),
        alpha=1.0,
        alphas=np.array([0.0, 1.0]),
        quota=quota,
        bin_order=np.random.default_rng(1).permutation(m),
        capacity=np.array([m - m // 2, m // 2]),
    )
    image_grid(view, key="grid", on_open=lambda: None)


def encoded(image: NDArray[np.uint8]) -> str:
    """Return an image as the address that st.dataframe draws."""
    out = io.BytesIO()
    Image.fromarray(image).save(out, "WEBP", quality=80, method=0)
    return f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode()}"


@st.cache_data(show_spinner=False)
def frame(m: int) -> pd.DataFrame:
    """Return a table with a column of images."""
    data = made(m)
    return pd.DataFrame({"image": [encoded(image) for image in data.thumbnails], "id": data.ids})


def page() -> None:
    """Draw the variant named in the query parameter `draw`."""
    st.set_page_config(layout="wide")
    m, draw = int(st.query_params.get("m", 1000)), st.query_params.get("draw")
    if draw == "grid":
        grid(made(m))
    elif draw == "image":
        with st.container(height=700):
            st.image(list(made(m).thumbnails), width=84)
    elif draw == "frame":
        columns = {"image": st.column_config.ImageColumn("image", width=84)}
        st.dataframe(frame(m), height=700, row_height=90, column_config=columns)


if __name__ == "__main__":
    page()
else:
    from app.tiles import ROUTES

    streamlit_app = st.App(__file__, routes=ROUTES)
