"""One spelling for paths and for the queries that tell pages apart."""

import pytest

from blacklist.identifiers.paths import fold_path, fold_value, pick_query, show_path


@pytest.mark.parametrize(
    ("path", "folded"),
    [
        ("/", ""),
        ("", ""),
        ("/a/", "/a"),
        ("//a///b//", "/a/b"),
        ("/%41%62%2D%7e", "/Ab-~"),
        ("/%2f%3a", "/%2F%3A"),
        ("/%c3%a9", "/%C3%A9"),
        ("/%", "/%25"),
        ("/%%34%31", "/%2541"),
        ("/%zz", "/%25zz"),
        ("/A/b", "/A/b"),
    ],
)
def test_a_path_has_one_spelling(path, folded):
    assert fold_path(path) == folded
    assert fold_path(folded) == folded


@pytest.mark.parametrize(
    ("query", "picked"),
    [
        ("id=1", "id=1"),
        ("utm_source=x&v=2&id=1&fbclid=y", "id=1&v=2"),
        ("v=2&id=1", "id=1&v=2"),
        ("i%64=%31", "id=1"),
        ("id=1&id=2", "id=2"),
        ("id=", ""),
        ("id", ""),
        ("ID=1", ""),
        ("", ""),
        ("id=a+b", "id=a%20b"),
        ("id=a=b/c?d", "id=a%3Db%2Fc%3Fd"),
    ],
)
def test_only_the_wanted_keys_of_a_query_stay_sorted(query, picked):
    assert pick_query(query, ("id", "v")) == picked
    assert pick_query(picked, ("id", "v")) == picked


def test_a_value_cannot_end_the_query():
    assert fold_value("a&b=c#d'+") == "a%26b%3Dc%23d%27%2B"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/a", "/a"),
        ("/%C4%91%C6%B0%E1%BB%9Dng", "/đường"),
        ("/a%20b", "/a b"),
        ("/%FF", "/%FF"),
        ("/%E2%80%AEgpj", "/%E2%80%AEgpj"),
        ("/%00", "/%00"),
    ],
)
def test_a_path_is_shown_decoded_when_that_can_be_read(path, shown):
    assert show_path(path) == shown
