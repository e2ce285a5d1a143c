"""Faults of jobs, of what sessions share, of widgets and of saved selections."""

from __future__ import annotations

from tests.mutations.fault import Fault

APP = "app/"
T = "tests/app/"
MODULES = {
    "registry": APP + "jobs/registry.py",
    "server": APP + "server.py",
    "error_boundary": APP + "error_boundary.py",
    "session": APP + "session.py",
    "widget_sync": APP + "state/widget_sync.py",
    "focus": APP + "state/focus.py",
    "link_check": APP + "state/link_check.py",
    "keep_ratio": APP + "state/keep_ratio.py",
    "settings_widgets": APP + "state/settings_widgets.py",
    "saved": APP + "selections/saved.py",
}
TESTS = {
    "jobs": [T + "jobs/test_registry.py", T + "test_server.py"],
    "server": [T + "test_server.py"],
    "widgets": [T + f"state/test_{name}.py" for name in ("focus", "keep_ratio", "link_check", "widget_sync")],
    "settings": [T + "state/test_settings_widgets.py"],
    "saved-selections": [T + "selections/test_links.py"],
}
TESTS_OF_MODULE = {name: [T + f"state/test_{name}.py"] for name in ("focus", "keep_ratio", "link_check", "widget_sync")}
FAULTS = [
    # --- jobs ---
    Fault(
        "jobs", "Stop ends the job of other sessions", "registry", "if not job.waiters:", "if job.stopped_by or True:"
    ),
    Fault("jobs", "a session that left keeps the job alive", "registry", "job.waiters.discard(waiter)", "pass"),
    Fault("jobs", "a job without waiters starts", "registry", 'progress(0, 0, "")', "pass"),
    Fault("jobs", "every finished job is kept", "registry", "len(old) - CACHE_SIZE)]", "0)]"),
    Fault("jobs", "a closed page keeps the job alive", "registry", " and self._is_connected(other)", ""),
    Fault(
        "jobs",
        "the pace counts resumed steps",
        "registry",
        "(self.done - self._phase_from) / spent",
        "self.done / spent",
    ),
    Fault(
        "jobs",
        "the text of an error is lost",
        "registry",
        "job.error, job.failure = str(error), error",
        "job.error, job.failure = UNEXPECTED, error",
    ),
    Fault(
        "jobs",
        "an unexpected error is not logged",
        "registry",
        'log.exception("The job %r failed.", job.title)',
        "pass",
    ),
    Fault(
        "jobs",
        "a failed job is never removed",
        "registry",
        "if found is not None and found.finished:",
        "if found is None:",
    ),
    Fault(
        "jobs",
        "a running job is removed",
        "registry",
        "if found is not None and found.finished:",
        "if found is not None:",
    ),
    Fault(
        "jobs",
        "the error of another phase keeps its pace",
        "registry",
        "if what != self.what or done < self.done:",
        "if False:",
    ),
    # --- server ---
    Fault(
        "server",
        "another labels file is not seen",
        "server",
        "for name in (location, settings.labels))",
        "for name in (location,))",
    ),
    Fault("server", "a file added to a class is not seen", "server", "*map(_time_of, list", "*map(len, list"),
    Fault("server", "all data sets stay open", "server", "while len(known) > OPEN_DATASETS:", "while False:"),
    Fault("server", "the last used data set is closed", "server", "    known.move_to_end(key)\n", ""),
    Fault("server", "a closed data set is opened no more", "server", "jobs().forget(key)", "pass"),
    Fault(
        "server",
        "an unexpected error of a page is not logged",
        "error_boundary",
        'log.exception("A page failed.")',
        "pass",
    ),
    Fault(
        "server",
        "a failed map says nothing",
        "session",
        "if job is not None and job.error is not None:\n        reason",
        "if False:\n        reason",
    ),
    Fault(
        "server",
        "another page stops the jobs of its settings",
        "session",
        "_needed() | (superfluous & _keys_of_settings())",
        "_needed()",
    ),
    Fault("server", "jobs that nobody needs continue", "session", "    if superfluous:\n", "    if False:\n"),
    Fault(
        "server",
        "a suggested number of bins is too large",
        "error_boundary",
        "most = int(pool_sizes(settings, data).max())",
        "most = int(pool_sizes(settings, data).sum())",
    ),
    # --- widgets ---
    Fault(
        "widgets",
        "a late former value is user input",
        "widget_sync",
        "in (moved.value, *moved.former):",
        "== moved.value:",
    ),
    Fault(
        "widgets",
        "a late converted value is user input",
        "widget_sync",
        "return None if moved is not None and moved.is_recent and value in moved.former else value",
        "return value",
    ),
    Fault(
        "widgets",
        "former values never become user input again",
        "widget_sync",
        "time.monotonic() - self.at <= STALE_AFTER",
        "True",
    ),
    Fault("widgets", "lost widgets are not restored", "widget_sync", "if value != defaults[name]:", "if False:"),
    Fault(
        "widgets",
        "an earlier former value is forgotten",
        "widget_sync",
        "former = [*before.former, before.value] if",
        "former = [before.value] if",
    ),
    Fault(
        "widgets",
        "the bin in focus can be one too high",
        "focus",
        "min(int(number), n_bins - 1)",
        "min(int(number), n_bins)",
    ),
    Fault("widgets", "bin 0 is not in focus", "focus", "None if number is None else", "None if not number else"),
    Fault(
        "widgets",
        "a row number comes before an id",
        "focus",
        "if text in data.ids:",
        "if text in data.ids and not text.isdecimal():",
    ),
    Fault("widgets", "a row number one too high", "focus", "int(text) < len(data)", "int(text) <= len(data)"),
    Fault("widgets", "the search distinguishes capital letters", "focus", "wanted = text.casefold()", "wanted = text"),
    Fault("widgets", "an empty text finds every image", "focus", "    if not text:\n", "    if False:\n"),
    Fault(
        "widgets", "a number that the link cannot have", "link_check", ", value, rel_tol=1e-9)", ", value, rel_tol=1e9)"
    ),
    Fault("widgets", "a choice that the link cannot have", "link_check", ".metadata or ", ".metadata or True or "),
    Fault(
        "widgets",
        "a share with too many digits",
        "keep_ratio",
        "for digits in range(1, 17):",
        "for digits in range(16, 17):",
    ),
    Fault("widgets", "no image is kept", "keep_ratio", "max(share_of_count(1, n_images), ", "max(0.0, "),
    Fault(
        "widgets",
        "the share of patches is not in whole patches",
        "keep_ratio",
        "return n_kept_patches(patches, run.settings.patch_keep_ratio) / patches",
        "return run.settings.patch_keep_ratio",
    ),
    Fault("settings", "a patch size far from the usual one", "settings_widgets", "options.index(nearest),", "0,"),
    Fault(
        "settings",
        "labels of a built-in data set",
        "settings_widgets",
        'return dataset not in NAMES["dataset"] and',
        "return",
    ),
    # --- saved selections ---
    Fault(
        "saved-selections",
        "a change of this tab is lost by a message of another tab",
        "saved",
        'done = message.get("done")',
        "done = 10**9",
    ),
    Fault(
        "saved-selections",
        "an old message is applied",
        "saved",
        'if message["serial"] <= self.last_serial:',
        'if message["serial"] < 0:',
    ),
    Fault("saved-selections", "a confirmed step is sent again", "saved", 'done = message.get("done")', "done = None"),
]
