"""The words of this package: why a text is refused, and what is noted about one that is not.

Every module here raises through :func:`refusal` and notes with the words of ``NOTES``, so the two
tables are complete; ``docs/reasons.md`` repeats them for readers and a test holds the two equal.
The sentences are for people and never repeat the text that was refused.
"""

from typing import Final

from blacklist.errors import InvalidIdentifier

REASONS: Final[dict[str, str]] = {
    "empty": "The text is empty or blank.",
    "too_long": "The text is longer than 8192 characters.",
    "control_characters": "The text holds control characters.",
    "not_text": "The text holds half of a surrogate pair and cannot be written as UTF-8.",
    "not_understood": "The text does not look like a phone number, an account or a link.",
    "unknown_region": "The region is not a two-letter country code that has phone numbers.",
    "not_a_number": "The text is not a phone number that can be dialled.",
    "letters_in_number": "The phone number holds letters.",
    "several_numbers": "The text holds several phone numbers; give one number.",
    "withheld_number": "The caller withheld the number, so there is none to look up.",
    "brand_name_sender": "The text is a sender's brand name, not a phone number.",
    "sip_without_number": "The SIP address has a name in place of a phone number.",
    "placeholder": "The digits are a placeholder, not somebody's number.",
    "not_an_account": "An account is 4 to 19 letters and digits with at least one digit.",
    "card_number": "The text is a payment card's number, which is never looked up or stored.",
    "unknown_bank": "The bank is not known by this BIN, code, name or SWIFT.",
    "ambiguous_bank": "The bank's name stands for more than one bank.",
    "bank_conflict": "The text names one bank and the question another.",
    "bad_iban": "The text has the shape of an IBAN with wrong check digits or length.",
    "unreadable_code": "The payment code is of no scheme known, or too damaged to tell its payee.",
    "damaged_code": "The payment code is damaged; it can be asked but not listed.",
    "merchant_without_account": "The payment code names a merchant's id but no account or phone.",
    "business_number": "The payment code pays a company by its registration number.",
    "identity_number": "The text holds a person's identity number, which is never kept.",
    "several_payees": "The payment code pays several accounts or phones; it is not clear whom.",
    "several_links": "The text holds several links, or words beside one; give one link.",
    "email_address": "The text is an e-mail address, not a link.",
    "unsupported_scheme": "Only links of the web, and app links that stand for one, are looked up.",
    "not_a_domain": "The link's host is not a domain name or an internet address.",
    "private_address": "The link leads to a private or reserved address.",
    "public_suffix": "Anybody has a site under this suffix; give the address of one of them.",
    "shared_host": "The host carries everybody's pages; only a page on it can be listed.",
    "shared_path": "The path carries many people's pages; only one of them can be listed.",
    "range_too_wide": "The range leaves open more than 5 digits, so it covers everybody's numbers.",
    "short_code": "A short code belongs to a whole country's service and cannot be listed.",
}

NOTES: Final[dict[str, str]] = {
    "not_assigned": "The numbering plan has no such number in use; a forged caller may show it.",
    "prefix_2018": "An 11-digit mobile of before 15 September 2018 was read as its new number.",
    "area_code_2017": "A landline with an area code of before 2017 was read as its new number.",
    "may_be_old_landline": "It may be a landline of before 2017; that number was looked up, too.",
    "short_code": "The number is a short code, which is dialled in its own country only.",
    "number_range": "The text is a range of numbers; a number in it was not asked for.",
    "plus_added": "The digits were read as an international number written without its plus sign.",
    "letters_read_as_digits": "Letters between the digits (O, l) were read as the digits 0 and 1.",
    "words_dropped": "Words beside the number were left out.",
    "extension_dropped": "The extension was left out and the number in front of it looked up.",
    "foreign_number": "The number's country is not the region it was asked from.",
    "bank_missing": "No bank was named, so the number was looked up at every bank.",
    "foreign_bank": "The bank is not one of Vietnam; only the form of its SWIFT code was checked.",
    "unknown_iban_country": "The length of this country's IBANs is not known; it was not checked.",
    "qr_code": "The text is a payment code; what it pays to was looked up.",
    "damaged_code": "The payment code is damaged; compare the account with what the bank shows.",
    "bad_checksum": "The payment code's checksum is wrong: the code was changed or miscopied.",
    "no_checksum": "The payment code's checksum is missing, so a change could not be noticed.",
    "odd_checksum": "The payment code's checksum is right but not written as the standard says.",
    "bad_length": "Lengths in the payment code do not add up.",
    "unknown_bank": "The payment code names a bank by a BIN that is not known.",
    "amount": "What the payment code asks for: the amount and its currency behind the colon.",
    "purpose": "What the payment code says the payment is for: its own words behind the colon.",
    "refanged": "The link was written so that it cannot be clicked, and was put back.",
    "app_link": "The link opens an app; the web addresses that it stands for were looked up.",
    "unknown_suffix": "The host's top-level domain is not in the public suffix list.",
    "shared_host": "The host carries everybody's pages; only the bare host was looked up.",
    "shared_path": "The path carries many people's pages; only the bare path was looked up.",
    "looks_like": "It imitates the institution named after the colon; compare with what that has.",
}

QUOTING: Final = frozenset({"amount", "purpose"})
"""Notes that repeat, behind a colon, something of the text itself."""


def refusal(reason: str, detail: str | None = None) -> InvalidIdentifier:
    """Return the exception to raise; ``detail`` replaces the reason's own sentence."""
    return InvalidIdentifier(reason, detail or REASONS[reason])
