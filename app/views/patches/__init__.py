"""The page about patches."""
