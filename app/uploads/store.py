"""The folder of uploads: one subfolder per upload, named by its id of 128 random bits.

The subfolder holds the content as `ID.zip` and `upload.json` with the name, the owner and the times: a file name is
data and never part of a path. The id appears in no link and no message. A process holds the index in memory and reads
the folder again when an upload of another process is requested.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from adq_core.errors import InputError
from adq_core.storage import atomic_file, atomic_folder

from .limits import Limits
from .names import ENDINGS, LIST_ENDINGS, Reference, clean_name, ending_of, read_reference

FOLDER = "uploads"  # in the cache folder
ABOUT = "upload.json"
MAX_REFUSED = 256  # refused uploads whose reason is remembered
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Upload:
    """One uploaded file."""

    id: str
    name: str
    owner: str
    handle: str  # names the upload in the links of its owner; the same for the same file of the same owner
    size: int  # bytes
    added: float  # time.time()
    token: str | None = None  # names a shared upload in links
    kind: str = "data"  # "data": a data set; "list": a list of images, see `LIST_ENDINGS`

    @property
    def reference(self) -> str:
        """Return the text with which the owner's settings and links name the upload."""
        return str(Reference("upload", self.name, self.handle))

    @property
    def shared_reference(self) -> str | None:
        """Return the text with which everybody's links name the upload; None if it is not shared."""
        return None if self.token is None else str(Reference("shared", self.name, self.token))

    @property
    def file_name(self) -> str:
        """Return the name of the file with the content."""
        return self.id + ending_of(self.name).lower()


