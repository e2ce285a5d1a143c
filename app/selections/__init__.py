"""Saved selections and selections named in a link: find their images, list them, save them."""
