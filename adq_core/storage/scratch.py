"""Names of temporary files, and removal of those whose process has ended.

The name of a temporary file contains the host, a token of the running system, the process and the time at which that
process started. So a file is removed only if its process is known to have ended: a process of another host, or of
another container with the same host name, cannot be seen from here, and its files are removed when they are a week old.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

NAME = re.compile(
    r"\..+\.adq-(?P<host>[^.]*)-(?P<system>[0-9a-f]{8})-(?P<process>\d+)-(?P<started>\d+)-\d+\.part", re.DOTALL
)
PLACES = "places"  # folder in the cache: one file per folder outside it in which a process writes
MAX_AGE = 7 * 24 * 3600  # seconds, of files whose process cannot be seen

_numbers = itertools.count()


def temporary_path(path: Path) -> Path:
    """Return a new temporary path beside `path`, after removing those of processes that have ended."""
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_stale(path.parent, depth=0)
    name = os.fsencode(path.name)[:100].decode("utf-8", "ignore")  # file systems limit names to 255 bytes
    owner = f"{_host()}-{_system()}-{os.getpid()}-{_started(os.getpid()) or 0}"
    return path.with_name(f".{name}.adq-{owner}-{next(_numbers)}.part")


@contextmanager
def remember_place(cache: Path | None, folder: Path) -> Iterator[None]:
    """Record during the block that temporary files are in `folder`, outside the cache.

    If the process is killed, `remove_remembered` finds them at the next start of a program with this cache. Where the
    cache cannot be written, nothing is recorded.
    """
    note = None
    if cache is not None:
        note = cache / PLACES / f"{os.getpid()}-{next(_numbers)}.txt"
        with suppress(OSError):
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_bytes(os.fsencode(folder.absolute()))
    try:
        yield
    finally:
        if note is not None:
            with suppress(OSError):
                note.unlink(missing_ok=True)


def remove_remembered(cache: Path) -> None:
    """Remove temporary files of processes that have ended from the folders that `remember_place` has recorded."""
    for note in (cache / PLACES).glob("*.txt"):
        process = note.name.partition("-")[0]
        with suppress(OSError, ValueError):
            folder = Path(os.fsdecode(note.read_bytes()))
            remove_stale(folder, depth=0)
            if not process.isdecimal() or not _is_running(int(process)) or int(process) == os.getpid():
                note.unlink(missing_ok=True)


def is_temporary(name: str) -> bool:
    """Return whether this is the name of a temporary file or folder."""
    return NAME.fullmatch(name) is not None


def remove_stale(folder: Path, *, depth: int) -> int:
    """Remove temporary files and folders of processes that have ended, and return their number.

    Subfolders are searched down to `depth`; links are not followed. What cannot be read or removed stays.
    """
    removed = 0
    for path in _temporary_paths(folder, depth):
        if _is_stale(path):
            remove(path)
            removed += 1
    return removed


def remove(path: Path) -> None:
    """Remove a file or a folder, as far as possible."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _temporary_paths(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if is_temporary(entry.name):
            yield Path(entry.path)
        elif depth and entry.is_dir(follow_symlinks=False):
            yield from _temporary_paths(Path(entry.path), depth - 1)


def _is_stale(path: Path) -> bool:
    match = NAME.fullmatch(path.name)
    assert match is not None
    if match["host"] == _host() and match["system"] == _system():
        started = _started(int(match["process"]))
        return not _is_running(int(match["process"])) or (
            started is not None and match["started"] not in ("0", str(started))  # another process with this number
        )
    try:
        newest = max(entry.stat().st_mtime for entry in (path, *path.rglob("*")))
    except OSError:  # its process has finished it just now
        return False
    return time.time() - newest > MAX_AGE


@lru_cache(maxsize=1)
def _host() -> str:
    return re.sub(r"[^\w]", "_", socket.gethostname())[:40]


@lru_cache(maxsize=1)
def _system() -> str:
    """Return 8 digits that differ between two starts of a machine and between two containers."""
    texts = []
    with suppress(OSError):
        texts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
    with suppress(OSError):
        texts.append(os.readlink("/proc/self/ns/pid"))
    return hashlib.blake2b("".join(texts).encode(), digest_size=4).hexdigest()


def _started(process: int) -> int | None:
    """Return when a process started, in ticks since the start of the system; None where the system does not tell."""
    try:
        content = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        return int(content.rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None


def _is_running(process: int) -> bool:
    """Return whether a process of this host is running; True where this cannot be found out."""
    if sys.platform == "win32":  # os.kill would end the process there
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
