"""Choice A beside choice B: numbers against chance, the map with three groups, images, classes and bins."""

import numpy as np
import pandas as pd
import streamlit as st

from adq_core.errors import AdqError
from adq_core.selection import compare
from app import session
from app.blocks import layout
from app.charts import comparison as comparison_charts
from app.selections import links as selection_links
from app.selections import resolve
from app.selections import saved as saved_selections
from app.state import page_widgets, widget_sync
from app.text.setting_names import LABELS, error_text
from app.text.summaries import class_word, percent, plain

kept = saved_selections.mount().kept
run = session.current_run()
session.require(run, "scores", "draw_order")
data, bins, dark = run.dataset, run.bins, session.is_dark()
at_top = st.container(horizontal=True, vertical_alignment="bottom")
with st.expander("A and B as text, as in the link"):
    text_a = page_widgets.text("a", "A", page_widgets.SIDES["a"])
    text_b = page_widgets.text("b", "B", page_widgets.SIDES["b"])
spec_a, spec_b = selection_links.read(text_a or "now"), selection_links.read(text_b or "now")
if spec_b.kind == "now" and spec_a.kind != "rows":  # beside itself there is nothing to see
    spec_b = selection_links.Spec("uniform")
if spec_a.kind not in ("now", "rows"):  # A follows the sidebar, or is a choice that no settings give
    spec_a = selection_links.Spec("now")


def set_side(name: str, value: str) -> None:
    widget_sync.set_widgets(**{name: value})


def choose_b() -> None:
    if (value := st.session_state["choose_b"]) is not None:
        widget_sync.set_widgets(b=value)


def start_again() -> None:
    widget_sync.set_widgets(a=selection_links.NOW, b=selection_links.UNIFORM)


def swap(a: resolve.Side, b: resolve.Side) -> None:
    if a.run is None or b.run is None:
        return
    widget_sync.set_widgets(b=selection_links.held(a.run.settings))
    resolve.move_to(b.run.settings)


def options() -> dict[str, str]:
    """Return what B may be, as a link names it, with the words for it."""
    seed = spec_b.seed if spec_b.kind == "random" else 1
    named = {
        selection_links.UNIFORM: "the uniform rule, else as A",
        f"random:{seed}": f"a random draw of A's size, seed {seed}",
    }
    if spec_a.kind == "rows":
        named = {selection_links.NOW: "the present settings"} | named
    if spec_b.kind == "held":
        named[text_b] = "the settings held as B"
    if spec_b.kind == "rows":
        named[text_b] = "images picked by hand"
    for choice in kept.values():
        if resolve.same_data(choice, run.settings):
            named[resolve.spec_of(choice)] = f"“{choice.name}” from the tray"
    return named


named = options()
with at_top:
    st.menu_button(
        "Choose B",
        list(named),
        key="choose_b",
        format_func=lambda name: plain(named[name]),
        on_click=choose_b,
        icon=":material/compare_arrows:",
    )
    if spec_b.kind == "random":
        st.button("Draw again", on_click=set_side, args=("b", f"random:{spec_b.seed + 1}"), icon=":material/casino:")
    hold = st.empty()
    turn = st.empty()
    if spec_a.kind == "rows":
        st.button("A: back to the present settings", on_click=start_again)

try:
    side_a = resolve.resolve(spec_a, run, 0, kept)
    side_b = resolve.resolve(spec_b, run, len(side_a.rows), kept)
except AdqError as error:
    st.error(f"One of the two choices cannot be made. {error_text(error)}", icon=":material/error:")
    st.button("Compare the present settings with the uniform rule", on_click=start_again)
    st.stop()
if side_a.run is not None:
    hold.button(
        "Hold A as B",
        on_click=set_side,
        args=("b", selection_links.held(run.settings)),
        help="B becomes what the sidebar says now and stays so; then move the sidebar, and A moves away from it.",
        icon=":material/push_pin:",
    )
if side_a.run is not None and side_b.run is not None:
    turn.button("Swap", on_click=swap, args=(side_a, side_b), icon=":material/swap_horiz:")

for sentence in filter(None, [spec_b.problem, *side_a.notes, *side_b.notes]):
    st.warning(sentence, icon=":material/info:")
apart = selection_links.differing(side_a.run.settings, side_b.run.settings) if side_a.run and side_b.run else []
st.markdown(f"**A** is {side_a.title}, **B** is {side_b.title}.")
if side_a.run and side_b.run and not apart:
    st.info("A and B are the same settings now. Move alpha, the keep ratio or anything else in the sidebar: B stays.")
