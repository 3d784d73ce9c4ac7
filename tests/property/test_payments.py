"""Payment codes, IBANs, wallets: what is written is read, damage never gives another payee."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, emv_qr, list_as
from blacklist.identifiers.banks import find_bank, wallets
from blacklist.identifiers.cards import is_card_number
from blacklist.identifiers.iban import find_iban
from blacklist.identifiers.reasons import NOTES, REASONS
from blacklist.model import Kind

BINS = ["970436", "970416", "970422", "970405", "970454"]
numbers = st.from_regex(r"[0-9]{1,4}[0-9A-Z]{3,15}", fullmatch=True).filter(
    lambda text: text.strip("0") != "" and not is_card_number(text) and not text.startswith("9704")
)
purposes = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20
)


def field(field_id, value, *, in_bytes=False):
    return f"{field_id}{len(value.encode() if in_bytes else value):02}{value}"


def encode(bin_, number, amount, purpose, *, in_bytes=False):
    """Return a VietQR code as its maker writes it."""
    beneficiary = field("00", bin_) + field("01", number)
    account = field("00", "A000000727") + field("01", beneficiary) + field("02", "QRIBFTTA")
    more = field("62", field("08", purpose, in_bytes=in_bytes), in_bytes=in_bytes)
    body = field("00", "01") + field("01", "12") + field("38", account) + field("53", "704")
    body += field("54", str(amount)) + field("58", "VN") + more + "6304"
    return f"{body}{emv_qr.crc16(body.encode()):04X}"


codes = st.builds(encode, st.sampled_from(BINS), numbers, st.integers(0, 10**9), purposes)


def or_reason(verb, text):
    """Return what the verb returns, or the word of its refusal."""
    try:
        return verb(text)
    except InvalidIdentifier as refused:
        return refused.reason


@st.composite
def damaged_codes(draw):
    """Return a code with a few characters put in, taken out or put in place of others."""
    text = draw(codes)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        piece = draw(st.text("0123456789AFQ .é\ud800\n", max_size=3))
        text = text[:at] + piece + text[at + draw(st.integers(0, 3)) :]
    return text


@given(st.sampled_from(BINS), numbers, st.integers(0, 10**9), purposes, st.booleans())
def test_what_was_encoded_is_read(bin_, number, amount, purpose, in_bytes):
    text = encode(bin_, number, amount, purpose, in_bytes=in_bytes)
    payment = emv_qr.read(text)
    assert (payment.bank, payment.number) == (bin_, number)
    told = (f"purpose:{purpose}",) if purpose.isprintable() and purpose else ()
    assert payment.notes == ("qr_code", f"amount:{amount} VND", *told)
    (reading,) = ask(text).readings
    assert reading.identifier.value == f"{bin_}/{number}"
    assert list_as(text, kind=Kind.ACCOUNT)[0] == reading.identifier


@given(
    st.one_of(damaged_codes(), codes, st.text(st.characters(codec=None)), st.text("0123456789A"))
)
@example("000201" + "0" * 40)
@example("000201" + "38990010A000000727" + "0" * 40)
def test_any_text_is_a_payment_or_a_refusal(text):
    for read in (emv_qr.read, ask, lambda code: list_as(code, kind=Kind.ACCOUNT)):
        found = or_reason(read, text)
        assert not isinstance(found, str) or found in REASONS
        if isinstance(found, emv_qr.Payment):
            assert {note.partition(":")[0] for note in found.notes} <= set(NOTES)
            assert (found.phone is None) != (found.number is None)


@given(codes, st.data())
def test_a_code_cut_anywhere_never_names_a_shorter_account(text, data):
    whole = emv_qr.read(text)
    try:
        cut = emv_qr.read(text[: data.draw(st.integers(0, len(text) - 1))])
    except InvalidIdentifier:
        return
    assert (cut.bank, cut.number) == (whole.bank, whole.number)
    assert {"damaged_code", "odd_checksum"} & set(cut.notes)


@given(codes, st.data())
def test_one_changed_character_is_always_noticed(text, data):
    """Any single error is found by the checksum or the lengths, so a changed account is marked."""
    at = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from("0123456789ABF"))
    assume(text[at].upper() != character)
    try:
        payment = emv_qr.read(text[:at] + character + text[at + 1 :])
    except InvalidIdentifier:
        return
    assert "damaged_code" in payment.notes


@given(st.sampled_from(["DE", "GB", "FR", "NO", "BE", "IT", "SA"]), st.data())
def test_an_iban_with_right_check_digits_is_its_own_key_in_any_grouping(country, data):
    lengths = {"DE": 22, "GB": 22, "FR": 27, "NO": 15, "BE": 16, "IT": 27, "SA": 24}
    body = data.draw(
        st.text("0123456789ABCXYZ", min_size=lengths[country] - 4, max_size=lengths[country] - 4)
    )
    assume(body.strip("0"))
    digits = "".join(str(int(character, 36)) for character in f"{body}{country}00")
    number = f"{country}{98 - int(digits) % 97:02}{body}"
    text = number.lower()
    for at in data.draw(st.lists(st.integers(0, 30), max_size=6)):
        text = text[:at] + data.draw(st.sampled_from(" -\u00a0")) + text[at:]
    assume(text[0] != "-")
    assert list_as(text, kind=Kind.ACCOUNT)[0].value == f"IBAN/{number}"
    at = data.draw(st.integers(4, len(number) - 1))
    other = data.draw(st.sampled_from("0123456789"))
    assume(number[at].isdecimal() and number[at] != other)
    with pytest.raises(InvalidIdentifier):
        find_iban(number[:at] + other + number[at + 1 :])


@given(
    st.from_regex(r"[35789][0-9]{8}", fullmatch=True),
    st.sampled_from(["0", "84", "+84", "0084", "(+84) ", ""]),
    st.sampled_from([wallet.key for wallet in wallets()]),
)
def test_a_wallets_account_is_one_key_however_it_is_dialled(national, prefix, wallet):
    listed = list_as(prefix + national, kind=Kind.ACCOUNT, bank=wallet)
    assert [found.value for found in listed] == [f"{wallet}/0{national}", f"0{national}"]
    asked = ask(f"0{national}", bank=wallet).readings[0]
    assert tuple(found.identifier for found in asked.candidates) == listed


@given(st.from_regex(r"[A-Za-z]{6}[A-Za-z0-9]{2}([A-Za-z0-9]{3})?", fullmatch=True))
def test_a_swift_code_is_its_own_bank(text):
    bank = or_reason(find_bank, text)
    if isinstance(bank, str):
        assert bank in {"unknown_bank", "ambiguous_bank"}
        return
    assert find_bank(bank.key) == bank
    if bank.is_foreign:
        assert bank.key == text[:8].upper()
