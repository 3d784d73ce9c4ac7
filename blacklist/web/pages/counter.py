"""``/counter``: a teller checks whom a transfer goes to, one after another, by keyboard alone.

    account ──▶ answer and receipt ──▶ outcome by one key ──▶ next account
                       └──▶ a sheet for the customer to sign

All in one form. The answers so far stand in it (``counter_rows.py``): nothing that was asked is
kept here, and two tellers never see each other's. The bank is remembered in a cookie.
"""

import re
from typing import Any, Final

import msgspec
from flask import Blueprint, Response, request

from blacklist.callers import Scope
from blacklist.errors import StoreError
from blacklist.identifiers.banks import directory
from blacklist.lookup import Ask
from blacklist.model import Action, Outcome, Verdict
from blacklist.scan import MAX_CHARACTERS
from blacklist.store.outcomes import MAX_AMOUNT, Ending
from blacklist.web import outcomes, receipts
from blacklist.web.answers import home_region, lookup_for_caller
from blacklist.web.auth import By, needs
from blacklist.web.forms import Form, read_form
from blacklist.web.pages import counter_rows, language, page
from blacklist.web.pages.bank_field import may_need_bank
from blacklist.web.pages.counter_rows import Row
from blacklist.web.pages.judged import told_of_result
from blacklist.web.pages.words import N_
from blacklist.web.problems import RETRY_SECONDS, Refusal

pages = Blueprint("counter", __name__)

PURPOSE: Final = "transfer_check"
BANK_COOKIE: Final = "counter_bank"
_PATH: Final = "/counter"

ENDINGS: Final = {
    Ending.STOPPED: N_("Stopped"),
    Ending.HELD: N_("Held"),
    Ending.WENT_AHEAD: N_("Went ahead"),
}
ACTIONS: Final = {
    Action.ALLOW: N_("No objection from the lists"),
    Action.INFORM: N_("Tell the customer"),
    Action.CONFIRM: N_("Pause: the customer must confirm"),
    Action.BLOCK: N_("Do not carry it out"),
}
SHEET: Final = "sheet"
KEYS: Final = {
    "vi": {Ending.STOPPED: "D", Ending.HELD: "G", Ending.WENT_AHEAD: "T", SHEET: "I"},
    "en": {Ending.STOPPED: "S", Ending.HELD: "H", Ending.WENT_AHEAD: "W", SHEET: "P"},
}
"""The letter of each button, the first of its word where that is free."""

_EMPTY: Final = N_("Type or paste an account, a phone number or a payment code first.")
_NO_AMOUNT: Final = N_("The amount is a whole number in VND, such as 5000000. Or leave it empty.")
_NOT_COUNTED: Final = N_("The outcome could not be counted at this moment. Press the key again.")
_AMOUNT: Final = re.compile(r"[0-9]+|[0-9]{1,3}(?:[., \u00a0][0-9]{3})+")
_NO_FIGURE: Final = re.compile(r"[^0-9]")


_needs_session = needs(Scope.CHECK, has_test_answers=True, by=By.SESSION, purpose=PURPOSE)


@pages.get(_PATH)
@_needs_session
def show() -> Response:
    """The empty box, with the bank of last time."""
    return _page([], bank=_known_bank(request.cookies.get(BANK_COOKIE, "")))


@pages.post(_PATH)
@_needs_session
def check() -> Response:
    """Answer, or show an answer of before once more, above the box for the next."""
    form, rows = _read()
    text = form.text("text").strip()
    if form.text("open") or (form.text("lang") and not text):
        current = counter_rows.find(rows, form.text("open") or form.text("of"))
        return _page(rows, current=current, bank=_bank_of(form))
    if not text:
        complaint = None if form.text("of") else _EMPTY
        return _page(rows, bank=_bank_of(form), complaint=complaint)
    if len(text) > MAX_CHARACTERS:
        raise Refusal(413, "text_too_long", f"at most {MAX_CHARACTERS:,} characters")
    response = _answered(text, _bank_of(form), rows)
    _remember_bank(response, _bank_of(form))
    return response


