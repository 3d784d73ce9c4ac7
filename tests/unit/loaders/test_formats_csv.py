"""Tables with a header."""

import pytest

from blacklist.errors import Malformed
from blacklist.model import Category, Kind
from loaders.formats import Options, Personal, Record, Rejected, Skipped, Withdrawn, csv


def rows(*lines, **told):
    return list(csv.parse(lines, Options(**told)))


def test_a_record_carries_all_that_its_columns_say():
    header = "phone;first_seen;category;reference;note;expires"
    line = "+447700900123;2026-11-22;impersonation_authority;386/A;a police officer;22/11/2027"
    assert rows(header, line) == [
        Record(
            line=2,
            value="+447700900123",
            kind=Kind.PHONE,
            category=Category.IMPERSONATION_AUTHORITY,
            since=1795305600,
            reference="386/A",
            note="a police officer",
            expires=1826841600,
        )
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_told_apart(delimiter):
    header, line = delimiter.join(["a", "url", "b"]), delimiter.join(["x", "http://a.test", "y"])
    assert [row.value for row in rows(header, line)] == ["http://a.test"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, Kind.LINK) for name in ("url", "URL", "domain", "Host", "Tên miền", "website")),
        *((name, None) for name in ("indicator", "IOC", "value", "number")),
        *((name, Kind.PHONE) for name in ("phone", "phone_number", "Company_Phone_Number")),
        *((name, Kind.PHONE) for name in ("Caller ID Number", "sđt", "Số điện thoại (SĐT)")),
        *((name, Kind.PHONE) for name in ("SĐT 2", "SO DIEN THOAI", "sô\u0301 điện thoại")),
        *((name, Kind.ACCOUNT) for name in ("account", "account_number", "STK", "SoTaiKhoan")),
        *((name, Kind.ACCOUNT) for name in ("Số tài khoản", "IBAN", "Tài khoản ngân hàng")),
    ],
)
def test_the_value_is_found_by_its_columns_name_which_says_the_kind(name, kind):
    assert rows(f"x,{name}", "y,z1") == [Record(line=2, value="z1", kind=kind)]
    assert rows(f'"{name}",x', '"z1","y"') == [Record(line=2, value="z1", kind=kind)]


@pytest.mark.parametrize("name", ["bank", "bank_name", "BIN", "Ngân hàng", "Mã BIN", "bank_code"])
def test_the_bank_of_an_account_is_found(name):
    assert rows(f"stk,{name}", "0001,VCB")[0].bank == "VCB"


def test_what_has_a_bank_is_an_account_and_only_accounts_have_one():
    assert rows("number,bank", "0000000001,VCB", "0000000002,") == [
        Record(line=2, value="0000000001", kind=Kind.ACCOUNT, bank="VCB"),
        Record(line=3, value="0000000002"),
    ]
    assert rows("url,bank", "http://a.test,VCB") == [
        Record(line=2, value="http://a.test", kind=Kind.LINK)
    ]


def test_a_row_of_several_identifiers_is_a_record_for_each():
    header = "sđt,stk,ngân hàng,website,ghi chú"
    assert rows(header, "+447700900123,0001,VCB,a.test,x", "+447700900124,,,,y") == [
        Record(line=2, value="+447700900123", kind=Kind.PHONE, note="x"),
        Record(line=2, value="0001", kind=Kind.ACCOUNT, bank="VCB", note="x"),
        Record(line=2, value="a.test", kind=Kind.LINK, note="x"),
        Record(line=3, value="+447700900124", kind=Kind.PHONE, note="y"),
    ]


def test_one_identifier_twice_in_a_row_is_one_record():
    header = "caller id number,advertiser business number"
    values = [row.value for row in rows(header, "2025550107,2025550107", "2025550107,2025550113")]
    assert values == ["2025550107", "2025550107", "2025550113"]


def test_the_address_is_listed_and_not_its_host():
    [row] = rows("domain,url,ip", "sites.test,http://sites.test/evil,192.0.2.7")
    assert row.value == "http://sites.test/evil"


def test_the_address_beside_a_number_is_where_it_was_reported():
    [row] = rows("phone,link", "+447700900123,http://forum.test/report/1")
    assert row == Record(
        line=2,
        value="+447700900123",
        kind=Kind.PHONE,
        reference="http://forum.test/report/1",
    )


