"""Rep, Div and IS of every bin, raw and normalised, and how little may lie behind a large bar."""

import pandas as pd
import streamlit as st

from app import charts, findings, frame, pieces

run = frame.current_run()
frame.need(run, "scores")
scores, dark = run.scores, frame.is_dark()

top = int(scores.importance.argmax())
pieces.numbers(
    {
        "highest IS": f"bin {top} ({scores.importance[top]:.2f})",
        "Rep differs by": findings.percent(findings.relative_range(scores.representativeness)),
        "Div differs by": findings.percent(findings.relative_range(scores.diversity)),
        "diversity measured by": scores.diversity_name,
    }
)
for sentence in findings.amplification(scores):
    st.markdown(sentence)
for warning in scores.warnings:
    st.markdown(f":material/info: {warning}")

st.subheader("Importance score (IS): both on one scale, added", anchor=False)
pieces.chart(charts.importance_bars(scores, dark), "importance")
st.subheader("Raw scores", anchor=False)
pieces.chart(charts.raw_scores(scores, dark), "raw-scores")

st.subheader("All numbers", anchor=False)
names = {
    "images": run.bins.capacity,
    "Rep": scores.representativeness,
    "Div": scores.diversity,
    "mean cosine": scores.mean_cosine,
    "Rep, normalised": scores.representativeness_norm,
    "Div, normalised": scores.diversity_norm,
    "IS": scores.importance,
}
table = pd.DataFrame({"bin": range(len(scores.importance)), **names})
formats = {name: st.column_config.NumberColumn(format="%.4f") for name in names if name not in ("images", "Div")}
formats["Div"] = st.column_config.NumberColumn(format="%.4g")
st.dataframe(table, hide_index=True, column_config=formats, height="content")

pieces.how_to_read(
    f"**Rep** is the mean {findings.measure_name(run.image_scores)} of a bin. "
    f"{findings.REP_NOTES[scores.representativeness_name]} "
    f"**Div** is {findings.DIV_NOTES[scores.diversity_name]}; **mean cosine** leaves each one's similarity to itself "
    "out and so has no bin size in it.\n\n"
    f"Both are put on one scale (*{scores.normalisation}*) and added: **IS**. With min-max the lowest bin becomes 0 "
    "and the highest 1, however close they were: look at the raw scores and their 95 % intervals before you trust a "
    "tall bar. A score that is the same in all bins becomes 0 everywhere."
)
