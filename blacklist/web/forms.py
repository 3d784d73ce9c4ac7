"""Forms as browsers send them, read once a request and whole: fields and the files beside them.

Called by the pages, and by ``session_cookies.py`` for the token in a form's hidden field. Nothing
of a form ever touches the disk.
"""

from io import BytesIO
from typing import Any, Final

import msgspec
from flask import Request
from werkzeug.formparser import FormDataParser

from blacklist.web.body import read_body

CSRF_FIELD: Final = "csrf_token"
MAX_BYTES: Final = 10 << 20
"""Of a form with everything in it: a photograph of a telephone has 3 to 8 MB."""

_MAX_FIELD_BYTES: Final = 512_000
_MAX_PARTS: Final = 50
_TYPES: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_READ: Final = "blacklist.form"
"""Where in the WSGI environment what was read is kept."""


class Form(msgspec.Struct, frozen=True):
    """What was sent: of a name that comes twice, the first."""

    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    file_names: dict[str, str] = {}

    def text(self, name: str) -> str:
        """Return a field; the empty text where it was not sent."""
        return self.fields.get(name, "")


def is_form(request: Request) -> bool:
    """Whether the body says that it is a form."""
    return request.mimetype in _TYPES


def read_form(request: Request) -> Form:
    """Return the form of a request, an empty one where the body is none.

    Raises Refusal 413 past :data:`MAX_BYTES`, 400 when it is cut off, and werkzeug's 413 for too
    many or too long fields.
    """
    if not is_form(request):
        return Form()
    form: Form | None = request.environ.get(_READ)
    if form is None:
        form = request.environ[_READ] = _parse(request)
    return form


def _parse(request: Request) -> Form:
    body = read_body(request, max_bytes=MAX_BYTES)
    parser = FormDataParser(
        stream_factory=_in_memory,
        max_form_memory_size=_MAX_FIELD_BYTES,
        max_form_parts=_MAX_PARTS,
    )
    options = request.mimetype_params
    _, fields, files = parser.parse(BytesIO(body), request.mimetype, len(body), options)
    return Form(
        fields.to_dict(),
        {name: one.read() for name, one in files.items()},
        {name: one.filename or "" for name, one in files.items()},
    )


def _in_memory(*_sizes: Any, **_told: Any) -> BytesIO:
    """Where a file is put while it comes: werkzeug's own way is a file on disk."""
    return BytesIO()
