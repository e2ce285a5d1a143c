"""The page about patches. `patches.py` is the script; `reconstructions.py` draws the reconstructed images."""
