"""Pictures for the image browser: sheets of thumbnails that the browser requests over HTTP. No Streamlit in here."""

from .columns import ImageColumn
from .registry import Sources, TileSource, sources
from .route import ROUTES, tile_path
from .sheets import sides_of

__all__ = ["ROUTES", "ImageColumn", "Sources", "TileSource", "sides_of", "sources", "tile_path"]
