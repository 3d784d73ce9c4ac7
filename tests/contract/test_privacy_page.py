"""docs/privacy.md names every key of the store and every file, and says what the program does."""

import inspect
import json

from blacklist.audit import notes, queue
from blacklist.audit.lines import Request, decode
from blacklist.config import Settings
from blacklist.forget import STAYS
from blacklist.store import embedded, journal, keys, tallies, usage
from documents import blocks, read, table, words
from loaders import archive

PAGE = read("docs/privacy.md")
KEYS = table(PAGE, "key", "what of whom", "how long", "why")
FILES = table(PAGE, "file of the data directory", "what of whom", "how long", "why")


def builders() -> set[str]:
    """The constants that are keys, and the functions that return one."""
    constants = {
        name
        for name, value in vars(keys).items()
        if name.isupper() and str(value).startswith("bl:")
    }
    functions = {
        name
        for name, value in inspect.getmembers(keys, inspect.isfunction)
        if value.__module__ == keys.__name__ and value.__annotations__["return"] is str
    }
    return constants | functions


def test_every_key_of_the_store_is_in_the_table() -> None:
    """And no other."""
    named = [name for row in KEYS for name in words(row[0])]
    assert len(named) == len(set(named))
    assert set(named) == builders()


def test_every_row_says_how_long_and_why() -> None:
    for key, what, how_long, why in KEYS:
        assert what, key
        assert (how_long and why) or "never written" in what, key


def test_every_file_is_in_the_table() -> None:
    """Those that the archive, the store, the secret and the trail make."""
    named = " ".join(row[0] for row in FILES)
    for name in (archive._ABOUT, archive._FEED, archive._RECORDS, archive._REJECTED):
        assert name in named
    for name in ("`secret`", "`store/appendonlydir/`", "`fetched/`", "audit/DAY.digest"):
        assert name in named


def how_long(rows, name: str) -> str:
    """The cell of how long something is kept."""
    (cell,) = [row[2] for row in rows if name in row[0]]
    return cell


def test_the_times_are_those_of_the_code() -> None:
    assert f"{usage._KEEP_SECONDS // 86_400} days" in how_long(KEYS, "`usage`")
    assert f"{tallies.KEPT_DAYS} days" in how_long(KEYS, "`tally`")
    assert f"{tallies.KEPT_DAYS} days" in how_long(KEYS, "`counts`")
    assert f"{journal.PLACES_REMEMBERED:,}" in how_long(KEYS, "`FORGOTTEN`")
    assert f"the last {archive.GENERATIONS} loads" in how_long(FILES, "feed.gz")
    assert f"longer than {archive.DAYS} days" in how_long(FILES, "feed.gz")
    assert f"({Settings().audit_days})" in how_long(FILES, "audit/DAY/")
    assert f"{queue.MAX_WEIGHT:,} requests" in PAGE
    assert f"the first\n  {notes.MAX_ITEMS:,}." in PAGE
    assert embedded._SETTINGS["appendonly"] == "yes"


def test_the_line_shown_is_one() -> None:
    (shown,) = blocks(PAGE, "json")
    line = decode(json.dumps(json.loads(shown)).encode())
    assert isinstance(line, Request)
    assert json.loads(shown).keys() <= {*Request.__struct_fields__, "type"}


def test_whatever_stays_has_a_reason() -> None:
    assert all(reason and not reason.endswith(".") for reason in STAYS.values())
