"""A server that other people can reach opens only built-in data sets, uploads and the files of one folder.

Two environment variables carry the options of `python -m adq_core app --public --data-root DIR` to the server. A server
with an address that is not of this machine is public, too, however it was started.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

from adq_core import file_access
from adq_core.file_access import AllowedFolder
from adq_core.storage import data_folder, default_folder

PUBLIC_VARIABLE = "ADQ_PUBLIC"  # 1: other people can reach this server, for example through a proxy
ROOT_VARIABLE = "ADQ_DATA_ROOT"  # folder below which a public server opens data sets, labels, vectors and weights


def is_local(address: str | None) -> bool:
    """Return whether only this machine can connect to a server with this address; without an address, all can."""
    if address is None:
        return False
    if address == "localhost" or address.startswith("unix://"):
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:  # a host name, which the network may resolve to any address
        return False


def is_public(address: str | None) -> bool:
    """Return whether other people can reach a server with this address, or its owner says so."""
    return os.environ.get(PUBLIC_VARIABLE, "") not in ("", "0") or not is_local(address)


def restrict_files(address: str | None) -> None:
    """Restrict the files that this process reads for its users, if the server is public."""
    if not is_public(address):
        return
    folders = [
        AllowedFolder(default_folder() / "uploads", 2),  # a file in the folder of one upload, not all uploads
        AllowedFolder(data_folder() / "trained", 1),
    ]
    if root := os.environ.get(ROOT_VARIABLE):
        folders.append(AllowedFolder(Path(root)))
    file_access.restrict(folders)
