"""The page about quotas."""
