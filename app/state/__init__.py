"""Widgets, the address of the page, and the session: where widgets become `Settings`."""
