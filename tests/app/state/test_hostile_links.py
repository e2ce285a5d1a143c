"""Malformed values in the query string: the page opens, its settings are valid, and sentences name replaced values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from adq_core import Settings
from app.jobs.registry import UNEXPECTED
from app.state import settings_widgets
from app.state.link_check import SPECS, replaced_values
from app.text.setting_names import LABELS

NUMBERS = [name for name, spec in SPECS.items() if spec.type in ("int", "float")]
CHOICES = [name for name, spec in SPECS.items() if "choices" in spec.metadata]
OF_PAGES = ("bin", "first", "images", "patches", "train", "beside")
VALUES = (
    "1e400", "-1e400", "nan", "NaN", "inf", "-inf", "999999999999", "9" * 400, "-1", "1e-400", "0x10", "1_000", "1,5",
    "\u0663", "\U0001f522", "5\ufe0f\u20e3", "\u00b2", "\uff15", "\ufffd\ufffd", "", " ",
    "true", "None", "[]", "{}", "--1", "1;2",
    "0.65\n", "\u202e5", "x" * 10_000,
)  # fmt: skip


def texts(app: AppTest) -> list[str]:
    return [element.value for element in (*app.error, *app.warning, *app.toast)]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_malformed_value_of_every_parameter_leaves_a_page(open_app: Callable[..., AppTest], value: str) -> None:
    app = open_app("quotas", **dict.fromkeys([*NUMBERS, *CHOICES, *OF_PAGES], value), embeddings="pixels")
    assert not app.exception
    assert UNEXPECTED not in texts(app)
    if "settings" in app.session_state:
        settings: Settings = app.session_state["settings"]
        assert all(math.isfinite(getattr(settings, name)) for name in NUMBERS)
    else:
        assert app.error, "a value that no widget refuses, such as 3 images for Div, is refused in a sentence"
    for text in texts(app):
        assert len(text) < 400
        assert "Traceback" not in text


@pytest.mark.parametrize("view", ["image", "patches", "compare", "train", "tray", "method", "export"])
@pytest.mark.parametrize("value", ["1e400", "\U0001f522", "9" * 400, "x" * 10_000])
def test_parameters_of_pages(open_app: Callable[..., AppTest], view: str, value: str) -> None:
    app = open_app(view, **dict.fromkeys([*OF_PAGES, "image", "find", "a", "b"], value), n_bins=value)
    assert not app.exception
    assert UNEXPECTED not in texts(app)


@pytest.mark.parametrize(
    "link",
    [
        "random:1e400", "random:" + "9" * 400, "random:-1", "random:\u0663", "held:seed=1e400", "held:alpha=nan",
        "held:n_bins=99999999999999999999", "held:alpha=1e400", "held:fraction=inf", "held:n_bins=\U0001f522",
        "held:" + "a=1&" * 5000,
        "held:n_bins=" + "9" * 5000, "rows:", "rows:" + "f" * 10_000, "held:%00=%FF", "held:embeddings=%00",
        "held:diversity_images=999999999999", "held:patch_size=0", "\x00", "\U0001f522",
    ],
    ids=range(20),
)  # fmt: skip
def test_links_of_a_comparison(open_app: Callable[..., AppTest], link: str) -> None:
    app = open_app("compare", b=link, a=link)
    assert not app.exception
    assert UNEXPECTED not in texts(app)


def test_a_sentence_names_what_the_link_asked_for(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences: list[str] = []
    monkeypatch.setattr(settings_widgets.st, "toast", lambda sentence, **_: sentences.append(sentence))
    app = open_app("quotas", seed="1e400", n_bins="-1e999", alpha="nan")
    assert not app.exception
    assert [text.split(",")[0] for text in sentences] == [
        "The link sets alpha to nan",
        "The link sets Seed to 1e400",
        "The link sets Number of bins to -1e999",
    ]
    assert app.session_state["settings"].seed == 0


@given(st.dictionaries(st.sampled_from([*SPECS, "other"]), st.text(max_size=20) | st.sampled_from(VALUES)))
@example({"seed": "1e400", "alpha": "nan", "n_bins": "9" * 5000})
def test_the_check_of_a_link_never_fails(linked: Mapping[str, str]) -> None:
    values: dict[str, Any] = asdict(Settings())
    for sentence in replaced_values(linked, values, LABELS):
        assert len(sentence) < 200
