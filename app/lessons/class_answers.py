"""The shared answers of a class: counted, without names, in the memory of the server only."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

from .lesson import Lesson, Question

KINDS = ("prediction", "question")
MOST_VISITORS = 1000  # the visitors whose answers are oldest are forgotten first

Answers = dict[str, int]  # kind: option


def read_answers(raw: object, lesson: Lesson) -> Answers | None:
    """Return the answers to a lesson that a browser sent, None if there are none. A browser can send anything."""
    if not isinstance(raw, Mapping) or raw.get("lesson") != lesson.name:
        return None
    answers: Answers = {}
    for kind in KINDS:
        option = raw.get(kind)
        if not isinstance(option, int) or isinstance(option, bool):
            continue
        if 0 <= option < len(question_of(lesson, kind).options):
            answers[kind] = option
    return answers


def question_of(lesson: Lesson, kind: str) -> Question:
    """Return the prediction or the question of a lesson."""
    return lesson.prediction if kind == "prediction" else lesson.question


class ClassAnswers:
    """The last answers of each visitor who shares them. Nothing is written to disk."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[str, str], Answers] = OrderedDict()  # (lesson, visitor): answers

    def share(self, lesson: Lesson, visitor: str, answers: Answers) -> None:
        """Replace the answers of a visitor to a lesson."""
        with self._lock:
            self._answers.pop((lesson.name, visitor), None)
            self._answers[lesson.name, visitor] = dict(answers)
            while len(self._answers) > MOST_VISITORS:
                self._answers.popitem(last=False)

    def withdraw(self, visitor: str) -> None:
        """Forget the answers of a visitor to all lessons."""
        with self._lock:
            for key in [key for key in self._answers if key[1] == visitor]:
                del self._answers[key]

    def counts(self, lesson: Lesson, kind: str) -> list[int]:
        """Return how many visitors have chosen each option."""
        counts = [0] * len(question_of(lesson, kind).options)
        with self._lock:
            for (name, _), answers in self._answers.items():
                if name == lesson.name and kind in answers:
                    counts[answers[kind]] += 1
        return counts
