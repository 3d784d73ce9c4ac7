"""Links on ordinary hosts: what a browser opens, what flags it, what is refused."""

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, guess_kind, list_as
from blacklist.model import Identifier, Kind, Match

EXACT, PATH, PARENT = Match.EXACT, Match.PATH, Match.PARENT_DOMAIN


def link(text):
    return ask(text, kind=Kind.LINK).readings[0]


def value(text):
    listed = list_as(text, kind=Kind.LINK)
    assert listed == (link(text).identifier,)
    return listed[0].value


def reason_of(text):
    with pytest.raises(InvalidIdentifier) as refused:
        list_as(text, kind=Kind.LINK)
    return refused.value.reason


def candidates(text):
    return [(found.identifier.value, found.match) for found in link(text).candidates]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("evil.example", "evil.example"),
        ("EVIL.Example", "evil.example"),
        ("https://evil.example/", "evil.example"),
        ("ftp://evil.example/a", "evil.example/a"),
        ("ws://evil.example", "evil.example"),
        ("evil.example.", "evil.example"),
        ("evil.example:8080/a", "evil.example/a"),
        ("http://evil.example:/a", "evil.example/a"),
        ("http://user:secret@evil.example/a", "evil.example/a"),
        ("http://bank.example@evil.example/", "evil.example"),
        ("http://evil.example\\@bank.example", "evil.example/@bank.example"),
        ("http://bank.example#@evil.example", "bank.example"),
        ("http:/evil.example/a", "evil.example/a"),
        ("http:evil.example/a", "evil.example/a"),
        ("http:///evil.example/a", "evil.example/a"),
        ("https:\\\\evil.example\\a", "evil.example/a"),
        ("//evil.example/a", "evil.example/a"),
        ("\\\\evil.example\\a", "evil.example/a"),
        ("HTTP://EVIL.EXAMPLE/A", "evil.example/A"),
        ("http://ev\til.exa\nmple/a\rb", "evil.example/ab"),
        ("http://ｅｖｉｌ．ｅｘａｍｐｌｅ/", "evil.example"),
        ("ｅｖｉｌ。ｅｘａｍｐｌｅ", "evil.example"),
        ("http://%65vil.example/", "evil.example"),
        ("http://ev\u00adil.exam\u200bple/", "evil.example"),
        ("evil｡example/a", "evil.example/a"),
        ("http://ⓔⓥⓘⓛ.example/", "evil.example"),
        ("http://evil%2Eexample/a", "evil.example/a"),
        ("http://%EF%BD%85vil%E3%80%82example/", "evil.example"),
        ("https://evil.example.:443/a", "evil.example/a"),
        ("http:\\/\\evil.example/a", "evil.example/a"),
        ("https:\\evil.example/a", "evil.example/a"),
        ("ht\ttp://evil.example\n/a", "evil.example/a"),
        ("http://bank.example%40x:y@evil.example:80/", "evil.example"),
        ("http://bank.example:80@evil.example", "evil.example"),
        ("http://bank.example;@evil.example", "evil.example"),
        ("https://CỐC.example/", "xn--cc-j9s.example"),
        ("https://c\u006f\u0302\u0301c.example/", "xn--cc-j9s.example"),
        ("hxxp://evil(dot)example/a", "evil.example/a"),
        ("hxxp[:]//evil{.}example", "evil.example"),
        ("evil [dot] example", "evil.example"),
        ("http://0xCB.0.0x7107", "203.0.113.7"),
        ("http://３４０５８０３７８３/", "203.0.113.7"),
        ("http://203.0.113.7./", "203.0.113.7"),
        ("http://[0:0:0:0:0:ffff:cb00:7107]/", "203.0.113.7"),
        ("http://cốc.example", "xn--cc-j9s.example"),
        ("xn--cc-j9s.example", "xn--cc-j9s.example"),
        ("XN--CC-J9S.EXAMPLE", "xn--cc-j9s.example"),
        ("http://faß.example", "xn--fa-hia.example"),
        ("bad_name.evil.example", "bad_name.evil.example"),
        ("-evil-.example", "-evil-.example"),
        ("http://0xcb007107/", "203.0.113.7"),
        ("http://3405803783/", "203.0.113.7"),
        ("http://0313.0.0161.07/", "203.0.113.7"),
        ("http://203.0.28935/", "203.0.113.7"),
        ("203.0.113.7:8080/a", "203.0.113.7/a"),
        ("http://[2001:DB8:0:0::1]/a", "[2001:db8::1]/a"),
        ("http://[::ffff:203.0.113.7]/", "203.0.113.7"),
        ("evil.example/a/../b/./c", "evil.example/b/c"),
        ("evil.example/%2e%2e/%2E/a", "evil.example/a"),
        ("evil.example/a//b///", "evil.example/a/b"),
        ("evil.example/%7Ea%2fb", "evil.example/~a%2Fb"),
        ("evil.example/đ", "evil.example/%C4%91"),
        ("evil.example/%c4%91", "evil.example/%C4%91"),
        ("evil.example/a b", "evil.example/a%20b"),
        ("evil.example/A?q=1#top", "evil.example/A"),
        ("evil.example?q=1", "evil.example"),
        ("hxxps://evil[.]example/a", "evil.example/a"),
        ("  http://evil.example/a  ", "evil.example/a"),
        ("http://evil.example/a\u00a0", "evil.example/a"),
    ],
)
def test_a_link_is_read_as_a_browser_opens_it(text, expected):
    assert value(text) == expected
    assert value(expected) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("localhost", "not_a_domain"),
        ("http://localhost/", "not_a_domain"),
        ("com", "not_a_domain"),
        ("a..example", "not_a_domain"),
        (".evil.example", "not_a_domain"),
        ("evil.example..", "not_a_domain"),
        ("http://", "not_a_domain"),
        ("http://?a", "not_a_domain"),
        ("a" * 64 + ".example", "not_a_domain"),
        (".".join(["a" * 50] * 6) + ".example", "not_a_domain"),
        ("ev il.example", "not_a_domain"),
        ("%20evil.example", "not_a_domain"),
        ("*.evil.example", "not_a_domain"),
        ("evil.example,other.example", "not_a_domain"),
        ("http://evil.example:99999/", "not_a_domain"),
        ("http://1.2.3.4.5/", "not_a_domain"),
        ("http://256.1.1.1/", "not_a_domain"),
        ("http://evil.xn--kr/", "not_a_domain"),
        ("127.0.0.1", "private_address"),
        ("http://0x7f.1", "private_address"),
        ("http://2130706433/", "private_address"),
        ("10.1.2.3", "private_address"),
        ("192.168.1.1/admin", "private_address"),
        ("169.254.169.254", "private_address"),
        ("100.64.0.1", "private_address"),
        ("0.0.0.0", "private_address"),
        ("224.0.0.1", "private_address"),
        ("255.255.255.255", "private_address"),
        ("http://[::1]/", "private_address"),
        ("http://[fe80::1]/", "private_address"),
        ("http://[::ffff:10.0.0.1]/", "private_address"),
        ("localhost:8080", "private_address"),
        ("evil.localhost", "private_address"),
        ("printer.local", "private_address"),
        ("intent://evil.example#Intent;end", "unsupported_scheme"),
        ("javascript:alert(1)", "unsupported_scheme"),
        ("javascript://evil.example/%0aalert(1)", "unsupported_scheme"),
        ("data:text/html,x", "unsupported_scheme"),
        ("about:blank", "unsupported_scheme"),
        ("file:///etc/passwd", "unsupported_scheme"),
        ("file:c.txt", "unsupported_scheme"),
        ("tel:0912345678", "unsupported_scheme"),
        ("com.evil.app://open", "unsupported_scheme"),
        ("someone@evil.example", "email_address"),
        ("mailto:someone@evil.example", "email_address"),
        ("http://evil.example\nhttp://other.example", "several_links"),
        ("evil.example\r\nother.example", "several_links"),
        ("1\tevil.example", "several_links"),
        ("com.vn", "public_suffix"),
        ("github.io", "public_suffix"),
        ("weebly.com", "public_suffix"),
        ("www.weebly.com", "public_suffix"),
        ("s3.amazonaws.com", "public_suffix"),
    ],
)
def test_what_is_no_link_or_everybodys_cannot_be_listed(text, reason):
    assert reason_of(text) == reason


