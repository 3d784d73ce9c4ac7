r"""Links in a message: with a scheme, bare, defanged, in Markdown and HTML, and links to apps.

A bare host counts where its ending is a real suffix (``suffixes``): "v.v", "TP.HCM" and a blank
forgotten after a full stop are none. E-mail addresses are no links. What a link leads to is read by
``link``. Pure; called by ``message``.
"""

import re
import unicodedata
from typing import Final

import msgspec

from blacklist.identifiers.message_text import Folded
from blacklist.identifiers.suffixes import top_level_domains
from blacklist.model import Kind

_STOP: Final = r"\s<>\"`{}|^\x00-\x1f\x7f-\x9f“”«»„‹›，、；：！？（）【】「」『』《》"
_BRACKETED_DOT: Final = (
    r"\s{0,3}(?:\[\s{0,3}(?:\.|dot)\s{0,3}\]|\(\s{0,3}(?:\.|dot)\s{0,3}\)"
    r"|\{\s{0,3}(?:\.|dot)\s{0,3}\})\s{0,3}"
)
_BODY: Final = rf"(?:[^\[({_STOP}]+|{_BRACKETED_DOT}|[\[(])+"
_SPELT_DOT: Final = r"\s{1,3}(?:dot|cham)\s{1,3}"
_DOT: Final = rf"(?:\.|{_BRACKETED_DOT}|{_SPELT_DOT})"
_WEB_SCHEME: Final = (
    r"(?:h(?:tt|xx|\*\*|tx|xt)ps?|f[tx]p)\s{0,3}(?:\[:\][/\\]{0,9}|\[://\]|:[/\\]{0,9})"
)
_LINK: Final = re.compile(
    rf"(?P<web>{_WEB_SCHEME}(?=[^\W_]|\[){_BODY})"
    r"|(?<![a-z0-9+.-])(?P<app>(?:[a-z][a-z0-9+.-]{1,30}://|(?:intent|market|mailto|sips?):)"
    rf"(?=[^\s<>\"]){_BODY})"
    r"|(?<![^\W_])(?<!@)(?P<user>[^\W_][\w.+%-]{0,63}@)?"
    rf"(?P<host>[^\W_][\w-]{{0,62}}(?:{_DOT}[\w-]{{1,63}})+)"
    rf"(?P<port>:[0-9]{{1,5}}(?![0-9]))?(?P<rest>[/?#\\](?:{_BODY})?)?"
)
"""One pass over the plain text. Nothing stands behind the repetitions that could fail, and their
parts begin with different characters, so the work is linear."""

_DOTS: Final = re.compile(_DOT)
_BRACKETED: Final = re.compile(_BRACKETED_DOT)
_SPELT: Final = re.compile(_SPELT_DOT)
_ADDRESS: Final = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")
_PLAIN_HOST: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63})+")
_NEXT_LINK: Final = re.compile(
    r"(?<![=/?&#:%@.\\-])h(?:tt|xx)ps?:[/\\]{2}"
    r"|[,;](?:h(?:tt|xx)ps?:|www\.|(?P<host>[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63})+))"
)
_SUBSCRIBER: Final = re.compile(r"[0-9]{8}")
_LONG_NUMBER: Final = re.compile(r"[0-9]{8,}")
_TRAILING: Final = ".,;:!?…"
_QUOTES: Final = "'’‘"
_EMPHASIS: Final = "*_~"
_CLOSING: Final = {")": "(", "]": "["}
_PUNYCODE: Final = "xn--"


class FoundLink(msgspec.Struct, frozen=True):
    """A link's place in the plain text; ``kind`` is None where it may be more than a link.

    ``value`` is the link where it was spelt out ("evil dot example"), else None.
    """

    start: int
    end: int
    kind: Kind | None
    value: str | None = None


def find_links(message: Folded) -> list[FoundLink]:
    """Return the links of a message, in order."""
    found: list[FoundLink] = []
    text, at = message.text, 0
    while (match := _LINK.search(text, at)) is not None:
        link = _understand(message, match)
        at = match.end() if link is None else link.end
        if link is not None:
            found.append(link)
    return found


def _understand(message: Folded, match: re.Match[str]) -> FoundLink | None:
    text = message.text
    if match["host"] is not None:
        return _understand_host(message, match)
    scheme = match[0][: match[0].index(":")] if ":" in match[0] else ""
    if scheme == "mailto":
        return None
    start, end = match.start(), _cut(text, match.start(), match.end())
    if end - start <= len(scheme) + 1:
        return None
    if scheme in {"sip", "sips"}:
        return FoundLink(start, end, Kind.PHONE)
    return FoundLink(start, end, None if match["app"] else _kind(text, start, end))


