"""Selections on a page: links, resolution to rows, the list of saved ones."""
