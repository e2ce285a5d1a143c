"""The page about quotas. `quotas.py` is the script; `lasso.py` draws the images in a lasso."""
