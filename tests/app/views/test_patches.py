"""The page Patches: the choice of images and of the inpainting method, the pictures and the sentences about them."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from adq_core import Run
from adq_core.patches import NetworkScores, network_scores
from adq_core.patches.reconstruction import FILL
from adq_core.selection import rows_of_bin
from adq_core.settings import possible_patch_sizes
from app.blocks import image_picker
from app.images import sheet as sheets
from app.text import summaries
from tests.app.pages import Open, html_of, number, numbers_of, press, widget

ROOT = Path(__file__).parents[3]


def shown(app: AppTest) -> list[str]:
    """Return the ids of the rows of pictures."""
    page = "\n".join(element.proto.body for element in app.get("html"))
    return [line.split(" · ")[1] for line in re.findall(r'<p title="([^"]*)"', page)]


def ids(run: Run, rows: np.ndarray) -> list[str]:
    return [run.dataset.ids[row] for row in rows]


def test_the_subset_is_paged_through_and_the_link_keeps_the_page(open_app: Open, run: Run) -> None:
    selected = run.selection.indices
    app = open_app("patches", painter=FILL)
    assert shown(app) == ids(run, selected[:6])
    press(app, "Next")
    assert shown(app) == ids(run, selected[6:12])
    assert app.query_params["first"] == "6"
    assert shown(open_app("patches", painter=FILL, first="6")) == ids(run, selected[6:12])
    inside = open_app("patches", painter=FILL, first="2")
    assert shown(inside) == ids(run, selected[2:8]), "the number of skipped images is not rounded"
    assert shown(press(inside, "Previous")) == ids(run, selected[:6])
    beyond = open_app("patches", painter=FILL, first="9999")
    assert not beyond.error
    assert shown(beyond) == ids(run, selected[(len(selected) - 1) // 6 * 6 :])


def test_a_bin_shows_its_selected_images_first(open_app: Open, run: Run) -> None:
    app = open_app("patches", painter=FILL, images="one bin", bin="3")
    rows = rows_of_bin(run.bins.bin_of, run.selection.draw_position, 3)
    assert shown(app) == ids(run, rows[:6])
    assert (run.bins.bin_of[rows] == 3).all()
    inside = run.selection.selected[rows]
    assert inside.sum() == run.quotas.quota[3]
    assert (np.diff(inside.astype(int)) <= 0).all()


def test_a_shuffle_is_the_subset_in_another_order(open_app: Open, run: Run) -> None:
    first = open_app("patches", painter=FILL, images="shuffled")
    pages = [*shown(first), *shown(press(first, "Next"))]
    assert sorted(pages) == sorted(ids(run, run.selection.indices))
    assert pages != sorted(pages)
    assert shown(open_app("patches", painter=FILL, images="shuffled")) == pages[:6]


def test_an_image_is_found_by_its_id(open_app: Open, run: Run) -> None:
    wanted = run.dataset.ids[17]
    app = open_app("patches", painter=FILL, images="by id", find=wanted)
    assert shown(app) == [wanted]
    app.text_input(key="find").input("no such image").run()
    assert shown(app) == []
    assert not app.error
    assert any("No id contains `no such image`" in element.value for element in app.markdown)


def test_find_rows() -> None:
    names = ("a/1", "a/10", "B/1")
    assert image_picker.find_rows(names, "a/1").tolist() == [0]
    assert image_picker.find_rows(names, "1").tolist() == [0, 1, 2]
    assert image_picker.find_rows(names, "b").tolist() == [2]
    assert image_picker.find_rows(names, "z").tolist() == []


def test_the_patch_size_box_offers_the_possible_sizes(open_app: Open) -> None:
    app = open_app("patches", painter=FILL)
    box = app.selectbox(key="patch_size")
    assert box.options == [str(size) for size in possible_patch_sizes(64)]
    box.set_value(16).run()
    assert app.session_state["settings"].patch_size == 16
    assert open_app("patches", painter=FILL, patch_size="16").session_state["settings"].patch_size == 16


def test_the_patch_side_always_divides_the_image_side(open_app: Open) -> None:
    app = open_app("patches", painter=FILL, patch_size="16")
    widget(app, "patch_image_size").set_value(100).run()
    assert not app.error
    assert app.session_state["settings"].patch_size in possible_patch_sizes(100)


@pytest.mark.parametrize(
    ("painter", "sentence"),
    [
        (
            "/nowhere/mine.safetensors",
            "Weights must be a readable file, but there is none at /nowhere/mine.safetensors.",
        ),
        ("magic", "Unknown weights 'magic'."),
    ],
)
def test_invalid_weights_give_a_sentence(open_app: Open, painter: str, sentence: str) -> None:
    app = open_app("patches", painter=painter)
    assert [element.value.startswith(sentence) for element in app.error] == [True]
    assert not app.exception


def test_pictures_side_by_side_are_lossless() -> None:
    rng = np.random.default_rng(0)
    columns = {name: rng.integers(0, 256, (2, 16, 16, 3), dtype=np.uint8) for name in ("one", "two")}
    page = sheets.side_by_side(columns, ["<b>first</b>", "second"], ["a", "<i>b</i>"])
    assert "<b>first</b>" not in page
    assert re.findall('<p [^>]*data-image="([^"]*)"', page) == ["a", "&lt;i&gt;b&lt;/i&gt;"]
    assert page.count('<div role="img"') == 4
    picture = re.search(r"data:image/webp;base64,([^)]*)\)", page)
    assert picture
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture[1]))).convert("RGB"))
    tiles = np.concatenate(list(columns.values()))
    for place, tile in enumerate(tiles):
        left = place * 20 + sheets.GUTTER
        np.testing.assert_array_equal(sheet[sheets.GUTTER : sheets.GUTTER + 16, left : left + 16], tile)


def test_the_error_image_is_amplified_and_clipped_to_white() -> None:
    one, two = np.zeros((1, 1, 2, 3), np.uint8), np.array([[[[10, 3, 0], [0, 90, 200]]]], np.uint8)
    assert sheets.error_image(one, two, 4)[0, 0].tolist() == [[40] * 3, [255] * 3]


def scores(**psnr: list[float]) -> NetworkScores:
    return NetworkScores(2_000, **{name: np.array(values) for name, values in psnr.items()})


def test_the_comparison_of_networks_follows_the_scores() -> None:
    text = summaries.compare_networks(scores(unet=[21.0, 26.0], mae=[20.9, 25.8], fill=[20.0, 25.5]))
    assert text.startswith("On 2,000 test images of CIFAR-10 (see the model cards), **unet**")
    assert "**unet** is better than **mae** in all 2 ways of dropping patches, by 0.10 to 0.20 dB" in text
    assert "both are at least 0.30 dB better" in text
    text = summaries.compare_networks(scores(unet=[21.0, 26.0], mae=[20.9, 26.3], fill=[20.0, 26.1]))
    assert "**mae** is better than **unet** on average" in text
    assert "both are" not in text
    assert summaries.best_inpainter({"unet": 20.0, "fill": 21.0}, "fill").startswith("On these images **no network")
    assert "**unet** is best, 2.0 dB above" in summaries.best_inpainter({"unet": 23.0, "fill": 21.0}, "fill")
    assert summaries.best_inpainter({"unet": float("nan"), "fill": 21.0}, "fill") == ""


def test_the_scores_of_the_bundled_networks_are_those_of_the_benchmark() -> None:
    results = json.loads((ROOT / "benchmarks" / "results" / "weights.json").read_text(encoding="utf-8"))
    measured, stored = results["psnr_db"], network_scores()
    assert stored.unet.tolist() == list(measured["unet"].values())
    assert stored.mae.tolist() == list(measured["mae"].values())
    assert stored.fill.tolist() == list(measured["mean of harmonic and biharmonic"].values())
    assert stored.n_images == results["images"]


def test_patches_follow_their_slider(open_app: Open) -> None:
    app = open_app("patches")
    kept = int(numbers_of(app).split("patches kept</span><b>")[1].split(" of ")[0])
    app.slider(key="patch_keep_ratio").set_value(0.25).run()
    fewer = int(numbers_of(app).split("patches kept</span><b>")[1].split(" of ")[0])
    assert fewer == round(kept / 3)
    app.button_group(key="patches").set_value("ranking").run()
    assert not app.exception
    assert app.session_state["patches"] == "ranking"


def test_reconstructed_images_are_shown_with_the_original_and_their_psnr(open_app: Open) -> None:
    app = open_app("patches", patches="painted again", painter="unet")
    assert not app.exception
    assert not app.error
    decibels = float(html_of(app).split("PSNR over the dropped pixels</span><b>")[1].split(" dB")[0])
    assert 5 < decibels < 60


def test_images_can_be_selected_by_id_and_the_subset_again(open_app: Open, run: Run) -> None:
    app = open_app("patches", painter=FILL)
    press(press(app, "Next"), "Previous")
    assert shown(app) == ids(run, run.selection.indices[:6])
    assert {button.label: button.disabled for button in app.main.button}["Previous"]
    widget(app, "images").set_value("one bin").run()
    widget(app, "bin_6").click().run()
    assert shown(app) == ids(run, rows_of_bin(run.bins.bin_of, run.selection.draw_position, 6)[:6])
    widget(app, "images").set_value("by id").run()
    widget(app, "find").set_value("33").run()
    assert shown(app) == ["33"]
    assert "1 to 1 of 1" in [element.value for element in app.markdown]
    widget(app, "images").set_value("shuffled").run()
    assert set(shown(app)) < set(ids(run, run.selection.indices))


def test_the_ways_to_show_patches(open_app: Open) -> None:
    app = open_app("patches", painter=FILL)
    columns = ("original", "ranking", "kept", "reconstructed", "error × 4")
    assert [f"<b>{name}</b>" in html_of(app) for name in columns] == [True] * 5
    assert number(app, "PSNR over the dropped pixels").endswith(" dB")
    sheets = set()
    for how in ("kept patches", "ranking"):
        widget(app, "patches").set_value(how).run()
        assert "<b>painted</b>" not in html_of(app)
        assert "PSNR" not in html_of(app)
        assert not [box for box in app.selectbox if str(box.key).startswith("painter_here")], "nothing is reconstructed"
        sheets.add(re.findall(r"base64,([^)]*)", html_of(app))[-1])
    assert len(sheets) == 2, "other pictures"


def test_another_inpainting_method_gives_other_pictures(open_app: Open) -> None:
    app = open_app("patches", painter=FILL)
    assert "Smooth fill: a smooth interpolation of the kept pixels without a network. Kept pixels are unchanged." in [
        caption.value for caption in app.caption
    ]
    before = number(app, "PSNR over the dropped pixels")
    assert widget(app, "painter").label == "Inpainting method"
    widget(app, "painter").set_value("unet").run()
    assert [caption.value for caption in app.caption if caption.value.startswith("U-Net")]
    assert number(app, "PSNR over the dropped pixels") == number(app, "unet (shown)") != before
    assert number(app, FILL) == before


def test_smaller_patches_give_a_larger_number_of_patches(open_app: Open) -> None:
    app = open_app("patches", painter=FILL)
    assert (number(app, "patches kept"), number(app, "patch size")) == ("48 of 64", "8 × 8 pixels of 64")
    widget(app, "patch_size").set_value(4).run()
    assert (number(app, "patches kept"), number(app, "patch size")) == ("192 of 256", "4 × 4 pixels of 64")
    assert widget(app, "patch_ranking").value == app.session_state["settings"].patch_ranking
