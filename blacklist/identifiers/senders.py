"""Callers and senders that show no number: withheld ones, and the brand names of messages.

Words for a withheld number are those of RFC 3323 and RFC 3325 (``anonymous``), of switches and of
telephones in English and Vietnamese. A brand name is an alphanumeric originating address of
3GPP TS 23.040: at most 11 characters. It names nobody who could be looked up.
"""

import re
import unicodedata
from typing import Final

_WORDS: Final = """
    anonymous unavailable restricted unknown private withheld blocked hidden
    privatenumber privatecaller unknownnumber unknowncaller hiddennumber withheldnumber
    blockednumber nonumber nocallerid numberunavailable anonymouscaller
    soan sobian soriengtu riengtu andanh khongxacdinh sokhongxacdinh khongro
    khonghienthi khonghienthiso
"""
_WITHHELD: Final = frozenset(_WORDS.split())
_MAX_CHARACTERS: Final = 64
_NAME: Final = re.compile(r"[^\W\d_][\w &.'_-]{0,10}")


def is_withheld(text: str) -> bool:
    """Tell whether the text is a word for a number that the caller withheld."""
    return len(text) <= _MAX_CHARACTERS and _fold(text) in _WITHHELD


def refuse_sender(text: str) -> str | None:
    """Return the reason for a text that is shown in place of a number, or None."""
    letters = _fold(text)
    if letters in _WITHHELD or not text.strip("\"'<>() "):
        return "withheld_number"
    if _NAME.fullmatch(text) is None:
        return None
    digits = sum(character.isdecimal() for character in text)
    return "brand_name_sender" if len(letters) > 2 * digits else None


def _fold(text: str) -> str:
    """Return the text's letters without case and accents: ``Số ẩn`` → ``soan``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return "".join(filter(str.isalpha, decomposed))
