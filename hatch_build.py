"""Put the app into the wheel, inside the package `adq_explorer`: `app` is too general a name in an environment.

An editable install has no copy of these files; it uses those of the repository.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = {  # in the repository: in the wheel
    "adq_explorer.py": "adq_explorer/__init__.py",
    "pyproject.toml": "adq_explorer/pyproject.toml",
    "app": "adq_explorer/app",
    "docs/method.md": "adq_explorer/docs/method.md",
}


class AppInWheel(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the files of the app to a wheel that is not editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files before the build; `version` is "standard" or "editable"."""
        if version == "standard":
            build_data["force_include"].update(FILES)
