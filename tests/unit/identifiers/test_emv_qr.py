"""Payment codes: whom they pay, and what is damaged. The first codes are NAPAS's own samples."""

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, emv_qr, guess_kind, list_as
from blacklist.model import Kind

HEAD = "000201010211"
SACOMBANK = (
    "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F"
)
CARD = (
    "00020101021138600010A00000072701300006970403011697040311012345670208QRIBFTTC"
    "53037045802VN63044F52"
)
ACB = (
    "00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA"
    "5303704540410005802VN62150811Chuyen tien6304BBB8"
)
TECHCOMBANK = (
    "00020101021138580010A000000727012800069704070114190304136010180208QRIBFTTA"
    "53037045802VN63040283"
)
LETTERS = (
    "00020101021138620010A00000072701320006970454011899ZP24009M072482670208QRIBFTTA"
    "53037045802VN6304073C"
)
VNPAY = (
    "00020101021126280010A0000007750110010531314453037045408210900005802VN5910CELLPHONES"
    "62600312CPSHN ONLINE0517021908061613127850705ONLHN0810CellphoneS63047685"
)
INNER_LENGTH = (
    "00020101021138570010A00000072701270006970403011200110123456780208QRIBFTTA53037045802VN6304F4E5"
)
WHOLE = ("qr_code",)
ORDER = ("amount:1000 VND", "purpose:Chuyen tien")


def field(field_id, value, length=None):
    return f"{field_id}{len(value) if length is None else length:02}{value}"


def code(*fields, checksum=None):
    """Return a code with its checksum, as a maker writes it."""
    body = field("00", "01") + "".join(fields) + "6304"
    return body + (f"{emv_qr.crc16(body.encode()):04X}" if checksum is None else checksum)


def vietqr(bin_, number, service="QRIBFTTA"):
    beneficiary = field("00", bin_) + field("01", number)
    return field("38", field("00", "A000000727") + field("01", beneficiary) + field("02", service))


def paynow(proxy, value):
    return field("26", field("00", "SG.PAYNOW") + field("01", proxy) + field("02", value))


def promptpay(*fields):
    return field("29", field("00", "A000000677010111") + "".join(fields))


TAIL = field("53", "704") + field("58", "VN")
THAI = field("53", "764") + field("58", "TH")


def reason_of(text, **hints):
    with pytest.raises(InvalidIdentifier) as refused:
        ask(text, **hints)
    assert "0123456" not in str(refused.value)
    return refused.value.reason


@pytest.mark.parametrize(
    ("text", "bank", "number", "notes"),
    [
        (SACOMBANK, "970403", "0011012345678", WHOLE),
        (ACB, "970416", "257678859", (*WHOLE, *ORDER)),
        (TECHCOMBANK, "970407", "19030413601018", WHOLE),
        (LETTERS, "970454", "99ZP24009M07248267", WHOLE),
        (ACB[:-1] + "5", "970416", "257678859", (*WHOLE, "damaged_code", "bad_checksum", *ORDER)),
        (INNER_LENGTH, "970403", "0011012345678", (*WHOLE, "damaged_code", "bad_length")),
        (TECHCOMBANK[:-4] + "283", "970407", "19030413601018", (*WHOLE, "odd_checksum")),
        (LETTERS[:-1] + "c", "970454", "99ZP24009M07248267", (*WHOLE, "odd_checksum")),
        (ACB[:-4], "970416", "257678859", (*WHOLE, "damaged_code", "no_checksum", *ORDER)),
        (ACB[:-8], "970416", "257678859", (*WHOLE, "damaged_code", "no_checksum", *ORDER)),
        (
            ACB[:-10],
            "970416",
            "257678859",
            (*WHOLE, "damaged_code", "no_checksum", "bad_length", ORDER[0], "purpose:Chuyen ti"),
        ),
    ],
)
def test_a_code_answers_for_its_account_and_tells_its_damage(text, bank, number, notes):
    payment = emv_qr.read(text)
    assert (payment.bank, payment.number, payment.phone, payment.notes) == (
        bank,
        number,
        None,
        notes,
    )
    for kind in (None, Kind.ACCOUNT):
        (reading,) = ask(text, kind=kind).readings
        assert reading.identifier.value == f"{bank}/{number}"
        assert reading.notes == notes
        assert reading.candidates == ask(f"{bank}/{number}").readings[0].candidates
    assert guess_kind(text) is Kind.ACCOUNT


