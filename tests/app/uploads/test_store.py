"""The folder of uploads: owners, sharing, limits and ages."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import re
import threading
from pathlib import Path

import pytest

from adq_core.errors import InputError
from app.uploads import Limits, Uploads, limits_from_environment, read_reference
from tests.app.uploads.test_names import SCRIPTS

HOUR = 3600.0


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def uploads(tmp_path: Path, clock: Clock) -> Uploads:
    return Uploads(tmp_path / "uploads", Limits(owner_bytes=100, total_bytes=250, age=24 * HOUR, idle=HOUR), clock)


def files_of(uploads: Uploads) -> list[str]:
    return sorted(path.name for path in uploads.folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_the_content_is_found_by_the_reference_and_its_path_has_only_the_id(uploads: Uploads, name: str) -> None:
    upload = uploads.add("me", name, b"content")
    path = uploads.open_path(upload.reference, "me")
    assert path.read_bytes() == b"content"
    assert re.fullmatch(rf"[0-9a-f]{{32}}{re.escape(Path(name).suffix)}", path.name)
    assert path.parent.name == upload.id
    reference = read_reference(upload.reference)
    assert reference is not None
    assert reference.name == upload.name
    assert upload.id not in upload.reference


def test_the_same_bytes_under_two_names_are_two_uploads(uploads: Uploads) -> None:
    one, two = uploads.add("me", "one.zip", b"same"), uploads.add("me", "two.zip", b"same")
    assert one.reference != two.reference
    assert uploads.open_path(one.reference, "me") != uploads.open_path(two.reference, "me")
    assert [upload.name for upload in uploads.of_owner("me")] == ["one.zip", "two.zip"]


def test_the_same_file_again_is_stored_once_and_its_reference_stays(uploads: Uploads, clock: Clock) -> None:
    first = uploads.add("me", "cats.zip", b"cats")
    clock.now += 20 * HOUR
    again = uploads.add("me", "cats.zip", b"cats")
    assert (again.id, again.reference, again.added) == (first.id, first.reference, clock.now)
    assert uploads.of_owner("me") == [again]
    uploads.remove(again)
    later = uploads.add("me", "cats.zip", b"cats")
    assert later.id != first.id
    assert later.reference == first.reference, "links and saved selections hold after the file is uploaded again"


def test_only_the_owner_opens_an_upload_and_the_error_does_not_tell_whether_it_exists(uploads: Uploads) -> None:
    upload = uploads.add("me", "cats.zip", b"cats")
    texts = []
    for reference in (upload.reference, "cats.zip (upload 0123456789ab)"):
        with pytest.raises(InputError) as caught:
            uploads.open_path(reference, "somebody else")
        texts.append(str(caught.value))
    assert texts[0] == texts[1]
    assert texts[0].startswith("cats.zip is not among your uploads. ")
    assert uploads.of_owner("somebody else") == []
    other = uploads.add("somebody else", "cats.zip", b"cats")
    assert other.reference != upload.reference, "equal files of two owners have other handles"


def test_a_shared_upload_is_opened_by_everybody_until_its_owner_stops(uploads: Uploads) -> None:
    upload = uploads.add("me", "cats.zip", b"cats")
    assert upload.shared_reference is None
    shared = uploads.share(upload)
    assert shared.token is not None
    assert len(shared.token) == 32
    assert shared.shared_reference is not None
    assert uploads.open_path(shared.shared_reference, "anybody") == uploads.path(upload)
    assert uploads.share(shared).token == shared.token
    with pytest.raises(InputError):
        uploads.open_path(shared.reference, "anybody")
    with pytest.raises(InputError):
        uploads.open_path(shared.shared_reference.replace("cats", "dogs"), "anybody")
    uploads.unshare(shared)
    with pytest.raises(InputError):
        uploads.open_path(shared.shared_reference, "anybody")
    assert uploads.share(uploads.of_owner("me")[0]).token != shared.token, "an ended link stays ended"


def test_ids_and_tokens_cannot_be_guessed(uploads: Uploads) -> None:
    found = [uploads.share(uploads.add("me", f"{number}.csv", b"")) for number in range(20)]
    codes = {code for upload in found for code in (upload.id, upload.token)}
    assert len(codes) == 40
    assert all(re.fullmatch(r"[0-9a-f]{32}", str(code)) for code in codes)


def test_one_owner_cannot_store_more_than_the_limit_and_removing_makes_room(uploads: Uploads) -> None:
    first = uploads.add("me", "one.zip", bytes(60))
    with pytest.raises(InputError) as caught:
        uploads.add("me", "two.zip", bytes(41))
    assert str(caught.value) == (
        "two.zip has 0.0 MB. The uploads of one browser may have 0.0 MB together, and yours have 0.0 MB. Remove one of "
        "them first."
    )
    uploads.add("me", "two.zip", bytes(40))
    uploads.remove(first)
    uploads.add("me", "three.zip", bytes(60))
    assert len(files_of(uploads)) == 4, "a refused upload leaves no file"


def test_all_together_cannot_store_more_than_the_limit(uploads: Uploads) -> None:
    for number in range(2):
        uploads.add(f"owner {number}", "a.zip", bytes(100))
    with pytest.raises(InputError) as caught:
        uploads.add("me", "b.zip", bytes(51))
    assert "more than this server has left for uploads" in str(caught.value)
    uploads.add("me", "b.zip", bytes(50))


def test_uploads_at_the_same_time_do_not_exceed_the_limit_together(uploads: Uploads) -> None:
    refused = []

    def add(number: int) -> None:
        try:
            uploads.add("me", f"{number}.zip", bytes([number]) * 30)
        except InputError:
            refused.append(number)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 5
    assert sum(upload.size for upload in uploads.of_owner("me")) == 90


@pytest.mark.parametrize("name", ["song.mp3", "", "zip", "cats.zip.exe", "猫"])
def test_a_file_with_another_ending_is_refused_and_not_stored(uploads: Uploads, name: str) -> None:
    with pytest.raises(InputError) as caught:
        uploads.add("me", name, b"la la la")
    assert "must be a .zip or .tar of images, or a file of images or vectors" in str(caught.value)
    assert not files_of(uploads)


def test_a_refused_upload_is_deleted_and_its_owner_sees_the_reason_again(uploads: Uploads) -> None:
    upload = uploads.add("me", "song.zip", b"la la la")
    uploads.refuse(upload, "song.zip is no zip.")
    assert not files_of(uploads)
    assert uploads.of_owner("me") == []
    for owner, reason in (("me", "song.zip is no zip."), ("somebody else", "song.zip is not among your uploads.")):
        with pytest.raises(InputError, match=re.escape(reason)):
            uploads.open_path(upload.reference, owner)
    again = uploads.add("me", "song.zip", b"la la la")
    assert uploads.open_path(again.reference, "me").is_file(), "the same file can be tried again"


def test_uploads_are_removed_at_the_age_limit_even_if_they_are_shared_or_in_use(uploads: Uploads, clock: Clock) -> None:
    uploads.share(uploads.add("me", "cats.zip", b"cats"))
    for _ in range(24):
        assert uploads.sweep({"me"}) == []
        clock.now += HOUR
    clock.now += 1
    assert [upload.name for upload in uploads.sweep({"me"})] == ["cats.zip"]
    assert not files_of(uploads)


def test_uploads_are_removed_an_hour_after_the_last_page_of_their_owner(uploads: Uploads, clock: Clock) -> None:
    mine = uploads.add("me", "cats.zip", b"cats")
    shared = uploads.share(uploads.add("me", "dogs.zip", b"dogs"))
    theirs = uploads.add("somebody else", "birds.zip", b"birds")
    uploads.sweep({"me", "somebody else"})
    clock.now += HOUR
    assert uploads.sweep({"somebody else"}) == []
    clock.now += 1
    assert uploads.sweep({"somebody else"}) == [mine]
    assert {upload.name for upload in uploads.all()} == {shared.name, theirs.name}


def test_another_process_and_a_restarted_server_find_the_uploads(uploads: Uploads, clock: Clock) -> None:
    other = Uploads(uploads.folder, uploads.limits, clock)
    upload = uploads.share(uploads.add("me", "кошки.zip", b"cats"))
    assert upload.shared_reference is not None
    assert other.open_path(upload.reference, "me").read_bytes() == b"cats"
    restarted = Uploads(uploads.folder, uploads.limits, clock)
    assert restarted.of_owner("me") == [upload]
    assert restarted.open_path(upload.shared_reference, "anybody").is_file()


def test_damaged_and_foreign_folders_are_no_uploads_and_are_removed_when_they_are_old(
    uploads: Uploads, clock: Clock
) -> None:
    upload = uploads.add("me", "cats.zip", b"cats")
    values = dataclasses.asdict(upload)
    wrong: list[object] = [
        "{", [], {}, {**values, "id": "0" * 32}, {**values, "name": "../cats.zip"}, {**values, "size": "x"},
        {**values, "more": 1},
    ]  # fmt: skip
    folders = []
    for number, content in enumerate(wrong):
        folder = uploads.folder / f"{number:032x}"
        folder.mkdir()
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / "upload.json").write_text(text)
        folders.append(folder)
    earlier = uploads.folder / "0f3a9b77aabbccdd"  # of an earlier version, named by the content
    earlier.mkdir()
    (earlier / "cats.zip").write_bytes(b"cats")
    for folder in (*folders, earlier):
        os.utime(folder, (clock.now, clock.now))
    uploads.sweep({"me"})
    assert uploads.all() == [upload]
    assert all(folder.is_dir() for folder in (*folders, earlier))
    clock.now += 23 * HOUR
    uploads.add("me", "dogs.zip", b"dogs")
    clock.now += 2 * HOUR
    uploads.sweep({"me"})
    assert [path.name for path in uploads.folder.iterdir()] == [uploads.of_owner("me")[0].id]


def test_limits_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    assert limits_from_environment(is_public=False) == Limits(1e9, 1e10, 24 * HOUR, math.inf)
    assert limits_from_environment(is_public=True) == Limits(1e9, 1e10, 24 * HOUR, HOUR)
    values = {
        "ADQ_UPLOAD_MB": "5",
        "ADQ_UPLOADS_TOTAL_MB": "50",
        "ADQ_UPLOAD_HOURS": "0.5",
        "ADQ_UPLOAD_IDLE_MINUTES": "2",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert limits_from_environment(is_public=True) == Limits(5e6, 5e7, 1800, 120)
    assert not caplog.records
    for wrong in ("many", "-1", "nan"):
        monkeypatch.setenv("ADQ_UPLOAD_MB", wrong)
        assert limits_from_environment(is_public=True).owner_bytes == 1e9
    assert len(caplog.records) == 3


def test_lists_of_images_have_their_own_endings_and_count_like_other_uploads(uploads: Uploads) -> None:
    one = uploads.add("me", "rows.txt", b"1", "list")
    assert one.kind == "list"
    assert uploads.with_handle("me", one.handle) == one
    assert uploads.with_handle("somebody else", one.handle) is None
    data = uploads.add("me", "rows.npy", b"2")
    other = uploads.add("me", "rows.npy", b"2", "list")
    assert (data.kind, other.kind) == ("data", "list")
    assert data.handle != other.handle, "a file can be a data set and a list"
    assert Uploads(uploads.folder, uploads.limits).with_handle("me", one.handle) == one
    for name, kind in (("rows.txt", "data"), ("images.zip", "list"), ("rows", "list")):
        with pytest.raises(InputError, match=rf"^{name} must be "):
            uploads.add("me", name, b"3", kind)
    with pytest.raises(InputError, match="Remove one of them first"):
        uploads.add("me", "large.txt", b"4" * 99, "list")
