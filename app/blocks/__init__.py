"""Building blocks of pages: layout, image pickers, uploads."""
