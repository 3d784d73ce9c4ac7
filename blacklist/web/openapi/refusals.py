"""How each operation may refuse: the words that it tells, and those that hold for its sort.

Each word is a problem type of its own; an answer's schema is one of those its status may have.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec

from blacklist.web import body, parameters
from blacklist.web.auth import By, Needs
from blacklist.web.described import Described, Media
from blacklist.web.openapi.schemas import REFERENCE, Schema, Types
from blacklist.web.problems import MEDIA_TYPE, title_of, type_of
from blacklist.web.reasons import REASONS, reason_of
from blacklist.web.session_cookies import is_reading

EVERYWHERE: Final = frozenset(
    {
        *("bad_request", "bad_purpose", "bad_key", "session_over", "method_not_allowed", "timeout"),
        *("length_required", "address_too_long", "headers_too_large", "internal_error"),
        *("store_unavailable", "store_mismatch", "misconfigured"),
    }
)
"""Whatever is asked: the server refuses what it cannot read, and keys are looked at."""

_MAY_HELP_LATER: Final = frozenset({429, 503})
_RETRY: Final = {
    "Retry-After": {"description": "Seconds until it may help.", "schema": {"type": "integer"}}
}


def words_of(
    told: Described, needed: Needs | None, method: str, *, is_variable: bool
) -> frozenset[str]:
    """Every word with which an operation may refuse."""
    found = EVERYWHERE | told.problems
    if needed is not None:
        found |= {"no_purpose", "not_allowed"}
        found |= set() if needed.by is By.SESSION else {"no_key"}
    if not is_reading(method):
        found |= {"bad_csrf_token"}
    if told.body is not None:
        found |= {"bad_body"} if isinstance(told.body, Media) else {*body.JSON_PROBLEMS}
    if told.parameters is not None:
        found |= {*parameters.PROBLEMS}
    return found | ({"not_found"} if is_variable else set())


def responses(
    words: Iterable[str], beside: Mapping[str, type[msgspec.Struct]], types: Types
) -> dict[str, Any]:
    """By status the answers that refuse with these words, ``beside`` some with more members."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for word in sorted(words):
        for status in reason_of(word).statuses:
            by_status[status].append(word)
    return {
        str(status): _response(status, [_schema_of(word, beside.get(word), types) for word in told])
        for status, told in sorted(by_status.items())
    }


def problem_schemas(described: Iterable[Described]) -> dict[str, Any]:
    """A schema of each word that there is, but for those of pages."""
    told = {word for one in described for word in one.problems | one.in_items}
    told |= {word for word, reason in REASONS.items() if not reason.on_pages}
    return {_name(word): _schema(word) for word in sorted(told)}


def _response(status: int, schemas: list[Schema]) -> dict[str, Any]:
    schema = {"anyOf": schemas} if len(schemas) > 1 else schemas[0]
    response = {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    return response | ({"headers": _RETRY} if status in _MAY_HELP_LATER else {})


def _schema_of(word: str, beside: type[msgspec.Struct] | None, types: Types) -> Schema:
    reference = {"$ref": REFERENCE.format(name=_name(word))}
    if beside is None:
        return reference
    fields = msgspec.structs.fields(beside)
    return reference | {"properties": {field.name: types(field.type) for field in fields}}


def _name(word: str) -> str:
    return f"Problem.{word}"


def _schema(word: str) -> dict[str, Any]:
    reason = reason_of(word)
    properties: dict[str, Any] = {"type": {"const": type_of(word)}, "reason": {"const": word}}
    if reason.statuses:
        properties["status"] = {"enum": list(reason.statuses)}
    return {
        "title": title_of(word),
        "description": reason.meaning,
        "allOf": [{"$ref": REFERENCE.format(name="Problem")}],
        "properties": properties,
    }
