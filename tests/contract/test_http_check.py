"""``/v1/check``: the result objects and what surrounds them, asked from a real service."""

import json
import re

import pytest

RESULT_FIELDS = [
    "ref",
    "input",
    "verdict",
    "suspicious",
    "level",
    "identifiers",
    "matches",
    "related",
    "notes",
    "as_of",
]
MATCH_FIELDS = [
    "kind",
    "listed",
    "match",
    "source",
    "title",
    "trust",
    "category",
    "since",
    "reference",
    "note",
    "expires",
    "last_seen",
    "reports",
]
NUMBER = "0000000000001"
"""The sample lists it at the bank 970436."""

SECOND = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def timeless(result):
    """A result without what differs from one moment to the next."""
    as_of = {**result["as_of"], "age_ms": 0, "position": ""}
    as_of["lists"] = {kind: {**of, "oldest_s": 0} for kind, of in as_of["lists"].items()}
    return {**result, "as_of": as_of}


def test_a_page_below_a_listed_domain_is_listed(service) -> None:
    """The example of the contract: a defanged link, listed by its parent domain."""
    value = "hxxp://Login.VN-bank[.]example/otp?x=1"
    result = service.check(value, ref="row 17")
    since = result["matches"][0]["since"]
    last_seen = result["matches"][0]["last_seen"]
    assert re.fullmatch(SECOND, since)
    assert re.fullmatch(SECOND, last_seen)
    assert since <= last_seen  # of when a load began and of when it ended
    as_of = result.pop("as_of")
    assert list(as_of) == ["position", "age_ms", "lists"]
    shown = "login.vn-bank.example/otp"
    assert result == {
        "ref": "row 17",
        "input": value,
        "verdict": "listed",
        "suspicious": True,
        "level": "warning",
        "identifiers": [{"kind": "link", "value": shown, "display": shown}],
        "matches": [
            {
                "kind": "link",
                "listed": "vn-bank.example",
                "match": "parent_domain",
                "source": "sample-links",
                "title": "Sample of scam links (invented)",
                "trust": "community",
                "category": "impersonation_bank",
                "since": since,
                "reference": None,
                "note": None,
                "expires": None,
                "last_seen": last_seen,
                "reports": None,
            }
        ],
        "related": [],
        "notes": ["refanged", "no_lists"],
    }


@pytest.mark.parametrize(
    "value", ["vn-bank.example", "+447700900123", NUMBER, "ok.example", "4111111111111111"]
)
def test_every_result_has_the_fields_of_the_contract(service, value: str) -> None:
    """Listed or not; only a result that could not be understood has ``error`` as well."""
    answer = service.post_items({"value": value}, {"value": "ok.example"})
    first, second = answer.json()["results"]
    assert list(second) == RESULT_FIELDS
    assert list(first) == RESULT_FIELDS + (["error"] if value.startswith("4111") else [])
    for match in (*first["matches"], *first["related"]):
        assert list(match) == MATCH_FIELDS


@pytest.mark.parametrize("bank", ["970436", "VCB", "Vietcombank", "BFTVVNVX"])
def test_an_account_at_its_bank_is_exact(service, bank: str) -> None:
    """However the bank is named."""
    result = service.check(NUMBER, kind="account", bank=bank)
    assert (result["verdict"], result["level"], result["suspicious"]) == ("listed", "danger", True)
    match = result["matches"][0]
    assert (match["listed"], match["match"]) == (f"970436/{NUMBER}", "exact")
    assert (match["since"], match["reference"]) == ("2026-08-02T00:00:00Z", "MAU-01/2026")
    assert result["notes"] == ["no_lists"]


def test_an_account_without_its_bank_is_capped_at_warning(service) -> None:
    """Although an authority lists it; the answer asks for the bank."""
    result = service.check(NUMBER, kind="account")
    assert (result["verdict"], result["level"], result["suspicious"]) == ("listed", "warning", True)
    assert [match["match"] for match in result["matches"]] == ["unknown_bank"]
    assert "bank_missing" in result["notes"]


def test_the_number_at_another_bank_is_a_caution(service) -> None:
    """A weak match: worth a second look, not suspicious."""
    result = service.check(NUMBER, kind="account", bank="ACB")
    assert (result["verdict"], result["level"]) == ("listed", "caution")
    assert result["suspicious"] is False
    assert result["identifiers"][0]["value"] == f"970416/{NUMBER}"
    match = result["matches"][0]
    assert (match["listed"], match["match"]) == (f"970436/{NUMBER}", "other_bank")


@pytest.mark.parametrize("value", ["+447700900123", "0044 7700 900-123", "(+44) 7700.900.123"])
def test_a_phone_is_listed_in_any_spelling(service, value: str) -> None:
    """With the reference and the note of its source."""
    result = service.check(value, kind="phone")
    assert result["identifiers"] == [
        {"kind": "phone", "value": "+447700900123", "display": "+44 7700 900123"}
    ]
    match = result["matches"][0]
    assert (match["match"], match["reference"]) == ("exact", "CV-01/2026")
    assert match["note"] == "claims to be the police and asks for a transfer"


def test_a_phone_is_read_in_the_region_it_was_dialled_in(service) -> None:
    """The same digits are another number elsewhere."""
    assert service.check("07700900123", kind="phone", region="GB")["verdict"] == "listed"
    assert service.check("2025550107", kind="phone", region="us")["verdict"] == "listed"


