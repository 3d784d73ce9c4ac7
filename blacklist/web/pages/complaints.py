"""What a form says of a refusal: the problem document's word as a sentence beside the fields.

Called by the forms for reports, disputes and reviewers. What was typed stays in the form.
"""

from typing import Final

from flask import Response

from blacklist.web.pages import words
from blacklist.web.pages.refused import problem_of
from blacklist.web.pages.words import N_

_HELD: Final = N_(
    "This belongs to an institution or is used by very many people, so nobody can list it here. "
    "If money is gone, call the police (113)."
)
_BAD_NOTE: Final = N_("The note is too long: at most 500 characters.")
_NO_CLAIM: Final = N_("Choose why it is wrong.")

_COMPLAINTS: Final[dict[str, str]] = {
    "no_value": N_("Say first what it is about: a number, an account or a link."),
    "unclear_kind": N_("Choose whether this is a phone number or an account."),
    "unknown_kind": N_("Choose whether this is a phone number, an account or a link."),
    "unknown_category": N_("Choose what happened."),
    "unknown_claim": _NO_CLAIM,
    "bad_note": _BAD_NOTE,
    "too_long": N_("This is too long. Of a note, at most 500 characters are kept."),
    "bad_contact": N_("How to reach you: one line of at most 200 characters."),
    "official": _HELD,
    "popular_host": _HELD,
    "kept_out": _HELD,
    "held": _HELD,
    "not_listed": N_("Nothing lists this at the moment, so there is nothing to correct."),
    "not_one_thing": N_("Name one thing only, and of an account its bank."),
    "already_disputed": N_("Somebody said so already, and it is being looked into."),
    "own_case": N_("Your key told of this itself. Somebody with another key has to decide."),
    "own_listing": N_("Your key would list this itself. Somebody with another key has to decide."),
    "maker_revoked": N_("The key that would list this was revoked. You can refuse it."),
    "no_reason": N_("Say why: those who ask later read it."),
    "bad_expires": N_("The last day must be a day after today."),
    "bad_decision": N_("Choose what is to be done."),
    "no_such_case": N_("There is no such open case to merge into."),
}

_BY_STATUS: Final = {
    429: N_("Enough was sent from this network today. If money is gone, call the police (113)."),
    503: N_(
        "This could not be received now; nothing was kept. Send it again in a minute. If money is "
        "gone, do not wait: call your bank and the police (113)."
    ),
}
_OTHERWISE: Final = N_("Something in the form is not right. Look at each field once more.")


def complaint_of(refusal: Response) -> str:
    """The sentence for a problem document."""
    problem = problem_of(refusal)
    by_status = _BY_STATUS.get(problem.status, _OTHERWISE)
    return _COMPLAINTS.get(problem.reason) or words.REFUSALS.get(problem.reason, by_status)
