"""Links that open an app, reduced to the web addresses they stand for.

    intent://evil.example/a#Intent;scheme=https;package=com.evil;end   https://evil.example/a
    itms-services://?action=download-manifest&url=https://evil.example/a.plist
    tg://resolve?domain=NAME                                            https://t.me/NAME

An app link has no host that a browser would go to, so no list of hosts and pages names it; but the
same page, account or app has an address on the web, and that is what lists name. Called by ``link``
only. A scheme that is not here is none of ours: ``browser`` refuses it.

Sources: Android's ``Intent.parseUri`` and Chrome's intents
(https://developer.chrome.com/docs/android/intents), Apple's ``itms-services`` manifests (Apple
Platform Deployment), ``tg:`` links (https://core.telegram.org/api/links), the click-to-chat pages
of WhatsApp and Viber; ``zalo://conversation`` and ``zalo://qr`` as web pages use them, since Zalo
documents neither.
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs, quote, unquote

from blacklist.identifiers.reasons import refusal

MAX_DEPTH: Final = 3
"""An app link may stand inside an app link twice, and no deeper."""

MAX_ADDRESSES: Final = 6
"""What one app link may open; a wrapped intent with a fallback and an app's page has three."""

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,31}):")
_ORIGIN: Final = re.compile(r"[A-Za-z]{1,8}:[/\\]*[^/?#\\]*")
_APP_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+")
_APP_PAGE: Final = "https://play.google.com/store/apps/details?id={}"
_INTENT: Final = "#Intent;"
_FALLBACK: Final = "S.browser_fallback_url"
_ITSELF: Final = ""
_FACEBOOK: Final = "https://www.facebook.com"

_RENAMED: Final = {
    "googlechrome": "http",
    "googlechromes": "https",
    "itms": "https",
    "itms-apps": "https",
    "itms-appss": "https",
    "itms-beta": "https",
    "itmss": "https",
    "microsoft-edge-http": "http",
    "microsoft-edge-https": "https",
    "x-safari-http": "http",
    "x-safari-https": "https",
}
"""Schemes that stand for one of the web."""

_BY_PARAMETER: Final[dict[tuple[str, str], tuple[str, tuple[str, ...]]]] = {
    ("fb", "facewebmodal/f"): ("href", (_FACEBOOK,)),
    ("firefox", "open-url"): ("url", (_ITSELF,)),
    ("googlechrome", "navigate"): ("url", (_ITSELF,)),
    ("itms-services", ""): ("url", (_ITSELF,)),
    ("market", "details"): ("id", (_APP_PAGE,)),
    ("microsoft-edge", ""): ("url", (_ITSELF,)),
    ("ms-appinstaller", ""): ("source", (_ITSELF,)),
    ("tg", "join"): ("invite", ("https://t.me/+{}", "https://t.me/joinchat/{}")),
    ("viber", "add"): ("number", ("https://viber.click/{+}",)),
    ("viber", "chat"): ("number", ("https://viber.click/{+}",)),
    ("viber", "contact"): ("number", ("https://viber.click/{+}",)),
    ("whatsapp", "chat"): ("code", ("https://chat.whatsapp.com/{}",)),
    ("whatsapp", "send"): ("phone", ("https://wa.me/{+}",)),
    ("zalo", "conversation"): ("phone", ("https://zalo.me/{+}",)),
}
"""(scheme, what is opened) → a parameter and what it stands for, the main address first.

``{}`` is the value, quoted, and ``{+}`` its digits; without either, the value is an address itself
or, where it begins with a slash, a path behind this one.
"""

_TELEGRAM: Final = {"domain": "https://t.me/{}", "phone": "https://t.me/+{+}"}
"""Parameters of ``tg://resolve``."""

_BY_PATH: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("fb", "group"): (f"{_FACEBOOK}/groups/{{}}",),
    ("fb", "page"): (f"{_FACEBOOK}/{{}}", f"{_FACEBOOK}/profile.php?id={{}}"),
    ("fb", "profile"): (f"{_FACEBOOK}/profile.php?id={{}}", f"{_FACEBOOK}/{{}}"),
    ("fb-messenger", "user-thread"): ("https://m.me/{}",),
    ("zalo", "qr/g"): ("https://zaloapp.com/qr/g/{}",),
    ("zalo", "qr/p"): ("https://zaloapp.com/qr/p/{}",),
}
"""(scheme, what is opened) → what the next segment of the path stands for."""


def open_app_link(text: str) -> tuple[str, ...]:
    """Return the web addresses an app link stands for, the main one first; none for another text.

    ``text`` is one line. Where the app is missing another address opens (an intent's fallback, the
    app's page in the store), so all are to be asked. Raises InvalidIdentifier: ``several_links``
    where one parameter or link gives too many, ``unsupported_scheme`` for one too deep inside
    others.
    """
    scheme = _scheme_of(text)
    if scheme not in _KNOWN:
        return ()
    found = tuple(dict.fromkeys(_open(text, MAX_DEPTH)))
    if len(found) > MAX_ADDRESSES:
        raise refusal("several_links")
    return found


