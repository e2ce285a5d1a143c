"""The page of similar images. `similar.py` is the script; `query.py` has the searched image and its cosines."""
