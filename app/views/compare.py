"""Compare: selections A and B with their overlap, the map with three groups, and the differences by bin and class."""

import numpy as np
import pandas as pd
import streamlit as st

from adq_core.errors import AdqError
from adq_core.selection import compare
from adq_core.strategies import ADQ, strategy_names
from app import session
from app.blocks import as_code, filter_bar, group_maps, layout
from app.charts import comparison as comparison_charts
from app.selections import links as selection_links
from app.selections import resolve
from app.selections import saved as saved_selections
from app.state import page_widgets, widget_sync
from app.text import comparison as comparison_texts
from app.text.format import class_label, percent
from app.text.markdown import escape
from app.text.setting_names import LABELS, error_text, value_text

saved = saved_selections.mount().by_name
run = session.current_run()
session.require(run, "scores", "draw_order")
data, bins, theme, in_use = run.dataset, run.bins, layout.current_theme(), run.settings.strategy
at_top = st.container(horizontal=True, vertical_alignment="bottom")
with st.expander("A and B as text, as in the link"):
    text_a = page_widgets.text("a", "A", page_widgets.SIDES["a"])
    text_b = page_widgets.text("b", "B", page_widgets.SIDES["b"])
spec_a, spec_b = resolve.read_link(text_a or "now"), resolve.read_link(text_b or "now")
if spec_b.kind == "now" and spec_a.kind != "rows":  # the present settings compared with themselves show nothing
    spec_b = selection_links.SelectionLink("uniform")
if spec_a.kind not in ("now", "rows"):  # A is always the present settings or a manual selection
    spec_a = selection_links.SelectionLink("now")


def set_side(name: str, value: str) -> None:
    widget_sync.set_widgets(**{name: value})


def choose_b() -> None:
    if (value := st.session_state["choose_b"]) is not None:
        widget_sync.set_widgets(b=value)


def start_again() -> None:
    widget_sync.set_widgets(a=selection_links.NOW, b=selection_links.UNIFORM)


def swap(a: resolve.ComparedSelection, b: resolve.ComparedSelection) -> None:
    if a.run is None or b.run is None:
        return
    widget_sync.set_widgets(b=resolve.settings_link(a.run.settings))
    resolve.set_all_widgets(b.run.settings)


def options() -> dict[str, str]:
    """Return the options for B: their names in a link and their labels."""
    seed = spec_b.seed if spec_b.kind == "random" else 1
    labels = {
        selection_links.UNIFORM: "A with the uniform rule" if in_use == ADQ else "A with ADQ and the uniform rule",
        f"random:{seed}": f"a random selection of the size of A, seed {seed}",
    }
    if spec_a.kind == "rows":
        labels = {selection_links.NOW: "the present settings"} | labels
    allowed = strategy_names(None, data.n_classes)
    labels |= {f"strategy:{name}": f"A with the strategy {name}" for name in allowed if name != in_use}
    if spec_b.kind == "held":
        labels[text_b] = "the settings fixed as B"
    if spec_b.kind == "rows":
        labels[text_b] = "a manual selection"
    for selection in saved.values():
        if resolve.same_data(selection, run.settings):
            labels[resolve.link_of(selection)] = f"“{selection.name}” (saved)"
    return labels


labels = options()
with at_top:
    st.menu_button(
        "Choose B",
        list(labels),
        key="choose_b",
        format_func=lambda name: escape(labels[name]),
        on_click=choose_b,
        icon=":material/compare_arrows:",
    )
    if spec_b.kind == "random":
        next_draw = f"random:{spec_b.seed + 1}"
        st.button("New random selection", on_click=set_side, args=("b", next_draw), icon=":material/casino:")
    fix_slot = st.empty()
    swap_slot = st.empty()
    if spec_a.kind == "rows":
        st.button("Reset A to the present settings", on_click=start_again)

try:
    side_a = resolve.resolve(spec_a, run, 0, saved)
    side_b = resolve.resolve(spec_b, run, len(side_a.rows), saved)
except AdqError as error:
    st.error(f"One of the two selections cannot be computed. {escape(error_text(error))}", icon=":material/error:")
    st.button("Compare the present settings with the uniform rule", on_click=start_again)
    st.stop()
if side_a.run is not None:
    fix_slot.button(
        "Fix A as B",
        on_click=set_side,
        args=("b", resolve.settings_link(run.settings)),
        help="B becomes a copy of the present settings and does not change. Then change the settings in the sidebar to "
        "compare A with that copy.",
        icon=":material/push_pin:",
    )
if side_a.run is not None and side_b.run is not None:
    swap_slot.button("Swap", on_click=swap, args=(side_a, side_b), icon=":material/swap_horiz:")

for sentence in filter(None, [spec_b.problem, *side_a.notes, *side_b.notes]):
    st.warning(escape(sentence), icon=":material/info:")
