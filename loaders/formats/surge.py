"""Rules of proxies: ``DOMAIN-SUFFIX,evil.example`` (Surge, Clash), ``HOST-SUFFIX,…,REJECT``.

The words are those of https://manual.nssurge.com/rule/domain-based.html and of Quantumult X. A rule
whose action lets the host pass is skipped, as is one for a word in a host or for an address block.
"""

import re
from collections.abc import Iterable, Iterator

from blacklist.model import Kind
from loaders.formats.base import Options, Record, Row, Skipped, reject
from loaders.formats.head import data_lines, most

NAME = "surge"

_COMMENTS = ("#", ";", "//", "[")
_RULE = re.compile(
    r"(?:-\s+)?'?(?P<word>DOMAIN|DOMAIN-SUFFIX|HOST|HOST-SUFFIX|DOMAIN-KEYWORD|HOST-KEYWORD"
    r"|DOMAIN-WILDCARD|HOST-WILDCARD|IP-CIDR|IP-CIDR6|IP6-CIDR|USER-AGENT|URL-REGEX|GEOIP|IP-ASN"
    r"|PROCESS-NAME|DOMAIN-SET|RULE-SET|FINAL|MATCH)\s*,\s*(?P<value>[^,\s']*)'?(?:\s*,\s*(?P<action>.*))?"
)
_LOOSE_RULE = re.compile(_RULE.pattern, re.IGNORECASE)
_ACTION = re.compile(r"(?:reject|direct|proxy)[a-z0-9-]*(?:,.*)?", re.IGNORECASE)
_HOSTS = frozenset({"DOMAIN", "DOMAIN-SUFFIX", "HOST", "HOST-SUFFIX"})
_ALLOWS = frozenset({"direct", "proxy", "pass"})


def sniff(head: str) -> bool:
    """Say whether most lines are such rules, plainly: ``domain,…`` may be a row of a table."""
    return most(data_lines(head, _COMMENTS), _is_plainly_rule)


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:  # noqa: ARG001 - one protocol
    """Yield a row for every line that is neither blank nor a comment; the kind is always a link."""
    for number, line in enumerate(lines, 1):
        rule = line.strip()
        if not rule or rule.startswith(_COMMENTS) or rule == "payload:":
            continue
        found = _LOOSE_RULE.fullmatch(rule)
        if found is None:
            yield reject(number, "not_a_rule", rule)
        elif (found["action"] or "").partition(",")[0].strip().lower() in _ALLOWS:
            yield Skipped(line=number, reason="exception_rule")
        elif found["word"].upper() not in _HOSTS:
            yield Skipped(line=number, reason="wildcard_rule")
        elif not found["value"]:
            yield reject(number, "not_a_rule", rule)
        else:
            yield Record(line=number, value=found["value"].lstrip("."), kind=Kind.LINK)


def _is_plainly_rule(line: str) -> bool:
    found = _LOOSE_RULE.fullmatch(line)
    if found is None:
        return line == "payload:"
    return _RULE.fullmatch(line) is not None or bool(_ACTION.fullmatch(found["action"] or ""))
