"""Numbers of image files: the positions that torchvision's `ImageFolder` gives them, and the order of rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

# torchvision.datasets.folder.IMG_EXTENSIONS; a test compares them
IMAGE_FOLDER_SUFFIXES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
MAX_LISTED = 5  # links in one note
ORDER_OF_FILES = "in the order of torchvision's ImageFolder (class folders, then the files of each, both sorted)"
INDEX_OF_FILES = (
    "index is the position of a file in torchvision.datasets.ImageFolder of the data set's folder{folder}, with its "
    "default endings ({endings}): class folders are sorted, then the files of each. Files that cannot be read keep "
    "their numbers."
)
INDEX_OF_FLAT_FILES = (
    "index is the position of a file among the sorted files of the data set's folder{folder} that end in {endings}, as "
    "torchvision.datasets.ImageFolder numbers them where this folder is its only class. Files that cannot be read keep "
    "their numbers."
)
INDEX_OF_OTHERS = (
    " ImageFolder does not list images with other endings or without a class folder: their numbers follow, from "
    "{listed}."
)


def index_description(folder: str, n_listed: int, n_others: int, *, flat: bool) -> str:
    """Return the sentences that say what the numbers of `number_files` mean; `folder` is the entered folder, or ""."""
    text = (INDEX_OF_FLAT_FILES if flat else INDEX_OF_FILES) + (INDEX_OF_OTHERS if n_others else "")
    endings = ", ".join(suffix.removeprefix(".") for suffix in IMAGE_FOLDER_SUFFIXES)
    return text.format(folder=f" {folder}" if folder else "", endings=endings, listed=f"{n_listed:,}")


def link_notes(links: Sequence[str]) -> list[str]:
    """Return a note if folders are links to folders that were read already: `ImageFolder` reads them again."""
    if not links:
        return []
    listed = ", ".join(links[:MAX_LISTED]) + (", ..." if len(links) > MAX_LISTED else "")
    return [
        f"Left out, because they are links to folders that were read already: {listed}. torchvision's ImageFolder "
        "reads such a folder again, so the index of images after it is not their position there."
    ]


def is_flat(images: Iterable[str]) -> bool:
    """Return whether no image, named by its path in the data set's folder, is in a subfolder."""
    return all("/" not in file for file in images)


def number_files(
    files: Iterable[str], images: Collection[str], *, sort_name: Callable[[str], str] = str
) -> tuple[dict[str, int], int]:
    """Return the number of each file, and how many of them `ImageFolder` lists.

    `files` are the paths of all files in the data set's folder, also hidden ones; `images` are those that the data set
    takes or lists as skipped. Files that `torchvision.datasets.ImageFolder` lists by default have the numbers that it
    gives them: class folders sorted by name, then the paths of the folders inside a class, then the file names, all by
    code points. It also lists hidden files. The images that it does not list follow in the same order: those with other
    endings, and those beside the class folders. If no image is in a subfolder, all images count as files of one class.

    `sort_name` returns the path by which a file is sorted, where it differs from its name here.
    """
    flat = is_flat(images)
    listed = [file for file in files if file.lower().endswith(IMAGE_FOLDER_SUFFIXES) and ("/" in file) != flat]
    known = set(listed)
    others = [file for file in images if file not in known]

    def place(file: str) -> tuple[str, str, str]:
        folder, _, name = sort_name(file).rpartition("/")
        return folder.split("/", 1)[0], folder, name

    ordered = sorted(listed, key=place) + sorted(others, key=place)
    return {file: number for number, file in enumerate(ordered)}, len(listed)