if apart:
    st.table(
        pd.DataFrame(
            [(LABELS.get(name, name), resolve.shown(name, a), resolve.shown(name, b)) for name, a, b in apart],
            columns=["what differs", "A", "B"],
        ),
        hide_index=True,
        width="content",
    )

c = compare(side_a.rows, side_b.rows, data.labels, bins.bin_of, n_classes=data.n_classes, n_bins=bins.n_bins)
low, high = c.random_interval
layout.numbers(
    {
        "in both": f"{len(c.both):,}",
        "only in A": f"{len(c.only_a):,} of {c.size_a:,}",
        "only in B": f"{len(c.only_b):,} of {c.size_b:,}",
        "Jaccard": f"{c.jaccard:.3f}",
        "two random draws": f"{c.random_jaccard:.3f} ({low:.3f} to {high:.3f})",
    }
)
st.markdown(comparison_charts.in_words(c))
if apart and side_a.run and side_b.run and side_a.run.key("draw_order") == side_b.run.key("draw_order"):
    st.markdown(
        ":material/info: Both take the first images of one draw order in every bin, so they differ by their quotas "
        "alone. Give one of them another seed to see what the draw itself does."
    )

projection = session.projection_now(run)
figure = comparison_charts.group_map(c, projection, data.labels, data.class_names, bins.bin_of, dark)
layout.kept_map(figure, "compare-map", projection.key)
grey, rest = comparison_charts.rest_shown(c)
sampled = [f"{len(grey):,} of the {rest:,} images in neither"] if len(grey) < rest else []
for group, rows in ((0, c.both), (1, c.only_a), (2, c.only_b)):
    if len(rows) > comparison_charts.GROUP_POINTS:
        sampled.append(f"{comparison_charts.GROUP_POINTS:,} of the {len(rows):,} {comparison_charts.NAMES[group]}")
st.caption(
    f"Every point is an image; alike images lie near each other ({projection.method.upper()}). "
    + (f"Shown: {', '.join(sampled)}, an even sample." if sampled else "")
)


def sheet(title: str, rows: np.ndarray) -> None:
    st.subheader(f"{title}: {len(rows):,}", anchor=False)
    if not len(rows):
        st.caption("No images here.")
        return
    ordered = rows[np.lexsort((bins.rank[rows], bins.bin_of[rows]))]
    shown = comparison_charts.spread(ordered, 40)
    layout.images(run, shown, by_bin=True)
    if len(shown) < len(rows):
        st.caption(f"{len(shown)} of them, spread evenly over the bins, from the most typical to the outliers.")


left, right = st.columns(2, gap="large")
with left:
    sheet("Only in A", c.only_a)
with right:
    sheet("Only in B", c.only_b)

left, right = st.columns(2, gap="large")
with left:
    st.subheader("By bin", anchor=False)
    other_bins = side_b.run is not None and side_b.run.key("bins") != run.key("bins")
    st.markdown(comparison_charts.moved(c.by_bin, [f"bin {n}" for n in range(bins.n_bins)]))
    layout.chart(comparison_charts.turnover_by_bin(c.by_bin, dark), "compare-bins")
    if other_bins:
        st.caption("Counted in the bins of A; B was made with other bins.")
with right:
    st.subheader("By class", anchor=False)
    figure, n_shown = comparison_charts.turnover_by_class(c.by_class, data.class_names, dark)
    st.markdown(comparison_charts.moved(c.by_class, [class_word(name) for name in data.class_names]))
    layout.chart(figure, "compare-classes")
    if n_shown < data.n_classes:
        st.caption(f"The {n_shown} of {data.n_classes:,} classes in which A and B differ most.")

layout.how_to_read(
    "**Jaccard** is the number of images in both over the number in either: 1 for the same images, 0 for none in "
    "common. Alone it says little, for it grows with the keep ratio: two random draws of a tenth share "
    f"{percent(1 / 19)}, of nine tenths {percent(9 / 11)}. So it stands beside the value of two uniform random draws "
    "of these sizes, computed exactly (hypergeometric law), with the range of 95% of them.\n\n"
    "Two choices of one seed take the first images of the same draw order in every bin. They then share much whatever "
    "the rules are; what is left in *only in A* and *only in B* is what the quotas moved. With another seed even the "
    "same rule shares hardly more than chance: the method says how many images of each bin, not which.\n\n"
    "On the map circles are in both, triangles only in A, squares only in B, small grey points in neither. In the bars "
    "A's images go one way and B's the other; the thick mark is the difference of the two. The address of the page "
    "holds A and B: a copied link opens this comparison."
)
