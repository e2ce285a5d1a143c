"""Choices of the user that apply to several formats."""

from __future__ import annotations

from dataclasses import dataclass

from adq_core.errors import unknown_name

from .sinks import LINKS, Links

NAMES = ("original", "numbered")
SHARD_BYTES = 500_000_000


@dataclass(frozen=True)
class ExportOptions:
    """Options of an export.

    `links`: images in folders are copies, hard links or symbolic links of the files of the data set, where it has files
    on the disk. `names`: "original" keeps the names of the files where they are unique in their class and safe,
    "numbered" numbers the images. `shard_bytes`: images of one shard. `croissant`: write a description of the files in
    the Croissant format.
    """

    links: Links = "copy"
    names: str = "original"
    shard_bytes: int = SHARD_BYTES
    croissant: bool = False

    def __post_init__(self) -> None:
        if self.links not in LINKS:
            raise unknown_name("kind of links", self.links, LINKS)
        if self.names not in NAMES:
            raise unknown_name("kind of names", self.names, NAMES)
