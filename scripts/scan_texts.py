"""Messages of 20,000 characters, realistic and hostile, and what it takes to look at one.

Used by ``identify_benchmark``. The realistic one is made of invented messages, with accents and
without; its numbers are nobody's (accounts of too many zeros, numbers of ranges that are not in
use, reserved hosts), each another one. The hostile ones are what a pattern could be slow on.
"""

import random
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from throwaway_service import SMALL_BITS, scanning, temporary_store

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask
from blacklist.identifiers.message import Place, find
from blacklist.scan import MAX_CHARACTERS

SEED = 20261122
BAR_MS = 50
PHONE_DIGITS = 6
ACCOUNT_DIGITS = 7

MESSAGES = (
    "Công an TP: anh/chị liên quan một vụ án. Gọi cán bộ điều tra 0199{p} trước 17h30 hôm nay.",
    "Vietcombank: tai khoan cua quy khach bi khoa, truy cap https://h{a}.vn-bank.example/otp?id={p}.",
    "Mẹ ơi con kẹt quá, ck giúp con vào tk mb 000000{a} nhé, mai con trả lại mẹ 5.000.000đ.",
    "CK coc 2,000,000 VND vao STK 000000{a} VCB, ten KHONG AI, roi nhan lai cho shop biet nha",
    "Tuyển cộng tác viên, lương 300-500k/ngày, ib zalo 0199 {p:.3} {p:.3} hoặc h{a}.example",
    "Chuc mung ban trung thuong xe SH! Goi ngay 1900{p:.4}, phi nhan thuong 500k, truoc 20/11/2026",
    "Số tài khoản: 0000 00{a}\nNgân hàng: Techcombank\nChủ tài khoản: CTY KHÔNG AI",
    "Chiều nay họp lúc 14:30 ở phòng 101, tầng 12 nhé. Nhớ mang theo hồ sơ và 2 ảnh 3x4, v.v.",
    "Vay nhanh, lai suat 1%/thang, khong the chap. LH 0199.{p:.3}.{p:.3} - 0199{p} (zalo)",
    "Ma OTP cua ban la {p}. Tuyet doi khong cung cap cho bat ky ai, ke ca nhan vien ngan hang.",
    "Hàng của bạn kẹt ở hải quan, nộp phí 1.250.000đ vào ngân hàng Á Châu, số tk 000000{a}.",
    "Tối qua ăn cơm ở nhà bà ngoại vui lắm, cả nhà nhắc mãi. Cuối tuần này con có về không?",
)
"""One message each; ``p`` and ``a`` are digits."""

HOSTILE = {
    "digits": "1",
    "single digits": "1 ",
    "dashed digits": "0-",
    "letters and digits": "a1",
    "dots": ".",
    "labels of a host": "a.",
    "brackets": "(",
    "defanged dots": "a[.]",
    "account labels": "STK ",
    "banks of two owners": "BVB (",
    "schemes": "http://",
    "beginnings of codes": "000201 59 6304 ",
    "payment templates": "38540010A000000727",
    "IBANs": "gb82 west 1234 ",
    "commas in a link": "http://a.vn/,a.b",
    "other hosts": "h#.vn ",
    "other phones": "0199# ",
    "other accounts": "STK 000000# VCB ",
}
"""What is repeated to the whole length; # is another number each time."""


_MOST = "other hosts"
"""The hostile text that asks for most."""


def make_message() -> str:
    """Return the realistic text."""
    rng = random.Random(SEED)
    lines: list[str] = []
    while sum(map(len, lines)) < MAX_CHARACTERS:
        phone = f"{rng.randrange(10**PHONE_DIGITS):0{PHONE_DIGITS}d}"
        account = f"{rng.randrange(10**ACCOUNT_DIGITS):0{ACCOUNT_DIGITS}d}"
        lines.append(rng.choice(MESSAGES).format(p=phone, a=account) + "\n")
    return "".join(lines)[:MAX_CHARACTERS]


def make_hostile(piece: str) -> str:
    """Return a piece repeated to the whole length."""
    first = 10 ** (PHONE_DIGITS - 1)
    pieces = (piece.replace("#", str(first + at)) for at in range(MAX_CHARACTERS // len(piece) + 1))
    return "".join(pieces)[:MAX_CHARACTERS]


def ask_places(places: tuple[Place, ...]) -> None:
    """Ask each thing once, as a scan does."""
    for value, kind, bank in {(one.value, one.kind, one.bank) for one in places}:
        with suppress(InvalidIdentifier):
            ask(value, kind=kind, bank=bank)


def measure_messages(rounds: int) -> list[dict[str, Any]]:
    """Return rows: the realistic text, found and asked, and the slowest hostile one."""
    text = make_message()
    rows = [
        row("realistic", "find", text, median_ms(lambda: find(text), rounds)),
        row("realistic", "find and ask", text, median_ms(lambda: ask_places(find(text)), rounds)),
    ]
    hostile = []
    for name, piece in HOSTILE.items():
        made = make_hostile(piece)
        hostile.append((_median_of(made, rounds), name, made))
    slowest, name, made = max(hostile)
    return [*rows, row(f"hostile: {name}", "find and ask", made, slowest)]


def _median_of(text: str, rounds: int) -> float:
    return median_ms(lambda: ask_places(find(text)), rounds)


def measure_service(rounds: int) -> list[dict[str, Any]]:
    """Return rows: the whole ``POST /v1/scan`` of a service on this machine with the sample."""
    texts = {"realistic": make_message(), "hostile: other hosts": make_hostile(HOSTILE[_MOST])}
    with temporary_store(bits=SMALL_BITS) as (folder, _), scanning(folder) as scan:
        return [
            row(name, "POST /v1/scan", text, median_ms(partial(scan, text), rounds))
            for name, text in texts.items()
        ]


def row(name: str, verb: str, text: str, taken_ms: float) -> dict[str, Any]:
    """Return a row of the table."""
    return {
        "message": name,
        "verb": verb,
        "places": len(find(text)),
        "ms": round(taken_ms, 1),
        "bar": BAR_MS if name == "realistic" else None,
    }


def median_ms(run: Callable[[], object], rounds: int) -> float:
    """Return a run's median milliseconds without the first, which makes the tables."""
    run()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000
