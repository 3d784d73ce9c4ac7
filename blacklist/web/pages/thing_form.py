"""What the forms for reports and for disputes share: the thing they are about, and what is wrong.

Called by ``report.py`` and ``dispute.py``; what is told goes the API's own way.
"""

from typing import Any, Final

import msgspec
from flask import Response, request

from blacklist.errors import BlacklistError
from blacklist.identifiers.banks import directory
from blacklist.lookup import Ask, identify
from blacklist.model import ItemError
from blacklist.web.answers import home_region
from blacklist.web.case_items import Shape, read
from blacklist.web.forms import Form, is_form, read_form
from blacklist.web.pages import complaints, language, page
from blacklist.web.problems import Refusal, refused

_FIELDS: Final = ("value", "kind", "bank")
_UNCLEAR_KIND: Final = "unclear_kind"
"""A row of digits that may be a phone number or an account; only forms need to ask."""


def sent_form() -> Form:
    """The form of this request, and its language; Refusal 415 where it is none."""
    if not is_form(request):
        raise Refusal(415, "not_a_form", "this is a form for people; programs use /v1")
    form = read_form(request)
    language.choose(form.text("lang"))
    return form


def told(form: Form, shape: type[Shape], *more: str) -> Shape:
    """What a form tells, as the API reads it; ``more`` are its own fields.

    Raises Refusal or InvalidIdentifier.
    """
    fields: dict[str, Any] = {name: form.text(name).strip() for name in (*_FIELDS, *more)}
    if not fields["value"]:
        raise Refusal(400, "no_value", "'value' is missing")
    fields["kind"] = fields["kind"] or _kind_of(fields["value"], fields["bank"])
    found = read(fields, shape)
    if isinstance(found, ItemError):
        raise Refusal(400, found.reason, found.detail)
    return found


def _kind_of(value: str, bank: str) -> str:
    """What a thing is, where only one kind comes into question."""
    question = identify(Ask(value, bank=bank or None, region=home_region()))
    kind, *others = {one.identifier.kind for one in question.readings}
    if others:
        raise Refusal(400, _UNCLEAR_KIND, "this may be a phone number or an account")
    return kind


def render(
    template: str, form: Form, error: Refusal | BlacklistError | None = None, **more: Any
) -> Response:
    """A form with what stands in it, and with what is wrong, whose status it then has."""
    response = None if error is None else refused(error)
    complaint = None if response is None else complaints.complaint_of(response)
    status = 200 if response is None else response.status_code
    shown = page.render(template, status, form=form, banks=directory(), complaint=complaint, **more)
    if response is not None and "Retry-After" in response.headers:
        shown.headers["Retry-After"] = response.headers["Retry-After"]
    return shown


def as_bytes(one: msgspec.Struct) -> bytes:
    """What is told, the same bytes for the same."""
    return msgspec.json.encode(one, order="deterministic")
