"""Audit a selection: uploaded lists, paths and saved selections; what is wrong with them; evidence; saving."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from adq_core import Run
from adq_core.run_audit import checks_of_given, difference_to_strategy, evidence_of_given
from adq_core.selection import ForeignSelection
from app import stores, visitors
from app.blocks import group_maps
from app.blocks.evidence import BUDGET
from app.components.bin_map import GroupView
from app.selections import foreign
from app.selections import saved as saved_selections
from app.text import audit as audit_texts
from app.text import checks as check_texts
from tests.app.conftest import at_rest
from tests.app.pages import Open, html_of, number, press, texts_of, widget

ROWS = [*range(0, 20, 4), *range(20, 40, 4), *range(40, 60, 4), *range(60, 80, 4)]


@pytest.fixture(autouse=True)
def one_browser_without_uploads(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "_token", lambda: b"one browser")
    for one in stores.uploads().all():
        stores.uploads().remove(one)


def npy(values: object) -> bytes:
    out = io.BytesIO()
    np.save(out, np.asarray(values))
    return out.getvalue()


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    for name, content in files:
        app.file_uploader[0].upload(name, content, "application/octet-stream")
    app.run()
    return at_rest(app)


def test_an_uploaded_list_is_checked_beside_the_present_selection(
    open_app: Open, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[GroupView] = []
    monkeypatch.setattr(group_maps, "group_map", lambda store, view, **_: drawn.append(view))
    app = open_app("audit")
    assert app.file_uploader[0].key == "list_upload"
    assert app.file_uploader[0].label == "Upload a list of indices or ids; several files are one selection"
    upload(app, ("theirs.npy", npy(ROWS)))
    assert not app.error
    assert number(app, "in the list") == "20 of 80 images"
    assert number(app, "named by") == "index"
    both = np.intersect1d(ROWS, run.selection.indices)
    assert number(app, "also in the present selection") == f"{len(both)} of {len(run.selection.indices)}"
    text = texts_of(app)
    assert "**theirs.npy**, compared with the present selection." in text
    for verdict in checks_of_given(run, ForeignSelection(np.array(ROWS), True, "")):
        assert f"**The list:** {check_texts.line(verdict)}" in text
    groups = {group.name: number for number, group in enumerate(drawn[-1].groups)}
    only_list = np.flatnonzero(np.asarray(drawn[-1].group_of) == groups["only in list"])
    np.testing.assert_array_equal(only_list, np.setdiff1d(ROWS, run.selection.indices))
    assert re.fullmatch("upload:[0-9a-f]{12}", app.query_params["list"])
    assert str(stores.uploads().all()[0].id) not in text + html_of(app)


def test_several_files_are_one_selection_and_a_link_opens_them_again(open_app: Open) -> None:
    files = [(f"select_indices_SET_exp{n}.npy", npy([n, 20 + n])) for n in (10, 9, 2)]
    app = upload(open_app("audit"), *files)
    assert number(app, "in the list") == "6 of 80 images"
    assert "select_indices_SET_exp10.npy and 2 others" in texts_of(app).replace("\\", "")
    again = open_app("audit", list=app.query_params["list"])
    assert number(again, "in the list") == "6 of 80 images"


def test_lists_of_another_browser_are_refused(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    link = upload(open_app("audit"), ("theirs.npy", npy(ROWS))).query_params["list"]
    monkeypatch.setattr(visitors, "_token", lambda: b"another browser")
    app = open_app("audit", list=link)
    assert [error.value for error in app.error] == [
        "The uploaded lists must be among your uploads, but 1 of 1 are not: they were removed, or they are from "
        "another browser. Upload them again."
    ]


WRONG = {
    "range.npy": (npy([0, 80, 81]), "of 3 entries, 2 are outside 0 to 79"),
    "twice.txt": (b"3\n3\n4\n4\n", "2 of 4 entries are repeated"),
    "mask.npy": (npy(np.ones(79, np.bool_)), "must have one value for each of 80 images, got 79"),
    "ids.csv": (b"id\ncat.png\n", "1 of 1 entry is not"),
    "columns.csv": (b"a,b\n1,2\n", "must have a column index, id or file"),
    "empty.json": (b"[]", "must name at least one image"),
    "broken.json": (b"[1, 2", "could not be read as a list"),
    "lines.jsonl": (b'{"x": 1}\n', "must have a list of indices or ids"),
    "pickle.npy": (b"\x80\x04not an array", "could not be read as a list"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_list_that_does_not_fit_is_an_error_that_counts(open_app: Open, name: str) -> None:
    content, sentence = WRONG[name]
    app = upload(open_app("audit"), (name, content))
    (error,) = [error.value for error in app.error]
    assert name in error.replace("\\", "")
    assert sentence in error.replace("\\", "").replace("\u2060", "")
    assert not app.exception


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    """A folder of 4 classes with 60 images each, numbered over all classes."""
    from PIL import Image

    rng = np.random.default_rng(0)
    for n, label in enumerate(rng.permutation(np.repeat(np.arange(4), 60))):
        path = tmp_path / "numbered" / f"c{label}" / f"{n}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(path)
    return tmp_path / "numbered"


def test_a_list_for_another_order_is_named_and_read_in_it_with_one_click(open_app: Open, numbered: Path) -> None:
    app = open_app("audit", dataset=str(numbered))
    names = {int(path.stem): f"{path.parent.name}/{path.name}" for path in numbered.rglob("*.png")}
    wanted = sorted(n for c in range(4) for n in sorted(m for m, name in names.items() if name[1] == str(c))[:15])
    app = upload(app, ("by_number.npy", npy(wanted)))
    (warning,) = [element.value for element in app.warning]
    assert "The list fits another order: the files sorted by the number in their name" in warning
    app.button(key="read-in-order").click().run()
    at_rest(app)
    assert not app.warning
    assert widget(app, "list_order").value == "numbers"
    assert "The list was read in another order, as asked for" in texts_of(app)
    form = widget(app, "save-list-name")
    form.set_value("theirs")
    press(app, "Save these images")
    saved = app.session_state[saved_selections.STATE].by_name["theirs"]
    assert saved.n_images == 60
    compared = at_rest(open_app("compare", dataset=str(numbered), b=f"rows:{saved.digest}"))
    assert not compared.error
    assert number(compared, "only in B").endswith("of 60")


def test_a_path_or_a_pattern_names_files_on_this_machine(open_app: Open, tmp_path: Path) -> None:
    for n in (0, 1):
        (tmp_path / f"part{n}.json").write_text(json.dumps({"indices": [n, n + 30]}))
    app = open_app("audit")
    widget(app, "list_path").set_value(str(tmp_path / "part*.json")).run()
    at_rest(app)
    assert not app.error
    assert number(app, "in the list") == "4 of 80 images"
    widget(app, "list_path").set_value(str(tmp_path / "none*.json")).run()
    at_rest(app)
    assert "The path must name a file, or up to 1,000 files with" in app.error[0].value


def test_a_saved_selection_can_be_audited(open_app: Open) -> None:
    app = upload(open_app("audit"), ("theirs.npy", npy(ROWS)))
    press(app, "Save these images")
    (saved,) = app.session_state[saved_selections.STATE].by_name.values()
    app.run()
    app.selectbox(key="list_saved").select_index(0).run()
    at_rest(app)
    assert app.query_params["list"] == f"rows:{saved.digest}"
    assert number(app, "in the list") == "20 of 80 images"
    assert "**a saved selection**, compared" in texts_of(app)
    wrong = open_app("audit", list="rows:nothing")
    assert "does not name a saved selection" in wrong.error[0].value


def test_the_evidence_is_that_of_the_library(open_app: Open, run: Run) -> None:
    app = upload(open_app("audit"), ("theirs.npy", npy(ROWS)))
    app.button(key="measure-list").click().run()
    at_rest(app)
    evidence = evidence_of_given(run, np.array(ROWS), budget=BUDGET)
    text, _ = audit_texts.headline(evidence, difference_to_strategy(evidence, "adq"), "adq")
    assert text in texts_of(app)
    assert [one for one in app.get("plotly_chart") if one.proto.id.endswith("list-differences")]
    again = open_app("audit", list=app.query_params["list"])
    assert text in texts_of(again), "a known result is shown at once"


@pytest.fixture
def public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Return a function that makes the server public, with a folder of data; called after the app has started."""
    from adq_core import file_access

    def make_public() -> Path:
        root = tmp_path / "sets"
        root.mkdir()
        monkeypatch.setattr(stores, "is_public", lambda: True)
        monkeypatch.setenv("ADQ_DATA_ROOT", str(root))
        monkeypatch.setattr(file_access, "_allowed", (file_access.AllowedFolder(root.resolve()),))
        return root

    return make_public


@pytest.mark.parametrize("text", ["{outside}", "../outside.txt", "*/../../outside.txt", "link.txt", "/etc/pass*"])
def test_a_public_server_reads_no_list_outside_its_folder(
    open_app: Open, public: Callable[[], Path], tmp_path: Path, text: str
) -> None:
    open_app("audit")
    root = public()
    (tmp_path / "outside.txt").write_text("1\n2\n")
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    (root / "inside.txt").write_text("1\n2\n")
    assert foreign.find_files("inside.txt").names == ("inside.txt",)
    assert foreign.find_files("in*.txt").names == ("inside.txt",)
    with pytest.raises(Exception, match="must be a built-in name, an upload, or a file in the data folder"):
        foreign.find_files(text.format(outside=tmp_path / "outside.txt"))
