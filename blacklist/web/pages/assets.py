"""``/static/DIGEST/NAME``: style, script and icon, whose addresses change with what is in them.

So a browser keeps each for good and still never mixes an old one with a new page. They are few and
small, read once a process; nothing else of the disk can be asked for.
"""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from flask import Blueprint, Response, abort, url_for

from blacklist.web.auth import is_the_same_for_all

KEPT: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_DIGEST_CHARACTERS: Final = 12

assets = Blueprint("assets", __name__)


@assets.get("/static/<digest>/<name>")
@is_the_same_for_all
def send(digest: str, name: str) -> Response:
    """A file; one that is asked for by an older digest is sent as it is now, and not to be kept."""
    found = contents().get(name)
    if found is None:
        abort(404)
    response = Response(found, content_type=_TYPES[name.rpartition(".")[2]])
    if digest == digest_of(name):
        response.headers["Cache-Control"] = KEPT
    return response


def address(name: str) -> str:
    """The address of a file, for templates; KeyError where there is none."""
    return url_for("assets.send", digest=digest_of(name), name=name)


@cache
def digest_of(name: str) -> str:
    """The beginning of the SHA-256 of what is in a file."""
    return sha256(contents()[name]).hexdigest()[:_DIGEST_CHARACTERS]


@cache
def contents() -> dict[str, bytes]:
    """Every file there is, by its name."""
    folder = files("blacklist.web").joinpath("static")
    known = (one for one in folder.iterdir() if one.name.rpartition(".")[2] in _TYPES)
    return {one.name: one.read_bytes() for one in known}