def test_the_address_in_a_row_without_a_number_is_listed():
    header = "phone,stk,url,note"
    assert rows(header, ",,http://evil.test/a,x", ",,,") == [
        Record(line=2, value="http://evil.test/a", kind=Kind.LINK, note="x"),
        Skipped(line=3, reason="no_value"),
    ]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        *(("domain", Kind.LINK), ("ip-dst", Kind.LINK), ("phone-number", Kind.PHONE)),
        *(("iban", Kind.ACCOUNT), ("Điện thoại", Kind.PHONE), ("anything", None), ("", None)),
    ],
)
def test_a_type_column_says_the_kind(word, kind):
    assert rows("type,indicator", f"{word},x1")[0].kind is kind


@pytest.mark.parametrize("word", ["md5", "SHA-256", "email-src", "filename"])
def test_a_type_we_do_not_list_is_skipped(word):
    assert rows("type,value", f"{word},invoice.zip") == [Skipped(line=2, reason="other_type")]


def test_a_column_that_names_its_kind_counts_before_the_type():
    for word in ("text", "email", "domain"):
        assert rows("type,phone", f"{word},+447700900123") == [
            Record(line=2, value="+447700900123", kind=Kind.PHONE)
        ]


def test_a_type_column_may_hold_the_category():
    assert rows("url,type", "http://a.test,phishing")[0].category is Category.PHISHING


@pytest.mark.parametrize(
    ("word", "category"),
    [
        *(("loan_shark", Category.LOAN_SHARK), ("Loan Shark", Category.LOAN_SHARK)),
        *(("malware_download", Category.MALWARE_APP), ("Robocalls", Category.SPAM_CALL)),
        *(("Giả danh công an", Category.IMPERSONATION_AUTHORITY), ("Network activity", None)),
    ],
)
def test_category_words_are_ours_or_none(word, category):
    assert rows("phone,category", f"+447700900123,{word}")[0].category is category


@pytest.mark.parametrize("word", ["0", "false", "No", "Không"])
def test_what_the_feed_marks_as_not_suspicious_is_no_listing(word):
    assert rows("stk,to_ids", f"0001,{word}") == [Skipped(line=2, reason="not_suspected")]
    assert rows("stk,to_ids", "0001,3")[0].value == "0001"


@pytest.mark.parametrize("word", ["0", "00", "0.0", "0 - none", "false", "No", "Không"])
def test_simo_takes_back_what_it_suspects_no_longer(word):
    withdrawn = Withdrawn(line=2, value="0001", kind=Kind.ACCOUNT, bank="VCB")
    assert rows("stk,bank,NghiNgo", f"0001,VCB,{word}") == [withdrawn]


@pytest.mark.parametrize(("code", "category"), [("3", Category.MULE_ACCOUNT), ("05", None)])
def test_a_code_of_simo_is_the_note_and_the_remark_beside_it_is_not_kept(code, category):
    [row] = rows("SoTaiKhoan,NghiNgo,GhiChu", f"0001,{code},Nobody A")
    assert (row.category, row.note[:6]) == (category, f"SIMO {int(code)}")


@pytest.mark.parametrize("code", ["", "9", "x", "1.5", "\u0663"])
def test_a_row_of_simo_without_its_code_accuses_nobody(code):
    assert rows("SoTaiKhoan,NghiNgo", f"0001,{code}") == [Rejected(2, "suspicion_not_told", "")]


def test_what_has_a_date_of_deletion_or_no_reports_left_is_withdrawn():
    assert rows("phone,votes", "+447700900123,0") == [Withdrawn(2, "+447700900123", Kind.PHONE)]
    assert rows("domain,DeleteDate", "a.test,2026-01-01", "b.test,") == [
        Withdrawn(2, "a.test", Kind.LINK),
        Record(3, "b.test", Kind.LINK),
    ]


@pytest.mark.parametrize(("text", "count"), [("7", 7), ("1,204", 1204), ("x", None), ("1.5", None)])
def test_reports_are_counted_and_the_last_is_dated(text, count):
    [row] = rows("phone;reports;last_seen", f"+447700900123;{text};2026-11-22")
    assert (row.reports, row.last_seen) == (count, 1795305600)


@pytest.mark.parametrize("value", ["9.70436E+12", "1E+10", "9,7e+9"])
def test_a_number_that_a_sheet_rounded_is_rejected(value):
    assert rows("stk;bank", f"{value};VCB") == [Rejected(2, "number_cell", value)]


def test_from_one_number_to_another_is_the_fewest_ranges():
    values = [row.value for row in rows("phone", "+447700900090 - +447700900199")]
    assert values == ["+44770090009#", "+4477009001##"]


@pytest.mark.parametrize("type_word", ["domain|ip", "hostname|port"])
def test_of_a_composite_the_first_is_meant(type_word):
    [row] = rows("value,type,to_ids", f"a.test|203.0.113.1,{type_word},1")
    assert (row.value, row.kind) == ("a.test", Kind.LINK)


