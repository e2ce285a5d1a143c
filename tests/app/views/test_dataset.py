"""The page Data set: the numbers of a data set, and the ways to open one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from adq_core import Run
from adq_core.embeddings import neighbour_agreement
from app.text.agreement import agreement_sentence
from app.text.format import percent
from tests.app.conftest import at_rest
from tests.app.pages import Open, chart, html_of, numbers_of, texts_of


def test_data_set_counts_and_classes(open_app: Open, run: Run) -> None:
    app = open_app("dataset")
    assert "<span>images</span><b>80</b>" in numbers_of(app)
    assert "<span>classes</span><b>4</b>" in numbers_of(app)
    assert "<span>pixels</span><b>16 × 16</b>" in numbers_of(app)
    assert html_of(app).count('<div role="img"') == 60  # 15 of each class
    bars = chart(app, "class-sizes")["data"][0]
    assert bars["y"] == list(run.dataset.class_names)


def test_the_fit_of_the_embedding_is_shown(open_app: Open, run: Run) -> None:
    """Stripes of one class share their columns, so raw pixels know the class of every image."""
    app = at_rest(open_app("dataset"))
    found = neighbour_agreement(run.dataset, run.embeddings.vectors)
    assert found.accuracy > 0.9
    assert f"<span>right class by pixels</span><b>{percent(found.accuracy)}</b>" in html_of(app)
    assert "<span>largest class</span><b>25.0%</b>" in html_of(app)
    assert agreement_sentence(found, "pixels", run.dataset) in texts_of(app)


def test_a_typed_path_opens_a_folder_and_lists_what_could_not_be_read(open_app: Open, tmp_path: Path) -> None:
    for label in ("left", "right"):
        (tmp_path / label).mkdir()
        for one in range(12):
            pixels = np.random.default_rng(one).integers(0, 255, (20, 20, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / label / f"{one}.png")
    (tmp_path / "left" / "broken.png").write_bytes(b"no picture")
    app = open_app("dataset")
    app.text_input(key="typed_path").input(str(tmp_path)).run()
    at_rest(app)
    assert not app.error
    assert "<span>images</span><b>24</b>" in numbers_of(app)
    assert "<span>files skipped</span><b>1</b>" in numbers_of(app)
    table = app.dataframe[0].value
    assert table["file"].tolist() == ["left/broken.png"]
    assert table["reason"][0]
    assert app.query_params["dataset"] == str(tmp_path)


def test_other_files_notes_and_images_without_a_label_are_shown(open_app: Open, tmp_path: Path) -> None:
    folder = tmp_path / "[set](x)"
    folder.mkdir()
    for one in range(24):
        pixels = np.random.default_rng(one).integers(0, 255, (20, 20, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{one}.png")
    (folder / "a.txt").write_text("text")
    (folder / "labels.csv").write_text("file,label\n" + "".join(f"{n}.png,{'ab'[n % 2]}\n" for n in range(22)))
    app = open_app("dataset")
    app.text_input(key="typed_path").input(str(folder)).run()
    at_rest(app)
    shown = texts_of(app)
    assert "<span>classes</span><b>1</b>" in numbers_of(app)
    assert "Not taken as images: 2 other files (1 .csv, 1 .txt)." in shown.replace("\\", "")
    assert "labels.csv in the folder has labels for only 22 of 24 images." in shown.replace("\\", "")
    widget = next(box for box in app.selectbox if box.key == "unlabelled")
    widget.set_value("keep").run()
    at_rest(app)
    assert "<span>classes</span><b>3</b>" in numbers_of(app)
    assert app.session_state["settings"].unlabelled == "keep"


def test_a_path_of_blanks_opens_nothing(open_app: Open, small_set: Path) -> None:
    app = open_app("dataset")
    app.text_input(key="typed_path").input("   ").run()
    assert app.session_state["settings"].dataset == str(small_set)
    assert not app.error
