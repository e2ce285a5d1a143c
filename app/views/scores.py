"""Scores: Rep, Div and IS of every bin, raw with intervals and normalised."""

import pandas as pd
import streamlit as st

from app import session
from app.blocks import as_code, layout
from app.charts import bins as bin_charts
from app.charts import click_targets
from app.charts import scores as score_charts
from app.state import focus
from app.text import summaries
from app.text.format import percent
from app.text.markdown import escape

run = session.current_run()
session.require(run, "scores")
scores, theme = run.scores, layout.current_theme()

number, top = focus.bin_in_focus(len(scores.importance)), int(scores.importance.argmax())
rep_and_div = score_charts.rep_and_div(scores)
numbers = {"highest IS": f"bin {top} ({scores.importance[top]:.2f})"}
for score in rep_and_div:
    numbers[f"range of {score.name} / mean"] = percent(summaries.relative_range(score.raw))
    numbers[f"{score.name} amplified"] = score_charts.format_amplification(score.amplification)
layout.number_row(numbers | {"measure of diversity": scores.diversity_name})
notes = [
    summaries.departure_of_diversity(scores),
    summaries.diversity_sample(scores, run.bins.capacity),
    summaries.unbounded_intervals(scores),
    summaries.overlapping_intervals(scores),
]
for sentence in filter(None, notes):
    st.markdown(f":material/info: {sentence}")
for warning in scores.warnings:
    st.markdown(f":material/info: {escape(warning)}")

st.header("Importance score (IS) = normalised Rep + normalised Div", anchor=False)
bars = bin_charts.importance_bars(scores, theme)
layout.bin_chart(click_targets.highlight_bin(bars, number, theme), "importance")

st.header("Raw scores with 95% intervals", anchor=False)
for column, score in zip(st.columns(2, gap="large"), rep_and_div, strict=True):
    with column:
        figure = score_charts.raw_scores(score, theme)
        layout.bin_chart(click_targets.highlight_bin(figure, number, theme), f"raw-{score.name}")

st.header(f"Effect of normalisation ({scores.normalisation})", anchor=False)
sentences = summaries.amplification(scores)
for column, score, sentence in zip(st.columns(2, gap="large"), rep_and_div, sentences, strict=True):
    with column:
        st.markdown(sentence)
        figure = score_charts.amplified(score, scores.normalisation, theme)
        layout.bin_chart(click_targets.highlight_bin(figure, number, theme), f"amplified-{score.name}")

st.header("All numbers", anchor=False)
columns = {
    "images": run.bins.capacity,
    "Rep": scores.representativeness,
    "Rep from": scores.representativeness_interval[:, 0],
    "Rep to": scores.representativeness_interval[:, 1],
    "Div": scores.diversity,
    "Div from": scores.diversity_interval[:, 0],
    "Div to": scores.diversity_interval[:, 1],
    "images for Div": scores.diversity_images,
    "mean cosine": scores.mean_cosine,
    "Rep, normalised": scores.representativeness_norm,
    "Div, normalised": scores.diversity_norm,
    "IS": scores.importance,
}
table = pd.DataFrame({"bin": range(len(scores.importance)), **columns})
decimals = score_charts.decimals(scores.diversity, *scores.diversity_interval.T)
formats = {
    name: st.column_config.NumberColumn(format=f"%.{decimals if name in ('Div', 'Div from', 'Div to') else 4}f")
    for name in columns
    if name not in ("images", "images for Div")
}
st.dataframe(table, hide_index=True, column_config=formats, height="content")

as_code.copy_code(run.settings)
layout.how_to_read(
    f"**Rep** is the mean {summaries.measure_name(run.image_scores)} of a bin. "
    f"{summaries.REP_NOTES[scores.representativeness_name]} "
    f"**Div** is {summaries.DIV_NOTES[scores.diversity_name]}. The **mean cosine** excludes the similarity of a vector "
    "to itself, so it does not depend on the size of the bin.\n\n"
    f"Both scores are normalised (*{scores.normalisation}*) and added to **IS**. With minmax the lowest bin has the "
    "value 0 and the highest 1, however small the difference is: check the raw scores and their 95% intervals before "
    "you rely on a high bar. A score that is equal in all bins becomes 0. **Amplified** is the factor by which "
    "normalisation enlarges differences: the range of the normalised score divided by the range of the raw score as a "
    "share of its mean."
)
