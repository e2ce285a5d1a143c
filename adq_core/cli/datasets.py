"""`datasets`: lists the built-in data sets and the accepted forms of data sets."""

from __future__ import annotations

import argparse

from .options import Commands, add_cache


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("datasets", help="list the built-in data sets")
    add_cache(parser)
    parser.set_defaults(function=datasets_command)


def datasets_command(parsed: argparse.Namespace) -> int:
    """Print the built-in data sets and the accepted forms of data sets."""
    from adq_core.data import DATASETS

    width = max(len(name) for name in DATASETS) + 2
    for name, description in DATASETS.items():
        print(f"{name:<{width}}{description}")
    print("\nAlso: a folder with one subfolder per class, or without subfolders; a .zip or .tar of such a folder;")
    print("WebDataset shards; a Parquet file with images;")
    print("an .npz with images and labels; torchvision:NAME; or a file of vectors without images:")
    print("a .npy, an .npz with vectors (labels, ids), a .parquet, a .csv or a .tsv (id, label); see docs/formats.md")
    print("The name of a built-in data set means that set. A folder of this name is ./NAME.")
    return 0
