"""Lessons: the texts of each lesson, and its pictures computed with `adq_core`. No Streamlit in here."""

from . import alpha, bins, diversity, greedy, patches, random_draws, switches, texture
from .class_answers import ClassAnswers, read_answers
from .lesson import Frame, Lesson, Limits, Option, Panel, Points, Question, Scene
from .points import Moved, read_points

ALL = (
    greedy.LESSON,
    bins.LESSON,
    texture.LESSON,
    diversity.LESSON,
    alpha.LESSON,
    patches.LESSON,
    random_draws.LESSON,
    switches.LESSON,
)
LESSONS = {lesson.name: lesson for lesson in ALL}


def lesson_named(name: str) -> Lesson:
    """Return the lesson of this name; the first one for a name that does not exist."""
    return LESSONS.get(name, greedy.LESSON)


def lesson_names() -> tuple[str, ...]:
    """Return the names of all lessons, in their order."""
    return tuple(LESSONS)


__all__ = [
    "LESSONS",
    "ClassAnswers",
    "Frame",
    "Lesson",
    "Limits",
    "Moved",
    "Option",
    "Panel",
    "Points",
    "Question",
    "Scene",
    "lesson_named",
    "lesson_names",
    "read_answers",
    "read_points",
]
