"""The numbers above the patches."""

from __future__ import annotations

from tests.app.pages import Open, number


def test_the_share_of_pixels_is_that_of_the_images_times_that_of_their_patches(open_app: Open) -> None:
    app = open_app("patches", patches="kept patches", keep_ratio="0.5")
    assert number(app, "patches kept") == "48 of 64"
    assert number(app, "share of all pixels") == "37.5%", "half of the images, three quarters of their patches"
