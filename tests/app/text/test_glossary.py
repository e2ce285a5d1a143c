"""The glossary: one sentence per term, in alphabetical order, on every page."""

from __future__ import annotations

import pytest

from app.text.glossary import TERMS, as_markdown
from tests.app.pages import Open, texts_of


def test_every_term_has_one_sentence_and_its_place_in_the_alphabet() -> None:
    assert list(TERMS) == sorted(TERMS)
    for term, sentence in TERMS.items():
        assert term == term.lower()
        assert sentence.endswith(".")
        assert 20 < len(sentence) < 130, term
        assert ". " not in sentence, f"{term}: one sentence"


@pytest.mark.parametrize("view", ["bins", "export"])
def test_the_glossary_is_on_every_page(open_app: Open, view: str) -> None:
    app = open_app(view)
    assert as_markdown() in texts_of(app)
