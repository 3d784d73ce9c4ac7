"""The compiled templates of a process, which every application in it has in common.

Compiling all of them takes longer than half a second of processor time. It is done once, before the
workers are forked (:func:`prepare`): they have it in common memory, and no first visitor waits.
"""

from types import CodeType
from typing import Final

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from blacklist.web.pages import language


class _Compiled(BytecodeCache):
    """What was compiled, by template and text, until the process ends."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED: Final = _Compiled()


def install(app: Flask) -> None:
    """Let an application's templates have our texts and form, and be compiled once."""
    language.install(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.bytecode_cache = _COMPILED


def prepare() -> None:
    """Compile every template and read the texts."""
    app = Flask("blacklist.web")
    install(app)
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    language.translations(language.DEFAULT)
