"""The entry of the app (`streamlit run app/main.py`): as a module, the server; as a script, the page of one user.

Streamlit imports this file once, finds `streamlit_app`, and serves it. It then runs the same file as a script, under
the name `__main__`, whenever a page changes: page config, navigation, sidebar, one error boundary.
"""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

if (root := str(Path(__file__).parent.parent)) not in sys.path:
    sys.path.insert(0, root)  # Streamlit adds app/ itself; the packages are in its parent folder


def main() -> None:
    """Draw the title, the sidebar and the page."""
    from app import server, session
    from app.components.accessible_markup import repair_markup
    from app.components.glossary import mark_terms
    from app.components.theme_watch import watch_theme
    from app.pages import PAGES, script
    from app.state import history_widgets, page_changes, settings_widgets, widget_sync
    from app.text import glossary
    from app.text.markdown import escape

    st.set_page_config(page_title="ADQ Explorer", page_icon=str(Path(__file__).with_name("icon.png")), layout="wide")
    sentences = {title: sentence for pages in PAGES.values() for _, title, _, sentence in pages}
    page = st.navigation(
        {
            section: [
                st.Page(
                    script(file),
                    title=title,
                    icon=icon,
                    default=file == "home",
                )
                for file, title, icon, _ in pages
            ]
            for section, pages in PAGES.items()
        },
        expanded=True,  # otherwise Streamlit hides some of more than twelve pages
    )
    st.title("ADQ Explorer" if page.title == "Home" else escape(page.title), anchor=False)
    with st.container(key="page-sentence", horizontal=True):
        st.markdown(sentences[page.title], width="stretch")
        with st.popover("Glossary", icon=":material/menu_book:", type="tertiary"):
            st.markdown(glossary.as_markdown())
    st.html(Path(__file__).with_name("page_style.css"))
    with session.boundary():
        session.begin_run()
        with st.container(key="unseen"):
            watch_theme(is_dark=session.is_dark())
            repair_markup()
            history_widgets.listen_to_keys()
            mark_terms(glossary.TERMS)
            page_changes.follow_thumbnail()
        st.session_state["settings"] = settings_widgets.sidebar(page.url_path)
        page_changes.open_requested(page.url_path)
        page.run()
        widget_sync.drop_superseded()
    with session.boundary():
        session.end_run()
        server.warm_up()


if __name__ == "__main__":
    main()
else:
    from app import tiles
    from app.browser_cookie import BrowserCookie
    from app.export import downloads
    from app.http_policy import HttpPolicy
    from app.public_server import restrict_files

    restrict_files(st.get_option("server.address"))
    policy = Middleware(HttpPolicy, allowed_hosts=lambda: st.get_option("server.allowedHosts"))
    streamlit_app = st.App(
        __file__, middleware=[policy, Middleware(BrowserCookie)], routes=[*downloads.ROUTES, *tiles.ROUTES]
    )
