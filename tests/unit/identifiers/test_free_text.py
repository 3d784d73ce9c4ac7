"""Notes of people: kept on one line, and without what could be a card or a person."""

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.free_text import MAX_CHARACTERS, clean_note


@pytest.mark.parametrize(
    ("note", "cleaned"),
    [
        ("  Gọi xưng là\n công an ", "Gọi xưng là công an"),
        ("số tiền 100.000.000 đồng", "số tiền 100.000.000 đồng"),
        ("gọi lại 0900 000 000 hoặc +84 900 000 000", "gọi lại 0900 000 000 hoặc +84 900 000 000"),
        ("ngày 28-11-2026 lúc 10:15", "ngày 28-11-2026 lúc 10:15"),
        ("a\u200bb", "ab"),
        ("   ", ""),
    ],
)
def test_a_note_is_kept_on_one_line(note: str, cleaned: str) -> None:
    assert clean_note(note) == cleaned
    assert clean_note(cleaned) == cleaned


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("thẻ 4111111111111111", "card_number"),
        ("thẻ 4111-1111 1111-1111.", "card_number"),
        ("CMND 000000000", "identity_number"),
        ("CMND 000 000 000", "identity_number"),
        ("căn cước 000000000000", "identity_number"),
        ("căn cước 0000 0000 0000 của ai", "identity_number"),
        ("căn cước ００００００００００００", "identity_number"),
        ("căn cước ٠٠٠٠٠٠٠٠٠٠٠٠", "identity_number"),
        ("a\x07b", "control_characters"),
        ("a\ud800", "not_text"),
        ("x" * (MAX_CHARACTERS + 1), "too_long"),
    ],
)
def test_a_note_that_may_name_a_person_is_refused(note: str, reason: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        clean_note(note)
    assert refused.value.reason == reason
    assert "0000" not in refused.value.detail
