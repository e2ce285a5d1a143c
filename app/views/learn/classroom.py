"""What a lecturer needs: presenter mode, a QR code of the lesson, and the shared answers of the class."""

from __future__ import annotations

import html
from urllib.parse import urlencode, urlsplit

import streamlit as st

from app import session, visitors
from app.components.lesson import sent_answers
from app.images.qr_code import qr_svg
from app.lessons import ClassAnswers, Lesson, lesson_named, read_answers
from app.text.markdown import code

REFRESH = 2.0  # seconds between two looks at the answers of the class
PRESENTER_STYLE = """<style>
[data-testid=stSidebar], [data-testid=stExpandSidebarButton], [data-testid=stHeader] { display: none }
.st-key-page-sentence, .adq-numbers { display: none !important }
[data-testid=stMain] [data-testid=stMarkdownContainer] :is(p, li) { font-size: 1.3rem; line-height: 1.45 }
[data-testid=stMain] [data-testid=stHeading] h2 { font-size: 1.9rem }
</style>"""
PRINT_STYLE = """<style>
.adq-bars { display: grid; grid-template-columns: minmax(8rem, auto) 1fr 3rem; gap: .3rem .8rem; align-items: center }
.adq-bars i { display: block; height: 1.1rem; background: currentColor; opacity: .55; min-width: 1px }
@media print {
  [data-testid=stSidebar], [data-testid=stHeader], [data-testid=stExpandSidebarButton], .stButton, .stButtonGroup,
  [data-testid=stCheckbox], [data-testid=stExpander], [data-testid=stPopover], .adq-numbers { display: none !important }
  [data-testid=stMain], [data-testid=stApp], [data-testid=stAppViewContainer] {
    position: static !important; overflow: visible !important; height: auto !important; display: block !important }
  [data-testid=stMainBlockContainer] { padding: 0 !important; max-width: none !important; zoom: .78 } /* one page */
}
</style>"""


@st.cache_resource(show_spinner=False)
def class_answers() -> ClassAnswers:
    """Return the shared answers of all visitors of this server."""
    return ClassAnswers()


def styles(*, presenter: bool) -> None:
    """Draw the style of the printed summary, and of presenter mode."""
    st.html(PRINT_STYLE)
    if presenter:
        st.html(PRESENTER_STYLE)


def qr_code(name: str) -> None:
    """Draw the QR code of this lesson at the present step, and its address."""
    query = {"lesson": lesson_named(name).name}
    if (step := st.query_params.get("step", "")).isdecimal():
        query["step"] = step
    page = st.context.url or ""
    address = f"{page.split('?')[0]}?{urlencode(query)}"
    st.html(qr_svg(address))
    st.markdown(code(address))
    if urlsplit(page).hostname in (None, "localhost", "127.0.0.1", "::1"):
        st.markdown(
            "Only this computer can open the address. To let a class connect, start the app with "
            "`python -m adq_core app --public --data-root DIR --host NAME`, and open this page by the name of the "
            "server."
        )


def receive_answers(lesson: Lesson, key: str, *, share: bool) -> None:
    """Count the answers that this visitor shares; forget those of a visitor who does not share any more."""
    if not share:
        class_answers().withdraw(visitors.owner())
        return
    answers = read_answers(sent_answers(key), lesson)
    if answers:
        class_answers().share(lesson, visitors.owner(), answers)


@st.fragment(run_every=REFRESH)
def answers_of_class(name: str) -> None:
    """Draw the number of answers to the prediction and to the question, and look again every two seconds."""
    with session.boundary():
        lesson = lesson_named(name)
        for kind, question in (("prediction", lesson.prediction), ("question", lesson.question)):
            counts = class_answers().counts(lesson, kind)
            total = sum(counts)
            st.markdown(f"**{question.text}** ({total} {'answer' if total == 1 else 'answers'})")
            options = [option.text for option in question.options]
            st.html(bars(options, counts))


def bars(options: list[str], counts: list[int]) -> str:
    """Return one bar per option, with its count."""
    most = max(1, *counts)
    rows = (
        f'<span>{html.escape(text)}</span><i style="width:{100 * count / most:.0f}%"></i><b>{count}</b>'
        for text, count in zip(options, counts, strict=True)
    )
    return f'<div class="adq-bars">{"".join(rows)}</div>'
