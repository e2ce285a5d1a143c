"""Escaped text has no active Markdown, and ordinary names stay readable."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.text.markdown import JOINER, code, escape, escape_label

# What Streamlit finds after backslashes are resolved: emoji and icons, autolinks, and colours or other directives.
LATE = re.compile(r":[\w+-]+:|:material/|:streamlit:|(?i:https?://|www\.)|[\w.+-]@[\w-]+\.|:\w+\[")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("n_bins must be between 1 and 20, got 0.5.", "n_bins must be between 1 and 20, got 0.5."),
        ("cats/a-b_c (1).png", "cats/a-b_c (1).png"),
        ("my *first*", r"my \*first\*"),
        ("![x](http://a.b)", rf"!\[x\](http:{JOINER}//a.b)"),
        (":x:", f":{JOINER}x:"),
        ("_a_b_", r"\_a_b\_"),
        ("# a\n\n1. b", r"\# a 1. b"),
        ("1. b", f"1{JOINER}. b"),
        ("0.2", "0.2"),
        ("- a", r"\- a"),
        ("-5", "-5"),
        ("<b>&amp;$x$`y`|~", r"\<b\>\&amp;\$x\$\`y\`\|\~"),
        ("www.a.b, me@a.b", f"www{JOINER}.a.b, me@{JOINER}a.b"),
    ],
)
def test_markup_is_escaped_and_ordinary_text_is_unchanged(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@example("1@_.")
@example(":_:")
@given(st.text(alphabet=":x/wW.h t p@a\\*_`[]()<>!#-1\n$~|&", max_size=30))
def test_nothing_active_is_left(text: str) -> None:
    escaped = escape(text)
    assert "\n" not in escaped
    resolved = re.sub(r"\\([^A-Za-z0-9\s])", r"\1", escaped)
    assert not LATE.search(resolved)
    assert resolved.replace(JOINER, "") == " ".join(text.split()), "the text itself is unchanged"
    without = re.sub(r"\\[^\w\s]", "", escaped)
    assert not re.search(r"[`*\[\]<>~$|&]", without)


@given(st.text(alphabet="a` ", max_size=12))
def test_inline_code_ends_at_its_own_fence(text: str) -> None:
    fence = re.match("`+", code(text))[0]
    inside = code(text)[len(fence) : -len(fence)]
    assert inside.strip() == " ".join(text.split())
    assert fence not in re.findall("`+", inside)


def test_a_label_of_a_chart_has_no_elements_and_no_template() -> None:
    assert escape_label("<a href='x'>&y %{z}") == f"&lt;a href='x'&gt;&amp;y %{JOINER}{{z}}"