differing = selection_links.differing(side_a.run.settings, side_b.run.settings) if side_a.run and side_b.run else []
st.markdown(f"**A** is {escape(side_a.title)}, **B** is {escape(side_b.title)}.")
if side_a.run and side_b.run and not differing:
    st.info(
        "A and B have the same settings. Change alpha, the keep ratio or another setting in the sidebar to change A."
    )
if differing:
    rows_of_table = [
        (
            LABELS.get(name, name),
            escape(value_text(name, value_a)),
            escape(value_text(name, value_b)),
        )
        for name, value_a, value_b in differing
    ]
    st.table(pd.DataFrame(rows_of_table, columns=["setting", "A", "B"]), hide_index=True, width="content")

c = compare(side_a.rows, side_b.rows, data.labels, bins.bin_of, n_classes=data.n_classes, n_bins=bins.n_bins)
low, high = c.random_interval
layout.number_row(
    {
        "in both": f"{len(c.both):,}",
        "only in A": f"{len(c.only_a):,} of {c.size_a:,}",
        "only in B": f"{len(c.only_b):,} of {c.size_b:,}",
        "Jaccard": f"{c.jaccard:.3f}",
        "Jaccard by chance": f"{c.random_jaccard:.3f} ({low:.3f} to {high:.3f})",
    }
)
st.markdown(comparison_texts.overlap_sentence(c))
of_adq = [side.run.key("draw_order") for side in (side_a, side_b) if side.run and side.run.settings.strategy == ADQ]
if differing and len(of_adq) == 2 and of_adq[0] == of_adq[1]:
    st.markdown(
        ":material/info: Both selections use the same draw order in every bin, so they differ only by their quotas. To "
        "see the effect of the random draw, give one of them another seed."
    )

shown = filter_bar.bar(run)
with st.container():  # always here: a progress bar that ends does not move the map
    projection = session.projection_now(run)
group_maps.comparison_map(run, projection, c, shown.mask)
st.caption(f"Each point is an image; similar images are close to each other ({projection.method.upper()}).")


def image_group(title: str, rows: np.ndarray) -> None:
    total, rows = len(rows), shown.of(rows)
    st.header(f"{title}: {shown.counted(rows, total)}", anchor=False)
    if not len(rows):
        st.caption("No images.")
        return
    ordered = rows[np.lexsort((bins.rank[rows], bins.bin_of[rows]))]
    sample = comparison_charts.sample_evenly(ordered, 40)
    layout.images(run, sample, by_bin=True)
    if len(sample) < len(rows):
        st.caption(f"{len(sample)} of them, evenly spaced from the most typical images to the outliers.")


left, right = st.columns(2, gap="large")
with left:
    image_group("Only in A", c.only_a)
with right:
    image_group("Only in B", c.only_b)

left, right = st.columns(2, gap="large")
with left:
    st.header("By bin", anchor=False)
    st.markdown(comparison_texts.difference_sentence(c.by_bin, [f"bin {n}" for n in range(bins.n_bins)]))
    layout.chart(comparison_charts.turnover_by_bin(c.by_bin, theme), "compare-bins")
    if side_b.run is not None and side_b.run.key("bins") != run.key("bins"):
        st.caption("Counted in the bins of A; B was computed with different bins.")
with right:
    st.header("By class", anchor=False)
    figure, n_shown = comparison_charts.turnover_by_class(c.by_class, data.class_names, theme)
    st.markdown(comparison_texts.difference_sentence(c.by_class, [class_label(name) for name in data.class_names]))
    layout.chart(figure, "compare-classes")
    if n_shown < data.n_classes:
        st.caption(f"The {n_shown:,} of {data.n_classes:,} classes with the largest differences.")

if side_a.run is not None:
    as_code.copy_code(side_a.run.settings, title=": A")
if side_b.run is not None:
    as_code.copy_code(side_b.run.settings, title=": B")
layout.how_to_read(
    "**Jaccard** is the number of images in both selections divided by the number in A or B: 1 means the same images, "
    "0 none in common. It grows with the keep ratio: two random selections of a tenth of the images have a Jaccard of "
    f"{percent(1 / 19)}, of nine tenths {percent(9 / 11)}. Therefore the page also shows the value of two uniformly "
    "random selections of these sizes, computed exactly (hypergeometric distribution), with its 95% interval.\n\n"
    "Two selections by ADQ with the same seed use the same draw order in every bin, so they share many images "
    "whatever their rules are; *only in A* and *only in B* show the effect of the quotas. With different seeds, even "
    "the same rule gives an overlap close to chance: the method determines how many images of each bin are selected, "
    "not which ones.\n\n"
    "On the map, circles are in both selections, triangles only in A, squares only in B, small grey points in neither. "
    "A click on a name below the map hides these images, a double click shows only them. In the bar charts, A and B "
    "have opposite directions; the thick mark is their difference. The address of the page contains A and B, so a "
    "copied link opens the same comparison."
)
