"""The maps of Home and Compare: the group of every image, and the look of the groups."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core.selection import compare
from app.blocks.group_maps import class_groups, comparison_view

M = 40


@pytest.mark.parametrize("n_a", [5, 20])
def test_every_image_is_in_the_group_that_contains_it(n_a: int) -> None:
    rng = np.random.default_rng(n_a)
    a, b = rng.permutation(M)[:n_a], rng.permutation(M)[:12]
    zeros = np.zeros(M, int)
    view = comparison_view(compare(a, b, zeros, zeros), "images")
    for row in range(M):
        expected = {(True, True): "in both", (True, False): "only in A", (False, True): "only in B"}
        name = expected.get((row in a, row in b), "in neither")
        assert view.groups[view.group_of[row]].name == name


def test_smaller_groups_are_drawn_above_larger_ones_and_images_in_neither_below_all() -> None:
    a, b = np.arange(20), np.arange(18, 25)
    zeros = np.zeros(M, int)
    view = comparison_view(compare(a, b, zeros, zeros), "images")
    from_below = [group.name for group in sorted(view.groups, key=lambda group: group.layer)]
    assert from_below == ["in neither", "only in A", "only in B", "in both"]  # 15, 18, 5 and 2 images


def test_the_groups_differ_without_colour() -> None:
    zeros = np.zeros(M, int)
    view = comparison_view(compare(np.arange(3), np.arange(5), zeros, zeros), "images")
    assert len({(group.shape, group.size) for group in view.groups}) == 4
    assert {group.shape for group in view.groups} == {"disc", "triangle", "square"}


def test_forty_classes_look_different() -> None:
    groups = class_groups(tuple(map(str, range(41))))
    looks = [(group.colours, group.shape) for group in groups]
    assert len(set(looks[:40])) == 40
    assert looks[40] == looks[0]
    assert [group.name for group in groups] == list(map(str, range(41)))
    assert len({group.layer for group in groups}) == 1, "no class covers another"
