"""Own columns in the app: the table of the Data set page, the filter, the map and the page of one image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adq_core import Run, Settings
from adq_core.storage.store import Store
from app.blocks.own_columns import map_columns
from tests.app.conftest import QUICK, at_rest
from tests.app.pages import Open, headings_of, press, texts_of

CITIES = ("Rome", "*Oslo*", "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 2 classes with 15 images each, with a table of ages and cities; some values are missing."""
    folder, rng = tmp_path_factory.mktemp("set") / "animals", np.random.default_rng(0)
    lines = ["file,age,city"]
    for number in range(30):
        name = f"{'cat' if number % 2 else 'dog'}/{number:02}.png"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pixels = np.clip(rng.integers(0, 120, (16, 16, 3)) + 100 * (number % 2), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / name)
        lines.append(f"{name},{'' if number == 4 else number},{CITIES[number % 3]}")
    (folder / "metadata.csv").write_text("\n".join(lines))
    return folder


def test_the_columns_are_listed_with_their_kinds(open_app: Open, folder: Path) -> None:
    app = at_rest(open_app("dataset", dataset=str(folder)))
    assert "Own columns" in headings_of(app)
    table = next(one.value for one in app.dataframe if list(one.value.columns)[:2] == ["column", "kind"])
    assert table.values.tolist() == [
        ["age", "numbers", "0 to 29", 1],
        ["city", "texts", "2 different texts", 10],
    ]


def test_a_set_without_own_columns_has_no_such_section(open_app: Open) -> None:
    assert "Own columns" not in headings_of(at_rest(open_app("dataset")))


def test_numbers_and_texts_filter_the_images(open_app: Open, folder: Path) -> None:
    app = at_rest(open_app("bins", dataset=str(folder), n_bins="3", filter="age=..9 city:Rome"))
    assert "**4** of 30 images" in texts_of(app)  # 0, 3, 6, 9
    assert {"age at most 9", "city Rome"} <= {button.label for button in app.button}
    app.session_state["filter_open"] = True
    at_rest(app.run())
    assert app.slider(key="filter_range_age").value == (0.0, 9.0)
    cities = app.multiselect(key="filter_values_city")
    assert cities.value == ["Rome"]
    assert cities.options == ["\\*Oslo\\*", "Rome", "missing"]
    cities.set_value([""]).run()
    app.slider(key="filter_range_age").set_value((0.0, 29.0)).run()
    assert at_rest(app).text_input(key="filter").value == "city:"
    assert "**10** of 30 images" in texts_of(app)
    at_rest(press(app, "city missing"))
    assert app.text_input(key="filter").value == ""


def test_the_map_and_the_page_of_an_image_have_the_columns(open_app: Open, folder: Path, cache: Path) -> None:
    run = Run(Settings(dataset=str(folder), **QUICK, n_bins=3), Store(cache))
    columns = map_columns(run)
    assert list(columns) == ["own:age", "own:city"]
    assert columns["own:city"].names == ("*Oslo*", "Rome", "missing")
    assert np.isnan(columns["own:age"].values).sum() == 1
    assert not at_rest(open_app("quotas", dataset=str(folder), n_bins="3")).exception
    app = at_rest(open_app("image", dataset=str(folder), n_bins="3", image="dog/06.png"))
    assert "age: 6 · city: Rome" in "\n".join(element.value for element in app.caption).replace("\u2060", "")


def test_the_export_has_the_columns(folder: Path, cache: Path) -> None:
    import io

    import pandas as pd

    run = Run(Settings(dataset=str(folder), **QUICK, n_bins=3), Store(cache))
    table = pd.read_parquet(io.BytesIO(run.export_files()["samples.parquet"]))
    assert table["age"].isna().sum() == 1
    assert table["age"].dtype == np.float64
    assert table.set_index("id")["city"]["dog/06.png"] == "Rome"
    assert table["city"].isna().sum() == 10
