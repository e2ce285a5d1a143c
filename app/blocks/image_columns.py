"""The columns of the images of a run: by these they are sorted, and tooltips show their values."""

from __future__ import annotations

from adq_core import Run
from app.text import summaries
from app.tiles import ImageColumn

SCORED = ("scores", "draw_order")  # stages whose results most columns need


def is_scored(run: Run) -> bool:
    """Return whether the results that the selection needs exist."""
    return all(run.ready(stage) for stage in SCORED)


def image_columns(run: Run) -> dict[str, ImageColumn]:
    """Return the columns by name; before the scores exist, there are none."""
    if not is_scored(run):
        return {}
    bins, scores = run.bins, run.image_scores
    return {
        "bin": ImageColumn("Bin", bins.bin_of),
        "pick order": ImageColumn("Pick order in the class", bins.rank + 1),
        "draw position": ImageColumn("Draw position in the bin", run.draw_order.draw_position + 1),
        "gain": ImageColumn("Gain", bins.gain),
        "texture": ImageColumn(summaries.measure_name(scores).capitalize(), scores.values),
    }
