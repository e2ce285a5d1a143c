from __future__ import annotations

import dataclasses
import errno
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from adq_core.errors import Cancelled, InputError, StorageError
from adq_core.keys import content_digest, plain
from adq_core.lineage import RECORDS
from adq_core.records import Floats, Record, Texture
from adq_core.store import Store, default_folder, writing_folder

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, eq=False)
class Thing(Record):
    """A record with a value of every kind."""

    values: Floats
    key: str
    number: float = 1.0
    words: tuple[object, ...] = ()
    maybe: Floats | None = None


def thing(key: str = "k", count: int = 3) -> Thing:
    return Thing(values=np.arange(count, dtype=float), key=key)


def never() -> Thing:
    raise AssertionError("was made again")


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.name.startswith(".")}


# --- what is kept is what was made ------------------------------------------------------------------------------------

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=8,
)
ARRAYS = arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.int32, np.uint8, np.bool_]),
    array_shapes(min_dims=0, min_side=0),
)


@given(values=ARRAYS, words=st.lists(PLAIN, max_size=3).map(tuple), number=st.floats() | st.integers())
def test_a_record_comes_back_from_the_disk_as_it_was(
    values: np.ndarray, words: tuple[object, ...], number: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("store")
    made = Thing(values=values, key="k", number=number, words=words)
    given_back = Store(folder).fetch(Thing, "k", lambda: made)
    restored = Store(folder).fetch(Thing, "k", never)
    for one in (given_back, restored):
        assert one.digest() == made.digest()
        assert one.values.dtype == values.dtype
        assert one.values.shape == values.shape
        assert repr(one.words) == repr(words)
        assert not one.values.flags.writeable


@given(st.lists(st.floats(allow_nan=False) | st.integers(-(2**60), 2**60), max_size=5))
def test_numpys_numbers_are_plain_ones(values: list[float]) -> None:
    nested = ([np.float64(v) if isinstance(v, float) else np.int64(v) for v in values], "x")
    assert plain(nested) == (tuple(values), "x")
    assert content_digest(*nested) == content_digest(tuple(values), "x")


def test_values_that_only_look_alike_in_a_row_have_other_digests() -> None:
    assert len({content_digest(1, 23), content_digest(12, 3), content_digest(123), content_digest("1", 23)}) == 4


def example(kind: type[Record]) -> Record:
    """Return some record of this class: small shapes that fit each other, awkward plain values."""
    shapes = {
        "weight_in": (4, 2),
        "bias_in": (4,),
        "weight_out": (5, 4),
        "bias_out": (5,),
        "losses": (0, 2),
        "xy": (3, 2),
        "vectors": (3, 2) if kind.__name__ != "Views" else (2, 3, 2),
        "representativeness_interval": (3, 2),
        "diversity_interval": (3, 2),
    }
    awkward = {"str": "a\u2028'\"", "int": 3, "float": float("nan"), "tuple[str, ...]": ("one", "\u00e9", "")}
    values = {}
    for spec in dataclasses.fields(kind):
        if str(spec.type) in awkward:
            values[spec.name] = awkward[str(spec.type)]
        else:
            assert str(spec.type) in {"Floats", "Ints", "Bools", "NDArray[np.uint8]"}, (
                "a new type of field: teach it here"
            )
            array = np.full(shapes.get(spec.name, (3,)), np.nan)
            values[spec.name] = array if str(spec.type) == "Floats" else np.zeros(array.shape, np.int64)
    return kind(**values)


@pytest.mark.parametrize("kind", RECORDS.values(), ids=lambda kind: kind.__name__)
def test_every_record_of_the_pipeline_comes_back(kind: type[Record], tmp_path: Path) -> None:
    made = example(kind)
    Store(tmp_path).fetch(kind, made.key, lambda: made)
    restored = Store(tmp_path).peek(kind, made.key)
    assert restored is not None
    assert restored.digest() == made.digest()
    assert repr(restored) == repr(made)


def test_no_pickle_is_ever_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        Store(tmp_path).fetch(Thing, "k", lambda: Thing(values=np.array([{}]), key="k"))
    assert left_in(tmp_path) == set()


# --- computed once ----------------------------------------------------------------------------------------------------


def at_once(count: int, ask: Callable[[int], object]) -> list[object]:
    """Return what `ask` gives or raises in as many threads, started together."""
    gate, answers = threading.Barrier(count), [None] * count

    def work(number: int) -> None:
        gate.wait()
        try:
            answers[number] = ask(number)
        except BaseException as error:
            answers[number] = error

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.parametrize("on_disk", [False, True])
def test_threads_asking_for_one_key_compute_it_once(on_disk: bool, tmp_path: Path) -> None:
    store, made, crowd = Store(tmp_path if on_disk else None), [], Crowd(7)

    def make() -> Thing:
        made.append(1)
        assert crowd.complete.wait(60)
        return thing()

    answers = at_once(8, lambda number: store.fetch(Thing, "k", make, waiting=crowd.waiting))
    assert len(made) == 1
    assert len(set(map(id, answers))) == 1
    assert isinstance(answers[0], Thing)


def test_threads_asking_for_several_keys_do_not_wait_for_each_other() -> None:
    store, meet = Store(), threading.Barrier(4, timeout=60)

    def make(number: int) -> Thing:
        meet.wait()  # passes only if all four are being made at the same time
        return thing(str(number))

    answers = at_once(4, lambda number: store.fetch(Thing, str(number), lambda: make(number)))
    assert [answer.key for answer in answers] == ["0", "1", "2", "3"]


class Crowd:
    """Counts who waits, so that a maker can go on only when all others do."""

    def __init__(self, expected: int) -> None:
        self.expected, self.seen, self.complete = expected, set[int](), threading.Event()

    def waiting(self) -> None:
        self.seen.add(threading.get_ident())
        if len(self.seen) == self.expected:
            self.complete.set()


def test_an_error_reaches_every_asker_and_leaves_nothing(tmp_path: Path) -> None:
    store, tries, crowd = Store(tmp_path), [], Crowd(5)

    def make() -> Thing:
        tries.append(1)
        assert crowd.complete.wait(60)
        raise InputError("no good")

    answers = at_once(6, lambda number: store.fetch(Thing, "k", make, waiting=crowd.waiting))
    assert [str(answer) for answer in answers] == ["no good"] * 6
    assert len(tries) == 1
    assert not (tmp_path / "thing").exists()
    assert store._flights == {}
    assert store.fetch(Thing, "k", thing).key == "k"


def test_who_is_stopped_hands_over_to_the_next() -> None:
    store, tries, crowd = Store(), [], Crowd(3)

    def make() -> Thing:
        tries.append(1)
        if len(tries) == 1:
            assert crowd.complete.wait(60)
            raise Cancelled("stopped")
        return thing()

    answers = at_once(4, lambda number: store.fetch(Thing, "k", make, waiting=crowd.waiting))
    assert sorted(type(answer).__name__ for answer in answers) == ["Cancelled", "Thing", "Thing", "Thing"]
    assert len(tries) == 2


def test_who_waits_can_be_stopped() -> None:
    store, begun, go = Store(), threading.Event(), threading.Event()

    def slow() -> Thing:
        begun.set()
        go.wait(60)
        return thing()

    first = threading.Thread(target=lambda: store.fetch(Thing, "k", slow))
    first.start()
    assert begun.wait(60)

    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        store.fetch(Thing, "k", never, waiting=stop)
    go.set()
    first.join(60)
    assert store.fetch(Thing, "k", never).key == "k"


MAKER = """
import sys, time
from pathlib import Path
import numpy as np
from adq_core.records import Texture
from adq_core.store import Store

folder = Path(sys.argv[1])

def make():
    with (folder / "made").open("a") as file:
        file.write("x")
    time.sleep(0.5)
    return Texture(values=np.arange(3.0), key="k")

(folder / f"here{sys.argv[2]}").touch()
while len(list(folder.glob("here*"))) < 2:
    time.sleep(0.01)
print(Store(folder / "store").fetch(Texture, "k", make).digest())
"""


def test_processes_asking_for_one_key_compute_it_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKER, str(tmp_path)]
    started = [
        subprocess.Popen([*command, str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True) for number in range(2)
    ]
    answers = {process.communicate(timeout=300)[0] for process in started}
    assert answers == {Texture(values=np.arange(3.0), key="k").digest() + "\n"}
    assert (tmp_path / "made").read_text() == "x"


# --- memory -----------------------------------------------------------------------------------------------------------


def test_memory_is_bounded_by_bytes_and_the_last_used_stay() -> None:
    store = Store(memory_bytes=3000)
    for key in "abc":
        store.fetch(Thing, key, lambda key=key: thing(key, 100))  # 800 bytes each
    store.fetch(Thing, "a", never)
    store.fetch(Thing, "d", lambda: thing("d", 150))
    assert [key for key in "abcd" if store.peek(Thing, key)] == ["a", "c", "d"]


def test_a_record_larger_than_the_bound_is_kept_alone() -> None:
    store = Store(memory_bytes=10)
    store.fetch(Thing, "a", lambda: thing("a", 100))
    store.fetch(Thing, "b", lambda: thing("b", 100))
    assert store.peek(Thing, "a") is None
    assert store.peek(Thing, "b") is not None


def test_what_lies_on_disk_counts_nothing_in_memory(tmp_path: Path) -> None:
    store = Store(tmp_path, memory_bytes=1000)
    for number in range(5):
        assert store.fetch(Thing, str(number), lambda number=number: thing(str(number), 1000)).values.base is not None
    assert len(store._memory) == 5


# --- a disk with moods ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["record.json", "values.npy"])
@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\x93NUMPY\x01\x00v\x00{'descr': 'O'", b"\xff\xfe"])
def test_a_damaged_record_is_made_again_and_kept(file: str, content: bytes, tmp_path: Path) -> None:
    Store(tmp_path).fetch(Thing, "k", thing)
    (tmp_path / "thing" / "k" / file).write_bytes(content)
    assert Store(tmp_path).peek(Thing, "k") is None
    assert Store(tmp_path).fetch(Thing, "k", thing).digest() == thing().digest()
    assert Store(tmp_path).fetch(Thing, "k", never).digest() == thing().digest()
    assert left_in(tmp_path) == set()


def test_a_file_cut_short_anywhere_is_noticed(tmp_path: Path) -> None:
    Store(tmp_path).fetch(Thing, "k", thing)
    for path in (tmp_path / "thing" / "k").iterdir():
        whole = path.read_bytes()
        for length in range(len(whole) - 1):
            path.write_bytes(whole[:length])
            assert Store(tmp_path).peek(Thing, "k") is None
        path.write_bytes(whole)


def test_a_file_that_is_missing_or_a_record_under_anothers_name(tmp_path: Path) -> None:
    Store(tmp_path).fetch(Thing, "k", thing)
    folder = tmp_path / "thing" / "k"
    folder.rename(folder.with_name("other"))
    assert Store(tmp_path).peek(Thing, "other") is None
    folder.with_name("other").rename(folder)
    assert Store(tmp_path).peek(Thing, "k") is not None
    (folder / "values.npy").unlink()
    assert Store(tmp_path).peek(Thing, "k") is None


def test_a_record_of_an_older_layout_is_made_again(tmp_path: Path) -> None:
    Store(tmp_path).fetch(Thing, "k", thing)
    path = tmp_path / "thing" / "k" / "record.json"
    path.write_text(json.dumps({"key": "k", "gone": 1}))
    assert Store(tmp_path).fetch(Thing, "k", thing).digest() == thing().digest()


def test_a_full_disk_is_one_sentence_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    store = Store(tmp_path)
    monkeypatch.setattr(np, "save", full)
    with pytest.raises(StorageError) as caught:
        store.fetch(Thing, "k", thing)
    assert str(caught.value) == (
        f"Could not write {tmp_path / 'thing' / 'k'}: No space left on device. Free some space or name another folder "
        "with --cache or ADQ_CACHE."
    )
    assert left_in(tmp_path) == set()
    assert not (tmp_path / "thing" / "k").exists()
    assert store.fetch(Thing, "k", never).key == "k"  # what was computed is still in memory


LIMITED = """
import resource, signal, sys
import numpy as np
from adq_core.errors import StorageError
from adq_core.records import Texture
from adq_core.store import Store

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    Store(sys.argv[1]).fetch(Texture, "k", lambda: Texture(values=np.zeros(100_000), key="k"))
except StorageError as error:
    print("StorageError", error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of files there")
def test_a_real_refusal_in_the_middle_of_a_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"StorageError Could not write {tmp_path / 'texture' / 'k'}: ")
    assert left_in(tmp_path) == set()
    assert not (tmp_path / "texture" / "k").exists()


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "cache")
    assert store.peek(Thing, "k") is None
    with pytest.raises(StorageError) as caught:
        store.fetch(Thing, "k", never)
    assert str(caught.value) == (
        f"Could not write {tmp_path / 'file' / 'cache' / 'locks'}: Not a directory. Free some space or name another "
        "folder with --cache or ADQ_CACHE."
    )


def test_what_fails_while_writing_leaves_no_folder(tmp_path: Path) -> None:
    def write() -> None:
        with writing_folder(tmp_path / "out") as aside:
            (aside / "half").write_text("done")
            raise KeyError

    with pytest.raises(KeyError):
        write()
    assert list(tmp_path.iterdir()) == []


def test_the_cache_folder_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ADQ_CACHE", str(tmp_path))
    assert default_folder() == tmp_path
    monkeypatch.delenv("ADQ_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert default_folder() == tmp_path / "x" / "adq-explorer"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert default_folder() == tmp_path / "home" / ".cache" / "adq-explorer"
