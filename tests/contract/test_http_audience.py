"""What a source tells institutions only is told to no one else, in whatever way it is asked."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from blacklist.model import Audience

REFERENCE, NOTE = "CV-77/2026", "being looked into"
FEED = f"link,reference,note\nquiet.example,{REFERENCE},{NOTE}\n"
LETTER_NUMBER = "78/CV-MAU"

Ask = Callable[[dict[str, str], str], dict[str, Any]]


@pytest.fixture(scope="module")
def service(module_service, run, tmp_path_factory) -> Any:
    service = module_service()
    folder = tmp_path_factory.mktemp("feeds")
    feed, letter = folder / "quiet.csv", folder / "letter.csv"
    feed.write_text(FEED)
    letter.write_text("link\nletter.example\n")
    told = ("--trust", "authority", "--audience", "institutions")
    dated = ("--number", LETTER_NUMBER, "--date", "2026-11-20", "--authority", "mau", "--yes")
    for arguments in (
        ("load", str(feed), "--source", "quiet", *told),
        ("letter", "load", str(letter), *dated, *told),
    ):
        done = run(service.data_dir, *arguments)
        assert done.returncode == 0, done.stderr
    return service


@pytest.fixture(scope="module")
def keys(service, key_of) -> dict[str, dict[str, str]]:
    """The headers of each sort of caller."""
    made = {one.value: key_of(service.data_dir, audience=one) for one in Audience}
    return {"nobody": {}} | {name: {"Authorization": f"Bearer {key}"} for name, key in made.items()}


@pytest.fixture(scope="module")
def ask_by(service) -> dict[str, Ask]:
    """Each way of asking about one link: its result."""

    def get(headers: dict[str, str], value: str) -> Any:
        return service.request("GET", f"/v1/check?value={value}", None, headers)

    def post(path: str, body: str, headers: dict[str, str], media_type: str) -> Any:
        told = headers | {"Content-Type": media_type}
        return service.request("POST", path, body.encode(), told)

    def post_json(path: str, document: object, headers: dict[str, str]) -> Any:
        return post(path, json.dumps(document), headers, "application/json").json()

    def check(headers: dict[str, str], value: str) -> Any:
        return post_json("/v1/check", {"items": [{"value": value}]}, headers)["results"][0]

    def scan(headers: dict[str, str], value: str) -> Any:
        return post_json("/v1/scan", {"text": f"see {value}"}, headers)["found"][0]["result"]

    def screen(headers: dict[str, str], value: str) -> Any:
        body = json.dumps({"value": value}) + "\n"
        return post("/v1/screen", body, headers, "application/x-ndjson").json()

    return {
        "get": lambda headers, value: get(headers, value).json(),
        "post": check,
        "scan": scan,
        "screen": screen,
    }


@pytest.mark.parametrize("way", ["get", "post", "scan", "screen"])
@pytest.mark.parametrize("who", ["nobody", "public", "institutions"])
def test_references_and_notes_are_shown_to_institutions_only(ask_by, keys, who, way) -> None:
    """The listing itself is shown to all: only what would tip off is not."""
    if (who, way) == ("nobody", "screen"):
        pytest.skip("tables need a key")
    is_told = who == "institutions"
    result = ask_by[way](keys[who], "quiet.example")
    assert (result["verdict"], result["level"]) == ("listed", "danger")
    (match,) = result["matches"]
    assert (match["reference"], match["note"]) == ((REFERENCE, NOTE) if is_told else (None, None))
    (match,) = ask_by[way](keys[who], "letter.example")["matches"]
    assert (LETTER_NUMBER in (match["reference"] or "")) == is_told


@pytest.mark.parametrize("who", ["nobody", "public"])
def test_nothing_of_it_stands_anywhere_in_the_answer(service, keys, who) -> None:
    """Not in a table of cells either."""
    answers = [service.request("GET", "/v1/check?value=quiet.example", None, keys[who]).body]
    if keys[who]:
        told = keys[who] | {"Content-Type": "text/csv"}
        answers.append(service.request("POST", "/v1/screen", b"link\nquiet.example\n", told).body)
    for body in answers:
        assert b"listed" in body
        assert REFERENCE.encode() not in body
        assert NOTE.encode() not in body