def test_a_row_that_holds_the_name_of_a_column_is_no_header():
    table = rows('# "ioc_value","ioc_type"', '"203.0.113.9:443","ip:port"', '"x.test","domain"')
    assert [row.value for row in table] == ["203.0.113.9:443", "x.test"]


def test_the_told_kind_is_for_rows_that_do_not_say_theirs():
    assert rows("number", "123456", kind=Kind.PHONE)[0].kind is Kind.PHONE
    assert rows("stk", "123456", kind=Kind.PHONE)[0].kind is Kind.ACCOUNT
    assert rows("type,value", "domain,a.test", kind=Kind.PHONE)[0].kind is Kind.LINK


# ---- told columns


def test_told_columns_are_found_by_name_or_number():
    table = ("Alpha,Beta,Gamma", "2026-11-22,evil.example,why")
    told = {"value": "beta", "note": "3", "since": "1"}
    expected = [Record(line=2, value="evil.example", note="why", since=1795305600)]
    assert rows(*table, columns=told) == expected


def test_a_told_column_of_values_is_the_only_one_and_takes_the_told_kind():
    table = ("phone,other", "+447700900123,0001")
    assert rows(*table, columns={"value": "other"}, kind=Kind.ACCOUNT) == [
        Record(line=2, value="0001", kind=Kind.ACCOUNT)
    ]
    assert rows(*table, columns={"value": "phone"}, kind=Kind.ACCOUNT)[0].kind is Kind.ACCOUNT
    assert rows(*table, columns={"value": "phone"})[0].kind is Kind.PHONE


def test_without_a_header_columns_are_told_by_number_and_no_row_is_lost():
    lines = ("7;+447700900123;x", "8;+447700900124;y")
    assert [row.line for row in rows(*lines, columns={"value": "2"})] == [1, 2]
    assert [row.value for row in rows("Telefon;Grund", "1;x", columns={"value": "1"})] == ["1"]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"value": "nowhere"}, "no column 'nowhere'"),
        ({"value": "4"}, "no column '4'"),
        ({"value": "0"}, "no column '0'"),
        ({"nonsense": "1"}, "no field 'nonsense'"),
        ({"note": "holder"}, "never read"),
        ({"note": "3"}, "never read"),
    ],
)
def test_a_told_column_must_exist_and_not_be_about_people(columns, says):
    with pytest.raises(Malformed, match=says):
        rows("phone,note,Holder", "+447700900123,x,Nobody", columns=columns)


# ---- headers and comments


def test_a_commented_header_is_a_header():
    lines = ("# a banner, of words", "#", "# id,dateadded,url", '"1","2026-11-22","http://a.test"')
    assert rows(*lines) == [Record(line=4, value="http://a.test", kind=Kind.LINK, since=1795305600)]


def test_a_comment_without_the_told_column_is_no_header():
    lines = ("# id,url", "id,url,evil", "1,http://a.test,b.test")
    assert [row.value for row in rows(*lines, columns={"value": "evil"})] == ["b.test"]


def test_a_plain_header_counts_before_a_commented_one():
    assert rows("# url,phone", "x,phone", "1,+447700900123") == [
        Record(line=3, value="+447700900123", kind=Kind.PHONE)
    ]


def test_comments_between_rows_are_no_rows_but_a_commented_row_is_skipped():
    assert rows("phone,note", "# 2 rows follow", "", "#+447700900123,x", "#", "+447700900124,") == [
        Skipped(line=4, reason="commented_row"),
        Record(line=6, value="+447700900124", kind=Kind.PHONE),
    ]


@pytest.mark.parametrize("lines", [(), ("",), ("# url",), ("a,b", "1,2"), ("STT,Mã BIN,SWIFT",)])
def test_without_a_known_column_the_table_is_malformed(lines):
    with pytest.raises(Malformed, match="no column of the header"):
        rows(*lines)


def test_a_table_of_one_column_is_not_cut():
    assert [row.value for row in rows("url", "http://a.test/b,c;d")] == ["http://a.test/b,c;d"]


# ---- rows that are not as they should be


@pytest.mark.parametrize("nothing", ["", "  ", "None", "NULL", "N/A", "-", '""', "nan"])
def test_an_empty_value_is_skipped(nothing):
    assert rows("phone,note", f"{nothing},x") == [Skipped(line=2, reason="no_value")]
    assert rows("note,phone", f"{nothing},123")[0].note is None


