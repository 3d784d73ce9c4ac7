"""The words with which a request is refused, each with its statuses and what it means.

Whatever the web refuses, it refuses with one of these, or with a word of a text that cannot be
understood (``identifiers/reasons.py``), of a table (``screening/reasons.py``) or of the guard
(``guard.py``). ``/openapi.json`` is made from all of them; ``docs/reasons.md`` repeats this table
for readers, and a test holds the two and the code equal.
"""

from typing import Final, NamedTuple

from blacklist import guard
from blacklist.identifiers.reasons import REASONS as OF_TEXTS
from blacklist.screening.reasons import REASONS as OF_TABLES


class Reason(NamedTuple):
    """``statuses`` of a problem document; none where it is another than those told here.

    ``in_items``: it stands in the ``error`` of one item of an answer, and in no problem document
    but with the statuses told. ``on_pages``: only a page for people refuses with it.
    """

    statuses: tuple[int, ...]
    meaning: str
    in_items: bool = False
    on_pages: bool = False


REASONS: Final[dict[str, Reason]] = {
    "no_value": Reason((400,), "The value is missing."),
    "not_text": Reason((400,), "The value is not a text."),
    "unknown_kind": Reason((400,), "The kind is not one of those known."),
    "unknown_bank": Reason((400,), "The bank is not a text."),
    "unknown_region": Reason((400,), "The region is not a country's two letters."),
    "bad_ref": Reason((400,), "The reference is not a text of at most 64 characters."),
    "bad_max_age": Reason((400,), "The age accepted is not a number of seconds from 0 to 86,400."),
    "bad_receipt": Reason((400,), "The wish for a receipt is neither 1 nor 0."),
    "not_a_receipt": Reason((400,), "The body is not an object with a receipt."),
    "bad_position": Reason((400,), "The place to go on from is not one that an answer told."),
    "unknown_format": Reason((400,), "The lists are written as CSV or NDJSON only."),
    "not_a_watch": Reason(
        (400,), "The body is not an object with a value, or asks for too many days."
    ),
    "unknown_field": Reason((400,), "The item or message has a field that is not known."),
    "no_text": Reason((400,), "The message's text is missing."),
    "not_a_message": Reason((400,), "The body is not an object with a text."),
    "not_an_item": Reason((400,), "The item is not an object with a value."),
    "unknown_parameter": Reason((400,), "The address has a parameter that is not known."),
    "repeated_parameter": Reason((400,), "The address has a parameter more than once."),
    "unknown_category": Reason((400,), "The category is missing or not one of those known."),
    "bad_letter": Reason(
        (400,), "A letter is a number with a digit; its date stands beside it, never alone."
    ),
    "bad_expires": Reason((400,), "The last day is not a day later than today."),
    "bad_note": Reason((400,), "The note is not a text."),
    "own_listing": Reason((), "Who would list a thing cannot confirm it.", in_items=True),
    "not_waiting": Reason(
        (),
        "Nothing waits under this id: it was decided, changed or withdrawn, or has lapsed.",
        in_items=True,
    ),
    "maker_revoked": Reason((), "The key that would list it was revoked.", in_items=True),
    "held": Reason((409,), "The guard lets nobody list it.", in_items=True),
    "unknown_claim": Reason((400,), "Why it is wrongly listed is not one of the words known."),
    "bad_contact": Reason((400,), "How to reach somebody is one line of at most 200 characters."),
    "not_one_thing": Reason(
        (400,), "The text may be several things, or an account without its bank."
    ),
    "no_case": Reason((400,), "The case, or the id, is missing or not a text."),
    "no_reason": Reason((400,), "A decision needs a reason."),
    "bad_decision": Reason((400,), "The decision is not one that can be taken here."),
    "bad_page": Reason(
        (400,), "`offset` is not a whole number from 0, or `limit` not one from 1 to 500."
    ),
    "bad_order": Reason((400,), "The order is neither `newest` nor `most`."),
    "not_json": Reason((400, 415), "The body is not JSON, or (415) does not say that it is."),
    "bad_body": Reason((400,), "The body ended early or came in broken pieces."),
    "no_person": Reason(
        (400,), "A session needs the name of one person, one line of at most 64 characters."
    ),
    "not_a_batch": Reason((400,), "The body is not an object with a list of items."),
    "no_items": Reason((400,), "The list of items is empty."),
    "no_valid_item": Reason((400,), "No item can be understood; each result says why."),
    "invalid_identifier": Reason(
        (400,), "The text cannot be understood; nearly always its own word stands instead."
    ),
    "bad_table": Reason(
        (400,), "The table cannot be screened; nearly always its own word (below) stands instead."
    ),
    "bad_request": Reason((400,), "The request is not valid HTTP."),
    "bad_prefix": Reason((400,), "What was asked for by hash is not a prefix in hex digits."),
    "no_purpose": Reason(
        (400,), "The key's policy demands that `X-Purpose` says what is asked for."
    ),
    "bad_purpose": Reason(
        (400,), "`X-Purpose` is not a word of small letters, parted by `-` or `_`."
    ),
    "bad_period": Reason(
        (400,),
        "The days or the preset of a report are none, have not begun, or are more than a year.",
        on_pages=True,
    ),
    "not_an_outcome": Reason(
        (400,),
        "The body is not an object with a receipt and an outcome, or the amount is none.",
    ),
    "bad_idempotency_key": Reason(
        (400,),
        "`Idempotency-Key` is not one string or bare word of 1 to 255 printable ASCII characters.",
    ),
    "no_key": Reason((401,), "This needs a key, and the request brings none."),
    "bad_key": Reason((401,), "The key is not known, was revoked, or is not sent as it should be."),
    "session_over": Reason(
        (401,), "The session was left alone or ended, its key revoked, or there was none."
    ),
    "bad_csrf_token": Reason(
        (403,), "A request with a session that writes must bring the session's token."
    ),
    "not_allowed": Reason((403,), "The key has not the scope that this needs, or is a test key."),
    "use_post": Reason((403,), "Accounts may be asked only by `POST` here."),
    "not_for_the_public": Reason((403,), "This is for keys of institutions only."),
    "receipt_not_yours": Reason(
        (403,), "The receipt was given to another key: only that one tells what came of it."
    ),
    "not_found": Reason((404,), "There is nothing at this address."),
    "no_such_case": Reason((404,), "There is no such open case, or dispute."),
    "other_bits": Reason(
        (404,), "The prefix has other bits than the shards have by now; `bits` says how many."
    ),
    "method_not_allowed": Reason((405,), "The address is asked by another method."),
    "timeout": Reason((408,), "The request did not come in time."),
    "not_listed": Reason((409,), "Nothing lists what is disputed."),
    "already_disputed": Reason((409,), "As many disputes of this thing are open as may be."),
    "case_changed": Reason(
        (409,),
        "Another reviewer has answered this since the page was opened (the page's own).",
        on_pages=True,
    ),
    "own_case": Reason((409,), "Who told of a thing does not decide about it."),
    "idempotency_key_in_use": Reason(
        (409,), "The first request with this `Idempotency-Key` is not answered yet; try again."
    ),
    "too_many_watches": Reason((409,), "The key has as many watches as one may have."),
    "position_forgotten": Reason(
        (410,), "What changed since then is not told any more; load the lists anew."
    ),
    "length_required": Reason((411,), "The request must say how long its body is."),
    "too_many_items": Reason(
        (413,),
        "The batch has more than 1,000 items, or what an address may ask a minute without a key.",
    ),
    "text_too_long": Reason((413,), "The message has more than 20,000 characters."),
    "too_large": Reason((413,), "The body is larger than 4 MiB."),
    "address_too_long": Reason((414,), "The address line is too long; use `POST`."),
    "not_a_form": Reason(
        (415,),
        "The first page takes forms; programs ask `/v1/check` and `/v1/scan`.",
        on_pages=True,
    ),
    "not_a_table": Reason((415,), "The body says that it is neither CSV nor NDJSON."),
    "receipt_not_genuine": Reason((422,), "This is no receipt of this service, or was altered."),
    "receipt_too_old": Reason((422,), "What came of an answer is told within 7 days."),
    "no_such_result": Reason(
        (422,),
        "The receipt has several results and none is named, or not so many, or this one has no "
        "verdict.",
    ),
    "idempotency_key_reused": Reason((422,), "This `Idempotency-Key` was sent with another body."),
    "too_many_requests": Reason(
        (429,),
        "The address has asked too much, or sent too many wrong keys, in this minute; or the key "
        "has asked too much in this day.",
    ),
    "headers_too_large": Reason((431,), "The request's headers are too large."),
    "incomplete": Reason(
        (),
        "The last row of a table's answer that broke off (200): the rows behind it were not asked.",
        in_items=True,
    ),
    "http_error": Reason((), "The request was refused for another reason; the status says which."),
    "internal_error": Reason((500,), "The service failed; this is a defect of the service."),
    "store_unavailable": Reason((503,), "The store did not answer; try again."),
    "store_rolled_back": Reason(
        (503,), "The store lost rows it had given out; what may have been among them is in doubt."
    ),
    "store_lost_a_shard": Reason(
        (503,), "The part of the store where the answer would stand is gone."
    ),
    "too_many_exports": Reason(
        (503,), "As many exports are being written as may be at once; try again."
    ),
    "too_many_pictures": Reason(
        (503,), "As many pictures are being read as may be at once; try again.", on_pages=True
    ),
    "too_many_idempotency_keys": Reason(
        (503,), "As many answers are kept for callers without a key as may be in a day."
    ),
    "too_many_screens": Reason(
        (503,), "As many tables are being screened as may be at once; try again."
    ),
    "too_many_writes": Reason((503,), "As many requests are writing as may at once; try again."),
    "too_many_waiting": Reason((503,), "As many listings wait for a second key as may."),
    "too_many_reports": Reason((503,), "As many reports wait for a reviewer as may."),
    "too_many_open": Reason((503,), "As many disputes are open as may be."),
    "store_mismatch": Reason((503,), "The store is another one, or of another schema."),
    "no_lists": Reason((503,), "No list is loaded (`/readyz`)."),
    "misconfigured": Reason((503,), "The service's settings do not let it answer."),
}


def reason_of(word: str) -> Reason:
    """Statuses and meaning of a word of any table; KeyError for one that is in none."""
    if word in REASONS:
        return REASONS[word]
    if word in guard.REASONS:
        return Reason((422,), guard.REASONS[word])
    return Reason((400,), OF_TEXTS[word] if word in OF_TEXTS else OF_TABLES[word])
