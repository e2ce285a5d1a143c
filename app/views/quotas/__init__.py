"""The page about quotas. `quotas.py` is the script; `quota_map.py` draws the map, `lasso.py` the images in a lasso."""
