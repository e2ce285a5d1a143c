"""Reads the sidebar and the link of a page, makes `Settings` from them, and keeps both in step."""
