"""A selection as Python code and as commands of the command line. No Streamlit in here."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from adq_core import Settings
from adq_core.export import list_file
from adq_core.settings import ID_LISTS

MAX_LIST = 2_000  # characters of a list of images in code; a longer one is named as its file in the export


def changed_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings that differ from their defaults by name, and the data set, which is always named."""
    return {"dataset": settings.dataset} | {
        spec.name: getattr(settings, spec.name)
        for spec in fields(settings)
        if spec.name != "dataset" and getattr(settings, spec.name) != spec.default
    }


def python_code(settings: Settings, *, image: str | None = None, export: Sequence[str] = ()) -> str:
    """Return Python code that makes the selection of these settings.

    `image` is the id of an image whose place in the selection is computed too; `export` are the format and the path of
    an export that is written too.
    """
    values = "".join(
        f"    {name}={_python_value(name, value)},\n" for name, value in changed_settings(settings).items()
    )
    lines = [
        "from adq_core import Run, Settings",
        *(["from adq_core.export import write_export"] if export else []),
        "",
        f"run = Run(Settings(\n{values}))",
        "rows = run.selection.indices  # of the selected images in run.dataset",
        "ids = [run.dataset.ids[row] for row in rows]",
        "indices = run.dataset.indices[rows]",
    ]
    if image is not None:
        lines += [
            f"row = run.dataset.ids.index({image!r})",
            "is_selected = bool(run.selection.selected[row])",
        ]
    if export:
        name, path = export
        lines.append(f"write_export(run.subset(), {name!r}, Path({path!r}))")
        lines.insert(0, "from pathlib import Path\n")
    return "\n".join(lines) + "\n"


def run_command(settings: Settings, out: str = "DIR") -> list[str]:
    """Return the words of the command that makes this selection; it names the settings that differ from the defaults.

    A list of images is named as a file; `command_lines` writes it first.
    """
    words = ["python", "-m", "adq_core", "run", _no_option(settings.dataset)]
    for spec in fields(settings):
        value = getattr(settings, spec.name)
        if spec.name != "dataset" and value != spec.default:
            option = "--" + spec.name.replace("_", "-")
            value = _list_file(spec.name, value) if spec.metadata.get("id_list") else str(value)
            words += [f"{option}={value}"] if value.startswith("-") else [option, value]
    return [*words, "--out", out]


def command_lines(settings: Settings, *, out: str = "DIR", export: Sequence[str] = ()) -> str:
    """Return the lines for a shell that make this selection: lists of images, `run`, and `export` if there is one."""
    lists = [spec for spec in fields(settings) if spec.metadata.get("id_list")]
    lines = [
        shlex.join(["printf", "%s", value]) + f" > {spec.name}.json"
        for spec in lists
        if (value := getattr(settings, spec.name)) is not None and len(value) <= MAX_LIST
    ]
    lines.append(shlex.join(run_command(settings, out)))
    if export:
        name, path = export
        lines.append(shlex.join(["python", "-m", "adq_core", "export", out, "--format", name, "--to", path]))
    return "\n".join(lines) + "\n"


def _list_file(name: str, text: str) -> str:
    """Return the file of a list of images: a short one is written by `command_lines`, a long one is in the export."""
    return f"{name}.json" if len(text) <= MAX_LIST else list_file(name)


def _python_value(name: str, value: Any) -> str:
    """Return the value of a setting as Python; a long list of images is read from the file in the export."""
    if name in ID_LISTS and len(value) > MAX_LIST:
        return f"open({list_file(name)!r}, encoding='utf-8').read().splitlines()"
    return repr(value)


def _no_option(path: str) -> str:
    """Return a path that begins with a hyphen so that it is not read as an option."""
    return f"./{path}" if path.startswith("-") else path
