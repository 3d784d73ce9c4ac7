"""The service's OpenAPI 3.1 document, made from the application itself.

    url_map ──▶ views ──▶ what each needs, describes, and its docstring ──▶ operations
                types with which they read and answer, words of refusals ──▶ components

Nothing is told here that stands elsewhere: an address, a type or a word that changes is another
document at the next start. ``web/manual.py`` calls it, once a process.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from flask import Flask
from werkzeug.routing import Rule

from blacklist import __version__
from blacklist.web.described import Described, description_of
from blacklist.web.openapi.operations import SECURITY, blueprint_of, operation, path_of
from blacklist.web.openapi.prose import first_paragraph, plain
from blacklist.web.openapi.refusals import problem_schemas
from blacklist.web.openapi.schemas import Types, components
from blacklist.web.problems import Problem

METHODS: Final = ("GET", "PUT", "POST", "DELETE")
"""Those that are told; each GET has its HEAD, and every address OPTIONS."""

_ABOUT: Final = """\
Is this phone number, account or link suspicious, who says so, since when, and what to do?

`no_record` is not "safe": nothing is known. `suspicious: null` means that nothing could be judged.
Every refusal is a problem document (RFC 9457) whose `reason` is one of the words told with each
operation; what is refused otherwise has the word `http_error`. Every answer has an `X-Request-Id`,
which is taken from the request where it is 32 hexadecimal digits.
"""


def document(app: Flask) -> dict[str, Any]:
    """The document, as built-in types."""
    rules = sorted(
        (rule for rule in app.url_map.iter_rules() if is_told(app.view_functions[rule.endpoint])),
        key=lambda rule: rule.rule,
    )
    views = [app.view_functions[rule.endpoint] for rule in rules]
    described = [description_of(view) for view in views]
    names, schemas = components(
        asked=[kind for one in described for kind in _asked(one)],
        answered=[Problem, *(kind for one in described for kind in _answered(one))],
    )
    types: Types = names.__getitem__
    paths: dict[str, dict[str, Any]] = {}
    for rule, view in zip(rules, views, strict=True):
        for method in _methods(rule):
            paths.setdefault(path_of(rule), {})[method.lower()] = operation(
                rule, method, view, types
            )
    told: dict[str, Any] = {
        "openapi": "3.1.1",
        "info": {"title": "blacklist", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": _tags(app, rules),
        "paths": paths,
        "components": {
            "securitySchemes": SECURITY,
            "schemas": schemas | problem_schemas(described),
        },
    }
    return told


def is_told(view: object) -> bool:
    """Whether a view is for programs; those of pages for people describe nothing."""
    return hasattr(view, "described")


def _methods(rule: Rule) -> Iterator[str]:
    return (method for method in METHODS if method in (rule.methods or ()))


def _asked(one: Described) -> Iterator[Any]:
    yield from (kind for kind in (one.body, *one.path.values()) if kind is not None)


def _answered(one: Described) -> Iterator[Any]:
    yield from (kind for kind in one.answers.values() if kind is not None)
    for beside in one.beside.values():
        yield from (field.type for field in msgspec.structs.fields(beside))


def _tags(app: Flask, rules: list[Rule]) -> list[dict[str, str]]:
    """Addresses stand together as their modules have them, under the module's own words."""
    import_names = {
        blueprint_of(rule): app.blueprints[blueprint_of(rule)].import_name for rule in rules
    }
    return [
        {"name": name, "description": plain(first_paragraph(import_name))}
        for name, import_name in import_names.items()
    ]
