"""The public suffix list: cut hosts, never fetch."""

import random
from importlib.resources import files

import publicsuffixlist
import pytest
import requests
from ada_url import idna_to_ascii

from blacklist.identifiers import suffixes
from blacklist.identifiers.shared_hosts import suffix_like_hosts
from blacklist.identifiers.suffixes import Domain, split


@pytest.mark.parametrize(
    ("host", "registrable", "is_listed", "is_leased"),
    [
        ("a.evil.example", "evil.example", True, False),
        ("evil.example", "evil.example", True, False),
        ("a.b.test", "b.test", True, False),
        ("a.b.invalid", "b.invalid", True, False),
        ("a.b.nosuchtld", "b.nosuchtld", False, False),
        ("a.example.com", "example.com", True, False),
        ("a.example.com.vn", "example.com.vn", True, False),
        ("com.vn", "", True, False),
        ("a.b.github.io", "b.github.io", True, True),
        ("github.io", "", True, True),
        ("a.b.weebly.com", "b.weebly.com", True, True),
        ("weebly.com", "", True, True),
        ("a.b.c.ck", "b.c.ck", True, False),
        ("www.ck", "www.ck", True, False),
        ("a.xn--p1ai", "a.xn--p1ai", True, False),
    ],
)
def test_a_host_is_cut_at_its_suffix(host, registrable, is_listed, is_leased):
    assert split(host) == Domain(registrable, is_listed, is_leased)


def test_the_cut_agrees_with_the_lists_own_reader():
    """Another implementation of the same list must give the same owner for any of its suffixes."""
    reader = publicsuffixlist.PublicSuffixList()
    listed = files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    rules = [line for line in listed.splitlines() if line and line[:2] != "//"]
    ours = tuple(f".{host}" for host in suffix_like_hosts())
    for rule in random.Random(1).sample(list(filter(str.isascii, rules)), 1500):
        suffix = rule.lstrip("!").replace("*", "any")
        for host in (f"a.b.{suffix}", f"b.{suffix}", suffix):
            if "." in host and not f".{host}".endswith(ours):
                assert split(host).registrable == (reader.privatesuffix(host) or ""), host


def test_the_short_way_cuts_as_the_library_does():
    """Every rule of the list, below it and beside it, and names that are in no list."""
    rules = [rule.lstrip("!") for rule in suffixes._extractor().tlds]
    encoded = (rule if rule.isascii() else idna_to_ascii(rule).decode() for rule in rules)
    suffix_hosts = [rule.replace("*", "any") for rule in encoded]
    hosts = [
        f"{start}{suffix}"
        for suffix in suffix_hosts
        for start in ("", "b.", "a.b.", "xn--a.b.", "x")
    ]
    hosts += ["a.b.nosuchtld", "b.nosuchtld", "a.xn--nosuchtld", "1.2.example"]
    for host in hosts:
        if "." in host:
            assert split(host) == suffixes._split_by_library(host), host


def test_nothing_is_ever_fetched(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a request was sent")

    monkeypatch.setattr(requests.Session, "send", refuse)
    suffixes._extractor.cache_clear()
    assert split("a.evil.com.vn").registrable == "evil.com.vn"


def test_unicode_suffixes_are_read_as_utf8():
    assert split("a.b.xn--fiqs8s").registrable == "b.xn--fiqs8s"
    assert split("a.b.xn--55qx5d.cn").registrable == "b.xn--55qx5d.cn"
