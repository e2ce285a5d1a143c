"""The lesson on patches: its reconstructions are those of the core, and its facts are true."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core.patches import FILL, reconstruct
from app.lessons import patches, texture


@pytest.mark.parametrize("case", patches.LESSON.cases)
def test_the_reconstructions_are_those_of_the_core(case: str) -> None:
    image = patches.crop_of(patches.CASES[case][0], 32)
    keep = patches.kept_patches(patches.start(case))
    assert keep.sum() == 16
    painted = reconstruct(image[None], keep[None], patch_size=4, model=FILL)[0]
    value = 10 * np.log10(255**2 / ((image.astype(float) - painted) ** 2).mean())
    panels = patches.scene(patches.start(case), case).panels
    assert panels[2].frames[0].note.startswith(f"{value:.1f} dB. ")
    assert panels[2].frames[0].image == texture.data_url(painted)
    np.testing.assert_array_equal(
        painted[np.kron(keep.reshape(8, 8), np.ones((4, 4))) > 0],
        image[np.kron(keep.reshape(8, 8), np.ones((4, 4))) > 0],
    )


def test_a_mark_keeps_the_patch_below_it() -> None:
    keep = patches.kept_patches(np.array([[0.2, 7.9], [7.99, 0.0], [8.0, 8.0], [0.4, 7.1]]))
    assert np.flatnonzero(keep).tolist() == [0, 7, 63]


def test_the_facts_of_the_lesson_on_patches() -> None:
    cup = patches.rivals(patches.COFFEE)
    spread = patches.kept_patches(patches.start("Cup, spread"))
    corner = patches.kept_patches(np.stack(np.meshgrid(np.arange(4), np.arange(4)), axis=2).reshape(-1, 2) + 0.5)
    _, (evenly, in_corner) = patches.repaint(cup.image, np.stack([spread, corner]))
    assert evenly > max(cup.random_psnr) > np.mean(cup.random_psnr) > cup.texture_psnr > in_corner
