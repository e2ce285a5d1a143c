"""Command-line options: one per field of `Settings`, and those that several commands share."""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

from adq_core.id_lists import list_text
from adq_core.pipeline import Run
from adq_core.progress import Progress
from adq_core.selection import ids_of, read_selection
from adq_core.settings import ID_LISTS, Settings
from adq_core.storage import CACHE_VARIABLE, Store, default_folder, remove_scratch

PATH_SETTINGS = ("dataset", "labels", "embeddings", "weights")  # settings that can be paths

Commands = argparse._SubParsersAction  # return type of `add_subparsers`, for which argparse has no public name


def add_settings(parser: argparse.ArgumentParser, names: Collection[str] | None = None) -> None:
    """Add one option per field of `Settings`, or per field in `names`, in the order of the fields."""
    for spec in dataclasses.fields(Settings):
        if names is None or spec.name in names:
            _add_option(parser, spec)


def _add_option(parser: argparse.ArgumentParser, spec: dataclasses.Field[Any]) -> None:
    """Add the option of one field. Its default is None, so that the value of a manifest holds unless one is given."""
    limits = spec.metadata
    kind = {"int": int, "float": float}.get(str(spec.type), str)
    text = limits["help"].replace("%", "%%") + (f" ({spec.default})" if spec.default is not None else "")
    if spec.name == "dataset":
        parser.add_argument("dataset", nargs="?", metavar="DATASET", help=text)
        return
    if limits.get("id_list"):
        text = limits["help"].partition(":")[0] + ": a file with ids or indices (.txt, .csv, .json, .npy)"
        parser.add_argument(f"--{spec.name}", type=absolute_path, metavar="FILE", help=text)
        return
    metavar = "{" + ",".join(limits["choices"]) + "}" if "choices" in limits else kind.__name__.upper()
    parser.add_argument(f"--{spec.name.replace('_', '-')}", type=kind, metavar=metavar, help=text)


def given_settings(parsed: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that were given as options, by name; lists of images are left out, see `run_of`."""
    names = [spec.name for spec in dataclasses.fields(Settings) if spec.name not in ID_LISTS]
    values = {name: getattr(parsed, name, None) for name in names}
    given = {name: value for name, value in values.items() if value is not None}
    return given | {name: os.path.expanduser(given[name]) for name in PATH_SETTINGS if given.get(name, "")[:1] == "~"}


def run_of(settings: Settings, parsed: argparse.Namespace, store: Store, progress: Progress) -> Run:
    """Return the run of these settings, with the lists of images in the files of `--always` and `--never`.

    A file has ids or indices, as `read_selection` reads it: the data set is opened first. Raises `InputError` if a file
    cannot be read or does not fit the data set, `SettingsError` if an image is in both lists.
    """
    files = {name: file for name in ID_LISTS if (file := getattr(parsed, name, None)) is not None}
    run = Run(settings, store, progress)
    if not files:
        return run
    data = run.dataset
    lists: dict[str, Any] = {
        name: list_text(ids_of(data, read_selection([file], data).rows)) for name, file in files.items()
    }
    return Run(dataclasses.replace(settings, **lists), store, progress, dataset=data)


def path(text: str) -> Path:
    """Return the path of an option; `~` at its beginning is the home folder, which the shell leaves in `--out=~/x`."""
    return Path(os.path.expanduser(text))


def absolute_path(text: str) -> Path:
    """Return the path of an option as an absolute path: a run repeated from a manifest takes place in its folder."""
    return path(text).absolute()


def add_cache(parser: argparse.ArgumentParser) -> None:
    """Add `--cache`, the folder of stored results."""
    parser.add_argument("--cache", type=path, metavar="DIR", help=f"cache folder (or set {CACHE_VARIABLE})")


def open_store(parsed: argparse.Namespace) -> Store:
    """Return the store in the folder given as `--cache`, or in the default folder, without files of ended processes."""
    folder: Path = parsed.cache or default_folder()
    remove_scratch(folder)
    return Store(folder.absolute())


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Add `--quiet`."""
    parser.add_argument("--quiet", action="store_true", help="print only errors")


def add_out_folder(parser: argparse.ArgumentParser) -> None:
    """Add `--out`, the folder to write."""
    parser.add_argument("--out", type=path, metavar="DIR", required=True, help="folder for the files; must be empty")
