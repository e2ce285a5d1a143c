"""Folders of image files: which files are images, their numbers, and whether the folder has changed."""
