"""The page of one image."""
