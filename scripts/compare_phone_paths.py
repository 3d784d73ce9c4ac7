#!/usr/bin/env python3
"""Hold the short way for plain Vietnamese numbers against the library on random inputs.

    python scripts/compare_phone_paths.py [--count 1000000] [--seed 20261122]

For each text ``phone.recognise_plain`` must say what ``phonenumbers`` says: the same E.164 form and
international format where it takes the text, and nothing where the library knows no mobile or fixed
line there. Prints how many were compared, how many differ, and how much faster the short way is on
texts that it takes; exits 1 if any differs. About a minute and a half a million; run by hand, since
the property test holds the same on fewer inputs.
"""

import argparse
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from blacklist.identifiers import phone

SEED = 20261122
SHOWN = 10
TIMED = 20_000
ROUNDS = 5
MOBILE_DIGITS, LANDLINE_DIGITS = 9, 10
ODD_LENGTHS = (7, 8, 9, 10, 11)
COUNTRY_CODE = 84
SEPARATORS = str.maketrans("", "", " .-")
TRUNK_BEHIND_CODE = re.compile(r"(?:\+|00)?840")
PREFIXES = ("0", "0", "0", "", "+84", "84", "0084")
STARTS = (
    *("", "1", "121", "2", "20", "22", "24", "25", "28", "29", "3", "3", "5", "52", "55", "59"),
    *("6", "7", "77", "8", "80", "85", "89", "9", "9", "96"),
)
PLAIN_TYPES = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE})


def make_texts(count: int, seed: int) -> Iterator[str]:
    """Yield numbers of 7 to 11 digits behind any prefix, most of them likely to be in use."""
    rng = random.Random(seed)
    for _ in range(count):
        start = rng.choice(STARTS)
        usual = LANDLINE_DIGITS if start.startswith("2") else MOBILE_DIGITS
        length = rng.choice((usual, usual, usual, usual, usual, *ODD_LENGTHS))
        national = start + "".join(rng.choices("0123456789", k=length - len(start)))
        text = rng.choice(PREFIXES) + national
        for _ in range(rng.choice((0, 0, 1, 2, 3))):
            at = rng.randrange(1, len(text))
            text = text[:at] + rng.choice(" .-") + text[at:]
        yield text


def ask_library(text: str) -> tuple[str, str] | None:
    """Return the E.164 form and the format of a mobile or fixed number in use in Vietnam."""
    try:
        parsed = phonenumbers.parse(text, "VN")
    except NumberParseException:
        return None
    if parsed.country_code != COUNTRY_CODE or parsed.italian_leading_zero:
        return None
    if phonenumbers.number_type(parsed) not in PLAIN_TYPES:
        return None
    return (
        phonenumbers.format_number(parsed, PhoneNumberFormat.E164),
        phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL),
    )


def is_left_to_library(text: str) -> bool:
    """Tell whether a trunk 0 stands behind the country code: the short way leaves that alone."""
    return TRUNK_BEHIND_CODE.match(text.translate(SEPARATORS)) is not None


def ask_short_way(text: str) -> tuple[str, str] | None:
    """Return the same from the compiled pattern."""
    found = phone.recognise_plain(text)
    return None if found is None else (found.key, found.display)


def rate(way: Callable[[str], object], texts: Sequence[str]) -> float:
    """Return how many texts a second one way takes, the best of five rounds."""
    seconds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for text in texts:
            way(text)
        seconds.append(time.perf_counter() - begun)
    return len(texts) / min(seconds)


def main() -> int:
    """Compare and tell; 1 when anything differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000, help="how many texts")
    parser.add_argument("--seed", type=int, default=SEED, help="of the random texts")
    chosen = parser.parse_args()
    taken, different = 0, []
    timed: list[str] = []
    for text in make_texts(chosen.count, chosen.seed):
        short, library = ask_short_way(text), ask_library(text)
        taken += short is not None
        if short is not None and len(timed) < TIMED:
            timed.append(text)
        if short != library and not (short is None and is_left_to_library(text)):
            different.append((text, short, library))
    for text, short, library in different[:SHOWN]:
        print(f"{text!r}: {short}, by the library {library}")
    print(f"{chosen.count} compared, {taken} by the short way, {len(different)} differences")
    ways = [rate(way, timed) for way in (ask_short_way, ask_library)]
    print(f"short way {ways[0]:,.0f}/s, library {ways[1]:,.0f}/s: {ways[0] / ways[1]:.1f} times")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
