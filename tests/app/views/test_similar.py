"""The page of similar images, compared with a search by hand; and search by an uploaded picture."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adq_core import Run
from adq_core.errors import InputError
from app.text import similar as texts
from app.uploads import MAX_PICTURE_BYTES, Picture, pictures, read_picture
from app.views.similar import query
from tests.app.pages import Open, captions_of, headings_of, html_of, press, texts_of, widget


def nearest(run: Run, vector: np.ndarray, among: np.ndarray, count: int) -> list[tuple[str, str]]:
    """Return (id, cosine) of the nearest images, found one by one."""
    vectors = run.embeddings.vectors.astype(np.float64)
    unit = vector.astype(np.float64) / np.linalg.norm(vector.astype(np.float64))
    cosines = [float(v @ unit / np.linalg.norm(v)) for v in vectors]
    order = sorted(np.flatnonzero(among), key=lambda row: (-cosines[row], row))[:count]
    return [(run.dataset.ids[row], f"{cosines[row]:.3f}") for row in order]


def shown(app: Any) -> list[tuple[str, str]]:
    """Return (id, cosine) of the images of the gallery, in order."""
    found = re.findall(r'<figure title="cosine .*?data-image="([^"]*)".*?<figcaption>(\S+)', html_of(app), re.DOTALL)
    return [(name, cosine) for name, cosine in found]


def test_the_nearest_images_of_an_image(open_app: Open, run: Run) -> None:
    app = open_app("similar", image="33")
    assert not app.exception
    others = np.arange(80) != 33
    vector = run.embeddings.vectors[33]
    assert shown(app) == nearest(run, vector, others, 24)
    assert headings_of(app) == ["The 24 nearest of 79 images"]
    widget(app, "similar_count").set_value("48")
    assert shown(app.run()) == nearest(run, vector, others, 48)
    widget(app, "similar_among").set_value("selected")
    assert shown(app.run()) == nearest(run, vector, others & run.selection.selected, 48)
    of_class = run.dataset.labels == run.dataset.labels[33]
    widget(app, "similar_among").set_value("own class")
    assert shown(app.run()) == nearest(run, vector, others & of_class, 48)
    widget(app, "similar_among").set_value("other classes")
    assert shown(app.run()) == nearest(run, vector, ~of_class, 48)


def test_the_filter_leaves_images_out(open_app: Open, run: Run) -> None:
    app = open_app("similar", image="33", filter="bin:0-4")
    others = np.arange(80) != 33
    assert shown(app) == nearest(run, run.embeddings.vectors[33], others & (run.bins.bin_of <= 4), 24)


def test_links_between_the_pages(open_app: Open) -> None:
    links = [link.proto.label for link in open_app("image", image="33").get("page_link")]
    assert "All images by similarity" in links
    app = open_app("similar", image="33")
    assert "Show this image" in [link.proto.label for link in app.get("page_link")]
    assert [box.proto.label for box in app.get("file_uploader")] == ["Or search by a picture of your own"]


def test_own_class_and_selected_images_are_marked(open_app: Open, run: Run) -> None:
    app = open_app("similar", image="33")
    data, selected = run.dataset, run.selection.selected
    for figure in re.findall(r'<figure title="cosine .*?</figure>', html_of(app), re.DOTALL):
        row = data.ids.index(re.search(r'data-image="([^"]*)"', figure)[1])
        assert ("✓" in figure) is bool(selected[row])
        assert ("border-bottom" in figure) is bool(data.labels[row] == data.labels[33])
        assert ("· selected ·" in figure) is bool(selected[row])


def test_an_uploaded_picture_is_searched_with_the_same_embedding(
    open_app: Open, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app("similar", image="33")
    original = run.dataset.read(50)
    app.session_state[query.PICTURE] = Picture("[x](y) mine.png", original, "key")
    app.run()
    assert not app.exception
    assert shown(app) == nearest(run, run.embeddings.vectors[50], np.ones(80, np.bool_), 24)
    assert shown(app)[0] == (run.dataset.ids[50], "1.000")
    assert headings_of(app) == ["The 24 nearest of 80 images"]
    assert r"**\[x\](y) mine.png**" in texts_of(app)
    widget(app, "similar_among").set_value("own class")
    app.run()
    assert "An uploaded picture has no class: all images are shown." in captions_of(app)
    widget(app, "similar_among").set_value("all")
    app = press(app, "Search by the image of the set again")
    assert headings_of(app) == ["The 24 nearest of 79 images"]


def test_a_set_of_vectors_cannot_be_searched_by_a_picture(open_app: Open, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32))
    app = open_app("similar", dataset=str(tmp_path / "v.npy"), embeddings="own")
    assert not app.exception
    assert "This data set cannot be searched by a picture: it has vectors without images." in captions_of(app)
    assert not app.get("file_uploader")
    assert len(shown(app)) == 24


def test_embeddings_from_a_file_have_no_network_for_a_picture(open_app: Open, run: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", run.embeddings.vectors)
    app = open_app("similar", embeddings=str(tmp_path / "v.npy"))
    sentence = (
        "This data set cannot be searched by a picture: its embeddings come from a file, so there is no network for "
        "another picture."
    )
    assert sentence in captions_of(app)


def encoded(size: tuple[int, int], kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (10, 200, 30)).save(out, kind)
    return out.getvalue()


def test_a_picture_is_read_reduced_and_named() -> None:
    small = read_picture("a/b:c.png", encoded((30, 20)))
    assert (small.name, small.pixels.shape) == ("b-c.png", (20, 30, 3))
    assert read_picture("x.png", encoded((3000, 1000))).pixels.shape == (341, 1024, 3)
    assert read_picture("y.png", encoded((30, 20))).key == small.key


@pytest.mark.parametrize("content", [b"", b"no image", encoded((30, 20), "JPEG")[:300]])
def test_files_that_are_no_pictures_are_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(InputError) as error:
        read_picture("x.jpg", content)
    assert str(error.value).startswith("x.jpg ")
    assert "\n" not in str(error.value)


def test_a_picture_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_PICTURE_BYTES == 50_000_000
    monkeypatch.setattr(pictures, "MAX_PICTURE_BYTES", 50)
    with pytest.raises(InputError, match=r"^x\.png has 0 MB\. A picture to search by may have 0 MB at most\.$"):
        read_picture("x.png", encoded((300, 200)))


def test_the_upload_box_reads_a_file_or_shows_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {}
    monkeypatch.setattr(query.st, "session_state", state)

    class File:
        name = "mine.png"

        def __init__(self, content: bytes) -> None:
            self.content = content

        def getvalue(self) -> bytes:
            return self.content

    query._receive("similar_upload-0")
    assert not state
    state["similar_upload-0"] = File(encoded((30, 20)))
    query._receive("similar_upload-0")
    assert state[query.PICTURE].name == "mine.png"
    state["similar_upload-1"] = File(b"x")
    query._receive("similar_upload-1")
    assert state[query.PROBLEM].startswith("mine.png ")
    assert state[query.PICTURE].pixels.shape == (20, 30, 3)
    query.forget_picture()
    assert query.PICTURE not in state


def test_sentences(run: Run) -> None:
    cosines, rows = np.array([0.2, 0.9, 0.5]), np.array([1, 2])
    pairs = np.array([0.1, 0.3, 0.95, 0.99])
    assert texts.nearest_sentence(cosines, rows, pairs) == (
        "The nearest image has a cosine of 0.900, a distance of 0.100. 50.0% of random pairs of this set are more "
        "similar."
    )
    assert texts.nearest_sentence(cosines, rows[:0], pairs) == "There is no other image to compare with."
    data, selected = run.dataset, np.zeros(80, np.bool_)
    selected[21] = True
    assert texts.classes_sentence(np.array([0, 20, 21]), data, 0, selected) == (
        "1 of the 3 images below are of its class, class 0; in the set 25.0% are. 1 are selected."
    )
    assert texts.classes_sentence(np.array([0, 20, 21]), data, None, selected).startswith("2 of the 3 images below")
