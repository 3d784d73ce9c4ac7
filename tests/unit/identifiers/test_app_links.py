"""Links that open an app: the web addresses they stand for, and what stays refused."""

from urllib.parse import quote

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, guess_kind, list_as
from blacklist.identifiers.app_links import MAX_ADDRESSES, MAX_DEPTH, open_app_link
from blacklist.model import Kind

APP = "play.google.com/store/apps/details?id=com.evil.app"

ELSE_OTHER = "S.browser_fallback_url=https%3A%2F%2Fother.example%2Fb;end"


def asked(text, kind=Kind.LINK):
    return [found.identifier.value for found in ask(text, kind=kind).readings]


def reason_of(verb, text):
    with pytest.raises(InvalidIdentifier) as refused:
        verb(text, kind=Kind.LINK)
    return refused.value.reason


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("intent://evil.example/a#Intent;scheme=https;end", ["evil.example/a"]),
        ("intent:evil.example/a#Intent;scheme=http;end", ["evil.example/a"]),
        ("INTENT://evil.example/a#Intent;scheme=HTTPS;end", ["evil.example/a"]),
        (
            "intent://evil.example/a#Intent;scheme=https;package=com.evil.app;" + ELSE_OTHER,
            ["evil.example/a", "other.example/b", APP],
        ),
        (
            "intent://scan/#Intent;scheme=zxing;package=com.evil.app;" + ELSE_OTHER,
            ["other.example/b", APP],
        ),
        (
            "intent://localhost/#Intent;scheme=http;S.browser_fallback_url=http://evil.example;end",
            ["evil.example"],
        ),
        (
            "intent://a.example#Intent;scheme=https;end#Intent;scheme=https;end",
            ["a.example"],
        ),
        ("intent://resolve?domain=Name#Intent;scheme=tg;end", ["t.me/Name"]),
        ("market://details?id=com.evil.app&hl=vi", [APP]),
        ("market:details?id=com.evil.app", [APP]),
        ("android-app://com.evil.app", [APP]),
        ("android-app://com.evil.app/https/evil.example/a", ["evil.example/a", APP]),
        ("itms-apps://itunes.apple.com/vn/app/x/id1?mt=8", ["apps.apple.com/vn/app/x/id1"]),
        ("itms-appss://apps.apple.com/app/id1", ["apps.apple.com/app/id1"]),
        (
            "itms-services://?action=download-manifest&url=https://evil.example/a.plist",
            ["evil.example/a.plist"],
        ),
        (
            "itms-services:?url=https%3A%2F%2Fevil.example%2Fa&amp;action=download-manifest",
            ["evil.example/a"],
        ),
        ("ms-appinstaller:?source=https://evil.example/a.msix", ["evil.example/a.msix"]),
        ("fb://profile/1001", ["facebook.com/profile.php?id=1001", "facebook.com/1001"]),
        ("fb://page/1001?referrer=x", ["facebook.com/1001", "facebook.com/profile.php?id=1001"]),
        ("fb://group/1001", ["facebook.com/groups/1001"]),
        ("fb://facewebmodal/f?href=https://m.facebook.com/Page", ["facebook.com/Page"]),
        ("fb://facewebmodal/f?href=/Page", ["facebook.com/Page"]),
        ("fb-messenger://user-thread/1001", ["m.me/1001"]),
        ("tg://resolve?domain=Name&start=x", ["t.me/Name"]),
        ("tg:resolve?domain=Name", ["t.me/Name"]),
        ("tg://resolve?domain=a/b", ["t.me/a%2Fb"]),
        ("tg://join?invite=AbC", ["t.me/+AbC", "t.me/joinchat/AbC"]),
        ("zalo://qr/p/abc", ["zaloapp.com/qr/p/abc"]),
        ("whatsapp://chat?code=AbC", ["chat.whatsapp.com/AbC"]),
        ("googlechrome://navigate?url=https://evil.example/a", ["evil.example/a"]),
        ("googlechrome://evil.example/a", ["evil.example/a"]),
        ("x-safari-https://evil.example/a", ["evil.example/a"]),
        ("firefox://open-url?url=https://evil.example/a", ["evil.example/a"]),
        ("microsoft-edge:https://evil.example/a", ["evil.example/a"]),
        ("microsoft-edge:?url=https%3A%2F%2Fevil.example%2Fa", ["evil.example/a"]),
        ("view-source:https://evil.example/a", ["evil.example/a"]),
        ("view-source:hxxps://evil[.]example/a", ["evil.example/a"]),
        ("blob:https://evil.example/0-0-0", ["evil.example"]),
    ],
)
def test_an_app_link_stands_for_its_web_addresses(text, places):
    assert asked(text) == places
    assert asked(text, kind=None) == places
    assert all("app_link" in found.notes for found in ask(text).readings)
    assert list_as(text, kind=Kind.LINK)[0].value == places[0]
    assert guess_kind(text) is Kind.LINK


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("intent://evil.example/a", "unsupported_scheme"),
        ("intent://evil.example#Intent;end", "unsupported_scheme"),
        ("intent://evil.example#Intent;scheme=evil;end", "unsupported_scheme"),
        ("intent://localhost#Intent;scheme=http;end", "not_a_domain"),
        ("intent://com.vn#Intent;scheme=http;end", "public_suffix"),
        ("market://search?q=x", "unsupported_scheme"),
        ("android-app://nothing", "unsupported_scheme"),
        ("itms-services://?action=download-manifest", "unsupported_scheme"),
        ("itms-apps://", "unsupported_scheme"),
        ("fb://feed", "unsupported_scheme"),
        ("tg://settings", "unsupported_scheme"),
        ("tg://resolve?phone=", "unsupported_scheme"),
        ("viber://chat?number=abc", "unsupported_scheme"),
        ("view-source:file:///etc/passwd", "unsupported_scheme"),
        ("blob:null/0-0-0", "unsupported_scheme"),
        ("evil-app://evil.example", "unsupported_scheme"),
        (
            "itms-services://?url=https://a.example&url=https://b.example",
            "several_links",
        ),
    ],
)
def test_what_cannot_be_reduced_is_refused_with_a_reason(text, reason):
    assert reason_of(ask, text) == reason_of(list_as, text) == reason


