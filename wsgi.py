"""The application for any WSGI server: ``gunicorn wsgi:app``."""

from blacklist.web import create_app

app = create_app()
