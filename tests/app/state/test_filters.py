"""The filter of the session: the text box of the sidebar carries it to every page and into the link."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from adq_core.filters import Filter
    from app.state import filters, widget_sync

    widget_sync.resend_moved()
    filters.widget()
    st.text(f"{filters.current() == Filter(selected=True)} {filters.problem()}")
    st.button("only bin 3", on_click=filters.set_filter, args=(Filter(bins=frozenset({3})),))
    st.button("all again", on_click=filters.clear)


def test_the_box_is_the_filter() -> None:
    app = AppTest.from_function(script).run()
    box = app.text_input(key="filter")
    assert (box.label, box.value) == ("Filter", "")
    assert app.text[0].value == "False"
    box.input("selected").run()
    assert app.text[0].value == "True"
    next(button for button in app.button if button.label == "only bin 3").click().run()
    assert app.text_input(key="filter").value == "bin:3"
    next(button for button in app.button if button.label == "all again").click().run()
    assert app.text_input(key="filter").value == ""


def test_a_text_that_is_no_filter_shows_all_images_and_says_why() -> None:
    app = AppTest.from_function(script).run()
    app.text_input(key="filter").input("bin:x").run()
    assert "Got 'bin:x'." in app.text[0].value
    assert "False" in app.text[0].value


def test_a_link_restores_the_filter() -> None:
    app = AppTest.from_function(script)
    app.query_params["filter"] = "selected"
    app.run()
    assert app.text_input(key="filter").value == "selected"
    assert app.text[0].value == "True"
