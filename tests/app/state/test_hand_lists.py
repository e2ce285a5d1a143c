"""The widgets of the lists "always keep" and "never take", and the functions that change them."""

from __future__ import annotations

import json

import pytest
import streamlit as st

from adq_core.errors import SettingsError
from app import stores
from app.state import hand_lists
from tests.app.pages import Open, texts_of, widget


@pytest.fixture
def session(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


def test_images_are_added_moved_to_the_other_list_removed_and_cleared(session: dict[str, object]) -> None:
    hand_lists.add("always", ["b", "a"])
    assert session["always"] == '["a","b"]'
    hand_lists.add("never", ["a", "c"])
    assert (session["always"], session["never"]) == ('["b"]', '["a","c"]')
    assert hand_lists.ids_in("never") == ("a", "c")
    hand_lists.remove("never", ["a", "x"])
    assert session["never"] == '["c"]'
    hand_lists.clear("always", "never")
    assert (session["always"], session["never"]) == ("", "")


def test_a_long_list_is_stored_and_its_text_is_its_digest(session: dict[str, object]) -> None:
    ids = [f"class/image {number}.png" for number in range(200)]
    hand_lists.add("never", ids)
    text = str(session["never"])
    assert text.startswith("list:")
    assert len(text) < 40
    assert hand_lists.ids_of("never", text) == tuple(sorted(ids))
    assert json.loads(hand_lists.setting("never", text) or "") == sorted(ids)


@pytest.mark.parametrize(
    ("text", "ids"),
    [("", ()), (" cat/1.png ", ("cat/1.png",)), ('["b","a"]', ("a", "b")), ("[1]", ("[1]",)), ("7", ("7",))],
)
def test_a_user_can_type_one_id(session: dict[str, object], text: str, ids: tuple[str, ...]) -> None:
    assert hand_lists.ids_of("always", text) == ids


def test_a_list_of_another_server_is_one_sentence(session: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="always must be a list that is stored on this server"):
        hand_lists.ids_of("always", "list:" + "0" * 32)


def test_a_link_with_lists_reaches_the_settings_and_a_wrong_one_can_be_cleared(open_app: Open) -> None:
    app = open_app("dataset", always='["3","5"]', never="7")
    settings = app.session_state["settings"]
    assert (settings.always, settings.never) == ('["3","5"]', '["7"]')
    assert widget(app, "always").value == '["3","5"]'
    wrong = open_app("quotas", never='["nothing"]')
    assert "Never take must have ids of stripes, but 1 of 1 is not" in wrong.error[0].value
    next(button for button in wrong.button if button.label == "Clear the list Never take").click().run()
    assert not wrong.error
    assert wrong.session_state["settings"].never is None


def test_another_data_set_clears_the_lists(open_app: Open) -> None:
    app = open_app("dataset", always='["3","5"]')
    widget(app, "dataset").set_value("digits").run()
    assert widget(app, "always").value == ""
    assert app.session_state["settings"].always is None
    assert "were cleared" in app.toast[0].value
    assert not app.error
    assert "digits" in texts_of(app)


def test_a_stored_list_is_in_the_library(session: dict[str, object]) -> None:
    from adq_core.selection import IdList

    text = hand_lists.text_of([f"image {number}" for number in range(300)])
    stored = stores.library().get(IdList, text.removeprefix("list:"))
    assert stored is not None
    assert len(stored.ids) == 300
