"""The lines of banks and wallets, for whoever has sent money and must reach his bank now.

Nothing is made up: a line stands in the official directory that the operator has loaded
(``blacklist official load``), or else among what banks publish (``institutions.tsv``). A bank
without one is left out, and the page says first to use the number on the card.

The directory is read behind the pages, now and then: no page waits for the store, and when it is
away the lines known before are still shown.
"""

import atexit
import logging
import re
import threading
from collections.abc import Iterable
from typing import Final

import msgspec
from flask import Flask, current_app

from blacklist.errors import BlacklistError, InvalidIdentifier
from blacklist.identifiers.banks import find_bank
from blacklist.identifiers.institutions import money_lines
from blacklist.store import Client, marks
from blacklist.store.marks import Mark, Sort

REFRESH_SECONDS: Final = 60.0
_NAME: Final = "blacklist.hotlines"
_NUMBER: Final = re.compile(r"\+?[0-9](?:[0-9 .-]*[0-9])?")
_BETWEEN: Final = re.compile(r"[ .-]")

log = logging.getLogger(__name__)


class Hotline(msgspec.Struct, frozen=True):
    """Whose line it is, how it is dialled (empty where that is not clear) and how it is shown."""

    bank: str
    dialled: str
    shown: str


class Hotlines:
    """The lines that this process knows."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hotlines", daemon=True)
        self.known = merged(())

    def start(self) -> None:
        """Read the directory behind the pages until :meth:`stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is being read is not waited for."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.known = merged(marks.read(self._client, Sort.OFFICIAL).values())
            except BlacklistError:
                pass  # what was known is still shown
            except Exception as exc:  # noqa: BLE001 - a dead thread would read nothing any more
                log.error("hotlines: unforeseen %s", type(exc).__name__)
            self._stop.wait(REFRESH_SECONDS)


def install(app: Flask, client: Client) -> None:
    """Give an application its lines, and read them until the process ends."""
    found = app.extensions[_NAME] = Hotlines(client)
    found.start()
    atexit.register(found.stop)


def hotlines() -> tuple[Hotline, ...]:
    """Every line that is known, by name."""
    found: Hotlines = current_app.extensions[_NAME]
    return found.known


def merged(directory: Iterable[Mark]) -> tuple[Hotline, ...]:
    """The lines by name: those of the directory in place of what banks publish."""
    lines = {_key(name): _published(name, line) for name, line in money_lines().items()}
    lines |= {_key(one.text): _told(one.text, one.hotline) for one in directory if one.hotline}
    return tuple(sorted(lines.values(), key=lambda one: one.bank.casefold()))


def _key(name: str) -> str:
    """What a bank is known by, however its name is written."""
    try:
        return find_bank(name).key
    except InvalidIdentifier:
        return name.casefold()


def _published(name: str, line: str) -> Hotline:
    """1800 and 1900 lines are dialled as they stand behind the country code; others with a 0."""
    number = line.removeprefix("+84")
    dialled = number if number.startswith(("1800", "1900")) else f"0{number}"
    return Hotline(name, dialled, f"{dialled[:4]} {dialled[4:]}")


def _told(name: str, shown: str) -> Hotline:
    """A line as its institution wants it shown."""
    number = _NUMBER.search(shown)
    return Hotline(name, _BETWEEN.sub("", number[0]) if number else "", shown)
