"""Lessons: one lesson at a time, with its picture, its questions, and a link to the real page."""

import streamlit as st

from app.blocks import layout
from app.lessons import lesson_named, lesson_names
from app.state import page_changes, page_widgets, widget_sync
from app.views.learn import classroom
from app.views.learn.picture import picture

names = lesson_names()
chosen = st.segmented_control("Lesson", names, default=names[0], required=True, key="lesson", **page_widgets.IN_LINK)
lesson = lesson_named(str(chosen))
number = names.index(lesson.name)
with st.container(horizontal=True):
    presenter = st.toggle(
        "Presenter mode",
        key="presenter",
        help="Larger text and no sidebar. The arrow keys change the step.",
        **page_widgets.IN_LINK,
    )
    share = st.toggle(
        "Share my answers with the class",
        key="share",
        persist_state="session",
        help="The server counts your answers without your name. They are gone when the server stops, or when you "
        "switch this off.",
    )
classroom.styles(presenter=presenter)
layout.number_row({"lesson": f"{number + 1} of {len(names)}"})
st.header(lesson.title, anchor=False)
st.markdown(lesson.idea)
st.markdown(f":material/touch_app: {lesson.task}")
picture(lesson.name, presenter=presenter, share=share)
st.header("In three sentences", anchor=False)
for sentence in lesson.sentences:
    st.markdown(f"- {sentence}")


def open_page() -> None:
    widget_sync.set_widgets(**lesson.settings)
    page_changes.request_page(lesson.page)


def open_lesson(name: str) -> None:
    widget_sync.set_widgets(lesson=name)


with st.container(horizontal=True):
    st.button(lesson.link, icon=":material/open_in_new:", key="open_page", on_click=open_page)
    if number + 1 < len(names):
        st.button("Next lesson", icon=":material/arrow_forward:", on_click=open_lesson, args=(names[number + 1],))

with st.expander("For a class: QR code and shared answers", icon=":material/qr_code_2:"):
    if st.toggle("Show the QR code", key="show_qr", help="Of this lesson, at the step that the picture shows now."):
        classroom.qr_code(lesson.name)
    if st.toggle("Show the answers of the class", key="show_answers", help="Of all students who share their answers."):
        classroom.answers_of_class(lesson.name)

layout.how_to_read(
    "Every lesson has one picture. First you predict the result, then you move points or the slider and see what "
    "happens. All numbers are computed by the same functions as on the other pages. A picture is also described in "
    "words below it. Your answers stay in this browser and are not sent to the server. The address of the page "
    "contains the lesson and the step, so a copied link opens the same picture."
)
