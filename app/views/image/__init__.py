"""The page of one image. `image.py` is the script; `lookup.py` finds images and computes similarities."""
