"""The page of lessons. `learn.py` is the script; `picture.py` draws the pictures and the questions."""
