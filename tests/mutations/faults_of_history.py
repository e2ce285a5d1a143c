"""Faults of undo, redo and the list of changes, and of texts that leave the server."""

from __future__ import annotations

from tests.mutations.fault import Fault

MODULES = {
    "history": "app/state/history.py",
    "tracked": "app/state/tracked.py",
    "undo_keys": "app/components/undo_keys/__init__.py",
    "js_undo_keys": "app/components/undo_keys/frontend/index.js",
    "visible_files": "app/selections/visible_files.py",
}
TESTS = {
    "history": ["tests/app/state/test_history.py"],
    "undo-keys": ["tests/js/undo_keys.test.js"],
    "visible-files": ["tests/app/views/test_public_paths.py"],
}
TESTS_OF_MODULE = {"undo_keys": ["tests/app/state/test_history_widgets.py"]}
FAULTS = [
    Fault("history", "a drag is many changes", "history", "now - self.changed_at <= MERGE_WITHIN and ", "False and "),
    Fault("history", "any quick change is merged", "history", " and self.changes_of(self.position) == changed", ""),
    Fault("history", "the list grows", "history", "del self.states[: -MAX_CHANGES - 1]", "pass"),
    Fault("history", "a correction by a widget ends redo", "history", "if self.has_moved:", "if False:"),
    Fault(
        "history", "a late value is a change", "history", "for state in self.states:", "for state in self.states[-1:]:"
    ),
    Fault("history", "a change back stays in the list", "history", "self.states.pop()\n", "pass\n"),
    Fault("history", "rounding is a change", "history", "rel_tol=1e-9", "rel_tol=0.0"),
    Fault(
        "history",
        "a new change keeps the undone ones",
        "history",
        "del self.states[self.position + (0",
        "del self.states[99 + (0",
    ),
    Fault("history", "undo before the first state", "history", "if not 0 <= position < len(self.states) or", "if"),
    Fault(
        "history", "a value of the link is a change", "tracked", "if name in session or name not in address", "if True"
    ),
    Fault("history", "presses that arrive again count again", "undo_keys", "not serial < last", "not 0 < last"),
    Fault("history", "all presses count again", "undo_keys", "presses[-min(last - serial, MAX_PRESSES) :]", "presses"),
    Fault("undo-keys", "the keys work in text fields", "js_undo_keys", " || isTextField(event.composedPath()[0])", ""),
    Fault("undo-keys", "redo undoes", "js_undo_keys", 'event.shiftKey ? "redo" : "undo"', '"undo"'),
    Fault("visible-files", "stored weights have a path", "visible_files", "trainings.weights_name(name)", "name"),
    Fault("visible-files", "weights are not found again", "visible_files", "trainings.weights_file(name)", "name"),
]
