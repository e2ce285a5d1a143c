"""Every widget of the app is named in a test of the app, so that a new widget needs a test.

This test searches only for the key or the label; it does not check that the other test uses the widget.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
KINDS = {
    *("button", "checkbox", "data_editor", "download_button", "file_uploader", "form_submit_button", "multiselect"),
    *("number_input", "page_link", "pills", "radio", "segmented_control", "select_slider", "selectbox", "slider"),
    *("text_area", "text_input", "toggle"),
}
MAKERS: dict[str, tuple[int, ...]] = {  # functions that draw a widget: the arguments that name it
    "_bin_button": (2,),
    "_download": (0,),
    "_name_form": (0, 2),
    "_step_button": (0,),
    "bin_chart": (1,),
    "choice": (0,),
    "download_images": (),
    "page_through": (0,),
    "step": (0,),
    "text": (0,),
}
MODULES = {
    "focus",
    "page_widgets",
    "lookup",
    "layout",
    "saved_widgets",
}  # modules of these functions, besides the module of the call
# one widget per setting: test_settings_widgets.py changes all of them
OF_SETTINGS = {
    "sidebar",
    "widgets",
    "setting_widget",
    "name_or_path",
    "_patch_size",
}
ELSEWHERE = {
    "show_error": "the labels of suggested_fixes, pressed in test_link_check",
    "_several": "changed in blocks/test_filter_bar.py",
    "_flag": "changed in blocks/test_filter_bar.py",
    "_range": "changed in blocks/test_filter_bar.py",
}


def pattern(node: ast.expr) -> set[str]:
    """Return patterns for a key or label: its constant parts, with any text between them."""
    if isinstance(node, ast.IfExp):
        return pattern(node.body) | pattern(node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {re.escape(node.value)}
    if isinstance(node, ast.JoinedStr):
        return {"".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in node.values)}  # type: ignore[arg-type]
    return set()


def widgets() -> Iterator[tuple[str, set[str]]]:
    """Yield (place in the source, patterns of its names) of every call that draws a widget."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        inside = {id(node): function.name for function in functions for node in ast.walk(function)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or inside.get(id(node)) in MAKERS.keys() | OF_SETTINGS | ELSEWHERE.keys():
                continue
            owner, called = getattr(node.func, "value", None), getattr(node.func, "attr", getattr(node.func, "id", ""))
            ours = called in MAKERS and (owner is None or getattr(owner, "id", "") in MODULES)
            if not ours and (called not in KINDS or owner is None):
                continue
            given = [node.args[at] for at in (MAKERS[called] if ours else (0,)) if at < len(node.args)]
            given += [keyword.value for keyword in node.keywords if keyword.arg in ("key", "label")]
            yield f"{path.relative_to(ROOT)}:{node.lineno}", {one for value in given for one in pattern(value)}


def test_every_widget_is_named_in_a_test() -> None:
    files = [path for name in ("app", "browser") for path in (ROOT / "tests" / name).rglob("test_*.py")]
    texts = [path.read_text(encoding="utf-8") for path in files if path != Path(__file__)]
    strings = {word for text in texts for word in re.findall(r'"([^"\n]+)"', text)}
    found = dict(widgets())
    assert len(found) > 50
    without = {
        place: names
        for place, names in found.items()
        if not any(re.fullmatch(name, word) for name in names for word in strings)
    }
    assert without == {}
