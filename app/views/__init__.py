"""One short script a station; the frame runs the one that the visitor opened."""