def test_a_code_tells_the_amount_and_the_purpose():
    assert emv_qr.read(ACB).notes == (*WHOLE, *ORDER)
    assert emv_qr.read(SACOMBANK).notes == WHOLE
    (reading,) = ask(ACB).readings
    assert reading.display == "ACB 257678859"
    assert reading.notes == (*WHOLE, *ORDER)


@pytest.mark.parametrize(
    ("fields", "notes"),
    [
        ((field("53", "764"), field("54", "99.50")), ("amount:99.50 THB",)),
        ((field("53", "999"), field("54", "1")), ("amount:1 999",)),
        ((field("54", "1"),), ("amount:1",)),
        ((field("54", "1 or more"),), ()),
        ((field("62", field("08", "two\u2028lines")),), ()),
        ((field("62", field("05", "a reference")),), ()),
    ],
)
def test_an_order_that_is_none_is_not_told(fields, notes):
    text = code(vietqr("970436", "0000000000001"), *fields, field("58", "VN"))
    assert emv_qr.read(text).notes == ("qr_code", *notes)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (CARD, "card_number"),
        (CARD.replace("QRIBFTTC", "QRIBFTTA"), "card_number"),
        (code(vietqr("970436", "4111111111111111"), TAIL), "card_number"),
        (VNPAY, "merchant_without_account"),
        (code(paynow("2", "201403121W"), TAIL), "business_number"),
        (code(paynow("1", "S0000000A"), TAIL), "identity_number"),
        (code(paynow("9", "x"), TAIL), "unreadable_code"),
        (code(promptpay(field("02", "0000000000001")), THAI), "identity_number"),
        (
            code(promptpay(field("01", "0066812345678"), field("02", "0000000000001")), THAI),
            "identity_number",
        ),
        (code(promptpay(field("03", "000000000000001")), THAI), "merchant_without_account"),
        (
            code(field("30", field("00", "A000000677010112") + field("01", "099")), THAI),
            "merchant_without_account",
        ),
        (code(vietqr("970436", "!!!!!!"), TAIL), "not_an_account"),
        (code(vietqr("970436", "0" * 13), TAIL), "placeholder"),
        (
            code(field("26", field("00", "COM.EXAMPLE.PAY") + field("01", "1" * 9)), TAIL),
            "unreadable_code",
        ),
        (
            code(vietqr("970436", "0000000000001"), vietqr("970416", "0000000000002"), TAIL),
            "several_payees",
        ),
    ],
)
@pytest.mark.parametrize("kind", [None, *Kind])
def test_a_code_without_an_account_or_phone_says_so_whatever_it_is_asked_as(text, reason, kind):
    assert reason_of(text, kind=kind) == reason


@pytest.mark.parametrize("end", range(len(HEAD) + 4, SACOMBANK.index("5303704")))
def test_a_code_cut_inside_its_account_is_not_read_as_a_shorter_account(end):
    assert emv_qr.claims(SACOMBANK[:end]) is (end >= 35)
    if end >= 35:
        assert reason_of(SACOMBANK[:end]) == "unreadable_code"


@pytest.mark.parametrize("declared", [n for n in range(100) if n != 13])
def test_a_wrong_length_of_the_account_never_gives_another_account(declared):
    text = SACOMBANK.replace("01130011", f"01{declared:02}0011")
    payment = emv_qr.read(text)
    assert (payment.bank, payment.number) == ("970403", "0011012345678")
    assert "damaged_code" in payment.notes


@pytest.mark.parametrize("declared", [n for n in range(100) if n != 57])
def test_a_wrong_length_of_the_template_is_marked(declared):
    payment = emv_qr.read(SACOMBANK.replace("3857", f"38{declared:02}"))
    assert (payment.bank, payment.number) == ("970403", "0011012345678")
    assert "damaged_code" in payment.notes


@pytest.mark.parametrize("declared", [n for n in range(100) if n != 27])
def test_a_wrong_length_of_the_pair_never_gives_another_account(declared):
    try:
        payment = emv_qr.read(SACOMBANK.replace("0127", f"01{declared:02}"))
    except InvalidIdentifier:
        return
    assert (payment.bank, payment.number) == ("970403", "0011012345678")
    assert "damaged_code" in payment.notes


