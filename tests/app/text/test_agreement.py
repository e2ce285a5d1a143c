"""Sentences about the fit of an embedding: numbers, verdict and advice."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core.embeddings import NeighbourAgreement
from app.text.agreement import agreement_numbers, agreement_sentence
from tests.fakes import fake_dataset

TWO = fake_dataset([np.zeros((8, 8, 3), np.uint8)] * 2, [0, 1])
ONE = fake_dataset([np.zeros((8, 8, 3), np.uint8)] * 2, [0, 0])


def found(
    accuracy: float, pixels: float | None, largest: float = 0.1, shared: float | None = 0.2
) -> NeighbourAgreement:
    return NeighbourAgreement(500, accuracy, pixels, largest, shared)


def test_a_good_fit_has_numbers_and_a_verdict_but_no_advice() -> None:
    good = found(0.82, 0.37)
    assert agreement_numbers(good, "lite0", TWO) == {
        "right class by lite0": "82.0%",
        "by pixels": "37.0%",
        "largest class": "10.0%",
        "images compared": "500",
    }
    assert agreement_sentence(good, "lite0", TWO) == (
        "For 82.0% of the images, most of the 5 nearest neighbours by lite0 have the same class. Always naming the "
        "largest class would be right for 10.0%. **Neighbours usually have the same class**, so bins and the map "
        "reflect these classes."
    )
    assert agreement_sentence(good, "pixels", TWO).endswith("reflect these classes.")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("pixels", "Try the embedding lite0, which recognises objects in photographs."),
        ("small", "Try the embedding lite0, which recognises objects in photographs."),
        ("lite0", "train an encoder on the Train page, or try a network made for them (timm:NAME)."),
        ("mine.npy", "Try another embedding."),
    ],
)
def test_a_poor_fit_names_another_embedding(name: str, advice: str) -> None:
    text = agreement_sentence(found(0.3, 0.28), name, TWO)
    assert "**Neighbours often have different classes**" in text
    assert text.endswith(advice)


def test_a_network_that_adds_little_to_pixels_is_said() -> None:
    text = agreement_sentence(found(0.70, 0.65), "lite0", TWO)
    assert text.endswith("**Raw pixels are almost as good** (65.0%): on these images the network adds little.")
    assert "Raw pixels" not in agreement_sentence(found(0.97, 0.95), "lite0", TWO)
    assert "Raw pixels" not in agreement_sentence(found(0.70, 0.70), "pixels", TWO)


def test_one_class_gets_a_number_without_a_verdict() -> None:
    only = found(1.0, 1.0, 1.0, 0.25)
    assert agreement_numbers(only, "lite0", ONE) == {
        "images compared": "500",
        "neighbours shared with pixels": "25.0%",
    }
    text = agreement_sentence(only, "lite0", ONE)
    assert "25.0% are also nearest by raw pixels" in text
    assert "it does not say which of the two is better" in text
    assert "nothing to compare" in agreement_sentence(found(1.0, None, 1.0, None), "own", ONE)


def test_a_name_cannot_be_markdown() -> None:
    assert "**x**" not in agreement_sentence(found(0.9, 0.3), "**x**.npy", TWO)
