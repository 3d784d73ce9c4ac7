"""Sheets and letters."""

import datetime as dt
import io
import zipfile

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement

from blacklist.errors import Malformed
from blacklist.model import Kind
from loaders.formats import Options, Personal, Record, Rejected, Skipped
from loaders.formats.letterhead import Letterhead, read_letterhead
from loaders.formats.prose import read_paragraph
from loaders.rows import read_rows

FEBRUARY_17 = 1676592000


def sheet(*rows, merge=(), formats=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, shown in (formats or {}).items():
        book.active[cell].number_format = shown
    for cells in merge:
        book.active.merge_cells(cells)
    return book


def read(document, **told):
    file = io.BytesIO()
    document.save(file)
    return list(read_rows([file.getvalue()], options=Options(**told)).rows)


def values(rows):
    return [(row.value, row.bank) for row in rows if isinstance(row, Record)]


# ---- sheets


def test_the_header_is_found_below_titles_which_tell_the_letter():
    table = read(
        sheet(
            ["CÔNG AN TỈNH MẪU"],
            ["Số: 386/CAT-ANM, ngày 17 tháng 02 năm 2023"],
            ["DANH SÁCH TÀI KHOẢN"],
            [],
            ["STT", "Họ và tên", "Số tài khoản", "Ngân hàng"],
            [1, "Nobody", "0000000000001", "Vietcombank"],
        )
    )
    assert table == [
        Personal(),
        Record(
            line=6,
            value="0000000000001",
            kind=Kind.ACCOUNT,
            bank="Vietcombank",
            since=FEBRUARY_17,
            reference="386/CAT-ANM",
        ),
    ]


def test_a_column_a_bank_has_accounts_of_that_bank():
    table = read(
        sheet(
            ["STT", "Vietcombank", "BIDV", "MB Bank"],
            [1, "0000000000001", None, "0000000000003"],
            [2, None, None, None],
        )
    )
    assert values(table) == [("0000000000001", "Vietcombank"), ("0000000000003", "MB Bank")]
    assert table[-1] == Skipped(3, "no_value")


def test_a_header_of_two_rows_and_one_that_stands_again_are_no_rows():
    header = ["STT", "Tài khoản ngân hàng", None]
    table = read(
        sheet(
            header,
            [None, "Số tài khoản", "Ngân hàng"],
            [1, "0000000000001", "MB"],
            header,
            [2, "0000000000002", "MB"],
        )
    )
    assert values(table) == [("0000000000001", "MB"), ("0000000000002", "MB")]
    assert len(table) == 2


def test_cells_that_are_merged_downwards_hold_for_each_row():
    table = read(
        sheet(
            ["STK", "Ngân hàng"],
            ["0001", "MB"],
            ["0002", None],
            ["0003", None],
            ["0004", "VCB"],
            merge=["B2:B3"],
        )
    )
    assert values(table) == [("0001", "MB"), ("0002", "MB"), ("0003", None), ("0004", "VCB")]


@pytest.mark.parametrize("number", [1000000000000, 1, 1.5, 1e20, 9.70436e12])
def test_an_account_in_a_number_cell_may_have_lost_its_zeros(number):
    [row] = read(sheet(["STK", "Ngân hàng"], [number, "MB"]))
    assert (row.line, row.reason) == (2, "number_cell")


def test_an_account_whose_format_shows_its_zeros_is_exact():
    table = read(
        sheet(["STK"], [12], [12], formats={"A2": "0000000000000", "A3": "0"}), kind=Kind.ACCOUNT
    )
    assert table == [
        Record(line=2, value="0000000000012", kind=Kind.ACCOUNT),
        Rejected(3, "number_cell", "12"),
    ]


@pytest.mark.parametrize(
    ("number", "text"), [(7700900123, "7700900123"), (447700900123.0, "447700900123")]
)
def test_a_phone_in_a_number_cell_lacks_no_digit_of_its_own(number, text):
    """The zero that is dialled before it is no part of it."""
    assert read(sheet(["SĐT"], [number])) == [Record(line=2, value=text, kind=Kind.PHONE)]


def test_dates_flags_and_rounded_texts_are_read_as_texts():
    when = dt.datetime(2023, 2, 17)  # noqa: DTZ001 - as sheets hold them
    table = read(
        sheet(
            ["STK", "Ngân hàng", "Ngày", "NghiNgo"],
            ["0001", "MB", when, 3],
            ["9.7E+12", "MB", None, 3],
        )
    )
    assert (table[0].since, table[0].note[:6]) == (FEBRUARY_17, "SIMO 3")
    assert table[1] == Rejected(3, "number_cell", "9.7E+12")


def test_without_a_header_one_column_is_a_list_and_more_are_rejected():
    assert values(read(sheet(["0001"], ["0002"]), kind=Kind.ACCOUNT)) == [
        ("0001", None),
        ("0002", None),
    ]
    assert {row.reason for row in read(sheet(["a", "0001"], ["b", "0002"]))} == {"no_header"}


def test_a_told_column_is_found_by_name_or_number():
    table = sheet(["title"], ["mã", "tiền"], ["0001", "x"])
    assert values(read(table, columns={"value": "mã"}, kind=Kind.ACCOUNT)) == [("0001", None)]


def test_all_visible_sheets_are_read_and_hidden_ones_skipped():
    book = sheet(["SĐT"], ["+447700900123"])
    second = book.create_sheet("2")
    second.append(["SĐT"])
    second.append(["+447700900124"])
    hidden = book.create_sheet("3")
    hidden.append(["+447700900125"])
    hidden.sheet_state = "hidden"
    table = read(book)
    assert [value for value, _ in values(table)] == ["+447700900123", "+447700900124"]
    assert table[-1] == Skipped(1, "hidden_sheet")


def rewritten(document, part, old, new):
    file = io.BytesIO()
    document.save(file)
    result = io.BytesIO()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(result, "w") as other:
        for name in archive.namelist():
            content = archive.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            other.writestr(name, content)
    return result.getvalue()


def test_a_sheet_made_to_take_forever_is_malformed():
    data = rewritten(
        sheet(["SĐT"], ["+447700900123"]),
        "xl/worksheets/sheet1.xml",
        b'<row r="2"><c r="A2"',
        b'<row r="999999999"><c r="A999999999"',
    )
    with pytest.raises(Malformed, match="more than 1048576 rows"):
        list(read_rows([data]).rows)


def test_entities_are_not_expanded():
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    data = rewritten(
        sheet(["SĐT"], ["+447700900123"]),
        "xl/worksheets/sheet1.xml",
        b"<worksheet",
        laughs + b"<worksheet",
    )
    with pytest.raises(Malformed, match="the sheet is damaged"):
        list(read_rows([data]).rows)


def test_a_cell_of_a_letter_that_spans_everything_is_malformed():
    letter = docx.Document()
    letter.add_table(rows=1, cols=2).cell(0, 0).merge(letter.tables[0].cell(0, 1))
    data = rewritten(
        letter, "word/document.xml", b'w:gridSpan w:val="2"', b'w:gridSpan w:val="999999999999"'
    )
    with pytest.raises(Malformed, match="spans more columns"):
        list(read_rows([data]).rows)


# ---- letters


def test_a_letter_is_read_in_its_order_with_its_number_and_date():
    letter = docx.Document()
    letter.add_paragraph("Số: 386/CAT-ANM")
    letter.add_paragraph("Cao Bằng, ngày 17 tháng 02 năm 2023")
    table = letter.add_table(rows=3, cols=2)
    for at, text in enumerate(["Số tài khoản", "Ngân hàng", "0001", "MB", "0002", ""]):
        table.cell(at // 2, at % 2).text = text
    table.cell(1, 1).merge(table.cell(2, 1))
    letter.add_paragraph("Số thuê bao +447700900123 vi phạm.")
    personal, *rows = read(letter)
    assert personal == Personal()
    assert [(row.line, row.value, row.bank) for row in rows] == [
        (4, "0001", "MB"),
        (5, "0002", "MB"),
        (6, "+447700900123", None),
    ]
    assert {(row.reference, row.since) for row in rows} == {("386/CAT-ANM", FEBRUARY_17)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("STK 0000000000001 tại ngân hàng Vietcombank", [("0000000000001", "Vietcombank")]),
        (
            "số tài khoản: 000.000.0001 (mở tại Ngân hàng MB), chủ",
            [("0000000001", "MB")],
        ),
        ("tài khoản 0000000001 BIDV và 5 người khác", [("0000000001", "BIDV")]),
        ("STK 0000000001, 0000000002 Vietcombank", [("0000000001", "Vietcombank")] * 2),
        ("STK 0000000001 tại ngân hàng Không Có Thật", [("0000000001", "Không Có Thật")]),
        ("STK 0000000001 do ai đó dùng", [("0000000001", None)]),
        ("thuê bao: +447700900123 và +447700900124", [("+447700900123", None)] * 2),
        ("lừa đảo qua https://evil.example/a?b=1.", [("https://evil.example/a?b=1", None)]),
        ("website evil.example, evil[.]example", [("evil.example", None)]),
        ("- https://evil.example", [("https://evil.example", None)]),
        (
            "giả danh cán bộ điều tra dùng số điện thoại +447700900123",
            [("+447700900123", None)],
        ),
        ("các số thuê bao sau đây: +447700900123", [("+447700900123", None)]),
        ("tài khoản ngân hàng gồm: 0000000001 MB", [("0000000001", "MB")]),
        ("không có gì ở đây, ngày 17/02/2023", []),
    ],
)
def test_what_a_sentence_accuses(text, found):
    records = values(read_paragraph(1, text))
    assert len(records) == len(found)
    assert {bank for _, bank in records} == {bank for _, bank in found}
    assert not found or records[0][0] == found[0][0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Bị hại chuyển tiền từ STK 0000000001", "whose_number"),
        ("Liên hệ đồng chí A, số điện thoại +447700900123", "whose_number"),
        ("Xem thêm tại https://ok.example", "whose_number"),
        ("CCCD 000000000000", "whose_number"),
        ("Giả danh công an, liên hệ cán bộ A số điện thoại +447700900123", "whose_number"),
        ("mã 0000000000001 được dùng", "unnamed_number"),
    ],
)
def test_a_number_that_may_be_somebody_elses_is_for_a_person(text, reason):
    assert list(read_paragraph(3, text)) == [Rejected(3, reason, "")]