def test_lengths_may_count_bytes():
    name = "NGUYỄN VĂN Ô"
    by_bytes = field("59", name, len(name.encode()))
    for one in (field("59", name), by_bytes):
        text = code(
            vietqr("970436", "0000000000001"), TAIL, one, field("62", field("08", "Ủng hộ"))
        )
        payment = emv_qr.read(text)
        assert (payment.bank, payment.number) == ("970436", "0000000000001")
    assert emv_qr.read(
        code(
            vietqr("970436", "0000000000001"),
            TAIL,
            by_bytes,
            field("62", field("08", "Ủng hộ", 10), 14),
        )
    ) == emv_qr.Payment("970436", "0000000000001", notes=(*WHOLE, "purpose:Ủng hộ"))


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        (code(paynow("0", "+6591234567"), TAIL), "+6591234567"),
        (code(paynow("0", "6591234567"), TAIL), "+6591234567"),
        (code(paynow("0", "91234567"), TAIL), "+6591234567"),
        (code(promptpay(field("01", "0066812345678")), THAI), "+66812345678"),
    ],
)
@pytest.mark.parametrize("kind", [None, Kind.PHONE, Kind.ACCOUNT])
def test_a_code_that_pays_to_a_phone_is_answered_for_the_phone(text, phone, kind):
    (reading,) = ask(text, kind=kind).readings
    assert (reading.identifier.kind, reading.identifier.value) == (Kind.PHONE, phone)
    assert "qr_code" in reading.notes
    assert emv_qr.read(text).phone == phone
    assert list_as(text, kind=Kind.PHONE)[0].value == phone


@pytest.mark.parametrize(
    ("text", "bank", "value"),
    [
        (code(vietqr("971025", "0912345678"), TAIL), None, "971025/0912345678"),
        (code(vietqr("971025", "01201234567"), TAIL), None, "971025/0701234567"),
        (code(vietqr("970422", "0912345678"), TAIL), "MB", "970422/0912345678"),
    ],
)
def test_an_account_that_is_a_phone_number_is_related(text, bank, value):
    question = ask(text, bank=bank)
    assert question.readings[0].identifier.value == value
    assert [other.identifier.kind for other in question.related] == [Kind.PHONE]


def test_a_bank_named_beside_a_code_must_be_the_codes():
    assert reason_of(SACOMBANK, bank="VCB") == "bank_conflict"
    assert ask(SACOMBANK, bank="Sacombank") == ask(SACOMBANK)


def test_a_bank_younger_than_the_table_leaves_the_bare_number():
    text = code(vietqr("970499", "0000000000001"), TAIL)
    (reading,) = ask(text).readings
    assert reading.identifier.value == "0000000000001"
    assert reading.notes == ("bank_missing", "qr_code", "unknown_bank")
    assert ask(text, bank="VCB").readings[0].identifier.value == "970436/0000000000001"


@pytest.mark.parametrize(
    "text", [f"  {SACOMBANK} ", f"\u200b{SACOMBANK}", SACOMBANK[:40] + "\r\n" + SACOMBANK[40:]]
)
def test_blanks_around_and_line_ends_inside_do_not_matter(text):
    assert ask(text) == ask(SACOMBANK)


def test_the_same_payee_twice_is_one():
    text = code(vietqr("970436", "0000000000001"), vietqr("970436", "0000000000001"), TAIL)
    assert emv_qr.read(text).notes == WHOLE


def test_beside_a_merchants_id_the_account_counts():
    text = code(VNPAY[len(HEAD) : len(HEAD) + 32], vietqr("970436", "0000000000001"), TAIL)
    assert emv_qr.read(text).number == "0000000000001"


def test_a_whole_code_lists_its_account_and_a_damaged_one_nothing():
    listed = list_as(SACOMBANK, kind=Kind.ACCOUNT)
    assert [found.value for found in listed] == ["970403/0011012345678", "0011012345678"]
    for text in (ACB[:-1] + "5", ACB[:-4], INNER_LENGTH):
        with pytest.raises(InvalidIdentifier, match="damaged_code"):
            list_as(text, kind=Kind.ACCOUNT)


@pytest.mark.parametrize(
    ("kind", "reason"), [(Kind.PHONE, "not_a_number"), (Kind.LINK, "not_a_domain")]
)
def test_an_account_is_no_phone_and_no_link(kind, reason):
    assert reason_of(SACOMBANK, kind=kind) == reason


@pytest.mark.parametrize("text", ["00020101021", "0002010102110000001", "000201.example", ""])
def test_a_number_that_begins_like_a_code_is_none(text):
    assert not emv_qr.claims(text)


def test_the_checksum_is_crc_16_ccitt_false():
    assert emv_qr.crc16(b"123456789") == 0x29B1
