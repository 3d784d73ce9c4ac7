"""Hosts that belong to many: only pages are listed, tracking parameters never make a miss."""

import tomllib
from importlib.resources import files

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, list_as
from blacklist.identifiers.paths import fold_path
from blacklist.identifiers.shared_hosts import find_page_host, suffix_like_hosts
from blacklist.model import Kind, Match

TABLE = tomllib.loads(
    files("blacklist.identifiers").joinpath("data", "shared_hosts.toml").read_text("utf-8")
)


def link(text):
    return ask(text, kind=Kind.LINK).readings[0]


def values(text):
    return [found.identifier.value for found in link(text).candidates]


def listed(text):
    return list_as(text, kind=Kind.LINK)[0].value


def reason_of(text):
    with pytest.raises(InvalidIdentifier) as refused:
        list_as(text, kind=Kind.LINK)
    return refused.value.reason


@pytest.mark.parametrize(
    ("asked", "row"),
    [
        ("facebook.com/profile.php?ref=x&id=1", "www.facebook.com/profile.php?id=1"),
        ("https://m.facebook.com/profile.php?id=1&fbclid=z#top", "facebook.com/profile.php?id=1"),
        ("vi-vn.facebook.com/Page/", "web.facebook.com/Page"),
        ("fb.com/Page?mibextid=x", "facebook.com/Page"),
        ("facebook.com/story.php?id=2&story_fbid=1", "facebook.com/story.php?story_fbid=1&id=2"),
        ("facebook.com/Page/posts/1", "facebook.com/Page"),
        ("facebook.com/groups/1/permalink/2", "facebook.com/groups/1"),
        ("https://youtu.be/abc?t=3", "youtube.com/watch?v=abc"),
        ("www.youtu.be/abc", "youtube.com/watch?v=abc"),
        ("youtube.com/watch?feature=share&v=abc", "m.youtube.com/watch?v=abc&list=x"),
        ("youtube.com/shorts/abc", "youtube.com/watch?v=abc"),
        ("youtube.com/embed/abc?rel=0", "youtube.com/watch?v=abc"),
        ("youtube.com/playlist?list=PL1&si=x", "youtube.com/playlist?list=PL1"),
        ("youtube.com/channel/UC1/videos", "youtube.com/channel/UC1"),
        ("play.google.com/store/apps/details?hl=vi&id=a.b",
         "play.google.com/store/apps/details?id=a.b"),
        ("sites.google.com/view/name/home", "sites.google.com/view/name"),
        ("docs.google.com/forms/d/e/ID/viewform?usp=sf_link", "docs.google.com/forms/d/e/ID"),
        ("drive.google.com/open?id=ID&usp=x", "drive.google.com/open?id=ID"),
        ("https://www.google.com/url?sa=D&q=http://evil.example/",
         "google.com/url?q=http%3A%2F%2Fevil.example%2F"),
        ("telegram.me/name?start=1", "t.me/name"),
        ("t.me/s/name", "t.me/name"),
        ("oa.zalo.me/123?src=qr", "oa.zalo.me/123"),
        ("zalo.me/g/abc", "zalo.me/g/abc"),
        ("mobile.twitter.com/name/status/1", "x.com/name"),
        ("tiktok.com/@name/video/1?lang=vi", "www.tiktok.com/@name"),
        ("vn.linkedin.com/in/name", "www.linkedin.com/in/name"),
        ("https://bit.ly/AbC?x=1", "bit.ly/AbC"),
        ("tinyurl.com/abc", "www.tinyurl.com/abc/"),
        ("onedrive.live.com/?cid=1&id=2&o=3", "onedrive.live.com?id=2&cid=1"),
    ],
)  # fmt: skip
def test_every_spelling_of_a_page_finds_its_listing(asked, row):
    assert listed(row) in values(asked)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("www.facebook.com/profile.php?id=1&v=2", "facebook.com/profile.php?id=1"),
        ("youtu.be/abc", "youtube.com/watch?v=abc"),
        ("youtube.com/shorts/a&b=c", "youtube.com/watch?v=a%26b%3Dc"),
        ("telegram.me/Name", "t.me/Name"),
        ("t.me/s/s/name", "t.me/name"),
        ("foo.google.com/a", "foo.google.com/a"),
        ("mail.foo.google.com", "mail.foo.google.com"),
    ],
)
def test_a_page_has_one_key(text, expected):
    assert listed(text) == expected
    assert listed(expected) == expected