def letter_of(*paragraphs):
    letter = docx.Document()
    for text in paragraphs:
        letter.add_paragraph(text)
    return letter


def test_numbers_below_a_sentence_that_announces_them_are_listed():
    rows = read(
        letter_of(
            "Đề nghị thu hồi các số thuê bao dùng để lừa đảo sau:",
            "1. +447700900123",
            "",
            "- +447700900124;",
            "Đề nghị phong tỏa các số tài khoản:",
            "• 0000000001 Ngân hàng MB",
            "Trân trọng.",
            "0000000002",
        )
    )
    assert values(rows) == [
        ("+447700900123", None),
        ("+447700900124", None),
        ("0000000001", "MB"),
    ]
    assert [row for row in rows if isinstance(row, Rejected)] == [Rejected(8, "unnamed_number", "")]


@pytest.mark.parametrize(
    "text",
    [
        "Liên hệ đồng chí A, số điện thoại:",
        "Tài khoản của bị hại:",
        "Nơi nhận:",
        "Số thuê bao bị phản ánh.",
        "Số điện thoại: xem phụ lục",
    ],
)
def test_other_sentences_announce_no_list(text):
    assert values(read(letter_of(text, "0000000001"))) == []


def test_a_letterhead_is_its_first_number_and_date():
    lines = ["UBND", "Số:  12 /QĐ-UBND", "Số: 13/X-Y", "Ngày 1 tháng 2 năm 2024", "x"]
    assert read_letterhead(lines) == Letterhead("12/QĐ-UBND", 1706745600)
    assert read_letterhead(["ngày 31 tháng 02 năm 2024"]) == Letterhead()


