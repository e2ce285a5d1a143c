"""No text from outside reaches a drawing function unescaped; read from the source, so that no call can be forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from .text_flow import TextFlow

APP = Path(__file__).parents[2] / "app"
HEAD = "import streamlit as st\nfrom app.text.markdown import escape, code\n"

REFUSED = [
    'st.markdown(f"**{data.name}**")',
    "st.caption(data.name)",
    'st.error("No " + problem)',
    'st.title("of %s" % name)',
    'column.write("of {}".format(name))',
    'st.success(body=", ".join(names))',
    'text = data.name\nst.info(f"{text}")',
    'text = "a"\ntext += data.name\nst.info(text)',
    "for name in data.class_names:\n    st.button(name)",
    "st.button('Go', help=data.name)",
    "(st.info if ok else st.error)(job.error)",
    "st.toast(escape(one) + other)",
    "def label(x):\n    return f'of {x}'\nst.header(label(data.name))",
    "def draw(text):\n    st.markdown(text)\ndraw(data.name)",
    "def draw(text):\n    st.markdown(text)\ndef outer(more):\n    draw(more)\nouter(more=data.name)",
    "st.radio('Which', data.class_names)",
    "st.segmented_control('Which', ['a'], format_func=lambda one: names[one])",
    "st.tabs([data.name])",
    "st.html(f'<b>{data.name}</b>')",
    "with st.expander(data.name):\n    pass",
    "st.progress(0.5, text=job.what)",
    "st.page_link('x.py', label=data.name)",
    "left, right = 'a', data.name\nst.markdown(right)",
    "st.markdown(names[0])",
    "st.markdown(f'{value!r}')",
    "st.markdown(f'{value:>10}')",
    "if (found := data.name):\n    st.warning(found)",
    "st.warning(st.query_params['b'])",
    "st.markdown(str(error))",
    "texts = []\ntexts.append(data.name)\nst.markdown(', '.join(texts))",
    "texts = {}\ntexts['a'] = data.name\nst.markdown(texts['a'])",
]
ALLOWED = [
    'st.markdown("text")',
    "st.markdown(f'{value:,} of {share:.1%}')",
    "st.caption(escape(data.name))",
    "st.caption(f'No {code(text)} in {len(names)} names')",
    "def label(x):\n    return f'of {x}'\nst.header(label(escape(data.name)))",
    "def draw(text):\n    st.markdown(text)\ndraw(escape(data.name))",
    "text = ', '.join(escape(name) for name in names)\nst.info(text)",
    "st.text_input('Id', placeholder=data.name, key=data.name)",
    "st.selectbox('One', data.class_names)",
    "st.text(data.name)",
    "def f(n: int):\n    st.markdown(f'{n} images')\nf(3)",
]


def problems(folder: Path, text: str) -> list[str]:
    (folder / "page.py").write_text(HEAD + text, encoding="utf-8")
    return TextFlow(folder).problems()


def test_the_app_escapes_all_texts_that_it_draws() -> None:
    assert TextFlow(APP).problems() == []


@pytest.mark.parametrize("text", REFUSED)
def test_a_forgotten_escape_is_found(text: str, tmp_path: Path) -> None:
    assert problems(tmp_path, text)


@pytest.mark.parametrize("text", ALLOWED)
def test_escaped_texts_and_numbers_are_allowed(text: str, tmp_path: Path) -> None:
    assert problems(tmp_path, text) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("views/home.py", "escape(data.name)", "data.name"),
        ("file_checks.py", "escape(check.problem)", "check.problem"),
        ("text/summaries.py", "escape(class_label(dataset.class_names[number]))", "dataset.class_names[number]"),
        ("images/sheet.py", "html.escape(tile.caption)", "tile.caption"),
        ("error_boundary.py", "escape(error_text(error))", "error_text(error)"),
    ],
)
def test_the_escapes_of_the_app_are_needed(file: str, old: str, new: str, tmp_path: Path) -> None:
    for path in APP.rglob("*.py"):
        copy = tmp_path / "app" / path.relative_to(APP)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        if path == APP / file:
            assert old in text
            text = text.replace(old, new)
        copy.write_text(text, encoding="utf-8")
    assert TextFlow(tmp_path / "app").problems()