def _understand_host(message: Folded, match: re.Match[str]) -> FoundLink | None:
    """Return a bare host with what follows it, or as much of it as is a host."""
    text = message.text
    has_more = match["port"] is not None or match["rest"] is not None
    if match["user"] is not None and not has_more:
        return None
    host, start = match["host"], match.start()
    if _ADDRESS.fullmatch(_DOTS.sub(".", host)) and (has_more or _BRACKETED.search(host)):
        end = match.end()
    elif (stop := _end_of_host(message, match)) is None:
        return _plain_part(message, match)
    else:
        end = match.end() if stop == match.end("host") else stop
    end = _cut(text, start, end)
    return FoundLink(start, end, _kind(text, start, end), _unspelt(message, start, end))


def _unspelt(message: Folded, start: int, end: int) -> str | None:
    """Return a link with dots for the words that stand for them, None where there are none."""
    words = [(one.start(), one.end()) for one in _SPELT.finditer(message.text, start, end)]
    if not words:
        return None
    edges = [start, *(edge for word in words for edge in word), end]
    parts = zip(edges[::2], edges[1::2], strict=True)
    return ".".join(message.slice(first, last) for first, last in parts)


def _end_of_host(message: Folded, match: re.Match[str]) -> int | None:
    """Return where the longest host ends that has a real suffix, or None.

    A last word in title case behind a whole host begins the next sentence: ``evil.example.Xin``.
    """
    first, last = match.span("host")
    dots = list(_DOTS.finditer(message.text, first, last))
    ends = [*(dot.start() for dot in dots[1:]), last]
    is_defanged = any(_BRACKETED.fullmatch(dot[0]) for dot in dots)
    for number in reversed(range(_count_dots(message.text, first, dots))):
        end = _without_emphasis(message.text, ends[number])
        label = message.slice(dots[number].end(), end) if end > dots[number].end() else ""
        if label.istitle() and _ends_sentence(message, dots, number, first):
            continue
        if _is_suffix(label) or (is_defanged and number == len(dots) - 1 and label.isalpha()):
            return end
    return None


def _count_dots(text: str, start: int, dots: list[re.Match[str]]) -> int:
    """Return how many dots are a host's: a word for one counts before any written dot only.

    ``evil.example cham soc`` is a host and the word for care.
    """
    are_spelt = [_SPELT.fullmatch(dot[0]) is not None for dot in dots]
    if are_spelt[0] and text[start : dots[0].start()].isdigit():
        return 0
    written = are_spelt.index(False) if False in are_spelt else len(dots)
    return next((at for at in range(written, len(dots)) if are_spelt[at]), len(dots))


def _ends_sentence(message: Folded, dots: list[re.Match[str]], number: int, start: int) -> bool:
    """Tell whether a dot is a full stop: behind a suffix in small letters or a long number."""
    if number:
        label = message.slice(dots[number - 1].end(), dots[number].start())
        return label.islower() and _is_suffix(label)
    return _LONG_NUMBER.fullmatch(message.text, start, dots[0].start()) is not None


def _without_emphasis(text: str, end: int) -> int:
    while end and text[end - 1] in "_-":
        end -= 1
    return end


def _plain_part(message: Folded, match: re.Match[str]) -> FoundLink | None:
    """Return a host in plain letters that stands among those of a script without blanks."""
    if match["host"].isascii():
        return None
    for part in _PLAIN_HOST.finditer(message.text, *match.span("host")):
        if _is_suffix(part[0].rpartition(".")[2]):
            return FoundLink(part.start(), part.end(), Kind.LINK)
    return None


def _is_suffix(label: str) -> bool:
    """Tell whether a last label, as it is written, is a real top-level domain."""
    name = unicodedata.normalize("NFKC", label).casefold()
    if name.startswith(_PUNYCODE):
        try:
            name = name.removeprefix(_PUNYCODE).encode().decode("punycode")
        except UnicodeError:
            return False
    return name in top_level_domains()


def _kind(text: str, start: int, end: int) -> Kind | None:
    """Return LINK, or None where a long number in the link may be a subscriber's."""
    return None if _SUBSCRIBER.search(text, start, end) else Kind.LINK


def _cut(text: str, start: int, end: int) -> int:
    """Return the end of a link before the next one, without punctuation that is the sentence's."""
    for following in _NEXT_LINK.finditer(text, start + 1, end):
        host = following["host"]
        if host is None or _is_suffix(host.rpartition(".")[2]):
            end = following.start()
            break
    before = text[start - 1 : start]
    dropped = _TRAILING + (_QUOTES if before in tuple(_QUOTES) else "")
    if before in tuple(_EMPHASIS):
        dropped += before
    return _trim(text, start, end, dropped)


def _trim(text: str, start: int, end: int, dropped: str) -> int:
    missing = {
        closing: text.count(closing, start, end) - text.count(opening, start, end)
        for closing, opening in _CLOSING.items()
    }
    while end > start:
        last = text[end - 1]
        if missing.get(last, 0) > 0:
            missing[last] -= 1
        elif last not in dropped and not last.isspace():
            break
        end -= 1
    return end
