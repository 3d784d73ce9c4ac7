#!/usr/bin/env python3
"""Hold the short way for plain texts against the general way on random questions.

    python scripts/compare_question_paths.py [--count 1000000] [--seed 20261122]

For each text, kind and bank ``plain.ask_plain`` must leave the question alone or say just what
``ask_generally`` says: the same readings, related readings, candidates, notes and display, or the
same refusal. Prints how many were compared and how many differ; exits 1 if any does. About two
minutes a million; run by hand, since a property test holds the same on fewer inputs.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterator

from compare_phone_paths import SEED, SHOWN, make_texts

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask_generally
from blacklist.identifiers.plain import ask_plain
from blacklist.model import Kind, Question

KINDS = (None, None, Kind.PHONE, Kind.PHONE, Kind.ACCOUNT, Kind.ACCOUNT, Kind.LINK)
BANKS = (
    None,
    None,
    None,
    None,
    None,
    None,
    None,
    None,
    "",
    " ",
    "VCB",
    "MoMo",
    "ZaloPay",
    "DEUTDEFF",
    "BVB",
    "nobody",
)
LONGEST_ACCOUNT = 21
STARTS = ("0120", "84162", "+84199", "0084123", "0613", "08", "069", "1900", "1800", "000", "9704")
ONE_IN = 4

Asked = tuple[str, Kind | None, str | None]
Way = Callable[[str, Kind | None, str | None, str], Question | None]


def make_questions(count: int, seed: int) -> Iterator[Asked]:
    """Yield texts that are numbers or accounts, with any kind and bank."""
    rng = random.Random(seed)
    for text in make_texts(count, seed):
        asked = text if rng.randrange(ONE_IN) else make_account(rng)
        yield asked, rng.choice(KINDS), rng.choice(BANKS)


def make_account(rng: random.Random) -> str:
    """Return up to 21 digits, some that begin as an old number, a hotline or a card does."""
    start = rng.choice((*STARTS, "", "", ""))
    text = start + "".join(rng.choices("0123456789", k=rng.randrange(1, LONGEST_ACCOUNT)))
    text = text[: rng.randrange(1, LONGEST_ACCOUNT)]
    for _ in range(rng.choice((0, 0, 1, 3, 5))):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(" ..-") + text[at:]
    return text


def ask_either(way: Way, asked: Asked) -> Question | tuple[str, str] | None:
    """Return the question, or the refusal's word and sentence."""
    try:
        return way(*asked, "VN")
    except InvalidIdentifier as refused:
        return refused.reason, refused.detail


def main() -> int:
    """Compare and tell; 1 when anything differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000, help="how many questions")
    parser.add_argument("--seed", type=int, default=SEED, help="of the random questions")
    chosen = parser.parse_args()
    taken, different = 0, []
    for asked in make_questions(chosen.count, chosen.seed):
        short = ask_either(ask_plain, asked)
        if short is None:
            continue
        taken += 1
        general = ask_either(ask_generally, asked)
        if short != general:
            different.append((asked, short, general))
    for asked, short, general in different[:SHOWN]:
        print(f"{asked}: {short}, generally {general}")
    print(f"{chosen.count} asked, {taken} the short way, {len(different)} differences")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