def test_a_row_too_short_to_reach_its_value_is_rejected_and_one_that_reaches_it_is_read():
    assert rows("a,b,phone,note", "1,2", "1,2,+447700900123") == [
        Rejected(line=2, reason="too_few_columns", text="1,2"),
        Record(line=3, value="+447700900123", kind=Kind.PHONE),
    ]


def test_a_row_longer_than_the_header_is_rejected_unless_the_surplus_is_empty():
    assert rows("url,note", "http://a.test/b,c,d", "http://a.test,x,, ") == [
        Rejected(line=2, reason="too_many_columns", text="http://a.test/b,c,d"),
        Record(line=3, value="http://a.test", kind=Kind.LINK, note="x"),
    ]


def test_quoted_cells_hold_delimiters_and_quotes():
    assert rows("url,note", '"http://a.test/b,c", "say ""hi"""')[0] == Record(
        line=2, value="http://a.test/b,c", kind=Kind.LINK, note='say "hi"'
    )


def test_a_quoted_cell_may_run_over_lines():
    table = ("phone,note,x", '+447700900123,"one', "", 'two, three",y', "+447700900124,,")
    assert [(row.line, row.note) for row in rows(*table)] == [(2, "one\n\ntwo, three"), (5, None)]


@pytest.mark.parametrize(
    "bad", ['1,"http://a.test', '1,"http://a.test/"b', '"1,http://a.test', '1,"a"b"']
)
def test_a_stray_quote_costs_its_own_row_and_no_other(bad):
    good = [f"{number},http://good.test/{number}" for number in range(40)]
    table = rows("id,url", bad, *good, bad, *good)
    assert [row.line for row in table if isinstance(row, Rejected)] == [2, 43]
    assert {row.reason for row in table if isinstance(row, Rejected)} == {"broken_quotes"}
    assert [row.line for row in table if isinstance(row, Record)] == [*range(3, 43), *range(44, 84)]


def test_an_identifier_never_runs_over_lines():
    table = rows("id,url", '1,"http://a.test', "2,http://b.test", '3,http://c.test"')
    assert [type(row) for row in table] == [Rejected, Record, Record]


def test_a_quote_within_an_unquoted_cell_is_text():
    assert rows("url,note", 'http://a.test/?q="b",5" wide')[0].note == '5" wide'


def test_columns_about_people_are_never_kept_or_shown():
    header = "STT;Họ tên;Chủ tài khoản;CCCD;STK;Ghi chú"
    table = rows(
        header,
        "1;Nobody A;Nobody B;000000000000;0001;x",
        "2;Nobody A;Nobody B",
        '3;Nobody A;"Nobody B',
        "4;Nobody A;Nobody B;0;0002;x;y",
    )
    assert [type(row) for row in table] == [Personal, Record, Rejected, Rejected, Rejected]
    assert not [row for row in table if "Nobody" in repr(row)]


def test_a_rejected_row_is_cut():
    [row] = rows("a,url", "x" * 500)
    assert (row.reason, len(row.text)) == ("too_few_columns", 200)


def test_the_html_escape_of_phishtank_is_undone_in_addresses_only():
    table = rows("url,note", "http://a.test/b?c&amp;d=1&amp;e,x&amp;y", "a&amp;b,")
    assert [row.value for row in table] == ["http://a.test/b?c&d=1&e", "a&amp;b"]
    assert table[0].note == "x&amp;y"


def test_titles_may_stand_above_the_header():
    table = rows(
        "CÔNG AN TỈNH MẪU;;",
        "Số: 386/CAT-ANM;;",
        "",
        "STT;Số tài khoản;Ngân hàng",
        "1;0000000000001;VCB",
    )
    assert table == [
        Record(line=5, value="0000000000001", kind=Kind.ACCOUNT, bank="VCB"),
    ]
    assert csv.sniff("DANH SÁCH;;\nSTT;Số tài khoản;Ngân hàng\n1;0001;VCB")


def test_a_row_above_a_header_that_is_far_below_is_no_title():
    with pytest.raises(Malformed):
        rows("a;b", *["x;y"] * 20, "stk;bank")


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("+447700900123; +447700900124", ["+447700900123", "+447700900124"]),
        ("07700 900123/07700 900124", ["07700 900123", "07700 900124"]),
        ("+447700900123 | hello", ["+447700900123 | hello"]),
        ("+447700900123;12", ["+447700900123;12"]),
    ],
)
def test_a_cell_of_several_numbers_is_a_record_each(cell, values):
    assert [row.value for row in rows("phone\tnote", f"{cell}\tx")] == values


def test_a_bank_before_an_account_is_no_number_beside_it():
    [row] = rows("stk\tnote", "970436/0000000000001\tx")
    assert row.value == "970436/0000000000001"