@pages.post(f"{_PATH}/outcome")
@_needs_session
def tell() -> Response:
    """Count what came of the answer shown; sent again, as by reloading, it counts once."""
    form, rows = _read()
    bank, row = _bank_of(form), counter_rows.find(rows, form.text("of"))
    word = form.text("outcome")
    if row is None or word not in set(Ending):
        return _page(rows, bank=bank)
    amount, is_amount = _read_amount(form.text("amount"))
    if not is_amount:
        return _page(rows, current=row, bank=bank, amount=form.text("amount"), wrong=_NO_AMOUNT)
    try:
        outcomes.count(outcomes.OutcomeTold(row.receipt, Ending(word), amount))
    except StoreError:
        return _not_counted(rows, row, form)
    except Refusal as exc:
        if exc.status < 500:  # noqa: PLR2004
            raise
        return _not_counted(rows, row, form)
    ended = msgspec.structs.replace(row, ending=Ending(word), amount=amount)
    return _page([ended if one is row else one for one in rows], bank=bank, ended=ended)


@pages.post(f"{_PATH}/sheet")
@_needs_session
def sheet() -> Response:
    """One answer on one page, for the customer to sign, in the language that he reads."""
    form, rows = _read()
    language.speak(form.text("sheet_lang"))
    row = counter_rows.find(rows, form.text("sheet"))
    if row is None:
        return _page(rows, bank=_bank_of(form))
    field = counter_rows.write([row])
    return page.render("counter_sheet.html", row=row, rows=field, endings=ENDINGS)


def _read() -> tuple[Form, list[Row]]:
    """The form of the counter, and the answers in it."""
    form = read_form(request)
    language.choose(form.text("lang"))
    return form, counter_rows.read(form.text("rows"))


def _answered(text: str, bank: str, rows: list[Row]) -> Response:
    region = home_region()
    told_bank = bank if may_need_bank(text, region) else ""
    result = lookup_for_caller().check(Ask(text, bank=told_bank or None, region=region))
    if result.verdict in {None, Outcome.UNAVAILABLE}:
        response = _page(rows, bank=bank, told=told_of_result(result), text=result.input or "")
        if result.verdict is Outcome.UNAVAILABLE:
            response.status_code = 503
            response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
    row = _row(result)
    return _page([row, *rows][: counter_rows.MAX_ROWS], current=row, bank=bank)


def _row(result: Verdict) -> Row:
    token = receipts.issue([result])
    receipt = receipts.receipts().read(token)
    assert receipt is not None, "what was just signed is ours"  # noqa: S101
    return Row(msgspec.structs.replace(result, as_of=None), token, receipt.at)


def _read_amount(text: str) -> tuple[int | None, bool]:
    """The amount in VND, None where none is told; and whether it is one."""
    text = text.strip()
    if not text:
        return None, True
    if _AMOUNT.fullmatch(text) is None:
        return None, False
    figures = _NO_FIGURE.sub("", text)
    if len(figures) > len(str(MAX_AMOUNT)) or int(figures) > MAX_AMOUNT:
        return None, False
    return int(figures), True


def _bank_of(form: Form) -> str:
    return _known_bank(form.text("bank"))


def _known_bank(key: str) -> str:
    return key if any(one.key == key for one in directory()) else ""


def _remember_bank(response: Response, bank: str) -> None:
    """Until the browser is closed; it says nothing but which bank was chosen last."""
    if bank == request.cookies.get(BANK_COOKIE, ""):
        return
    response.set_cookie(
        BANK_COOKIE,
        bank,
        max_age=None if bank else 0,
        path=_PATH,
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )


def _not_counted(rows: list[Row], row: Row, form: Form) -> Response:
    response = _page(
        rows, current=row, bank=_bank_of(form), amount=form.text("amount"), wrong=_NOT_COUNTED
    )
    response.status_code = 503
    return response


def _page(rows: list[Row], **told: Any) -> Response:
    """The counter: ``current`` is the answer in full, ``told`` one without a receipt.

    ``complaint`` is about the box, ``wrong`` about the outcome, ``ended`` what was just counted.
    """
    shown: dict[str, Any] = {"text": "", "amount": "", "bank": ""}
    shown |= dict.fromkeys(("current", "told", "complaint", "wrong", "ended"))
    return page.render(
        "counter.html",
        rows=rows,
        field=counter_rows.write(rows),
        banks=directory(),
        actions=ACTIONS,
        endings=ENDINGS,
        keys=KEYS[language.language()],
        **(shown | told),
    )
