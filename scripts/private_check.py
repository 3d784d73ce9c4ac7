"""Reference client of the private lookups: a verdict without telling the service what is asked.

    text ──identify──▶ candidates ──local filter──▶ definitely not ──▶ no_record, nothing was sent
                                        └──▶ maybe ──▶ first bits of its hash ──▶ shard ──▶ verdict

Nothing but the standard library and the project's identifiers. Exit codes are those of
``blacklist check``: 10 where something is listed, 3 where something could not be looked up, 2 where
it was not understood. What it never does: take for "not listed" what could not be looked at.
"""

import argparse
import json
import os
import random
import sys
from pathlib import Path
from typing import Any

from private_filter import FilterBits
from private_service import CouldNotLook, Kept, PrivateService
from private_verdict import judge

from blacklist import identifiers
from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.number_ranges import Ranges, is_range, with_ranges
from blacklist.identifiers.pointers import filter_key, with_wallets
from blacklist.model import Identifier, Kind, Level, Question

UNDERSTOOD, UNUSABLE, UNAVAILABLE, LISTED = 0, 2, 3, 10


class PrivateCheck:
    """Asks one service; filters and ranges are read once."""

    def __init__(self, service: PrivateService) -> None:
        self._service = service
        self._filters: dict[Kind, tuple[FilterBits, Kept]] = {}
        self._ranges: dict[str, set[str]] | None = None

    def check(
        self, text: str, *, kind: Kind | None = None, bank: str | None = None, region: str = "VN"
    ) -> dict[str, Any]:
        """The verdict on one text, as a document; CouldNotLook, InvalidIdentifier."""
        asked = identifiers.ask(text, kind=kind, bank=bank, region=region)
        question = self._widened(Question(asked.readings))
        found = [one.identifier for reading in question.readings for one in reading.candidates]
        tags: dict[Identifier, set[str]] = {}
        sent = []
        wanted = [one for one in dict.fromkeys(found) if self._is_wanted(one, tags)]
        random.shuffle(wanted)  # the order would tell which is the page and which its domain
        for one in wanted:
            shard = self._service.shard(one.kind.value, one.value)
            tags[one] = shard.told.get(shard.suffix, set())
            sent.append({"kind": one.kind.value, "prefix": shard.prefix})
        judged = judge(question, tags)
        kinds = {reading.identifier.kind for reading in question.readings}
        filters = [self._filter(one) for one in kinds]
        notes = [note for reading in question.readings for note in reading.notes]
        return {
            "input": text,
            "verdict": judged.verdict.value,
            "suspicious": judged.level in {Level.WARNING, Level.DANGER},
            "level": judged.level.value,
            "identifiers": [str(reading.identifier) for reading in question.readings],
            "notes": notes + (["no_lists"] if any(not bits.count for bits, _ in filters) else []),
            "sent": sent,
            "as_of": {
                "position": min((kept.position for _, kept in filters), key=_order),
                "age_s": round(max(kept.age_seconds for _, kept in filters), 1),
            },
        }

    def _widened(self, question: Question) -> Question:
        """With the listed ranges and the wallets that a number may belong to."""
        if any(reading.identifier.kind is Kind.PHONE for reading in question.readings):
            if self._ranges is None:
                self._ranges = self._service.phone_ranges()
            question = with_ranges(question, Ranges(self._ranges).covering)
        return with_wallets(question)

    def _is_wanted(self, one: Identifier, tags: dict[Identifier, set[str]]) -> bool:
        """Whether the service has to be asked; of a range the tags are known already."""
        if one.kind is Kind.PHONE and is_range(one.value):
            tags[one] = (self._ranges or {}).get(one.value, set())
            return False
        return self._filter(one.kind)[0].may_hold(filter_key(one))

    def _filter(self, kind: Kind) -> tuple[FilterBits, Kept]:
        if kind not in self._filters:
            kept = self._service.filter(kind.value)
            try:
                self._filters[kind] = FilterBits(kept.body), kept
            except ValueError as exc:
                raise CouldNotLook("the service's filter cannot be read") from exc
        return self._filters[kind]


def _order(position: str) -> tuple[int, int]:
    milliseconds, _, number = position.partition("-")
    return int(milliseconds), int(number)


def _answer(check: PrivateCheck, value: str, options: argparse.Namespace) -> dict[str, Any]:
    nothing = {"input": value, "verdict": None, "suspicious": None, "level": None}
    kind = Kind(options.kind) if options.kind else None
    try:
        return check.check(value, kind=kind, bank=options.bank, region=options.region)
    except InvalidIdentifier as exc:
        return nothing | {"error": {"reason": exc.reason, "detail": exc.detail}}
    except CouldNotLook as exc:
        return nothing | {"verdict": "unavailable", "detail": str(exc)}


def _line(result: dict[str, Any]) -> str:
    if "error" in result:
        return f"{result['input']}: not understood: {result['error']['detail']}"
    if result["verdict"] == "unavailable":
        return f"{result['input']}: unavailable (this is not an answer): {result['detail']}"
    sent = ", ".join(f"{one['kind']} {one['prefix']}" for one in result["sent"]) or "nothing"
    age = result["as_of"]["age_s"]
    return (
        f"{result['input']}: {result['verdict']}, {result['level']} "
        f"(sent: {sent}; filter {age:.0f} s old)"
    )


def _exit_code(results: list[dict[str, Any]]) -> int:
    verdicts = [one["verdict"] for one in results]
    if "listed" in verdicts:
        return LISTED
    if "unavailable" in verdicts:
        return UNAVAILABLE
    return UNUSABLE if None in verdicts else UNDERSTOOD


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="private_check",
        description="Ask a service without telling it what is asked (docs/private-lookups.md).",
        epilog="A key for phones and accounts (scope 'list') is read from PRIVATE_CHECK_KEY.",
    )
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    parser.add_argument("values", nargs="+", metavar="VALUE")
    parser.add_argument("--service", default="http://127.0.0.1:8000", metavar="ADDRESS")
    parser.add_argument("--kind", choices=[kind.value for kind in Kind])
    parser.add_argument("--bank")
    parser.add_argument("--region", default="VN")
    parser.add_argument("--cache", type=Path, default=Path(cache) / "blacklist", metavar="FOLDER")
    parser.add_argument("--max-age", type=float, default=300.0, metavar="SECONDS")
    parser.add_argument("--closed", action="store_true", help="send the key for links, too")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    return parser.parse_args()


def main() -> int:
    """Answer the values of the command line; returns the exit code."""
    options = _options()
    service = PrivateService(
        options.service,
        folder=options.cache.expanduser(),
        key=os.environ.get("PRIVATE_CHECK_KEY"),
        is_open=not options.closed,
        max_age_seconds=options.max_age,
    )
    check = PrivateCheck(service)
    results = [_answer(check, value, options) for value in options.values]
    if options.json:
        print(json.dumps({"results": results}, ensure_ascii=False, indent=1))
    else:
        print("\n".join(map(_line, results)))
    return _exit_code(results)


if __name__ == "__main__":
    sys.exit(main())
