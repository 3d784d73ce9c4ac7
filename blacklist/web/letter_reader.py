"""The reader of letters' files, which whoever starts the web hands in.

The web knows no formats: ``blacklist serve`` and ``wsgi.py`` give :func:`create_app` a reader of
``loaders``. Called by the pages of letters.
"""

from typing import Final

from flask import Flask, current_app

from blacklist.letter_file import Reader

_NAME: Final = "blacklist.letter_reader"


def install(app: Flask, reader: Reader | None) -> None:
    """Let the pages read files with this reader; with None no file can be sent."""
    app.extensions[_NAME] = reader


def letter_reader() -> Reader | None:
    """The reader of this application."""
    found: Reader | None = current_app.extensions[_NAME]
    return found
