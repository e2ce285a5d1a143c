"""QR codes of addresses."""

from __future__ import annotations


def qr_svg(address: str) -> str:
    """Return a QR code as SVG: black on white in both themes, because some readers need it."""
    import segno

    code = segno.make_qr(address, error="m")
    return str(code.svg_inline(scale=5, border=4, dark="#000", light="#fff", svgclass="adq-qr", lineclass=None))
