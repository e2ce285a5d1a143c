"""Every view and every widget through AppTest, on a small real run."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from adq_core import Run, Settings
from adq_core.store import Store
from app import findings

from .conftest import QUICK, at_rest

Open = Callable[..., AppTest]
VIEWS = (
    "home",
    "dataset",
    "bins",
    "scores",
    "quotas",
    "image",
    "patches",
    "train",
    "compare",
    "tray",
    "export",
    "method",
)
TITLES = (
    "ADQ Explorer",
    "Data set",
    "Bins",
    "Scores",
    "Quotas",
    "One image",
    "Patches",
    "Train",
    "Compare",
    "Tray",
    "Export",
    "The method",
)


@pytest.fixture
def run(small_set: Path, cache: Path) -> Run:
    """The run that the app shows by default, from the same store."""
    return Run(Settings(dataset=str(small_set), **QUICK), Store(cache))


def html_of(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def numbers_of(app: AppTest) -> str:
    return next(part for part in html_of(app).split("\n") if "adq-numbers" in part).split("</style>")[1]


def texts_of(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def chart(app: AppTest, key: str) -> dict:
    for element in app.get("plotly_chart"):
        if element.proto.id.endswith(f"-{key}"):
            return json.loads(element.proto.spec)
    raise AssertionError(f"no chart with the key {key}")


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return app.run()


@pytest.mark.parametrize(("view", "title"), list(zip(VIEWS, TITLES, strict=True)))
def test_every_view_opens(open_app: Open, view: str, title: str) -> None:
    app = open_app(view)
    assert not app.exception
    assert not app.error
    assert [element.value for element in app.title] == [title]
    assert [element.label for element in app.main.expander][-1] == "How to read this"
    assert 'class="adq-numbers"' in html_of(app)


def test_home_states_findings_that_the_run_bears_out(open_app: Open, run: Run) -> None:
    app = open_app("home")
    assert findings.texture_by_bin(run.bins, run.texture) in texts_of(app)
    assert findings.texture_by_class(run.dataset, run.texture) in texts_of(app)
    traces = chart(app, "home-map")["data"]
    assert [trace["name"] for trace in traces] == list(run.dataset.class_names)


def test_data_set_counts_and_classes(open_app: Open, run: Run) -> None:
    app = open_app("dataset")
    assert "<span>images</span><b>80</b>" in numbers_of(app)
    assert "<span>classes</span><b>4</b>" in numbers_of(app)
    assert "<span>pixels</span><b>16 × 16</b>" in numbers_of(app)
    assert html_of(app).count('<div role="img"') == 60  # 15 of each class
    bars = chart(app, "class-sizes")["data"][0]
    assert bars["y"] == list(run.dataset.class_names)


def test_a_typed_path_opens_a_folder_and_lists_what_could_not_be_read(open_app: Open, tmp_path: Path) -> None:
    for label in ("left", "right"):
        (tmp_path / label).mkdir()
        for number in range(12):
            pixels = np.random.default_rng(number).integers(0, 255, (20, 20, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / label / f"{number}.png")
    (tmp_path / "left" / "broken.png").write_bytes(b"no picture")
    app = open_app("dataset")
    app.text_input(key="typed_path").input(str(tmp_path)).run()
    at_rest(app)
    assert not app.error
    assert "<span>images</span><b>24</b>" in numbers_of(app)
    assert "<span>left out</span><b>1</b>" in numbers_of(app)
    table = app.dataframe[0].value
    assert table["file"].tolist() == ["left/broken.png"]
    assert table["reason"][0]
    assert app.query_params["dataset"] == str(tmp_path)


def test_an_upload_is_kept_and_opened(open_app: Open, small_set: Path, cache: Path) -> None:
    app = open_app("dataset")
    app.file_uploader(key="upload").upload("my stripes.npz", small_set.read_bytes(), "application/zip").run()
    kept = Path(app.session_state["dataset"])
    assert kept.parent.parent == cache / "uploads"
    assert kept.name == "my-stripes.npz"
    assert kept.read_bytes() == small_set.read_bytes()
    assert not app.error


def test_a_wrong_upload_becomes_a_sentence_and_the_way_back(open_app: Open, small_set: Path) -> None:
    app = open_app("dataset")
    app.file_uploader(key="upload").upload("song.zip", b"la la la", "application/zip").run()
    at_rest(app)
    assert len(app.error) == 1
    assert "song.zip" in app.error[0].value
    assert not app.exception
    press(app, f"Back to {small_set.name}")
    assert not app.error
    assert "<span>images</span><b>80</b>" in numbers_of(app)


def test_the_bin_picked_is_shown_everywhere_and_in_the_link(open_app: Open, run: Run) -> None:
    app = open_app("bins")
    assert "First images of bin 0" in [element.value for element in app.subheader]
    app.button_group(key="bin_here").set_value(3).run()
    assert "First images of bin 3" in [element.value for element in app.subheader]
    app.switch_page("views/quotas.py").run()
    wanted = f"Bin 3: {run.quotas.quota[3]} of {run.bins.capacity[3]} images"
    assert wanted in [element.value for element in app.subheader]
    linked = open_app("bins", bin="5")
    assert "First images of bin 5" in [element.value for element in linked.subheader]


def test_a_bin_that_is_not_there_falls_back_to_the_last(open_app: Open) -> None:
    app = open_app("bins", bin="99")
    assert not app.exception
    assert "First images of bin 9" in [element.value for element in app.subheader]


def test_scores_are_told_raw_and_normalised(open_app: Open, run: Run) -> None:
    app = open_app("scores")
    table = app.dataframe[0].value
    np.testing.assert_allclose(table["IS"], run.scores.importance)
    np.testing.assert_allclose(table["Rep"], run.scores.representativeness)
    for sentence in findings.amplification(run.scores):
        assert sentence in texts_of(app)
    bars = chart(app, "importance")["data"]
    assert [trace["name"] for trace in bars[:2]] == ["Rep, normalised", "Div, normalised"]


def test_keep_ratio_moves_the_quotas(open_app: Open, small_set: Path, cache: Path) -> None:
    app = open_app("quotas")
    assert "<b>8 of 80 images</b>" in numbers_of(app)
    app.slider(key="keep_ratio_here").set_value(0.5).run()
    assert "<b>40 of 80 images</b>" in numbers_of(app)
    assert app.session_state["settings"].keep_ratio == 0.5
    expected = Run(Settings(dataset=str(small_set), **QUICK, keep_ratio=0.5), Store(cache)).quotas.quota
    assert chart(app, "quota-bars")["data"][2]["text"] == [str(q) for q in expected]
    app.switch_page("views/bins.py").run()
    assert app.slider(key="keep_ratio").value == 0.5


def test_the_map_hands_alpha_and_bin_to_the_settings(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from app import quota_map

    told = {"alpha": 0.3, "bin": 2, "hand": ["alpha", "bin", "row"]}
    monkeypatch.setattr(quota_map, "held_state", lambda key: told)
    app = open_app("quotas")
    app.session_state.alpha = 0.65
    app.run()
    state: dict = {}
    monkeypatch.setattr(quota_map.st, "session_state", state)
    quota_map._take()
    assert (state["alpha"], state["bin"]) == (0.3, 2)
    state[quota_map.IDS] = ("a", "b")
    for row, image in ((1, "b"), (2, "b"), (-1, "b"), ("0", "b")):
        told["row"] = row
        quota_map._take()
        assert state["image"] == image
    state.clear()
    told.clear()
    told.update(alpha="a lot", bin=None, hand=["alpha", "bin"])
    quota_map._take()
    assert "alpha" not in state, "what is no number is not taken over"
    assert state["bin"] == -1, "no bin is none"
    state.clear()
    for hand in (["row"], [], None, "alpha", [["alpha"]]):
        told.update(alpha=0.2, bin=1, hand=hand)
        quota_map._take()
        assert state == {}, "only what the hand changed: the rest may have been changed elsewhere meanwhile"


def test_patches_follow_their_slider(open_app: Open) -> None:
    app = open_app("patches")
    kept = int(numbers_of(app).split("patches kept</span><b>")[1].split(" of ")[0])
    app.slider(key="patch_keep_ratio_here").set_value(0.25).run()
    fewer = int(numbers_of(app).split("patches kept</span><b>")[1].split(" of ")[0])
    assert fewer == round(kept / 3)
    app.button_group(key="patches_here").set_value("ranking").run()
    assert not app.exception
    assert app.session_state["patches"] == "ranking"


def test_painted_patches_stand_beside_the_original_with_their_psnr(open_app: Open) -> None:
    app = open_app("patches", patches="painted again", painter="unet")
    assert not app.exception
    assert not app.error
    decibels = float(html_of(app).split("PSNR over the dropped pixels</span><b>")[1].split(" dB")[0])
    assert 5 < decibels < 60


def test_a_second_rule_stands_beside_the_first(open_app: Open, run: Run) -> None:
    app = open_app("quotas", beside="paper")
    told = [text.value for text in app.markdown]
    other = dataclasses.replace(run.settings, rule="paper")
    expected = findings.against(run.quotas, Run(other, run.store).quotas)
    assert "the rule paper" in expected
    assert expected in told
    app.button_group(key="beside_here").set_value("published-code").run()
    assert not app.exception
    told = [text.value for text in app.markdown]
    assert any("published-code" in text or "published code" in text for text in told)


def test_export_is_what_the_command_line_writes(open_app: Open, run: Run) -> None:
    from app import archive

    app = open_app("export")
    assert app.get("download_button")[0].proto.label == "Download the zip"
    files = run.export_files()
    assert list(app.table[0].value["file"]) == list(files)
    with zipfile.ZipFile(io.BytesIO(archive.zipped(files))) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == files
    assert archive.zipped(files) == archive.zipped(run.export_files()), "the same run gives the same bytes"
    assert archive.command(Settings(dataset="digits", alpha=0.5)) == [
        "python", "-m", "adq_core", "run", "digits", "--alpha", "0.5", "--out", "DIR",
    ]  # fmt: off


def test_a_link_opens_the_same_view(open_app: Open) -> None:
    app = open_app("quotas", alpha="0.9", keep_ratio="0.25", n_bins="5", rule="uniform", seed="3")
    settings = app.session_state["settings"]
    assert (settings.alpha, settings.keep_ratio, settings.n_bins) == (0.9, 0.25, 5)
    assert (settings.rule, settings.seed) == ("uniform", 3)
    assert "<b>20 of 80 images</b>" in numbers_of(app)


@pytest.mark.parametrize("query", [{"alpha": "7"}, {"alpha": "nan"}, {"rule": "magic"}, {"n_bins": "many"}])
def test_a_broken_link_opens_with_a_valid_setting(open_app: Open, query: dict[str, str]) -> None:
    app = open_app("quotas", **query)
    assert not app.exception
    assert not app.error
    assert 0 <= app.session_state["settings"].alpha <= 1


def test_a_path_that_is_not_there(open_app: Open, tmp_path: Path) -> None:
    app = open_app("bins", dataset=str(tmp_path / "nowhere"))
    assert len(app.error) == 1
    assert "nowhere" in app.error[0].value
    assert not app.exception
    assert [button.label for button in app.main.button] == ["Try again", "Open photos"], "a way out without the sidebar"


def test_more_bins_than_a_class_has_images_offers_ways_out(open_app: Open) -> None:
    app = open_app("bins", n_bins="30")
    assert len(app.error) == 1
    assert app.error[0].value.startswith("n_bins must be between 1 and 20")
    press(app, "Use 20 bins")
    at_rest(app)
    assert not app.error
    assert app.number_input(key="n_bins").value == 20


def test_one_pool_is_the_other_way_out(open_app: Open) -> None:
    app = press(open_app("bins", n_bins="30"), "Take all images as one pool")
    at_rest(app)
    assert not app.error
    assert app.session_state["settings"].pool == "all"


def test_a_keep_ratio_that_keeps_nothing(open_app: Open) -> None:
    app = open_app("quotas", keep_ratio="0.005")
    assert [element.value for element in app.error] == [
        "keep_ratio must keep at least one of 80 images, got 0.005. Raise it."
    ]


def test_what_nobody_foresaw_is_a_sentence_too(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from app import charts
    from app.jobs import UNEXPECTED

    monkeypatch.setattr(charts, "importance_bars", lambda *args: 1 / 0)
    app = open_app("scores")
    assert [element.value for element in app.error] == [UNEXPECTED]
    assert not app.exception


def test_every_station_that_can_take_long_has_a_title() -> None:
    from adq_core.lineage import RECORDS
    from app.frame import TITLES

    assert set(RECORDS) <= set(TITLES)
