"""The names of columns."""

from blacklist.screening import columns
from loaders.formats import words


def test_every_word_means_what_it_means_in_a_feed() -> None:
    """Both ways of reading a header agree on the kind."""
    for word, kind in columns.KINDS.items():
        assert words.find_kind(word) is kind
    assert set(columns.BANKS) <= set(words.FIELD_WORDS["bank"])
    assert set(columns.ANY_KIND) <= {*words.ANY_KIND, *words.ANY_KIND_WEAKLY}


def test_a_name_is_folded_as_in_a_feed() -> None:
    for name in ("Số tài khoản (STK)", "so_tai_khoan", "SoTaiKhoan", "(x)", "x" * 101, "Đ-1", ""):
        assert columns.fold(name) == words.fold(name)
