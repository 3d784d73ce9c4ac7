"""gunicorn's settings for ``gunicorn wsgi:app`` in this folder: those of ``blacklist serve``."""

from blacklist.config import Settings
from blacklist.web.server import gunicorn_settings

globals().update(gunicorn_settings(Settings.from_env()))
