"""`fiftyone`: a directory tree of images and a script that opens it in FiftyOne."""

from __future__ import annotations

from adq_core.progress import Progress

from .image_folder import image_paths, write_images, write_metadata
from .options import ExportOptions
from .sinks import Sink
from .subset import Subset

IMAGES = "images/"
SCRIPT = """import pathlib
import fiftyone as fo
folder = pathlib.Path(__file__).resolve().parent / "images"
dataset = fo.Dataset.from_dir(dataset_dir=str(folder), dataset_type=fo.types.ImageClassificationDirectoryTree)
fo.launch_app(dataset).wait()
"""


def write_fiftyone(subset: Subset, sink: Sink, options: ExportOptions, progress: Progress) -> None:
    """Write `images/CLASS/NAME` for every image, `metadata.jsonl`, and `open_in_fiftyone.py`."""
    paths = image_paths(subset, options, folder=IMAGES)
    write_images(subset, sink, paths, progress)
    write_metadata(subset, sink, paths)
    sink.add("open_in_fiftyone.py", SCRIPT.encode())
