"""The lines that the page shows to whoever has sent money."""

from blacklist.model import Identifier, Kind
from blacklist.store.marks import Mark
from blacklist.web.pages.hotlines import merged


def mark(name: str, hotline: str | None) -> Mark:
    return Mark(Identifier(Kind.LINK, "bank.example"), 0, name, hotline=hotline)


def lines(*marks: Mark) -> dict[str, tuple[str, str]]:
    return {one.bank: (one.dialled, one.shown) for one in merged(marks)}


def test_what_banks_publish_is_dialled_as_it_is_in_vietnam() -> None:
    known = lines()
    assert known["Vietcombank"] == ("1900545413", "1900 545413")
    assert known["VIB"] == ("18008180", "1800 8180")
    assert list(known) == sorted(known, key=str.casefold)


def test_the_operators_directory_comes_first_however_the_bank_is_written() -> None:
    known = lines(
        mark("Ngân hàng TMCP Ngoại thương Việt Nam", "1900 0000 (24/7)"), mark("ACB", None)
    )
    assert known["Ngân hàng TMCP Ngoại thương Việt Nam"] == ("19000000", "1900 0000 (24/7)")
    assert "Vietcombank" not in known
    assert known["ACB"] == lines()["ACB"]


def test_a_line_that_is_no_number_is_shown_and_not_dialled() -> None:
    assert lines(mark("Ví Mẫu", "trong ứng dụng"))["Ví Mẫu"] == ("", "trong ứng dụng")
