"""A part of a data set."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from adq_core.data import open_dataset, part_of
from adq_core.errors import InputError


def test_a_part_has_the_rows_of_the_whole_in_the_given_order() -> None:
    whole = open_dataset("digits")
    rows = np.array([5, 3, *range(100, 300)])
    part = part_of(whole, rows)
    assert len(part) == len(rows)
    assert part.ids[:2] == (whole.ids[5], whole.ids[3])
    np.testing.assert_array_equal(part.labels, whole.labels[rows])
    for copy in (part, pickle.loads(pickle.dumps(part))):
        np.testing.assert_array_equal(copy.read(1), whole.read(3))
        np.testing.assert_array_equal(copy.pixels(2), whole.read(100))
    [(numbers, images)] = part.batches(10, [0, 2])
    assert numbers.tolist() == [0, 2]
    np.testing.assert_array_equal(images[0], whole.read(5))


def test_the_key_follows_from_the_rows() -> None:
    whole = open_dataset("digits")
    keys = {part_of(whole, np.arange(n)).key for n in (500, 501)} | {part_of(whole, np.arange(499, -1, -1)).key}
    assert len(keys | {whole.key}) == 4


def test_a_class_without_an_image_is_an_error() -> None:
    whole = open_dataset("digits")
    with pytest.raises(InputError, match="The part has no image of the class '3'"):
        part_of(whole, np.flatnonzero(whole.labels != 3))
