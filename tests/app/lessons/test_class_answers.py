"""The shared answers of a class: counted once per visitor, withdrawn on request, limited, and never invalid."""

from __future__ import annotations

from typing import Any

import pytest

from app.lessons import LESSONS, ClassAnswers, class_answers, read_answers

LESSON, OTHER = LESSONS["Greedy"], LESSONS["Bins"]


def test_the_last_answer_of_each_visitor_counts() -> None:
    answers = ClassAnswers()
    answers.share(LESSON, "a", {"prediction": 0})
    answers.share(LESSON, "a", {"prediction": 2, "question": 1})
    answers.share(LESSON, "b", {"prediction": 2})
    answers.share(OTHER, "b", {"question": 0})
    assert answers.counts(LESSON, "prediction") == [0, 0, 2]
    assert answers.counts(LESSON, "question") == [0, 1, 0]
    assert answers.counts(OTHER, "question") == [1, 0, 0]


def test_withdrawn_answers_are_forgotten() -> None:
    answers = ClassAnswers()
    for lesson in (LESSON, OTHER):
        answers.share(lesson, "a", {"prediction": 0})
        answers.share(lesson, "b", {"prediction": 1})
    answers.withdraw("a")
    assert answers.counts(LESSON, "prediction") == answers.counts(OTHER, "prediction") == [0, 1, 0]


def test_the_oldest_answers_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_answers, "MOST_VISITORS", 3)
    answers = ClassAnswers()
    for number in range(5):
        answers.share(LESSON, str(number), {"prediction": 0 if number < 2 else 1})
    assert answers.counts(LESSON, "prediction") == [0, 3, 0]


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ({"lesson": "Greedy", "prediction": 1, "question": 2}, {"prediction": 1, "question": 2}),
        ({"lesson": "Greedy", "prediction": -1, "question": 3}, {}),
        ({"lesson": "Greedy", "prediction": True, "question": "1", "name": 1}, {}),
        ({"lesson": "Bins", "prediction": 1}, None),
        (None, None),
        ([1], None),
    ],
)
def test_only_valid_answers_of_the_lesson_are_read(raw: Any, wanted: dict[str, int] | None) -> None:
    assert read_answers(raw, LESSON) == wanted