@pytest.mark.parametrize(
    "text",
    [
        "com.vn",
        "https://com.vn/",
        "com.vn/abc",
        "gov.vn/tin-tuc?id=1",
        "github.io",
        "weebly.com",
        "https://www.weebly.com/?ref=x",
        "www.github.io",
        "vercel.app",
    ],
)
@pytest.mark.parametrize("kind", [None, Kind.LINK])
def test_a_public_suffix_can_be_neither_listed_nor_asked(text, kind):
    """Neither has an owner, and "nothing known" would speak of everybody's sites under it."""
    with pytest.raises(InvalidIdentifier) as refused:
        ask(text, kind=kind)
    assert refused.value.reason == reason_of(text) == "public_suffix"


@pytest.mark.parametrize("text", ["www.com.vn", "a.weebly.com", "evil.weebly.com/login"])
def test_what_lies_under_a_suffix_is_somebodys(text):
    assert value(text) == text


def test_a_path_on_a_public_suffix_is_a_page_on_a_shared_host():
    assert value("https://s3.amazonaws.com/bucket/x/") == "s3.amazonaws.com/bucket/x"
    assert candidates("s3.amazonaws.com/bucket/x") == [
        ("s3.amazonaws.com/bucket/x", EXACT),
        ("s3.amazonaws.com/bucket", PATH),
    ]


