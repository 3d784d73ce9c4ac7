"""What ``Idempotency-Key`` may say: one string or one bare word, and nothing beside it."""

import pytest

from blacklist.web.idempotency import MAX_CHARACTERS, read_key
from blacklist.web.problems import Refusal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("k", "k"),
        ('"two words"', "two words"),
        (r'"a \"quoted\" \\ word"', r'a "quoted" \ word'),
        ("aGVsbG8gd29ybGQ=", "aGVsbG8gd29ybGQ="),
        ("x" * MAX_CHARACTERS, "x" * MAX_CHARACTERS),
        (f'"{"x" * MAX_CHARACTERS}"', "x" * MAX_CHARACTERS),
        ('"' + r"\"" * MAX_CHARACTERS + '"', '"' * MAX_CHARACTERS),
    ],
)
def test_a_string_and_a_bare_word_say_the_same(text: str, value: str) -> None:
    assert read_key(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        '""',
        '"open',
        'open"',
        "two words",
        '"a";b=1',
        "a;b=1",
        "a, b",
        '"a", "b"',
        r'"a\b"',
        "\\",
        "khóa",
        '"khóa"',
        "a\x00",
        "a\x7f",
        "a\n",
        "x" * (MAX_CHARACTERS + 1),
        f'"{"x" * (MAX_CHARACTERS + 1)}"',
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_key(text)
    assert (refused.value.status, refused.value.reason) == (400, "bad_idempotency_key")
