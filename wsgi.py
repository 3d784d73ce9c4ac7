"""The application for any WSGI server: ``gunicorn wsgi:app``."""

from blacklist.web import create_app
from loaders.letter_upload import LetterReader

app = create_app(letters=LetterReader())
