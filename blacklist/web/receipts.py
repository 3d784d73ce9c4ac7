"""Receipts over HTTP: given with an answer to whoever asks for one with a key."""

import time
from collections.abc import Sequence
from typing import Final

from flask import Flask

from blacklist.model import Verdict
from blacklist.receipts import Receipts
from blacklist.web import auth
from blacklist.web.asker import current

_RECEIPTS: Final = "blacklist.receipts"


def install(app: Flask, secret: bytes) -> None:
    """Let the application sign with the installation's secret."""
    app.extensions[_RECEIPTS] = Receipts(secret)


def receipts() -> Receipts:
    """Those of this process."""
    found: Receipts = current().extensions[_RECEIPTS]
    return found


def issue(results: Sequence[Verdict]) -> str:
    """Return the receipt for answers as they are given to this request's key."""
    caller = auth.require_caller()
    return receipts().issue(
        results,
        caller=caller.id,
        policy=caller.policy,
        at=int(time.time()),
        is_test=caller.test,
    )
