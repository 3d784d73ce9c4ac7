"""The pages: what people see of the service in a browser; one file a page.

    form ──forms.py──▶ view of one page ──the API's own functions──▶ result ──page.py──▶ HTML

``language.py`` has the languages, ``navigation.py`` the list of pages, ``assets.py`` style and
script, ``refused.py`` what a refusal looks like. The pages judge nothing: they show what ``lookup``
and ``scan`` answer, and say what to do about it.
"""

from flask import Flask

from blacklist.store import Client
from blacklist.web.pages import (
    ask,
    assets,
    counter,
    dispute,
    hotlines,
    letter,
    letter_draft,
    lists,
    page,
    period,
    refused,
    report,
    review,
    review_queue,
    sign_in,
    status,
)


def install(app: Flask, client: Client, secret: bytes) -> None:
    """Add all pages; their looks at responses come before those that were added earlier."""
    page.install(app)
    hotlines.install(app, client)
    review_queue.install(app, secret)
    app.register_blueprint(assets.assets)
    for one in (ask, counter, report, dispute, lists, letter_draft, letter, review, sign_in):
        app.register_blueprint(one.pages)
    status.install(app, client)
    period.install(app, client)
    app.after_request(refused.as_page)
