"""Moves to get a listed thing past the lists by another spelling of it."""

import pytest

PHONE, ACCOUNT, LINK = "+447700900123", "0000000000001", "vn-bank.example"
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")

PHONES = {
    "full width": PHONE.translate(FULL_WIDTH),
    "arabic digits": PHONE.translate(ARABIC),
    "zero width": "\u200b".join(PHONE),
    "soft hyphens": PHONE[:5] + "\u00ad" + PHONE[5:],
    "right to left": f"\u202e{PHONE}\u202c",
    "no-break spaces": "+44\u00a07700\u202f900123",
    "dashes": "+44–7700—900‑123",
    "letters for zeros": "+4477OO9OO123",
}
ACCOUNTS = {
    "full width": ACCOUNT.translate(FULL_WIDTH),
    "zero width": "\u200d".join(ACCOUNT),
    "in groups": "0000 0000-0000.1",
}
LINKS = {
    "percent-encoded": "http://%76n-bank.example/",
    "twice named": "http://ok.example@vn-bank.example/",
    "a password": "http://user:ok.example@vn-bank.example/",
    "a dot behind": "https://vn-bank.example./",
    "capitals": "HTTPS://VN-BANK.EXAMPLE/",
    "full width": "http://ｖｎ-ｂａｎｋ．ｅｘａｍｐｌｅ/",
    "ideographic dot": "vn-bank。example",
    "zero width": "vn\u200b-ba\ufeffnk.exa\u2060mple",
    "soft hyphens": "vn-b\u00adank.example",
    "defanged": "hxxps://vn-bank[.]example/a",
    "a port": "http://vn-bank.example:8443/",
    "backslashes": "http:\\\\vn-bank.example\\a",
    "a tab": "http://vn-\tbank.example/",
    "more slashes": "http:////vn-bank.example/",
    "a subdomain": "a.b.c.vn-bank.example",
    "mathematical letters": "𝐯𝐧-𝐛𝐚𝐧𝐤.example",
    "a fragment": "http://vn-bank.example#@ok.example/",
    "a query": "http://vn-bank.example?ok.example",
}

REFUSED = {
    "arabic digits": {"value": ACCOUNT.translate(ARABIC), "kind": "account", "bank": "970436"},
    "a joiner, which browsers refuse": {"value": "vn-ba\u200dnk.example", "kind": "link"},
}


@pytest.mark.parametrize("name", PHONES)
def test_another_spelling_of_a_listed_number(target, name: str) -> None:
    assert target.check(PHONES[name], kind="phone")["verdict"] == "listed"


@pytest.mark.parametrize("name", ACCOUNTS)
def test_another_spelling_of_a_listed_account(target, name: str) -> None:
    result = target.check(ACCOUNTS[name], kind="account", bank="970436")
    assert result["verdict"] == "listed"


@pytest.mark.parametrize("name", LINKS)
def test_another_spelling_of_a_listed_link(target, name: str) -> None:
    """What a browser would open there is listed; the same whether or not the kind is told."""
    assert target.check(LINKS[name], kind="link")["verdict"] == "listed"


@pytest.mark.parametrize("name", REFUSED)
def test_a_spelling_that_is_not_understood(target, name: str) -> None:
    """It is refused aloud: never "nothing known"."""
    target.post_items(REFUSED[name]).problem(400, "no_valid_item")
