"""A QR code as the path of an SVG: no image file, no style, so it stands under the strictest policy."""

import qrcode
from qrcode.constants import ERROR_CORRECT_M


def qr_path(text: str) -> tuple[str, int]:
    """The path (one unit a module, quiet zone included) and the side of the square."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    modules = code.get_matrix()
    dark = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(modules) for x, is_dark in enumerate(row) if is_dark]
    return "".join(dark), len(modules)
