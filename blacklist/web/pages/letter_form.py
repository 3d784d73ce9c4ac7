"""The form by which a letter is sent: its number, date, category and file. Called by ``lists``."""

from datetime import date, datetime
from pathlib import PurePath
from typing import Final

from blacklist import letter_job
from blacklist.errors import ConfigError, FeedError, Malformed
from blacklist.letter_file import LetterFile, Upload
from blacklist.letter_names import Told, clean_number, first_second
from blacklist.model import Category, Kind
from blacklist.publish import Publisher
from blacklist.web.answers import home_region
from blacklist.web.forms import Form
from blacklist.web.letter_reader import letter_reader
from blacklist.web.pages.words import N_

_WAYS: Final = ("%Y-%m-%d", "%d/%m/%Y")
"""How a day is written by browsers, and by people where a browser has no field for days."""

_SHOWN_CHARACTERS: Final = 300
_NAME_CHARACTERS: Final = 100

_NO_FILE: Final = N_("Choose the letter's file first.")
_BAD_NUMBER: Final = N_("Enter the letter's number as it stands on it, such as 386/CAT-ANM.")
_BAD_DAY: Final = N_("Enter the letter's own date, such as 17/02/2023. It cannot be in the future.")
_UNREADABLE: Final = N_("This file cannot be read as a letter. Nothing was changed.")

FLAWS: Final = {
    "damaged": N_("It is damaged. Open it, save it anew, and send what you saved."),
    "empty": N_("There is nothing in it."),
    "encoding": N_("Its letters cannot be read. Save it as .xlsx, or as CSV in UTF-8."),
    "no_column": N_(
        "No column is known to hold phone numbers, accounts or links. Name one so in the first "
        "row, such as “Phone”."
    ),
    "old_document": N_(
        "It was made by an old Office, or has a password. Save it as .xlsx or .docx without one."
    ),
    "packed": N_("It is packed. Unpack it, and send each file on its own."),
    "picture": N_(
        "It is a PDF or a picture. Ask for the sheet or the letter that it was made from."
    ),
    "too_long": N_(
        "It is too long to be read here. Send it in several files under the letter's number, or "
        "ask whoever runs the service."
    ),
    "web_page": N_("It is a page of the web. Save its table as .xlsx or as CSV."),
}
"""What can be done about a file, by the word of :class:`Malformed`."""


class Refused(Exception):
    """What is wrong with a form: a sentence, and what can be done about it.

    Where none is known for that, ``detail`` is what the program says of the file, in English.
    """

    def __init__(self, complaint: str, *, cure: str = "", detail: str = "") -> None:
        super().__init__(complaint)
        self.complaint = complaint
        self.cure = cure
        self.detail = detail


def told_of(form: Form, *, now: int) -> Told:
    """Return what a form tells of a letter, of no authority yet; raises Refused."""
    try:
        number = clean_number(form.text("number"))
    except ConfigError as exc:
        raise Refused(_BAD_NUMBER) from exc
    day = day_of(form.text("date"))
    if day is None:
        raise Refused(_BAD_DAY)
    try:
        first_second(day, now=now)
    except ConfigError as exc:
        raise Refused(_BAD_DAY) from exc
    category = form.text("category")
    is_known = category in set(Category)
    return Told(
        number=number, day=day, authority="", category=Category(category) if is_known else None
    )


def day_of(text: str) -> date | None:
    """Return the day that a field says; None where it says none."""
    for way in _WAYS:
        try:
            return datetime.strptime(text.strip(), way).date()  # noqa: DTZ007 - days have no zone
        except ValueError:
            continue
    return None


def read(publisher: Publisher, told: Told, form: Form) -> LetterFile:
    """Return what the file of a form says; raises Refused, ConfigError or Unavailable."""
    reader, data = letter_reader(), form.files.get("file", b"")
    if reader is None or not data:
        raise Refused(_NO_FILE)
    kind = form.text("kind")
    upload = Upload(
        name=_name_of(form.file_names.get("file", "")),
        data=data,
        kind=Kind(kind) if kind in set(Kind) else None,
        region=home_region(),
    )
    source, letter = letter_job.begin(publisher, told)
    try:
        return reader.read(publisher, upload, source, letter)
    except FeedError as exc:
        raise _unreadable(exc) from exc


def _unreadable(exc: FeedError) -> Refused:
    flaw = exc.flaw if isinstance(exc, Malformed) else None
    if flaw is None:
        return Refused(_UNREADABLE, detail=str(exc)[:_SHOWN_CHARACTERS])
    return Refused(_UNREADABLE, cure=FLAWS[flaw])


def _name_of(text: str) -> str:
    """A file's name without folders and signs that cannot be seen."""
    name = "".join(filter(str.isprintable, PurePath(text.replace("\\", "/")).name))
    return name[-_NAME_CHARACTERS:] or "letter"
