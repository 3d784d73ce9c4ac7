"""A browser without JavaScript for the contract tests: cookies, forms and the parts of a page."""

from collections.abc import Mapping
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, TreeBuilder

VOID = {"br", "hr", "img", "input", "link", "meta"}
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'</textarea><b>"
"""What must be shown as it is, wherever it comes in."""

VERDICTS = (
    ("danger.example", "danger", "Danger"),
    ("warning.example", "warning", "Warning"),
    ("+447700900931", "caution", "Be careful"),
    ("clean.example", "nothing_known", "Nothing known"),
    ("official.example", "official", "Official"),
    ("cleared.example", "cleared", "Cleared"),
    ("unavailable.example", "could_not_check", "Could not check"),
    ("xin chào", "not_understood", "Not understood"),
)
"""What a test key asks, the state that is shown, and its word."""


class _Parser(HTMLParser):
    """Builds a tree, and fails where what is opened is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.builder = TreeBuilder()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.builder.end(tag)
        else:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        self.builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"
        self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        if self.open:
            self.builder.data(data)


class Page:
    """What a browser got, as a tree."""

    def __init__(self, answer: Any) -> None:
        assert answer.headers["content-type"] == "text/html; charset=utf-8", answer.body[:200]
        self.status: int = answer.status
        self.headers: dict[str, str] = answer.headers
        self.html: str = answer.body.decode()
        parser = _Parser()
        parser.feed(self.html)
        parser.close()
        assert not parser.open
        self.root: Element = parser.builder.close()
        for template in self.root.iter("template"):
            template.clear()  # what is in it is no part of the page

    def find(self, path: str) -> Element:
        """The first element of an ElementTree path, which must be there."""
        found = self.root.find(path)
        assert found is not None, path
        return found

    def all(self, path: str) -> list[Element]:
        """Every element of a path."""
        return self.root.findall(path)

    def by_id(self, name: str) -> Element:
        """The element of an id, which only one has."""
        (found,) = self.all(f".//*[@id='{name}']")
        return found

    @property
    def language(self) -> str:
        return self.root.get("lang", "")

    @property
    def state(self) -> str:
        """The state that the answer's banner shows, by its class."""
        (banner,) = [one for one in self.by_id("answer").iter("div") if "state" in classes(one)]
        return classes(banner)[-1]

    @property
    def verdict(self) -> str:
        """The one word of the answer."""
        return text_of(self.by_id("verdict"))

    @property
    def answer(self) -> str:
        """All that the answer says."""
        return text_of(self.by_id("answer"))


def text_of(element: Element) -> str:
    """The text that is seen, on one line."""
    return " ".join("".join(element.itertext()).split())


def classes(element: Element) -> list[str]:
    """The classes of an element."""
    return element.get("class", "").split()


class Browser:
    """Keeps cookies, and sends forms with what stands in them."""

    def __init__(self, service: Any) -> None:
        self.service = service
        self.cookies: dict[str, str] = {}

    def request(
        self, method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> Any:
        """One request; the answer's cookies are kept."""
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**HTML, **({"Cookie": kept} if kept else {}), **headers}
        answer = self.service.request(method, target, body, sent)
        for name, morsel in SimpleCookie(answer.headers.get("set-cookie", "")).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        return answer

    def open(self, target: str = "/") -> Page:
        """Open a page."""
        return Page(self.request("GET", target))

    def send(self, page: Page, action: str, **fields: str) -> Any:
        """Send the form of a page that has this action, with its hidden fields."""
        (form, *_) = [
            one
            for one in page.all(".//form")
            if one.get("action", "").partition("#")[0] == action and one.get("method") == "post"
        ]
        hidden = {
            one.get("name", ""): one.get("value", "")
            for one in form.iter("input")
            if one.get("type") == "hidden"
        }
        return self.request("POST", action, urlencode(hidden | fields).encode(), FORM)

    def ask(self, text: str, **fields: str) -> Page:
        """Ask in the box of the first page."""
        return Page(self.send(self.open(), "/", text=text, **fields))

    def sign_in(self, key: str, person: str = "Không Ai") -> Any:
        """Sign in by the form."""
        return self.send(self.open("/signin"), "/signin", key=key, person=person)