def _scheme_of(text: str) -> str:
    found = _SCHEME.match(text)
    return found[1].lower() if found else ""


def _open(text: str, depth: int) -> list[str]:
    """Return the addresses in order: of one that is no app link, the text itself."""
    scheme = _scheme_of(text)
    if scheme not in _KNOWN:
        return [text]
    if depth == 0:
        raise refusal("unsupported_scheme")
    inner = map(str.strip, _reduce(scheme, text[len(scheme) + 1 :]))
    return [address for one in inner if one for address in _open(one, depth - 1)]


def _reduce(scheme: str, rest: str) -> tuple[str, ...]:
    """Return what an app link opens, which may be an app link; nothing when it cannot be read."""
    reader = _READERS.get(scheme)
    found = reader(rest) if reader else ()
    return found or _read_by_table(scheme, rest) or _rename(scheme, rest)


def _read_intent(rest: str) -> tuple[str, ...]:
    """Read ``//host/path#Intent;scheme=https;package=NAME;S.browser_fallback_url=URL;end``.

    The address under its scheme, the address for those who lack the app, and the app's page.
    """
    data, mark, tail = rest.rpartition(_INTENT)
    if not mark:
        return ()
    fields = {key: unquote(value) for key, _, value in (f.partition("=") for f in tail.split(";"))}
    place = _under_scheme(fields.get("scheme", ""), data)
    return (*place, fields.get(_FALLBACK, ""), *_app_page(fields.get("package", "")))


def _read_android_app(rest: str) -> tuple[str, ...]:
    """Read ``//PACKAGE/https/host/path``: the address, and the app's page."""
    package, _, behind = rest.partition("#")[0].lstrip("/\\").partition("/")
    scheme, _, place = behind.partition("/")
    return (*_under_scheme(scheme, f"//{place}"), *_app_page(package))


def _read_blob(rest: str) -> tuple[str, ...]:
    """Return the origin: what follows names nothing outside the browser that made it."""
    origin = _ORIGIN.match(rest)
    return (origin[0],) if origin else ()


def _read_wrapped(rest: str) -> tuple[str, ...]:
    return () if rest.startswith("?") else (rest,)


def _read_telegram(rest: str) -> tuple[str, ...]:
    opened, _, query = rest.partition("?")
    if opened.strip("/\\").lower() != "resolve":
        return ()
    return tuple(
        address
        for key, template in _TELEGRAM.items()
        for address in _fill((template,), _parameter(query, key))
    )


def _under_scheme(scheme: str, place: str) -> tuple[str, ...]:
    """Return the address of a place, unless its scheme is one that only an app knows."""
    scheme = scheme.lower()
    is_readable = scheme in {"http", "https"} or scheme in _KNOWN
    return (f"{scheme}:{place}",) if is_readable and place.strip("/\\") else ()


def _app_page(package: str) -> tuple[str, ...]:
    return (_APP_PAGE.format(package),) if _APP_NAME.fullmatch(package) else ()


def _read_by_table(scheme: str, rest: str) -> tuple[str, ...]:
    path, _, query = rest.partition("#")[0].partition("?")
    path = path.strip("/\\")
    key, templates = _BY_PARAMETER.get((scheme, path.lower()), ("", ()))
    if key:
        return _fill(templates, _parameter(query, key))
    opened, _, value = path.rpartition("/")
    return _fill(_BY_PATH.get((scheme, opened.lower()), ()), unquote(value))


def _rename(scheme: str, rest: str) -> tuple[str, ...]:
    place = rest.lstrip("/\\")
    if scheme not in _RENAMED or place[:1] in ("", "?", "#"):
        return ()
    return (f"{_RENAMED[scheme]}://{place}",)


def _parameter(query: str, key: str) -> str:
    """Return a parameter's value; two different ones are two links."""
    query = query.replace("&amp;", "&").replace("+", "%2B")  # as pages write them, and a plus stays
    values = set(parse_qs(query).get(key, ()))
    if len(values) > 1:
        raise refusal("several_links")
    return values.pop() if values else ""


def _fill(templates: tuple[str, ...], value: str) -> tuple[str, ...]:
    """Put a value into addresses, quoted: it must not change which page that is."""
    if not value:
        return ()
    digits = "".join(character for character in value if character in "0123456789")
    found = []
    for template in templates:
        if "{" not in template:
            found.append(template + value if value[0] == "/" else value)
        elif digits or "{+}" not in template:
            found.append(
                template.replace("{+}", digits).replace("{}", quote(value.strip(), safe=""))
            )
    return tuple(found)


_READERS: Final[dict[str, Callable[[str], tuple[str, ...]]]] = {
    "android-app": _read_android_app,
    "blob": _read_blob,
    "intent": _read_intent,
    "microsoft-edge": _read_wrapped,
    "tg": _read_telegram,
    "view-source": _read_wrapped,
}
_KNOWN: Final = frozenset(
    {*_READERS, *_RENAMED, *(name for name, _ in (*_BY_PARAMETER, *_BY_PATH))}
)
