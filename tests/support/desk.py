"""Cases for a reviewer's desk: what citizens, partners and an authority send to a service."""

from itertools import count
from typing import Any, Final

from api_caller import Caller
from blacklist.callers import Scope
from blacklist.model import Trust
from blacklist.store import disputes, pending, reports
from blacklist.store.reports import Order
from browsing import MARKUP, Browser
from own_store import reading

_PARTNERS_ITEM: Final = {"kind": "link", "category": "phishing", "note": MARKUP}


class Desk(Caller):
    """A service with cases, and reviewers who share a key, each at a browser of her own."""

    def __init__(self, service: Any, key_of: Any) -> None:
        super().__init__(service, key_of)
        self.admin = self.key(Scope.ADMIN, Scope.CHECK)
        self.authority = self.key(Scope.LIST, trust=Trust.AUTHORITY)
        self.partner = self.key(Scope.LIST, trust=Trust.PARTNER)
        self._places = count(1)

    def reviewer(self, person: str, key: str | None = None) -> Browser:
        browser = Browser(self.service)
        assert browser.sign_in(key or self.admin, person).status == 303
        return browser

    def told(self, method: str, target: str, document: Any, key: str | None = None) -> Any:
        """What is answered to who is somewhere else each time, and is refused nothing."""
        at = f"198.51.100.{next(self._places)}"
        answer = self.send(method, target, document, key=key, at=at)
        assert answer.status < 300, answer.body
        return answer.json()

    def report(self, value: str, key: str | None = None, **told: Any) -> str:
        thing = {"value": value, "kind": "link", "category": "phishing", **told}
        self.told("POST", "/v1/reports", thing, key)
        (case,) = self.cases(value)
        return case.id

    def cases(self, value: str) -> list[reports.Case]:
        with reading(self.service.data_dir) as client:
            return [
                one
                for one in reports.page(client, Order.NEWEST, 0, 500)
                if one.identifier.value == value
            ]

    def dispute(self, value: str, **told: Any) -> str:
        item = {"value": value, "kind": "link", "category": "other", "note": MARKUP}
        self.told("PUT", "/v1/listings", {"items": [item]}, self.authority)
        claim = {"value": value, "kind": "link", "claim": "wrongly_listed", "note": MARKUP, **told}
        reference: str = self.told("POST", "/v1/disputes", claim)["reference"]
        return reference

    def submit(self, value: str, key: str | None = None) -> str:
        item = {"value": value, **_PARTNERS_ITEM}
        told = self.told("PUT", "/v1/listings", {"items": [item]}, key or self.partner)
        found: str = told["results"][0]["id"]
        return found

    def ended(self, case: str) -> Any:
        with reading(self.service.data_dir) as client:
            if case.startswith("R-"):
                return reports.find(client, case)
            if case.startswith("D-"):
                return disputes.find(client, case)
            return pending.read_end(client, case)

    def verdict(self, value: str) -> str:
        found: str = self.service.check(value)["verdict"]
        return found