@pytest.mark.parametrize(
    "host",
    [
        "facebook.com",
        "www.facebook.com",
        "m.facebook.com",
        "youtu.be",
        "google.com",
        "bit.ly",
        "t.me",
        "telegram.me",
        "docs.google.com",
        "onedrive.live.com",
        "twitter.com/",
    ],
)
def test_a_bare_shared_host_cannot_be_listed_but_asked(host):
    assert reason_of(host) == "shared_host"
    reading = link(host)
    assert reading.notes == ("shared_host",)
    assert [found.match for found in reading.candidates] == [Match.EXACT]


@pytest.mark.parametrize(
    "path",
    ["facebook.com/groups", "facebook.com/groups/", "facebook.com/profile.php",
     "facebook.com/profile.php?ref=x", "facebook.com/profile.php?id=", "youtube.com/channel",
     "youtube.com/watch", "youtube.com/watch?t=1",
     "sites.google.com/view", "sites.google.com/site", "zalo.me/g", "docs.google.com/forms/d/e",
     "play.google.com/store/apps", "play.google.com/store/apps/details", "apps.apple.com/vn/app",
     "google.com/url", "t.me/joinchat"],
)  # fmt: skip
def test_a_path_of_many_cannot_be_listed_but_asked(path):
    assert reason_of(path) == "shared_path"
    reading = link(path)
    assert reading.notes == ("shared_path",)
    assert len(reading.candidates) == 1


def test_a_page_never_asks_for_what_it_shares():
    assert values("facebook.com/profile.php?id=1") == ["facebook.com/profile.php?id=1"]
    assert values("facebook.com/groups/1/posts/2") == [
        "facebook.com/groups/1/posts/2",
        "facebook.com/groups/1/posts",
        "facebook.com/groups/1",
    ]


def test_two_profiles_are_two_keys():
    assert listed("facebook.com/profile.php?id=1") != listed("facebook.com/profile.php?id=2")
    assert listed("facebook.com/profile.php?id=1") not in values("facebook.com/profile.php?id=2")


def test_an_unknown_sub_host_stands_for_itself_alone():
    assert values("foo.google.com/a/b") == [
        "foo.google.com/a/b",
        "foo.google.com/a",
        "foo.google.com",
    ]
    assert values("a.foo.google.com") == ["a.foo.google.com"]


def test_the_name_of_a_shared_host_inside_another_host_means_nothing():
    assert listed("facebook.com.evil.example/groups") == "facebook.com.evil.example/groups"
    assert listed("notfacebook.com") == "notfacebook.com"


@pytest.mark.parametrize(
    "host",
    [
        "000webhostapp.com",
        "glitch.me",
        "godaddysites.com",
        "mystrikingly.com",
        "railway.app",
        "webador.com",
        "weebly.com",
    ],
)
def test_a_site_under_a_suffix_like_host_never_stands_for_its_neighbours(host):
    assert host in suffix_like_hosts()
    assert listed(f"evil.{host}") == f"evil.{host}"
    assert not [value for value in values(f"a.evil.{host}/x") if value.split("/")[0] == host]


def test_the_table_is_canonical():
    """A container or query path that is not in canonical form would never match."""
    for row in TABLE["page_host"]:
        for path in (*row.get("containers", ()), *row.get("queries", {})):
            assert path == fold_path(path), (row["host"], path)
        for host in (row["host"], *row.get("also", ())):
            assert host == host.lower()


def test_no_host_is_in_the_table_twice():
    hosts = [host for row in TABLE["page_host"] for host in (row["host"], *row.get("also", ()))]
    hosts += TABLE["suffix_like"] + TABLE["shorteners"]
    assert len(hosts) == len(set(hosts))


@pytest.mark.parametrize("host", [row["host"] for row in TABLE["page_host"]] + TABLE["shorteners"])
def test_every_page_host_is_found_and_cannot_be_listed_bare(host):
    page_host, _ = find_page_host(host)
    assert page_host is not None
    assert reason_of(host) == "shared_host"
    assert listed(f"{host}/some/page/deep/down/here") in values(
        f"http://www.{host}/some/page/deep/down/here/?x=1"
    )
