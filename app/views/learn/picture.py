"""The pictures of a lesson: a fragment, so that dragging a point does not run the whole page."""

from __future__ import annotations

import streamlit as st

from app import session
from app.charts.theme import DARK, LIGHT
from app.components.lesson import draw_lesson, sent_points
from app.lessons import lesson_named, read_points
from app.views.learn.classroom import receive_answers

N_COLOURS = 10  # of bins


@st.fragment
def picture(name: str, *, presenter: bool, share: bool) -> None:
    """Draw the choice of the starting position, and the lesson for the points that the user has moved."""
    with session.boundary():
        lesson = lesson_named(name)
        case = lesson.cases[0]
        if len(lesson.cases) > 1:
            case = str(
                st.segmented_control(
                    lesson.cases_label, lesson.cases, default=case, required=True, key=f"case-{lesson.name}"
                )
            )
        place, key, limits = f"{lesson.name}/{case}", f"lesson-{lesson.name}", lesson.limits(case)
        start = lesson.start(case)
        moved = read_points(sent_points(key), place, limits)
        points, serial = (start, 0) if moved is None else moved
        draw_lesson(
            {
                "lesson": lesson.name,
                "place": place,
                "serial": serial,
                "points": points.round(4).tolist(),
                "start": start.round(4).tolist(),
                "step": _step_of_link(),
                "limits": {**vars(limits), "can_add": limits.can_add},
                "scene": lesson.scene(points, case).data(),
                "prediction": lesson.prediction.data(),
                "question": lesson.question.data(),
                "colours": [LIGHT.bins(N_COLOURS), DARK.bins(N_COLOURS)],
                "presenter": presenter,
                "share": share,
            },
            key=key,
        )
        receive_answers(lesson, key, share=share)


def _step_of_link() -> int | None:
    """Return the step in the address, None if there is none."""
    text = st.query_params.get("step", "")
    return int(text) if text.isdecimal() and len(text) < 6 else None
