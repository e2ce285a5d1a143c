"""The quality of the map as a sentence; another map does not change the selection."""

from __future__ import annotations

import numpy as np

from adq_core import Run
from adq_core.projection import mean_knn_recall
from adq_core.records import Projection
from app.text import summaries
from tests.app.conftest import at_rest
from tests.app.pages import Open, numbers_of, texts_of


def test_the_quality_of_the_map_as_a_sentence() -> None:
    drawn = Projection(xy=np.zeros((2, 2), np.float32), method="umap", key="", note="")
    assert summaries.map_quality(drawn, 0.43, 1797) == (
        "Projection: **UMAP**. On average, 43% of the ten nearest neighbours of an image in the embedding are also "
        "among its ten nearest on the map; a random map would reach 0.6%. Interpret regions of the map, not single "
        "points. Colour the points by *Neighbours preserved* to see where."
    )
    noted = Projection(xy=np.zeros((2, 2), np.float32), method="pca", key="", note="UMAP needs more than 15 images.")
    text = summaries.map_quality(noted, 0.1, 50_000)
    assert "(estimated from 2,000 images)" in text
    assert text.endswith("Do not interpret distances on this map. UMAP needs more than 15 images.")
    assert "*Neighbours preserved*" not in text


def test_the_page_shows_how_many_neighbours_the_map_preserves(open_app: Open, run: Run) -> None:
    recall = mean_knn_recall(run.embeddings.vectors, run.projection.xy)
    assert summaries.map_quality(run.projection, recall, 80) in texts_of(open_app("quotas"))


def test_another_map_does_not_change_the_selection(open_app: Open) -> None:
    app = open_app("quotas")
    app.number_input(key="map_seed").set_value(7).run()
    assert app.session_state["settings"].map_seed == 7
    assert app.session_state["settings"].seed == 0
    assert "<b>8 of 80 images</b>" in numbers_of(app)
    at_rest(app.selectbox(key="projection").set_value("umap").run())
    assert app.session_state["settings"].projection == "umap"
    assert "Projection: **UMAP**." in texts_of(app)
    assert not app.exception
