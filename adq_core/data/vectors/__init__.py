"""Vectors without images, with their ids and labels, from files."""
