"""The page about training. `train.py` is the script; `progress.py` draws the progress and the trained weights."""