class Uploads:
    """All uploads of this server. Threads may share it."""

    def __init__(self, folder: Path, limits: Limits, clock: Callable[[], float] = time.time) -> None:
        self.folder, self.limits = folder, limits
        self._clock = clock
        self._guard = threading.RLock()
        self._known: dict[str, Upload] = {}
        self._reserved: dict[str, tuple[str, int]] = {}  # id: owner and bytes of an upload that is being written
        self._refused: OrderedDict[tuple[str, str], str] = OrderedDict()  # (owner, handle): reason
        self._read_at: int | None = None  # modification time of the folder when the index was read
        self._read_folder()

    def add(self, owner: str, name: str, content: bytes, kind: str = "data") -> Upload:
        """Store a file and return its upload. The same file of the same owner is stored once.

        kind: "data" for a data set, "list" for a list of images.

        Raises
        ------
        InputError
            If files with this ending cannot be uploaded, or a limit would be exceeded.
        StorageError
            If the file cannot be written.
        """
        name = clean_name(name)
        if kind == "data" and ending_of(name).lower() not in ENDINGS:
            raise InputError(
                f"{name} must be a .zip or .tar of images, or a file of images or vectors. Upload such a file."
            )
        if kind == "list" and ending_of(name).lower() not in LIST_ENDINGS:
            raise InputError(f"{name} must be a list of indices or ids and end in {', '.join(LIST_ENDINGS)}.")
        handle = _handle(owner, name, content if kind == "data" else b"list\0" + content)
        upload = Upload(secrets.token_hex(16), name, owner, handle, len(content), self._clock(), kind=kind)
        with self._guard:
            self._refused.pop((owner, upload.handle), None)
            known = self._of_handle(owner, upload.handle)
            if known is not None and self.path(known).is_file():
                return self._update(replace(known, added=upload.added))
            self._check_limits(upload)
            self._reserved[upload.id] = owner, upload.size
        try:
            with atomic_folder(self.folder / upload.id) as temporary:
                (temporary / upload.file_name).write_bytes(content)
                (temporary / ABOUT).write_text(json.dumps(asdict(upload)), encoding="utf-8")
            with self._guard:
                self._known[upload.id] = upload
        finally:
            with self._guard:
                del self._reserved[upload.id]
        return upload

    def _check_limits(self, upload: Upload) -> None:
        sizes = [(known.owner, known.size) for known in self._known.values()] + [*self._reserved.values()]
        own = sum(size for owner, size in sizes if owner == upload.owner)
        if own + upload.size > self.limits.owner_bytes:
            raise InputError(
                f"{upload.name} has {_mb(upload.size)} MB. The uploads of one browser may have "
                f"{_mb(self.limits.owner_bytes)} MB together, and yours have {_mb(own)} MB. Remove one of them first."
            )
        if sum(size for _, size in sizes) + upload.size > self.limits.total_bytes:
            raise InputError(
                f"{upload.name} has {_mb(upload.size)} MB, more than this server has left for uploads. Try again "
                "later, or upload a smaller file."
            )

    def path(self, upload: Upload) -> Path:
        """Return the path of the content."""
        return self.folder / upload.id / upload.file_name

    def find(self, text: str, owner: str) -> Upload | None:
        """Return the upload that this text names for this owner, or None."""
        reference = read_reference(text)
        if reference is None:
            return None
        found = self._find(reference, owner)
        if found is None and self._folder_changed():
            self._read_folder()
            found = self._find(reference, owner)
        return found

    def _find(self, reference: Reference, owner: str) -> Upload | None:
        with self._guard:
            for upload in self._known.values():
                if upload.name == reference.name and (
                    (reference.kind == "upload" and (upload.owner, upload.handle) == (owner, reference.code))
                    or (reference.kind == "shared" and upload.token == reference.code)
                ):
                    return upload
        return None

    def open_path(self, text: str, owner: str) -> Path:
        """Return the path of the content of an upload.

        Raises
        ------
        InputError
            If there is no such upload for this owner. The text is the same whether somebody else has it or nobody.
        """
        upload = self.find(text, owner)
        if upload is not None and self.path(upload).is_file():
            return self.path(upload)
        reference = read_reference(text)
        name = text if reference is None else reference.name
        reason = None if reference is None else self._refused.get((owner, reference.code))
        if reason is not None:
            raise InputError(reason)
        raise InputError(
            f"{name} is not among your uploads. It was removed (an upload is stored for {self.limits.age / 3600:,.3g} "
            "hours at most), or it is the upload of another browser that does not share it. Upload the file again."
        )

    def with_handle(self, owner: str, handle: str) -> Upload | None:
        """Return the upload of this owner with this handle, or None."""
        if self._folder_changed():
            self._read_folder()
        with self._guard:
            return self._of_handle(owner, handle)

    def of_owner(self, owner: str) -> list[Upload]:
        """Return the uploads of this owner, the newest first."""
        with self._guard:
            return sorted((one for one in self._known.values() if one.owner == owner), key=lambda one: -one.added)

    def all(self) -> list[Upload]:
        """Return all uploads, the newest first."""
        with self._guard:
            return sorted(self._known.values(), key=lambda one: -one.added)

    def name_of(self, upload_id: str) -> str | None:
        """Return the name of the upload with this id, or None."""
        known = self._known.get(upload_id)
        return None if known is None else known.name

    def share(self, upload: Upload) -> Upload:
        """Share an upload: everybody with the link can open it. Return it with its token."""
        return self._update(replace(upload, token=upload.token or secrets.token_hex(16)))

    def unshare(self, upload: Upload) -> Upload:
        """End the sharing of an upload: the links with its token no longer open it."""
        return self._update(replace(upload, token=None))

    def _update(self, upload: Upload) -> Upload:
        with self._guard:
            if upload.id in self._known:
                with atomic_file(self.folder / upload.id / ABOUT) as temporary:
                    temporary.write_text(json.dumps(asdict(upload)), encoding="utf-8")
                self._known[upload.id] = upload
            return upload

    def remove(self, upload: Upload) -> None:
        """Delete an upload."""
        with self._guard:
            self._known.pop(upload.id, None)
        shutil.rmtree(self.folder / upload.id, ignore_errors=True)

    def refuse(self, upload: Upload, reason: str) -> None:
        """Delete an upload that cannot be opened, and remember the reason for its owner."""
        self.remove(upload)
        with self._guard:
            self._refused[upload.owner, upload.handle] = reason
            while len(self._refused) > MAX_REFUSED:
                self._refused.popitem(last=False)

    def sweep(self, present: Collection[str]) -> list[Upload]:
        """Remove the uploads that are too old or whose owner has gone; `present` are the owners with an open page.

        Return the removed ones. A shared upload stays until the age limit. The time of the last page of an owner is the
        modification time of the file about the upload, so several processes can share the folder.
        """
        self._read_folder()
        now, removed = self._clock(), []
        for upload in self.all():
            about = self.folder / upload.id / ABOUT
            with suppress(OSError):
                if upload.owner in present:
                    os.utime(about, (now, now))
                is_idle = upload.token is None and now - about.stat().st_mtime > self.limits.idle
                if is_idle or now - upload.added > self.limits.age:
                    self.remove(upload)
                    removed.append(upload)
        return removed

    def _folder_changed(self) -> bool:
        try:
            return self.folder.stat().st_mtime_ns != self._read_at
        except OSError:
            return False

    def _read_folder(self) -> None:
        """Read the index from the folder. Old subfolders that are no uploads are removed.

        Earlier versions named the folder of an upload by its content, without an owner.
        """
        found: dict[str, Upload] = {}
        with self._guard:
            with suppress(OSError):
                self._read_at = self.folder.stat().st_mtime_ns
                for entry in sorted(self.folder.iterdir()):
                    upload = _read(entry)
                    if upload is not None:
                        found[upload.id] = upload
                    elif entry.is_dir() and self._clock() - entry.stat().st_mtime > self.limits.age:
                        shutil.rmtree(entry, ignore_errors=True)
            self._known = found

    def _of_handle(self, owner: str, handle: str) -> Upload | None:
        return next((one for one in self._known.values() if (one.owner, one.handle) == (owner, handle)), None)


def _read(folder: Path) -> Upload | None:
    """Return the upload in a folder, or None if its description is missing or damaged."""
    try:
        values = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        upload = Upload(**values)
        valid = _ID.fullmatch(upload.id) and folder.name == upload.id and clean_name(upload.name) == upload.name
        valid = valid and upload.kind in ("data", "list")
        return upload if valid and upload.size >= 0 and upload.added >= 0 else None
    except (OSError, ValueError, TypeError):
        return None


def _handle(owner: str, name: str, content: bytes) -> str:
    """Return the handle of a file: the same owner gets the same one again, so that links and saved selections hold."""
    digest = hashlib.blake2b(digest_size=6, key=owner.encode()[:64])
    digest.update(name.encode() + b"\0")
    digest.update(content)
    return digest.hexdigest()


def _mb(size: float) -> str:
    return f"{size / 1e6:,.0f}" if size >= 1e7 else f"{size / 1e6:,.1f}"
