"""``/openapi.json`` and ``/docs``: whole, valid, true to the routes, shown without other hosts."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.routing import Rule

from blacklist.callers import Scope
from blacklist.guard import REASONS as OF_THE_GUARD
from blacklist.identifiers.reasons import REASONS as OF_TEXTS
from blacklist.screening.reasons import REASONS as OF_TABLES
from blacklist.web.auth import needs
from blacklist.web.described import Header, describes, description_of
from blacklist.web.openapi import METHODS, document
from blacklist.web.openapi.operations import blueprint_of, operation, path_of
from blacklist.web.reasons import REASONS

PREFIX = "#/components/schemas/"
OTHERWISE = {"http_error", "invalid_identifier", "bad_table"}
"""Stand where a refusal has no word of its own."""

KEYS_ONLY = {PREFIX + "Tag"}
"""Types of an object's names, which no schema refers to."""


@pytest.fixture(scope="module")
def told(service) -> dict[str, Any]:
    """The document as the service gives it."""
    answer = service.request("GET", "/openapi.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    found: dict[str, Any] = answer.json()
    return found


def operations(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in told["paths"].values():
        yield from methods.values()


def references(node: Any) -> Iterator[str]:
    """Every ``$ref`` in a part of the document."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for one in node.values():
            yield from references(one)
    elif isinstance(node, list):
        for one in node:
            yield from references(one)


def test_it_is_a_valid_document(told) -> None:
    assert told["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(told).iter_errors()) == []


def test_every_reference_leads_somewhere_and_every_component_is_used(told) -> None:
    found = set(references(told))
    components = {PREFIX + name for name in told["components"]["schemas"]}
    assert found <= components
    in_items = {word for one in operations(told) for word in one.get("x-item-reasons", ())}
    unused = components - found - KEYS_ONLY
    assert {one.removeprefix(f"{PREFIX}Problem.") for one in unused} <= in_items | OTHERWISE


def is_for_people(app: Flask, rule: Rule) -> bool:
    """Whether a route is a page's, or a file's that pages load, which programs are not told of."""
    package = app.blueprints[blueprint_of(rule)].import_name
    return package.startswith("blacklist.web.pages.") and rule.endpoint != "ask.show"


def test_every_route_and_method_is_told_but_pages_for_people(app) -> None:
    """Of the pages only the first, which answers programs, too."""
    routes = {
        (path_of(rule), method)
        for rule in app.url_map.iter_rules()
        for method in METHODS
        if method in rule.methods and not is_for_people(app, rule)
    }
    others = {"HEAD", "OPTIONS"}
    assert {one for rule in app.url_map.iter_rules() for one in rule.methods} <= {*METHODS, *others}
    paths = document(app)["paths"].items()
    assert {(path, method.upper()) for path, methods in paths for method in methods} == routes


def test_every_operation_says_what_it_is_and_who_may_call_it(app) -> None:
    """As the mark says that lets people in; each has a summary, an answer and a name of its own."""
    names, paths = set(), document(app)["paths"]
    for rule in app.url_map.iter_rules():
        if is_for_people(app, rule):
            continue
        view = app.view_functions[rule.endpoint]
        needed = getattr(view, "needs", None)
        for method in rule.methods & {*METHODS}:
            one = paths[path_of(rule)][method.lower()]
            names.add(one["operationId"])
            assert one["summary"].endswith("."), rule
            assert any(status < "400" for status in one["responses"]), rule
            scopes = {
                scope for way in one["security"] for scopes in way.values() for scope in scopes
            }
            assert scopes == (set() if needed is None else set(needed.scopes))
            assert (one["security"] == []) == (needed is None)
            is_open = needed is not None and (needed.is_public or needed.unless is not None)
            assert ({} in one["security"]) == is_open
    assert len(names) == sum(len(one) for one in paths.values())


def test_every_word_of_a_refusal_is_told_and_every_word_told_is_one(told) -> None:
    """In some operation, as a problem of it or as an item's error."""
    used = {
        one.removeprefix(f"{PREFIX}Problem.")
        for operation in operations(told)
        for one in references(operation["responses"])
        if one.startswith(f"{PREFIX}Problem.")
    }
    used |= {word for one in operations(told) for word in one.get("x-item-reasons", ())}
    of_programs = {word for word, reason in REASONS.items() if not reason.on_pages}
    assert used | OTHERWISE == {*of_programs, *OF_TEXTS, *OF_TABLES, *OF_THE_GUARD}


def test_whatever_marks_a_view_can_say_what_it_adds(app) -> None:
    """A header and a problem more, on what the view says itself."""

    @describes(headers=(Header("X-More", "More."),), problems={"held"})
    @describes(answers={204: None}, problems={"own_case"})
    @needs(Scope.LIST, Scope.ADMIN)
    def view() -> None:
        """Do it."""

    rule = next(one for one in app.url_map.iter_rules() if one.rule == "/v1/reports/decide")
    one = operation(rule, "POST", view, {}.__getitem__)
    assert {"X-More", "X-Purpose", "X-CSRF-Token"} == {each["name"] for each in one["parameters"]}
    assert description_of(view).problems == {"held", "own_case"}
    assert {"204", "409"} <= one["responses"].keys()


def test_it_may_be_kept_and_is_asked_for_anew_by_its_tag(service) -> None:
    for target in ("/openapi.json", "/docs"):
        answer = service.request("GET", target)
        assert "max-age=" in answer.headers["cache-control"]
        again = service.request("GET", target, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status, again.body) == (304, b"")


class Page(HTMLParser):
    """What a page holds that a browser would fetch, run or jump to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in {"href", "src"}:
                self.links.add(value or "")
            if name == "id":
                self.ids.append(value or "")


def test_the_page_shows_every_operation_and_needs_nothing_from_elsewhere(service, told) -> None:
    answer = service.request("GET", "/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    page = Page()
    page.feed(answer.body.decode())
    assert not page.tags & {"script", "style", "img", "iframe", "form"}
    assert not {one for one in page.attributes if one == "style" or one.startswith("on")}
    inside = {one.removeprefix("#") for one in page.links if one.startswith("#")}
    assert inside <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    elsewhere = {one for one in page.links if not one.startswith("#")}
    assert all(one.startswith("/static/") or one == "/openapi.json" for one in elsewhere)
    assert {one["operationId"] for one in operations(told)} <= set(page.ids)
    assert "&lt;" not in re.sub(r"<[^>]*>", "", answer.body.decode())  # markup shown as text


@pytest.mark.parametrize("name", ["nothing.css", "../web/api.py", "%2e%2e%2fapi.py", "api.py"])
def test_nothing_but_the_folder_of_files_is_given(service, name: str) -> None:
    service.request("GET", f"/static/x/{name}").problem(404, "not_found")
