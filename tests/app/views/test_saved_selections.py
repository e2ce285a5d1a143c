"""The page Saved selections: save, restore, compare, export and delete a selection."""

from __future__ import annotations

from adq_core import Run
from adq_core.selection.saved import SavedSelection, ids_digest
from app.pages import script
from tests.app.conftest import at_rest
from tests.app.pages import Open, number, press, texts_of
from tests.app.saved_selections import manual, open_with_saved, other, saved


def test_the_present_selection_is_saved_under_a_name(open_app: Open, run: Run) -> None:
    app = open_app("tray")
    assert "Nothing is saved yet." in texts_of(app)
    app.text_input(key="save-present-name").input("my *first*")
    press(app, "Save the present selection")
    state = app.session_state["saved_selections"]
    (selection,) = state.by_name.values()
    assert selection.name == "my *first*"
    assert selection.settings == app.session_state["settings"]
    assert (selection.n_images, selection.manual, selection.dataset_key) == (8, False, run.dataset.key)
    assert selection.digest == ids_digest(run.dataset.ids[row] for row in run.selection.indices)
    assert state.changes == [(1, "my *first*", selection.to_mapping())], "the change for the browser"
    assert r"**my \*first\*** · 8 images" in texts_of(app), "a name is not read as Markdown"
    press(app, "Delete")
    assert app.session_state["saved_selections"].by_name == {}
    assert app.session_state["saved_selections"].changes[-1] == (2, "my *first*", None)


def test_restore_sets_every_setting_and_shows_whether_the_selection_is_the_same(open_app: Open, run: Run) -> None:
    changes = {"alpha": 0.9, "keep_ratio": 0.4, "n_bins": 5, "rule": "paper-scaled", "seed": 3, "patch_size": 16}
    then = other(run, **changes)
    digest = ids_digest(then.dataset.ids[row] for row in then.selection.indices)
    app = open_with_saved(open_app, "tray", saved(run, digest=digest, **changes))
    press(app, "Restore")
    assert app.session_state["settings"] == then.settings
    assert [s.value for s in app.success] == [
        f"Restored “mine”: the same {len(then.selection.indices)} images as when it was saved."
    ]
    app = open_with_saved(open_app, "tray", saved(run, **changes))
    press(app, "Restore")
    assert [s.value for s in app.warning] == [
        f"“mine” is not the same as when it was saved: then 8 images, now {len(then.selection.indices)}, and not "
        "the same ones. The data or the program have changed since then."
    ]


def test_a_saved_selection_is_compared_and_exported(open_app: Open, run: Run) -> None:
    app = press(open_with_saved(open_app, "tray", saved(run, alpha=0.9)), "Compare as B")
    assert [t.value for t in app.title] == ["Compare"]
    assert "**B** is “mine” (saved selection)." in texts_of(app)
    assert "is not the same as when it was saved" in app.warning[0].value
    app = press(open_with_saved(open_app, "tray", saved(run, alpha=0.9)), "Export")
    assert [t.value for t in app.title] == ["Export"]
    assert app.session_state["settings"].alpha == 0.9


def test_a_selection_of_another_data_set_can_be_restored_but_not_compared(open_app: Open, run: Run) -> None:
    app = open_with_saved(open_app, "tray", saved(run, dataset="digits"))
    (as_b,) = (button for button in app.button if button.label == "Compare as B")
    assert as_b.disabled
    press(app, "Restore")
    at_rest(app)
    assert app.session_state["settings"].dataset == "digits"


def test_a_selection_can_be_restored_while_the_settings_are_invalid(open_app: Open, run: Run) -> None:
    app = open_with_saved(open_app, "tray", saved(run), n_bins="30")
    assert app.error[0].value.startswith("Number of bins must be between 1 and 20")
    assert any(button.label == "Restore" for button in app.button)


def test_a_manual_selection_is_compared_with_the_settings(open_app: Open, run: Run) -> None:
    rows = [0, 5, 70, *run.selection.indices[:3].tolist()]
    app = press(open_with_saved(open_app, "tray", manual(run, rows)), "Show as A")
    assert [t.value for t in app.title] == ["Compare"]
    assert number(app, "only in A").endswith(f" of {len(set(rows))}")
    assert int(number(app, "in both")) == len(set(rows) & set(run.selection.indices.tolist()))
    app.switch_page(script("compare")).run()
    press(app, "Reset A to the present settings")
    assert (app.session_state["a"], app.session_state["b"]) == ("now", "uniform")
    assert number(app, "only in A").endswith(" of 8")


def test_an_empty_name_gives_the_suggested_name_and_replaces_an_equal_name(open_app: Open) -> None:
    app = open_app("tray")
    for action in ("saved", "replaced"):
        press(app, "Save the present selection")
        assert [s.value for s in app.success] == [f"“stripes: budget, alpha 0.65, 10.0%, 10 bins” {action}: 8 images."]
        assert number(app, "saved") == "1"


def test_a_manual_selection_is_downloaded_while_the_server_has_its_ids(open_app: Open, run: Run) -> None:
    here = manual(run, [0, 5, 70])
    app = open_with_saved(open_app, "tray", here)
    (button,) = app.get("download_button")
    assert (button.proto.label, button.proto.disabled) == ("Download", False)
    app = open_with_saved(
        open_app, "tray", SavedSelection("gone", run.settings, here.dataset_key, 3, "0" * 32, manual=True)
    )
    (button,) = app.get("download_button")
    assert (button.proto.disabled, button.proto.help) == (True, "Its ids are not in this server's data folder.")


def test_the_newest_selection_is_first_and_each_button_belongs_to_its_selection(open_app: Open, run: Run) -> None:
    app = open_with_saved(open_app, "tray", saved(run, "one", alpha=0.1), saved(run, "two", alpha=0.2))
    names = [
        text.value.split("**")[1]
        for text in app.markdown
        if " images" in text.value.splitlines()[0] and "**" in text.value
    ]
    assert names[:2] == ["two", "one"]
    app.button(key="restore-1").click().run()
    assert app.session_state["settings"].alpha == 0.1
    app.button(key="delete-0").click().run()
    assert list(app.session_state["saved_selections"].by_name) == ["one"]
