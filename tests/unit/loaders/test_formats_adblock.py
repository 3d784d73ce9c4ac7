"""Adblock filter lists."""

import pytest

from blacklist.model import Kind
from loaders.formats import Options, Record, Rejected, Skipped, adblock


def only_row(line):
    [row] = adblock.parse(["! Title", line], Options(kind=Kind.PHONE))
    return row


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("||evil.example^", "evil.example"),
        ("||Evil.Example^", "Evil.Example"),
        ("||thưởng.test^", "thưởng.test"),
        ("||evil.example.^", "evil.example."),
        ("||evil.example", "evil.example"),
        ("||evil.example^|", "evil.example"),
        ("||evil.example:8443^", "evil.example:8443"),
        ("||192.0.2.7^", "192.0.2.7"),
        ("||sites.example/view/abc^", "sites.example/view/abc"),
        ("||sites.example/view/abc", "sites.example/view/abc"),
        ("||sites.example/a$b/c^", "sites.example/a$b/c"),
        ("|https://evil.example/login|", "https://evil.example/login"),
        ("|http://evil.example/login", "http://evil.example/login"),
        ("|http://evil.example^", "http://evil.example"),
        ("  ||evil.example^ # why", "evil.example"),
    ],
)
def test_a_rule_that_blocks_a_host_or_an_address_is_a_record_of_a_link(rule, value):
    assert only_row(rule) == Record(line=2, value=value, kind=Kind.LINK)


@pytest.mark.parametrize(
    "options",
    ["all", "document", "doc", "popup", "important", "third-party", "3p", "ALL", "", "doc,popup"],
)
def test_options_that_do_not_narrow_a_rule_are_fine(options):
    assert only_row(f"||evil.example^${options}").value == "evil.example"


@pytest.mark.parametrize(
    "options",
    [
        *("domain=shop.example", "domain=a.example|~b.example", "script", "~third-party"),
        *("all,script", "popup,domain=shop.example", "denyallow=a.example", "badfilter"),
        *("to=a.example", "removeparam=utm_source", "1p", "app=com.example", "dnsrewrite"),
    ],
)
def test_options_that_narrow_a_rule_skip_it(options):
    assert only_row(f"||evil.example^${options}") == Skipped(line=2, reason="narrowed_rule")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("@@||good.example^", "exception_rule"),
        ("@@||good.example^$document", "exception_rule"),
        ("evil.example##.banner", "cosmetic_rule"),
        ("##.banner", "cosmetic_rule"),
        ("shop.example#@#.banner", "cosmetic_rule"),
        ("shop.example#?#div:has(> a)", "cosmetic_rule"),
        ("shop.example#$#abort-on-property-read x", "cosmetic_rule"),
        ("shop.example#%#//scriptlet('x')", "cosmetic_rule"),
        ("shop.example$$div[id]", "cosmetic_rule"),
        ("[$path=/a]shop.example##div[id]", "cosmetic_rule"),
        ("/banner[0-9]+/", "regex_rule"),
        ("/^https?:..evil/$script", "regex_rule"),
        ("||*.evil.example^", "wildcard_rule"),
        ("||evil.example^*/pay", "wildcard_rule"),
        ("||evil.example/*", "wildcard_rule"),
        ("||evil.example^path", "wildcard_rule"),
        ("||ads.", "wildcard_rule"),
        ("*banner", "wildcard_rule"),
        ("/ads/banner.js", "path_rule"),
        ("||/ads/banner.js", "path_rule"),
        ("|/ads/banner.js", "path_rule"),
        ("|evil.example", "path_rule"),
        ("banner.js", "unanchored_rule"),
        ("https://evil.example/a", "unanchored_rule"),
    ],
)
def test_what_blocks_no_whole_thing_is_skipped_with_its_reason(rule, reason):
    assert only_row(rule) == Skipped(line=2, reason=reason)


@pytest.mark.parametrize(
    "line",
    ["|", "||", "||^", "||two words^", "|| a.test", "||a.test ^", "two words", "0.0.0.0 a.test"],
)
def test_what_is_no_rule_is_rejected(line):
    assert only_row(line) == Rejected(line=2, reason="not_a_rule", text=line)


@pytest.mark.parametrize(
    "line",
    [
        "! a",
        "!#if env_firefox",
        "[Adblock Plus 2.0]",
        "[uBlock Origin]",
        "# a",
        "#",
        "####",
        "",
        " ",
    ],
)
def test_comments_and_blank_lines_are_no_rows(line):
    assert list(adblock.parse([line], Options())) == []