def test_a_url_asks_hosts_times_paths_down_to_the_registrable_domain():
    assert candidates("http://a.b.evil.example/x/y?z") == [
        ("a.b.evil.example/x/y", EXACT),
        ("a.b.evil.example/x", PATH),
        ("a.b.evil.example", PATH),
        ("b.evil.example/x/y", PATH),
        ("b.evil.example/x", PATH),
        ("evil.example/x/y", PATH),
        ("evil.example/x", PATH),
        ("b.evil.example", PARENT),
        ("evil.example", PARENT),
    ]


def test_a_registrable_domain_also_asks_for_its_www_form_as_the_same_site():
    assert candidates("evil.example") == [("evil.example", EXACT), ("www.evil.example", EXACT)]
    assert candidates("evil.example/x") == [
        ("evil.example/x", EXACT),
        ("www.evil.example/x", EXACT),
        ("evil.example", PATH),
        ("www.evil.example", PATH),
    ]


def test_a_www_host_finds_its_domain_as_its_parent_and_lists_only_itself():
    assert candidates("www.evil.example") == [("www.evil.example", EXACT), ("evil.example", PARENT)]
    assert value("www.evil.example") == "www.evil.example"


def test_no_candidate_lies_above_the_registrable_domain():
    hosts = {text.partition("/")[0] for text, _ in candidates("http://a.evil.com.vn/x")}
    assert hosts == {"a.evil.com.vn", "evil.com.vn"}
    assert candidates("a.b.github.io") == [("a.b.github.io", EXACT), ("b.github.io", PARENT)]


def test_prefixes_end_at_slashes():
    values = {text for text, _ in candidates("a.evil.example/login.php/x")}
    assert "a.evil.example/login" not in values
    assert "a.evil.example/login.php" in values


def test_only_the_first_16_segments_and_the_whole_path_are_asked():
    segments = [str(number) for number in range(30)]
    paths = [
        text.partition("/")[2] for text, _ in candidates("a.evil.example/" + "/".join(segments))
    ]
    lengths = {len(path.split("/")) for path in paths if path}
    assert lengths == {*range(1, 17), 30}


