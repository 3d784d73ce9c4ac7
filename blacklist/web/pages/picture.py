"""A picture of a payment code → the text in it. Nothing of the picture is kept.

zxing-cpp reads the codes and Pillow the picture, both wheels that need nothing of the system. What
is sent by anybody is looked at with care: four formats only, the size is known before a pixel is
unpacked, and few pictures are read at once.
"""

import threading
from io import BytesIO
from typing import Final

import zxingcpp
from PIL import Image

from blacklist.web.problems import Refusal

MAX_PIXELS: Final = 50_000_000
"""A telephone's photograph has 12 to 50 million; a bomb, more."""

_SIDE: Final = 2_000
"""Pixels of a side beyond which a picture is made smaller: a code needs some hundred."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_MAX_CODES: Final = 8
_AT_ONCE: Final = 2
_WAIT_SECONDS: Final = 5.0

_room = threading.BoundedSemaphore(_AT_ONCE)


class Unreadable(Exception):
    """The file is no picture that we read."""


def read_codes(picture: bytes) -> list[str]:
    """The texts of the QR codes of a picture, each once; none where there are none.

    Raises Unreadable, and Refusal 503 where too many pictures are being read.
    """
    if not _room.acquire(timeout=_WAIT_SECONDS):
        raise Refusal(503, "too_many_pictures", "as many pictures are being read as may at once")
    try:
        image = _open(picture)
        # Made here: what is left of it when a process ends is complained of on standard error.
        codes = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        found = zxingcpp.read_barcodes(image, formats=codes)
    finally:
        _room.release()
    return list(dict.fromkeys(one.text for one in found[:_MAX_CODES] if one.text))


def _open(picture: bytes) -> Image.Image:
    """The picture in grey, small enough to be read at once."""
    try:
        image = Image.open(BytesIO(picture), formats=_FORMATS)
        _require_small(image)
        image.draft("L", (_SIDE, _SIDE))  # a JPEG is unpacked at a fraction of its size
        grey = _on_white(image).convert("L")
    except Exception as exc:  # a broken picture breaks each format in its own way
        raise Unreadable from exc
    grey.thumbnail((_SIDE, _SIDE))
    return grey


def _require_small(image: Image.Image) -> None:
    """Raise Unreadable for what says that it is too large; no pixel has been unpacked yet."""
    if image.width * image.height > MAX_PIXELS:
        raise Unreadable


def _on_white(image: Image.Image) -> Image.Image:
    """What is transparent would become black, as the code itself is."""
    if not image.has_transparency_data:
        return image
    coloured = image.convert("RGBA")
    paper = Image.new("RGBA", coloured.size, "white")
    return Image.alpha_composite(paper, coloured)
