"""What a feed must not list whole without a person's word."""

import pytest

from blacklist.guard import REASONS, Guard, popular_hosts
from blacklist.model import Identifier, Kind


def link(value):
    return Identifier(Kind.LINK, value)


OFFICIAL = {
    Identifier(Kind.ACCOUNT, "970436/0000000000001"),
    Identifier(Kind.PHONE, "+447700900123"),
    link("bank.example"),
}
GUARD = Guard(OFFICIAL, {})


@pytest.mark.parametrize(
    ("identifier", "word"),
    [
        (link("wikipedia.org"), "popular_host"),
        (link("www.wikipedia.org"), "popular_host"),
        (link("wikipedia.org/wiki/A"), None),
        (link("evil.wikipedia.org"), None),
        (link("vietcombank.com.vn"), "official"),
        (link("portal.vietcombank.com.vn"), "official"),
        (link("vietcombank.com.vn/hacked"), None),
        (link("xa.bacgiang.gov.vn"), "official"),
        (link("xa.bacgiang.gov.vn/upload/gambling"), None),
        (link("vietcombank.com.vn.evil.example"), None),
        (link("bank.example"), "official"),
        (link("login.bank.example"), "official"),
        (link("evil.example"), None),
        (Identifier(Kind.ACCOUNT, "970436/0000000000001"), "official"),
        (Identifier(Kind.ACCOUNT, "970436/0000000000002"), None),
        (Identifier(Kind.PHONE, "+447700900123"), "official"),
        (Identifier(Kind.PHONE, "+84692348560"), "official"),
        (Identifier(Kind.PHONE, "+447700900124"), None),
    ],
)
def test_the_guard_holds_what_accuses_many(identifier, word):
    assert GUARD.hold(identifier) == word
    assert word is None or word in REASONS


def test_a_decision_about_a_host_holds_for_its_www_form_too():
    listed = Guard((), {link("wikipedia.org"): True})
    kept_out = Guard((), {link("www.evil.example"): False})
    assert listed.hold(link("www.wikipedia.org")) is None
    assert listed.hold(link("wikipedia.org")) is None
    assert kept_out.hold(link("evil.example")) == "kept_out"
    assert kept_out.hold(link("www.evil.example")) == "kept_out"


def test_nobody_can_decide_that_an_official_thing_is_listed():
    guard = Guard(OFFICIAL, dict.fromkeys(OFFICIAL, True))
    assert {guard.hold(one) for one in OFFICIAL} == {"official"}


def test_the_list_of_popular_hosts_is_there():
    assert len(popular_hosts()) > 10_000
    assert {"google.com", "facebook.com"} <= popular_hosts()
    assert not any(host.startswith((".", "www.")) for host in popular_hosts())
