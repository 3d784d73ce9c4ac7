"""Pictures of payment codes and links, made for the tests."""

from io import BytesIO

import numpy as np
import zxingcpp
from PIL import Image


def qr_picture(text: str, kind: str = "PNG") -> bytes:
    """The picture of a text as a QR code."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    image = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=6)))
    picture = BytesIO()
    image.convert("L").save(picture, kind)
    return picture.getvalue()