def test_an_app_link_stands_inside_an_app_link_twice_and_no_deeper():
    wrap = "view-source:"
    assert asked(wrap * MAX_DEPTH + "https://evil.example") == ["evil.example"]
    assert reason_of(ask, wrap * (MAX_DEPTH + 1) + "https://evil.example") == "unsupported_scheme"


def test_an_app_link_that_opens_very_much_is_refused():
    text = "https://evil.example"
    for depth in range(MAX_DEPTH):
        fallback = quote(text, safe="")
        text = (
            f"intent://{depth}.example#Intent;scheme=https;package=com.evil.app{depth};"
            f"S.browser_fallback_url={fallback};end"
        )
    with pytest.raises(InvalidIdentifier) as refused:
        open_app_link(text)
    assert refused.value.reason == "several_links"
    assert MAX_ADDRESSES < 2 * MAX_DEPTH + 1


def test_an_intent_that_names_only_its_app_can_be_asked_and_not_listed():
    """The app is often an honest browser or messenger."""
    text = "intent://scan/#Intent;scheme=zxing;package=com.evil.app;end"
    assert asked(text) == [APP]
    assert reason_of(list_as, text) == "unsupported_scheme"


def test_a_listing_of_any_of_the_addresses_flags_the_link():
    text = "intent://a.example/x#Intent;scheme=https;S.browser_fallback_url=http://b.example/y;end"
    found = {one.identifier.value for r in ask(text).readings for one in r.candidates}
    assert {"a.example", "b.example"} <= found


@pytest.mark.parametrize(
    "text", ["https://evil.example", "evil.example:80", "0912345678", "a b", ""]
)
def test_other_texts_are_no_app_links(text):
    assert open_app_link(text) == ()
