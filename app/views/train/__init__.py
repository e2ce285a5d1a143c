"""The page about training."""
