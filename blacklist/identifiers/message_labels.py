"""Words in a message that tell what the number behind them is: "STK", "SĐT", "gọi", "OTP", "CCCD".

Read from the plain text (``message_text``), so with and without accents. Pure; called by
``message`` and ``message_numbers``.
"""

import re
from bisect import bisect_right
from enum import StrEnum
from typing import Final

import msgspec


class Label(StrEnum):
    """What a number is said to be."""

    PHONE = "phone"
    ACCOUNT = "account"
    CODE = "code"
    """A one-time password or a transaction's number: nothing to look up."""

    IDENTITY = "identity"
    """A person's identity number: never looked up, never repeated."""


_WORDS: Final = {
    Label.IDENTITY: (
        r"so cccd|cccd|so cmnd|cmnd|cmtnd|cmt|can cuoc cong dan|can cuoc|chung minh nhan dan"
        r"|chung minh thu|chung minh|so dinh danh|ho chieu|passport"
    ),
    Label.CODE: (
        r"otp|ma xac thuc|ma xac nhan|ma xac minh|ma giao dich|ma gd|ma kich hoat|ma bao mat"
        r"|mat khau|verification code|passcode|password|pin"
    ),
    Label.ACCOUNT: (
        r"so tai khoan|so tk|s\.?t\.?k|tai khoan ngan hang|tai khoan|tknh|tkhoan|t/k|tk|so vi"
        r"|vi dien tu|chuyen khoan|chuyen tien|ck|account number|account no|account|acct|acc"
        r"|a/c|iban|so the"
    ),
    Label.PHONE: (
        r"so dien thoai|so dt|sdt|s\.d\.t|dien thoai|di dong|d\.t|dt|dd|so may|may ban|phone"
        r"|mobile|tel|fax|hotline|hot line|duong day nong|tong dai|cskh|zalo|viber|whatsapp"
        r"|telegram|imessage|sms|call me|call|contact|goi lai|goi ngay|goi cho|goi den|goi toi"
        r"|goi so|goi|alo|lien he|lien lac|lh|l/h|nhan tin|nhan|soan|gui|bam|nhac may"
    ),
}
_LABEL: Final = re.compile(
    r"(?<![a-z0-9])(?:"
    + "|".join(f"(?P<{label.value}>{words})" for label, words in _WORDS.items())
    + r")(?![a-z])"
)
_MAX_GAP: Final = 40
_SENTENCE_END: Final = re.compile(r"[.!?;]\s|\n|\x01")
_MARKS_ONLY: Final = re.compile(r"[\s:.()=>*#\"'_-]*")
_BESIDE: Final = re.compile(
    r"(?:[\s:.()=>*#\"'_-]|\b(?:so|la|ngay|den|toi|cho|qua|vao|lai|dau|tong|dai|hotline|cua|em"
    r"|toi|minh|anh|chi|me|ban|nhe|va|zalo|dt|sdt|tin|no|number)\b)*"
)


class FoundLabel(msgspec.Struct, frozen=True):
    """A label's place in the plain text."""

    start: int
    end: int
    label: Label


class Labels:
    """The labels of one message, to be asked for the one that a number stands behind."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.found = [
            FoundLabel(match.start(), match.end(), Label(match.lastgroup or ""))
            for match in _LABEL.finditer(text)
        ]
        self._ends = [one.end for one in self.found]

    def before(self, start: int, floor: int) -> FoundLabel | None:
        """Return the label that speaks of what begins at ``start``; ``floor`` ends what was before.

        It stands in the same sentence, or alone at the end of a line above.
        """
        number = bisect_right(self._ends, start) - 1
        if number < 0:
            return None
        label = self.found[number]
        if label.start < floor or start - label.end > _MAX_GAP:
            return None
        gap = self._text[label.end : start]
        if _SENTENCE_END.search(gap) and _MARKS_ONLY.fullmatch(gap) is None:
            return None
        return label

    def is_beside(self, label: FoundLabel, start: int) -> bool:
        """Tell whether only marks and linking words part the label from what begins there."""
        return _BESIDE.fullmatch(self._text, label.end, start) is not None

    def touch(self, start: int, end: int) -> bool:
        """Tell whether a label of an account stands right before or behind a place."""
        number = bisect_right(self._ends, start) - 1
        around = self.found[max(number, 0) : number + 3]
        return any(
            one.label is Label.ACCOUNT
            and (
                _MARKS_ONLY.fullmatch(self._text, one.end, start)
                if one.end <= start
                else one.start >= end and _MARKS_ONLY.fullmatch(self._text, end, one.start)
            )
            for one in around
        )