def test_an_address_has_paths_but_no_parents():
    assert candidates("203.0.113.7/x/y") == [
        ("203.0.113.7/x/y", EXACT),
        ("203.0.113.7/x", PATH),
        ("203.0.113.7", PATH),
    ]
    assert candidates("http://[2001:db8::1]/x") == [
        ("[2001:db8::1]/x", EXACT),
        ("[2001:db8::1]", PATH),
    ]


@pytest.mark.parametrize(
    "text",
    ["http://203.0.113.7", "192.0.2.1", "198.51.100.9", "http://[2001:db8::1]", "http://[3fff::1]"],
)
def test_addresses_for_examples_are_allowed_like_the_domain_for_examples(text):
    assert link(text).notes == ()


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("evil.example", ()),
        ("evil.test", ()),
        ("evil.invalid", ()),
        ("evil.nosuchtld", ("unknown_suffix",)),
        ("hxxp://evil.example", ("refanged",)),
        ("hxxp://evil[.]nosuchtld", ("refanged", "unknown_suffix")),
    ],
)
def test_notes_say_what_was_done(text, notes):
    assert link(text).notes == notes


@pytest.mark.parametrize(
    ("text", "display"),
    [
        ("xn--cc-j9s.example/%C4%91", "cốc.example/đ"),
        ("evil.example/a%20b", "evil.example/a b"),
        ("evil.example/%FF", "evil.example/%FF"),
        ("xn--n3h.example", "xn--n3h.example"),
        ("evil.example/%E2%80%AEx", "evil.example/%E2%80%AEx"),
    ],
)
def test_links_are_shown_in_their_own_script_when_that_can_be_read(text, display):
    assert link(text).display == display


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:c.txt",
        "about:blank",
        "view-source:",
        "blob:x",
    ],
)
def test_a_text_for_the_browser_alone_is_told_to_be_one(text):
    with pytest.raises(InvalidIdentifier) as refused:
        ask(text)
    assert refused.value.reason in {"unsupported_scheme", "not_a_domain"}
    assert guess_kind(text) is Kind.LINK


def test_a_phone_behind_the_name_of_an_app_is_not_taken_for_a_link():
    for text in ("Zalo: 0912345678", "viber:+84912345678", "data: 0912345678", "tg:0912345678"):
        assert guess_kind(text) is not Kind.LINK


def test_the_case_of_a_path_is_kept():
    assert value("evil.example/Ab") != value("evil.example/ab")


def test_identifiers_are_links():
    assert link("evil.example").identifier == Identifier(Kind.LINK, "evil.example")


def test_refusals_never_repeat_the_link():
    for text in (
        "secret-name.localhost",
        "secret-name@evil.example",
        "secret-name:x",
        "secret-name",
    ):
        with pytest.raises(InvalidIdentifier) as refused:
            list_as(text, kind=Kind.LINK)
        assert "secret-name" not in str(refused.value)


def test_a_link_too_long_for_a_compact_shard_may_be_asked_and_not_listed():
    text = f"evil.example/{'a' * 2_000}"
    asked = {candidate.identifier.value for candidate in ask(text).readings[0].candidates}
    assert "evil.example" in asked
    with pytest.raises(InvalidIdentifier) as refused:
        list_as(text, kind=Kind.LINK)
    assert refused.value.reason == "too_long"
    assert list_as(f"evil.example/{'a' * 1_900}", kind=Kind.LINK)


def test_a_host_of_very_many_labels_asks_for_a_bounded_number_of_candidates():
    """Its registrable domain and the ten labels above are among them."""
    host = ".".join(["a"] * 110) + ".evil.example"
    candidates = ask(f"{host}/{'b/' * 60}").readings[0].candidates
    values = {candidate.identifier.value for candidate in candidates}
    assert {host, "evil.example", "a.evil.example", "a.a.a.a.a.a.a.a.evil.example"} <= values
    assert len(candidates) < 250
