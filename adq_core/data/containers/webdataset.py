"""Classes of the images in tar archives: of a WebDataset, or of shards that are classes."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from glob import escape, glob
from itertools import islice
from pathlib import Path

from adq_core.data.labels.classes import ALL
from adq_core.data.labels.folder_classes import is_part
from adq_core.data.pixels.decoding import UnreadableImageError
from adq_core.data.pixels.formats import SUFFIXES
from adq_core.data.tables.columns import LABELS, plain
from adq_core.errors import InputError

LABEL_ENDINGS = ("cls", "label", "class", "json", "txt")  # in the order in which they are looked for
MAX_LABEL_BYTES = 2**20  # of the file with the label of one sample
MAX_SHARDS = 10_000
BRACES = re.compile(r"\{([^{}/]*)\}")
NUMBERED = re.compile(r"(.*?)(\d+)")


def shard_classes(
    files: Iterable[str], read: Callable[[str], bytes], shards: Sequence[str]
) -> tuple[dict[str, str | None] | None, tuple[str, ...]]:
    """Return the class of each image, and a note that says where it is from; None if the folders are the classes.

    A sample of a WebDataset is all files with the same path up to the first dot of the name. The class of its image is
    in the file `.cls` (a number or a text), `.json` (under `label`, `class`, ...) or, if texts repeat, `.txt`. If the
    `.cls` files have numbers and the `.json` files one name for each number, the names are the classes. Without such
    files, the folders in the archives are the classes. If there are none, several shards that are numbered one after
    the other are one class; other archives are a class each.
    """
    samples: dict[str, dict[str, str]] = {}
    for file in files:
        folder, slash, name = file.rpartition("/")
        key, _, ending = name.partition(".")
        if key and not any(part.startswith(".") for part in file.split("/")):
            samples.setdefault(folder + slash + key, {})[ending.lower()] = file
    with_images = {key: endings for key, endings in samples.items() if _images(endings)}
    for ending in LABEL_ENDINGS:
        labels = {key: _label(endings[ending], read) for key, endings in with_images.items() if ending in endings}
        known = [label for label in labels.values() if label]
        if not known or (ending == "txt" and 2 * len(set(known)) > len(known)):  # texts that describe one image each
            continue
        if ending == "cls" and (names := _names_of_numbers(labels, with_images, read)) is not None:
            labels, ending = names, "json"
        class_of = {file: labels.get(key) for key, endings in with_images.items() for file in _images(endings)}
        return class_of, (f"The classes are those of the .{ending} files of the samples.",)
    inside = len(shards) > 1
    images = [file for endings in with_images.values() for file in _images(endings)]
    if inside and images and all(file.count("/") == 1 for file in images) and are_consecutive(shards):
        return dict.fromkeys(images, ALL), ("The archives have no labels, so all images are one class.",)
    if inside and images and all(file.count("/") > 1 for file in images):
        return {file: file.split("/")[1] for file in images}, ("The classes are the folders in the archives.",)
    return None, ()


def _names_of_numbers(
    labels: Mapping[str, str | None], samples: Mapping[str, Mapping[str, str]], read: Callable[[str], bytes]
) -> dict[str, str | None] | None:
    """Return the names in the `.json` files where all labels are numbers and each number has one name; else None."""
    if not all(label and label.isdecimal() for label in labels.values()):
        return None
    names: dict[str, str | None] = {}
    pairs: set[tuple[str | None, str | None]] = set()
    for key, number in labels.items():
        if "json" not in samples[key]:
            return None
        name = names[key] = _label(samples[key]["json"], read)
        pairs.add((number, name))
        if not name or name.isdecimal():
            return None
    numbers = {number for number, _ in pairs}
    return names if len(pairs) == len(numbers) == len({name for _, name in pairs}) else None


def _images(endings: Mapping[str, str]) -> list[str]:
    return [file for ending, file in endings.items() if ending in SUFFIXES]


def _label(file: str, read: Callable[[str], bytes]) -> str | None:
    """Return the label in a file of a sample, or None if it has none."""
    try:
        data = read(file)
        if len(data) > MAX_LABEL_BYTES:
            return None
        text = data.decode("utf-8-sig").strip()
        if not file.lower().endswith(".json"):
            return text or None
        content = json.loads(text)
    except (OSError, UnreadableImageError, ValueError, RecursionError):
        return None
    if isinstance(content, dict):
        names = {plain(str(name)): value for name, value in content.items()}
        content = next((names[name] for name in LABELS if name in names), None)
    if isinstance(content, float) and content.is_integer():
        content = int(content)
    return str(content).strip() or None if isinstance(content, (str, int)) else None


def are_consecutive(names: Sequence[str]) -> bool:
    """Return whether names differ only in a number and these follow each other, as those of shards do."""
    matches = [NUMBERED.fullmatch(re.sub(r"-of-\d+$", "", name)) for name in names]
    if not all(matches):
        return False
    starts = {match[1] for match in matches if match}
    numbers = sorted(int(match[2]) for match in matches if match)
    return len(starts) == 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def shards_of(name: str) -> list[Path]:
    """Return the files of a pattern such as `shards/train-{000..009}.tar` or `data/*.parquet`, sorted.

    Only the last part of the path can be a pattern.

    Raises
    ------
    InputError
        If no file fits, or one of those in braces is missing.
    """
    folder, pattern = Path(name).expanduser().parent, Path(name).name
    names = _expand(pattern)
    paths: list[Path] = []
    for each in names:
        if any(character in each for character in "*?["):
            found = sorted(Path(path) for path in glob(f"{escape(str(folder))}/{each}"))
        else:
            found = [folder / each]
        paths += [path for path in found if path.is_file()]
        if not found or not all(path.is_file() for path in found):
            raise InputError(f"There is no file {each} in {folder.name or folder}. Correct the pattern {pattern}.")
    return sorted(set(paths))


def is_pattern(name: str) -> bool:
    """Return whether a name is a pattern of several files, and no file or folder has this name."""
    last = Path(name).name
    return any(character in last for character in "*?[{") and Path(last).suffix.lower() in (
        ".tar",
        ".parquet",
        ".gz",
        ".tgz",
    )


def _expand(pattern: str) -> list[str]:
    """Return the names that a pattern with braces means, as a shell expands them. Raises `InputError` for too many."""
    names = [pattern]
    while any(BRACES.search(name) for name in names):
        expanded: list[str] = []
        for name in names:
            match = BRACES.search(name)
            if match is None:
                expanded.append(name)
                continue
            expanded += [name[: match.start()] + part + name[match.end() :] for part in _alternatives(match[1])]
            if len(expanded) > MAX_SHARDS:
                raise InputError(f"A pattern must mean at most {MAX_SHARDS:,} files, but {pattern:.60} means more.")
        names = expanded
    return names


def _alternatives(text: str) -> list[str]:
    span = re.fullmatch(r"(\d+)\.\.(\d+)", text)
    if span is None:
        return text.split(",")
    first, last = int(span[1]), int(span[2])
    if not 0 <= last - first <= MAX_SHARDS:
        raise InputError(f"The range {{{text:.40}}} must count up, with at most {MAX_SHARDS:,} files.")
    return [str(number).zfill(len(span[1])) for number in range(first, last + 1)]


def shards_in(folder: Path) -> list[Path]:
    """Return the shards in a folder that has only shards, and perhaps texts beside them; [] for any other folder.

    Shards are `.tar` archives or Parquet files. A folder with one subfolder `data`, as the Hugging Face hub has them,
    counts as that subfolder.

    Raises
    ------
    InputError
        If the shards are of several parts of a data set (train, test).
    """
    shards: list[Path] = []
    subfolders: list[Path] = []
    try:
        found = list(islice(folder.iterdir(), MAX_SHARDS + 1))
    except OSError:  # the folder is read again, and the error is told there
        return []
    if len(found) > MAX_SHARDS:
        return []
    for path in found:
        if path.name.startswith("."):
            continue
        ending = path.suffix.lower()
        if path.is_dir():
            subfolders.append(path)
        elif ending in (".tar", ".parquet", ".tgz") or path.name.lower().endswith(".tar.gz"):
            shards.append(path)
        elif ending not in (".json", ".jsonl", ".txt", ".md", ".idx", ".index", ".yaml", ".yml", ".py"):
            return []
    if not shards and [path.name for path in subfolders] == ["data"]:
        return shards_in(subfolders[0])
    parts = {re.split(r"[^a-z]", path.name.lower())[0] for path in shards}
    if len(parts) > 1 and all(map(is_part, parts)):
        name = f"{folder.name}/{sorted(parts)[-1]}*{shards[0].suffix}"
        raise InputError(
            f"{folder.name} has the parts {', '.join(sorted(parts))} of a data set. Name the files of one, such as "
            f"{name}."
        )
    kinds = Counter(".parquet" if path.suffix.lower() == ".parquet" else ".tar" for path in shards)
    return sorted(shards) if len(kinds) == 1 and not subfolders else []