def test_without_a_kind_every_reading_is_asked(service) -> None:
    """Ten digits may be a phone or an account; the matches say which one hit."""
    result = service.check("2025550107", region="US")
    assert {one["kind"] for one in result["identifiers"]} == {"phone", "account"}
    assert [match["kind"] for match in result["matches"]] == ["phone"]
    assert set(result["as_of"]["lists"]) == {"phone", "account"}


def test_an_account_number_that_is_a_listed_phone_is_related(service) -> None:
    """The hit of the other reading stands apart and leaves the verdict alone."""
    result = service.check("2025550107", kind="account", bank="VCB", region="US")
    assert (result["verdict"], result["suspicious"]) == ("no_record", False)
    assert result["matches"] == []
    assert [(one["kind"], one["listed"]) for one in result["related"]] == [
        ("phone", "+12025550107")
    ]
    assert [one["kind"] for one in result["identifiers"]] == ["account"]


@pytest.mark.parametrize("value", ["ok.example", "+447700900999", "970436/0000000000999"])
def test_nothing_known_over_the_sample_says_that_no_lists_stand_behind_it(
    service, value: str
) -> None:
    """``no_record`` over no real lists is worth nothing, and says so."""
    result = service.check(value)
    assert (result["verdict"], result["level"]) == ("no_record", "none")
    assert result["suspicious"] is False
    assert (result["matches"], result["related"]) == ([], [])
    assert "no_lists" in result["notes"]
    assert b"safe" not in json.dumps(result).encode()


def test_an_answer_says_how_fresh_it_is_and_what_stands_behind_it(service) -> None:
    """The journal's position, the age in milliseconds, and the lists of the kinds asked."""
    as_of = service.check("ok.example")["as_of"]
    assert re.fullmatch(r"\d+-\d+", as_of["position"])
    assert type(as_of["age_ms"]) is int
    assert 0 <= as_of["age_ms"] < 1000
    lists = as_of["lists"]
    assert list(lists) == ["link"]
    assert (lists["link"]["sources"], lists["link"]["entries"]) == (1, 12)
    assert 0 <= lists["link"]["oldest_s"] < 600


@pytest.mark.parametrize(
    "item",
    [
        {"value": "hxxp://Login.VN-bank[.]example/otp?x=1", "ref": "r1"},
        {"value": NUMBER, "kind": "account", "bank": "ACB"},
        {"value": NUMBER},
        {"value": "07700900124", "region": "GB", "ref": "số 2"},
        {"value": "ngân-hàng-số.example"},
        {"value": "ok.example", "max_age_s": "5"},
    ],
    ids=lambda item: item["value"][:12],
)
def test_both_methods_give_the_same_result(service, item) -> None:
    """GET answers with the result that POST puts in its list."""
    by_address = service.get(**item)
    assert (by_address.status, by_address.headers["content-type"]) == (200, "application/json")
    fields = {**item, "max_age_s": 5} if "max_age_s" in item else item
    by_body = service.post_items(fields).json()["results"][0]
    assert timeless(by_address.json()) == timeless(by_body)


def test_a_reference_of_64_characters_is_echoed(service) -> None:
    """Counted in characters, not in bytes."""
    for ref in ("x" * 64, "đ" * 64, ""):
        assert service.check("ok.example", ref=ref)["ref"] == ref


def test_a_thousand_results_stand_in_the_order_asked(service) -> None:
    """Listed, unknown, weak and not understood items among each other."""
    kinds = [
        ({"value": "vn-bank.example"}, "listed"),
        ({"value": "ok.example"}, "no_record"),
        ({"value": NUMBER, "kind": "account"}, "listed"),
        ({"value": "???"}, None),
        ({"value": "+447700900999"}, "no_record"),
    ]
    items = [{**kinds[n % 5][0], "ref": f"row {n}"} for n in range(1000)]
    answer = service.post_items(*items)
    assert answer.status == 200
    results = answer.json()["results"]
    assert [result["ref"] for result in results] == [f"row {n}" for n in range(1000)]
    assert [result["verdict"] for result in results] == [kinds[n % 5][1] for n in range(1000)]


def test_one_item_asked_twice_gets_two_equal_results(service) -> None:
    """Nothing is merged away."""
    results = service.post_items(*[{"value": "vn-bank.example"}] * 3).json()["results"]
    assert len(results) == 3
    assert timeless(results[0]) == timeless(results[1]) == timeless(results[2])


def test_answers_are_json_and_never_stored(service) -> None:
    """Neither by the browser nor on the way."""
    for answer in (service.get(value="ok.example"), service.post_items({"value": "ok.example"})):
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.body.decode("utf-8")


def test_a_media_type_with_parameters_or_a_suffix_is_json(service) -> None:
    """As clients write it."""
    body = b'{"items": [{"value": "vn-bank.example"}]}'
    for content_type in ("application/json; charset=utf-8", "application/vnd.example+json"):
        assert service.post(body, content_type).status == 200


def test_accounts_can_be_closed_to_addresses(start_service, quick_data_dir) -> None:
    """BLACKLIST_ACCOUNT_GET=no: 403 by GET, whatever is known; POST and the other kinds answer."""
    service = start_service(quick_data_dir, BLACKLIST_ACCOUNT_GET="no", BLACKLIST_WORKERS="1")
    for fields in (
        {"value": NUMBER},
        {"value": NUMBER, "kind": "account", "bank": "VCB"},
        {"value": "0000000000777", "bank": "ACB"},
    ):
        refused = service.get(**fields)
        refused.problem(403, "use_post")
        assert fields["value"].encode() not in refused.body
        assert service.post_items(fields).status == 200
    assert service.get(value="vn-bank.example").json()["verdict"] == "listed"
    assert service.get(value="+447700900123", kind="phone").json()["verdict"] == "listed"
