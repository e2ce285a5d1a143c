"""Rep, Div and IS of every bin, raw and normalised, and how little may lie behind a large bar."""

import pandas as pd
import streamlit as st

from app import session
from app.blocks import layout
from app.charts import bins as bin_charts
from app.charts import click_targets
from app.charts import scores as score_charts
from app.state import focus
from app.text import summaries

run = session.current_run()
session.require(run, "scores")
scores, dark = run.scores, session.is_dark()

picked, top = focus.bin_in_focus(len(scores.importance)), int(scores.importance.argmax())
pair = score_charts.both(scores)
told = {"highest IS": f"bin {top} ({scores.importance[top]:.2f})"}
for score in pair:
    told[f"{score.name} differs by"] = summaries.percent(summaries.relative_range(score.raw))
    told[f"{score.name} amplified"] = score_charts.times(score.amplification)
layout.numbers(told | {"diversity measured by": scores.diversity_name})
for warning in scores.warnings:
    st.markdown(f":material/info: {warning}")

st.subheader("Importance score (IS): both on one scale, added", anchor=False)
layout.bin_chart(click_targets.mark(bin_charts.importance_bars(scores, dark), picked, dark), "importance")

st.subheader("Raw scores, with 95% intervals", anchor=False)
for column, score in zip(st.columns(2, gap="large"), pair, strict=True):
    with column:
        figure = score_charts.raw_scores(score, dark)
        layout.bin_chart(click_targets.mark(figure, picked, dark), f"raw-{score.name}")

st.subheader(f"What {scores.normalisation} makes of them", anchor=False)
for column, score, sentence in zip(st.columns(2, gap="large"), pair, summaries.amplification(scores), strict=True):
    with column:
        st.markdown(sentence)
        figure = score_charts.amplified(score, scores.normalisation, dark)
        layout.bin_chart(click_targets.mark(figure, picked, dark), f"amplified-{score.name}")

st.subheader("All numbers", anchor=False)
names = {
    "images": run.bins.capacity,
    "Rep": scores.representativeness,
    "Rep from": scores.representativeness_interval[:, 0],
    "Rep to": scores.representativeness_interval[:, 1],
    "Div": scores.diversity,
    "Div from": scores.diversity_interval[:, 0],
    "Div to": scores.diversity_interval[:, 1],
    "mean cosine": scores.mean_cosine,
    "Rep, normalised": scores.representativeness_norm,
    "Div, normalised": scores.diversity_norm,
    "IS": scores.importance,
}
table = pd.DataFrame({"bin": range(len(scores.importance)), **names})
raw = score_charts.decimals(scores.diversity, *scores.diversity_interval.T)
formats = {
    name: st.column_config.NumberColumn(format=f"%.{raw if name in ('Div', 'Div from', 'Div to') else 4}f")
    for name in names
    if name != "images"
}
st.dataframe(table, hide_index=True, column_config=formats, height="content")

layout.how_to_read(
    f"**Rep** is the mean {summaries.measure_name(run.image_scores)} of a bin. "
    f"{summaries.REP_NOTES[scores.representativeness_name]} "
    f"**Div** is {summaries.DIV_NOTES[scores.diversity_name]}; **mean cosine** leaves each one's similarity to itself "
    "out and so has no bin size in it.\n\n"
    f"Both are put on one scale (*{scores.normalisation}*) and added: **IS**. With min-max the lowest bin becomes 0 "
    "and the highest 1, however close they were: look at the raw scores and their 95% intervals before you trust a "
    "tall bar. A score that is the same in all bins becomes 0 everywhere. **Amplified** says by how much normalisation "
    "enlarges differences: the range of the normalised score over the raw one's range as a share of its mean."
)
