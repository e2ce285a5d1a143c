"""The image browser: a scrolling grid of all images of a data set in one canvas.

`image_grid` draws a `GridView` and returns a `GridEvent` with the images that the user has marked. The pictures do not
pass through Streamlit: the browser requests them by HTTP from `GridView.address`.
"""

from .component import image_grid, opened_image
from .protocol import GridEvent, GridView, OpenedImage, read_event, read_marks, read_opened

__all__ = [
    "GridEvent",
    "GridView",
    "OpenedImage",
    "image_grid",
    "opened_image",
    "read_event",
    "read_marks",
    "read_opened",
]
