"""The download of an export."""
