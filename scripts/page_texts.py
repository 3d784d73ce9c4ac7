"""Collect the texts of the pages and bring the translations up to date.

    .venv-dev/bin/python scripts/page_texts.py

Texts are what code marks with ``_()`` and ``N_()``, in Python and in templates, and the sentences
of the tables that the pages show (``words.py``). A new text stands in ``vi.po`` with an empty
translation, one that is gone is left out; a translation is never guessed from a like one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from blacklist.web.pages import words
from blacklist.web.pages.language import DEFAULT

ROOT: Final = Path(__file__).resolve().parent.parent
WEB: Final = ROOT / "blacklist" / "web"
FILE: Final = WEB / "translations" / f"{DEFAULT}.po"
_HEADER: Final = b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
"""Without dates and names, so that two people who add texts do not meet in it."""

_METHODS: Final = [("pages/**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS: Final = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}


def collected() -> Catalog:
    """Every text, with the files where it stands."""
    catalog = Catalog(domain="pages", fuzzy=False)
    for name, _, text, comments, context in extract_from_dir(WEB, _METHODS, _OPTIONS):
        catalog.add(text, locations=[(name, 0)], auto_comments=comments, context=context)
    for text in _sentences():
        catalog.add(text, locations=[("pages/words.py", 0)])
    return catalog


def _sentences() -> Iterator[str]:
    """What is translated although it is marked nowhere: it belongs to the code it comes from."""
    yield from words.REFUSALS.values()
    yield from filter(None, map(words.note, words.NOTES))


def updated() -> Catalog:
    """The translations with every text that there is today."""
    with FILE.open("rb") as file:
        catalog = read_po(file, locale=DEFAULT)
    catalog.update(collected(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def main() -> None:
    """Write the file anew and say how many translations are missing."""
    catalog = updated()
    with FILE.open("wb") as file:
        file.write(_HEADER)
        write_po(file, catalog, 100, omit_header=True, sort_by_file=True, include_lineno=False)
    missing = sum(1 for one in catalog if one.id and not one.string)
    print(f"{FILE.relative_to(ROOT)}: {len(catalog)} texts, {missing} without a translation")


if __name__ == "__main__":
    main()