def test_content_controls_text_boxes_insertions_and_inner_tables_are_read():
    letter = docx.Document()
    for text in ("STK 0000000001 trong khung", "STK 0000000002 thêm vào", "STK 0000000003 hộp"):
        letter.add_paragraph(text)
    first, second, third = (paragraph._p for paragraph in letter.paragraphs)
    control = OxmlElement("w:sdt")
    content = OxmlElement("w:sdtContent")
    first.addprevious(control)
    control.append(content)
    content.append(first)
    inserted = OxmlElement("w:ins")
    second.append(inserted)
    inserted.append(second.r_lst[0])
    holder = letter.add_paragraph()._p
    box = OxmlElement("w:txbxContent")
    holder.add_r().append(box)
    box.append(third)
    outer = letter.add_table(rows=1, cols=1)
    inner = outer.cell(0, 0).add_table(rows=2, cols=2)
    for at, text in enumerate(["STK", "Ngân hàng", "0000000004", "MB"]):
        inner.cell(at // 2, at % 2).text = text
    assert values(read(letter)) == [
        ("0000000001", None),
        ("0000000002", None),
        ("0000000003", None),
        ("0000000004", "MB"),
    ]


def test_a_told_column_that_a_sheet_lacks_is_malformed():
    with pytest.raises(Malformed, match="no column 'nowhere'"):
        read(sheet(["STK"], ["0001"]), columns={"bank": "nowhere"})
