"""The page with the lists "always keep" and "never take", and the buttons of other pages that fill them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from adq_core import Run
from app.text import checks as check_texts
from app.text import explanations
from tests.app.conftest import at_rest
from tests.app.pages import VIEWS, Open, captions_of, headings_of, number, texts_of, widget


def test_both_lists_are_shown_and_shortened(open_app: Open) -> None:
    app = at_rest(open_app("lists", always='["3","5"]', never='["7"]'))
    assert number(app, "always kept") == "2"
    assert {"Always keep: 2", "Never take: 1"} <= set(headings_of(app))
    assert [row for row in range(80) if f"unlist-always-{row}" in {one.key for one in app.button}] == [3, 5]
    app.button(key="unlist-always-3").click().run()
    at_rest(app)
    assert app.session_state["settings"].always == '["5"]'
    app.button(key="clear-never").click().run()
    at_rest(app)
    assert app.session_state["settings"].never is None
    text = texts_of(app)
    for name in ("lists.size", "lists.balance", "lists.coverage", "lists.accuracy"):
        assert check_texts.TITLES[name] in text


def test_a_typed_image_is_put_on_a_list_and_taken_off_again(open_app: Open) -> None:
    app = at_rest(open_app("lists"))
    widget(app, "list_image").set_value("12").run()
    app.button(key="pick-typed-never").click().run()
    at_rest(app)
    assert app.session_state["settings"].never == '["12"]'
    assert widget(app, "pick-typed-never").label == "Never take: remove from the list"
    app.button(key="pick-typed-always").click().run()
    at_rest(app)
    settings = app.session_state["settings"]
    assert (settings.always, settings.never) == ('["12"]', None)


def test_lists_that_do_not_fit_are_named_and_can_be_cleared(open_app: Open) -> None:
    app = open_app("lists", always='["no such image"]')
    assert "Always keep must have ids of stripes, but 1 of 1 is not" in app.error[0].value
    app.button(key="clear-both").click().run()
    at_rest(app)
    assert not app.error


def test_one_image_is_pinned_from_its_page_and_says_so(open_app: Open, run: Run) -> None:
    row = int(np.flatnonzero(~run.selection.selected)[0])
    app = at_rest(open_app("image", image=run.dataset.ids[row]))
    assert number(app, "state") == "not selected"
    assert widget(app, "pick-always").label == "Always keep this image"
    app.button(key="pick-always").click().run()
    at_rest(app)
    assert number(app, "state") == "selected"
    assert explanations.listed_by_hand(is_kept=True) in texts_of(app)
    app.button(key="pick-never").click().run()
    at_rest(app)
    assert number(app, "state") == "not selected"
    assert explanations.listed_by_hand(is_kept=False) in texts_of(app)


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """40 images of two classes; rows 0, 1 and 2 are one image, and so are rows 20 and 21."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (40, 4, 4, 3)).repeat(8, axis=1).repeat(8, axis=2).astype(np.uint8)
    images[[1, 2]] = images[0]
    images[21] = images[20]
    path = tmp_path / "copies.npz"
    np.savez(path, images=images, labels=np.repeat([0, 1], 20))
    return path


def test_one_click_keeps_one_of_each_copy(open_app: Open, copies: Path) -> None:
    app = at_rest(open_app("checks", dataset=str(copies), n_bins="4", keep_ratio="1.0"))
    app.button(key="never-redundancy.set").click().run()
    at_rest(app)
    never = app.session_state["settings"].never
    run = Run(app.session_state["settings"])
    gone = [row for row in range(40) if f'"{row}"' in never]
    assert len(gone) == 3
    assert len(set(gone) & {0, 1, 2}) == 2
    assert len(set(gone) & {20, 21}) == 1
    assert not run.selection.selected[gone].any()
    lines = [line for line in texts_of(app).split("\n") if check_texts.TITLES["redundancy.subset"] in line]
    assert [":green[" in line for line in lines] == [True]
    assert "never-redundancy.set" not in {button.key for button in app.button}, "nothing is left to do"


def test_pinned_images_are_on_the_export_page(open_app: Open) -> None:
    app = at_rest(open_app("export", always='["3","5"]'))
    assert "always_ids.txt" in {str(name) for table in app.table for name in table.value["file"]}
    assert any("--always" in element.value for element in app.code)


def test_a_long_list_has_pages(open_app: Open) -> None:
    ids = json.dumps([str(row) for row in range(30)])
    app = at_rest(open_app("lists", never=ids, never_skipped="24"))
    assert len([button for button in app.button if str(button.key).startswith("unlist-never")]) == 6
    assert widget(app, "never_skipped").value == 24
    infinite = {"always_skipped": "1e400", "never_skipped": "1e400"}
    assert not at_rest(open_app("lists", always='["70"]', never=ids, **infinite)).error


@pytest.mark.parametrize("view", [name for name in VIEWS if name not in ("train", "storage")])
@pytest.mark.parametrize("strategy", ["adq", "balanced"])
def test_every_page_opens_with_lists(open_app: Open, view: str, strategy: str) -> None:
    app = at_rest(open_app(view, always='["3","5"]', never='["7"]', strategy=strategy))
    assert not app.exception
    assert not app.error
    if view == "evidence":
        assert "do not take part here" in captions_of(app)[0]
