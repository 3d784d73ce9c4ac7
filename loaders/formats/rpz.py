"""RPZ: a DNS zone whose records say which names not to resolve.

``evil.example CNAME .`` (and ``*.evil.example``) blocks a name; ``CNAME rpz-passthru.`` lets it
pass. Rules for addresses and name servers (``….rpz-ip``, ``….rpz-nsdname``) name no host. The
syntax is that of zone files (RFC 1035, section 5) with the actions of
https://datatracker.ietf.org/doc/draft-vixie-dnsop-dns-rpz/
"""

import re
from collections.abc import Iterable, Iterator

from blacklist.model import Kind
from loaders.formats.base import Options, Record, Row, Skipped, reject
from loaders.formats.head import data_lines, is_address, most

NAME = "rpz"

_RECORD = re.compile(
    r"(?P<name>\S+)(?:\s+[0-9]+[smhdw]?)?(?:\s+IN)?(?:\s+[0-9]+[smhdw]?)?"
    r"\s+(?P<type>CNAME|A|AAAA|TXT|NS|SOA|DNAME)\s+(?P<data>\S.*)",
    re.IGNORECASE,
)
_BLOCKS = frozenset({".", "*.", "rpz-drop.", "rpz-drop", "rpz-tcp-only.", "rpz-tcp-only"})
_ALLOWS = frozenset({"rpz-passthru.", "rpz-passthru"})
_NOWHERE = frozenset({"0.0.0.0", "127.0.0.1", "::", "::1"})  # noqa: S104 - data, nothing is bound
_TRIGGERS = (".rpz-ip", ".rpz-nsip", ".rpz-nsdname", ".rpz-client-ip")
_ZONE_TYPES = frozenset({"SOA", "NS", "TXT", "DNAME"})


def sniff(head: str) -> bool:
    """Say whether most lines that are no part of the zone's own records are rules."""
    lines = data_lines(head, (";", "$"))
    rules = [line for line in lines if _is_rule(line)]
    return bool(rules) and most(lines, lambda line: _is_rule(line) or "SOA" in line)


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:  # noqa: ARG001 - one protocol
    """Yield a row for every rule; what the zone says of itself (SOA, NS, $ORIGIN) is none."""
    origin = ""
    in_soa = False
    for number, line in enumerate(lines, 1):
        text = line.partition(";")[0].rstrip()
        if in_soa or "(" in text:
            in_soa = ")" not in text  # only the zone's SOA runs over lines
        elif not text.strip():
            continue
        elif text.startswith("$"):
            origin = _find_origin(text) or origin
        else:
            row = _read(number, text.strip(), origin)
            if row is not None:
                yield row


def _read(number: int, text: str, origin: str) -> Row | None:
    """Return the row of a record, None for one of the zone's own."""
    found = _RECORD.fullmatch(text)
    if found is None:
        if re.fullmatch(r"(?:@|(?:[0-9]\S*\s+)?IN)\s.*|NS\s.*", text, re.IGNORECASE):
            return None
        return reject(number, "not_a_record", text)
    if found["name"] == "@" or found["type"].upper() in _ZONE_TYPES:
        return None
    return _judge(number, _without_origin(found["name"], origin), found, text)


def _judge(number: int, name: str, found: re.Match[str], text: str) -> Row:
    data = found["data"].strip().lower()
    if name.lower().endswith(_TRIGGERS):
        return Skipped(line=number, reason="address_rule")
    if data in _ALLOWS:
        return Skipped(line=number, reason="allowed_name")
    if data in _BLOCKS or data in _NOWHERE or found["type"].upper() == "CNAME":
        # A name sent to another is sent to a page that warns (a "walled garden").
        if name.removeprefix("*.") in {"", "*"}:
            return reject(number, "not_a_record", text)
        return Record(line=number, value=name.removeprefix("*."), kind=Kind.LINK)
    return reject(number, "real_address", text)


def _is_rule(line: str) -> bool:
    found = _RECORD.fullmatch(line.partition(";")[0].strip())
    if found is None:
        return False
    sort = found["type"].upper()
    # English has an "a" between two words, too.
    return sort == "CNAME" or (sort in {"A", "AAAA"} and is_address(found["data"].strip()))


def _find_origin(text: str) -> str:
    words = text.split()
    is_origin = len(words) > 1 and words[0].upper() == "$ORIGIN"
    return words[1].rstrip(".").lower() if is_origin else ""


def _without_origin(name: str, origin: str) -> str:
    """Return the name that a rule is for; one with a dot at its end holds the zone's name, too."""
    if not name.endswith("."):
        return name
    full = name[:-1]
    suffix = f".{origin}"
    return full[: -len(suffix)] if origin and full.lower().endswith(suffix) else full
