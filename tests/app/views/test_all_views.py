"""Every page through AppTest, on a small real run; Home and Scores."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from adq_core import Run
from app.blocks import group_maps
from app.components.bin_map import GroupView
from app.pages import PAGES, script
from app.text import summaries, worked_formulas, worked_quotas
from tests.app.conftest import at_rest
from tests.app.pages import VIEWS, Open, captions_of, chart, headings_of, html_of, number, texts_of, widget

ROOT = Path(__file__).parents[3]


@pytest.fixture
def one_class(tmp_path: Path) -> Path:
    """30 images that all have one class, as a folder without subfolders has."""
    path = tmp_path / "one-class.npz"
    images = np.random.default_rng(0).integers(0, 256, (30, 8, 8, 3), dtype=np.uint8)
    np.savez(path, images=images, labels=np.zeros(30, np.int64))
    return path


@pytest.mark.parametrize(("view", "title"), VIEWS.items())
def test_every_view_opens(open_app: Open, view: str, title: str) -> None:
    app = open_app(view)
    assert not app.exception
    assert not app.error
    assert [element.value for element in app.title] == [title]
    assert [element.label for element in app.main.expander][-1] == "How to read this page"
    assert 'class="adq-numbers"' in html_of(app)


def test_the_results_on_home_agree_with_the_run(open_app: Open, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[GroupView] = []
    monkeypatch.setattr(group_maps, "group_map", lambda store, view, key, shown=None: drawn.append(view))
    app = open_app("home")
    assert summaries.texture_by_bin(run.bins, run.texture) in texts_of(app)
    assert summaries.texture_by_class(run.dataset, run.texture) in texts_of(app)
    (view,) = drawn
    assert [group.name for group in view.groups] == list(run.dataset.class_names)
    np.testing.assert_array_equal(view.group_of, run.dataset.labels)
    assert view.has_labels


def test_home_without_classes_shows_several_images_and_no_class_names(
    open_app: Open, one_class: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[GroupView] = []
    monkeypatch.setattr(group_maps, "group_map", lambda store, view, key, shown=None: drawn.append(view))
    app = at_rest(open_app("home", dataset=str(one_class), n_bins="4"))
    assert not drawn[-1].has_labels
    assert "The most and the least typical images" in headings_of(app)
    galleries = [part for part in html_of(app).split("</style>") if '<div role="img"' in part]
    assert [part.count('<div role="img"') for part in galleries] == [12, 12]
    assert "<figcaption>" not in html_of(app)
    assert "· bin 0, position 1 in its class" in galleries[0]
    assert "· bin 3, position 30 in its class" in galleries[1]


def test_the_data_set_page_without_classes_has_no_chart_of_classes(open_app: Open, one_class: Path) -> None:
    app = at_rest(open_app("dataset", dataset=str(one_class), n_bins="4"))
    assert "Classes" not in headings_of(app)
    assert not app.get("plotly_chart")
    assert "<figcaption>" not in html_of(app)
    assert "<figcaption>" in html_of(open_app("dataset"))


def test_scores_are_shown_raw_and_normalised(open_app: Open, run: Run) -> None:
    app = open_app("scores")
    table = app.dataframe[0].value
    np.testing.assert_allclose(table["IS"], run.scores.importance)
    np.testing.assert_allclose(table["Rep"], run.scores.representativeness)
    for sentence in summaries.amplification(run.scores):
        assert sentence in texts_of(app)
    for sentence in (summaries.overlapping_intervals(run.scores), summaries.departure_of_diversity(run.scores)):
        assert f":material/info: {sentence}" in texts_of(app)
    bars = chart(app, "importance")["data"]
    assert [trace["name"] for trace in bars[:2]] == ["Rep, normalised", "Div, normalised"]


def test_scores_say_on_how_many_images_diversity_is_measured(open_app: Open, run: Run) -> None:
    assert "Div is estimated" not in texts_of(open_app("scores"))
    app = at_rest(open_app("scores", diversity="random-backbone", diversity_images="32", n_bins="1"))
    assert (
        "Div is estimated from 32 of the 80 images: 32 images of each larger bin, drawn at random in proportion to its "
        "classes. To measure all images, set *Images per bin for Div* to 0 in the sidebar, under Scores."
    ) in texts_of(app)
    assert app.dataframe[0].value["images for Div"].tolist() == [32]
    widget(app, "diversity_images").set_value(0).run()
    at_rest(app)
    assert "Div is estimated" not in texts_of(app)
    assert app.dataframe[0].value["images for Div"].tolist() == [80]


def test_scores_say_that_intervals_have_no_upper_end(open_app: Open, run: Run) -> None:
    sentence = summaries.unbounded_intervals(run.scores)
    assert "in 10 bins" in sentence, "noisy stripes: the mean cosine is near zero in every bin"
    assert f":material/info: {sentence}" in texts_of(open_app("scores"))


def test_a_sample_of_too_few_images_is_refused_with_the_label_of_the_widget(open_app: Open) -> None:
    app = open_app("scores", diversity_images="7")
    assert [element.value for element in app.error] == [
        "Images per bin for Div must be 0 (all images) or at least 32, got 7."
    ]


def test_every_stage_that_can_take_long_has_a_title() -> None:
    from adq_core.dependencies import STAGE_RECORDS
    from app.session import TITLES

    assert set(STAGE_RECORDS) <= set(TITLES)


def test_the_list_of_views_is_complete() -> None:
    assert set(VIEWS) == {file for pages in PAGES.values() for file, *_ in pages}
    assert [file for file in VIEWS if not (ROOT / "app" / script(file)).exists()] == []


def test_home_links_to_other_pages(open_app: Open) -> None:
    links = {link.value: link.proto.page for link in open_app("home").main.get("page_link")}
    assert links == {
        "Change alpha and see the selection change": "quotas",
        "See typical images and outliers": "bins",
        "Open your own images": "dataset",
        "Is it better than random?": "evidence",
    }


def test_the_scores_follow_their_settings(open_app: Open, run: Run) -> None:
    app = open_app("scores")
    for name, value in (("normalisation", "rank"), ("representativeness", "centre-closeness"), ("diversity", "vendi")):
        widget(app, name).set_value(value).run()
    changed = {"normalisation": "rank", "representativeness": "centre-closeness", "diversity": "vendi"}
    made = Run(dataclasses.replace(run.settings, **changed), run.store).scores
    table = app.dataframe[0].value
    np.testing.assert_allclose(table["IS"], made.importance)
    np.testing.assert_allclose(table["Div"], made.diversity)
    assert (number(app, "measure of diversity"), "Effect of normalisation (rank)" in headings_of(app)) == (
        "vendi",
        True,
    )
    top = int(made.importance.argmax())
    assert number(app, "highest IS") == f"bin {top} ({made.importance[top]:.2f})"


def test_the_formulas_have_the_numbers_of_the_bin_in_focus(open_app: Open, run: Run) -> None:
    app = open_app("method")
    for number_of_bin in (0, 6):
        widget(app, f"bin_{number_of_bin}").click().run()
        assert f"In this run: bin {number_of_bin} of {run.dataset.name}" in captions_of(app)
        for formula in (
            worked_formulas.representativeness,
            worked_formulas.diversity,
            worked_formulas.importance,
            worked_quotas.worked_quota,
        ):
            assert formula(run, number_of_bin) in texts_of(app)
    assert worked_quotas.worked_quota(run, 0) not in texts_of(app)


def test_the_bins_page_names_classes_with_fewer_images_than_bins(open_app: Open, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], [20, 3])
    np.savez(tmp_path / "small.npz", images=rng.integers(0, 255, (23, 8, 8, 3), dtype=np.uint8), labels=labels)
    app = at_rest(open_app("bins", dataset=str(tmp_path / "small.npz")))
    assert not app.error
    assert any("1 class has fewer images than the 10 bins: 1 (3). " in text for text in texts_of(app).splitlines())
