"""Whether a form was sent from a page of ours, where no session's token can say so.

Called by forms that change something without a session: another site's page could sign its visitor
in under a key of its own, or let each of its visitors report somebody.
"""

from typing import Final

from flask import request

from blacklist.web.problems import Refusal

_FOREIGN: Final = frozenset({"cross-site", "same-site"})


def is_foreign() -> bool:
    """Whether another site's page sends this; browsers say so in ``Sec-Fetch-Site``."""
    return request.headers.get("Sec-Fetch-Site") in _FOREIGN


def refuse_foreign() -> None:
    """Refuse what another site's page sends."""
    if is_foreign():
        raise Refusal(403, "bad_csrf_token", "send the form on the service's own page")
