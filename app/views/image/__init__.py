"""The page about one image."""
