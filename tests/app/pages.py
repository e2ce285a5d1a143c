"""The pages of the app, and functions that read the drawn elements of a page."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

Open = Callable[..., AppTest]

VIEWS = {
    "home": "ADQ Explorer",
    "dataset": "Data set",
    "browse": "Images",
    "bins": "Bins",
    "scores": "Scores",
    "quotas": "Quotas",
    "image": "One image",
    "similar": "Similar images",
    "lists": "Always keep, never take",
    "patches": "Patches",
    "train": "Train",
    "evidence": "Better than random?",
    "checks": "Checks",
    "audit": "Audit a selection",
    "compare": "Compare",
    "tray": "Saved selections",
    "export": "Export",
    "storage": "Storage",
    "learn": "Lessons",
    "method": "The method",
}  # script: title of the page


def html_of(app: AppTest) -> str:
    return html.unescape("\n".join(element.proto.body for element in app.get("html")))


def numbers_of(app: AppTest) -> str:
    return next(part for part in html_of(app).split("\n") if "adq-numbers" in part).split("</style>")[1]


def number(app: AppTest, name: str) -> str:
    """Return the value with this name in the rows of numbers."""
    found = re.search(rf"<span>{re.escape(name)}</span><b>(.*?)</b>", html_of(app))
    assert found, f"no number called {name}"
    return found[1]


def texts_of(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def captions_of(app: AppTest) -> list[str]:
    return [element.value for element in app.caption]


def headings_of(app: AppTest) -> list[str]:
    return [element.value for element in app.header]


def chart(app: AppTest, key: str) -> dict[str, Any]:
    for element in app.get("plotly_chart"):
        if element.proto.id.endswith(f"-{key}"):
            found: dict[str, Any] = json.loads(element.proto.spec)
            return found
    raise AssertionError(f"no chart with the key {key}")


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return app.run()


def widget(app: AppTest, key: str) -> Any:
    """Return the widget of this key, whatever its kind."""
    kinds = (app.slider, app.number_input, app.selectbox, app.text_input, app.button_group, app.button)
    return next(found for kind in kinds for found in kind if found.key == key)
