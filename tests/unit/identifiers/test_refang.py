"""Links written so that nobody clicks them."""

import pytest

from blacklist.identifiers.refang import refang

PLAIN = "http://evil.example/a"


@pytest.mark.parametrize(
    "text",
    [
        "hxxp://evil.example/a",
        "hXXp://evil[.]example/a",
        "h**p://evil.example/a",
        "htxp://evil.example/a",
        "hxxp[:]//evil.example/a",
        "hxxp[://]evil.example/a",
        "http[:]//evil.example/a",
        "http[://]evil.example/a",
        "http://evil[.]example/a",
        "http://evil(.)example/a",
        "http://evil{.}example/a",
        "http://evil[dot]example/a",
        "http://evil(DOT)example/a",
        "http://evil [.] example/a",
        "http://evil[ dot ]example/a",
        "hxxp:\\\\evil.example/a",
    ],
)
def test_a_defanged_link_is_put_back(text):
    assert refang(text) == (PLAIN, True)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("hxxps://evil.example", "https://evil.example"),
        ("fxp://evil.example", "ftp://evil.example"),
        ("evil[.]example", "evil.example"),
        ("login[.]evil[.]example:80/x[.]php", "login.evil.example:80/x.php"),
        ("hxxp://evil.example/x[.]php", "http://evil.example/x.php"),
        ("evil[.]example[:]8080", "evil.example:8080"),
    ],
)
def test_parts_of_it_as_well(text, plain):
    assert refang(text) == (plain, True)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "HTTP://evil.example/a",
        "http:evil.example",
        "evil.example/a[.]b",
        "evil.example/?q=(dot)",
        "http://[::1]/",
        "http://[2001:db8::1]/a[.]b",
        "hxxp.example/a",
        "",
    ],
)
def test_a_plain_link_and_brackets_in_its_path_stay(text):
    assert refang(text) == (text, False)
