"""The document arranged for people to read: what ``templates/docs.html`` shows; pure.

Types stand once, under their names; an operation shows its own parameters, body and answers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from markupsafe import Markup, escape

_CODE: Final = re.compile(r"`([^`]+)`")
_PROBLEM: Final = "Problem."
_BOUNDS: Final = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "of at least",
    "maxLength": "of at most",
}


def page_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the template is given."""
    schemas = document["components"]["schemas"]
    return {
        "info": document["info"],
        "groups": list(_groups(document)),
        "types": [_type(name, one) for name, one in schemas.items() if _PROBLEM not in name],
        "problems": [
            {"word": name.removeprefix(_PROBLEM), "meaning": one["description"]}
            for name, one in schemas.items()
            if name.startswith(_PROBLEM)
        ],
        "prose": prose,
    }


def prose(text: str) -> Markup:
    """Markdown of one kind only, what stands in backticks, as HTML; a paragraph each."""
    paragraphs = [one for one in text.split("\n\n") if one.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(_with_code(one)) for one in paragraphs)


def _with_code(text: str) -> Markup:
    parts = _CODE.split(text)  # text, code, text, …
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def _groups(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for tag in document["tags"]:
        operations = [
            _operation(path, method, told)
            for path, methods in document["paths"].items()
            for method, told in methods.items()
            if tag["name"] in told["tags"]
        ]
        yield {"name": tag["name"], "about": tag["description"], "operations": operations}


def _operation(path: str, method: str, told: Mapping[str, Any]) -> dict[str, Any]:
    body = told.get("requestBody", {}).get("content", {})
    return {
        "id": told["operationId"],
        "path": path,
        "method": method.upper(),
        "summary": told["summary"],
        "description": told.get("description", ""),
        "who": _who(told["security"]),
        "parameters": [_parameter(one) for one in told.get("parameters", ())],
        "body": [_medium(media_type, one) for media_type, one in body.items()],
        "answers": [_answer(status, one) for status, one in told["responses"].items()],
        "item_reasons": told.get("x-item-reasons", []),
    }


def _who(security: Iterable[Mapping[str, list[str]]]) -> str:
    """Who may call it, in words."""
    ways = list(security)
    if not ways:
        return "Everybody"
    scopes = list(dict.fromkeys(one for way in ways for told in way.values() for one in told))
    scoped = f"a key with the scope {' or '.join(f'`{one}`' for one in scopes)}"
    if not scopes:
        only_session = all("session" in way for way in ways)
        scoped = "a session at a browser" if only_session else "any key"
    return f"Everybody, or {scoped}" if {} in ways else scoped[0].upper() + scoped[1:]


def _parameter(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": told["name"],
        "where": told["in"],
        "required": told.get("required", False),
        "type": _shape(told["schema"]),
        "about": told.get("description", ""),
    }


def _medium(media_type: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return {"media_type": media_type, "type": _shape(told["schema"])}


def _answer(status: str, told: Mapping[str, Any]) -> dict[str, Any]:
    content = told.get("content", {})
    shapes = [one for medium in content.values() for one in _alternatives(medium["schema"])]
    return {
        "status": status,
        "about": told["description"],
        "media": [_medium(media_type, one) for media_type, one in content.items()],
        "words": [one for one in map(_word, shapes) if one is not None],
    }


def _type(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    required = schema.get("required", ())
    members = [
        {"name": member, "type": _shape(one), "required": member in required}
        for member, one in schema.get("properties", {}).items()
    ]
    return {
        "name": name,
        "about": schema.get("description", ""),
        "members": members,
        "words": [str(one) for one in schema.get("enum", ())],
    }


def _alternatives(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    alternatives: list[Mapping[str, Any]] = schema.get("anyOf", [schema])
    return alternatives


def _word(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The word of a problem and what its document may have beside; None for another schema."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if not name.startswith(_PROBLEM):
        return None
    return {"word": name.removeprefix(_PROBLEM), "beside": [*schema.get("properties", {})]}


def _shape(schema: Mapping[str, Any]) -> Markup:
    """A schema in a few words, with links to the types it names."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#type-{0}">{0}</a>').format(name)
    if "anyOf" in schema:
        return Markup(" or ").join(_shape(one) for one in schema["anyOf"])
    if "enum" in schema:
        return Markup(", ").join(
            Markup("<code>{}</code>").format(one or '""') for one in schema["enum"]
        )
    if "const" in schema:
        return Markup("<code>{}</code>").format(schema["const"])
    if schema.get("type") == "array":
        return Markup("list of {}").format(_shape(schema.get("items", {})))
    if isinstance(schema.get("additionalProperties"), dict):
        return Markup("object of {}").format(_shape(schema["additionalProperties"]))
    named = schema.get("format") or schema.get("type") or "anything"
    bounds = [f"{word} {schema[name]:,}" for name, word in _BOUNDS.items() if name in schema]
    return escape(", ".join([named, *bounds]))
