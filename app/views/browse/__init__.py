"""The page of all images. `browse.py` is the script; `grid.py` draws the grid, `marked.py` the marked images."""
