"""Adblock filter lists: the rules that block a whole host or one address.

Read as listings: ``||host^``, ``||host/path^``, ``|https://host/path|``, each with options that do
not narrow them. All else in such a list blocks a part of something, or hides, or allows, and is
skipped with its reason. The syntax is Adblock Plus's, with the options of uBlock Origin and
AdGuard: https://help.adblockplus.org/hc/en-us/articles/360062733293
"""

import re
from collections.abc import Iterable, Iterator

from blacklist.model import Kind
from loaders.formats.base import Options, Record, Row, Skipped, reject
from loaders.formats.head import data_lines, most

NAME = "adblock"

_HARMLESS_OPTIONS = frozenset(
    {"", "all", "document", "doc", "popup", "important", "third-party", "3p"}
)
_COMMENT = re.compile(r"!.*|\[[^\]$]*\]|#(?:\s.*|#*)", re.DOTALL)
_OPTIONS = re.compile(r"(?:~?[A-Za-z0-9_-]+(?:=[^,]*)?(?:,|$))*")
_COSMETIC = re.compile(r"#@?[$%?]{0,2}#|\$\$")
_REGEX = re.compile(r"/.+/(?:\$[^/]*)?")
_TRAILING_COMMENT = re.compile(r"\s#.*", re.DOTALL)
_PLACEHOLDER = re.compile(r"[*^|]")


def sniff(head: str) -> bool:
    """Say whether it begins with ``[Adblock…]`` or most lines are rules for a host."""
    if re.match(r"\s*\[ad(?:block|guard)", head, re.IGNORECASE):
        return True
    lines = [line for line in data_lines(head, "!") if not _COMMENT.fullmatch(line)]
    return any(line.startswith("||") for line in lines) and most(lines, _is_plainly_rule)


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:  # noqa: ARG001 - one protocol
    """Yield one row for every rule; the kind is always a link."""
    for number, line in enumerate(lines, 1):
        rule = line.strip()
        if not rule or _COMMENT.fullmatch(rule):
            continue
        if rule.startswith("|"):
            yield _read_anchored(number, rule)
        else:
            yield _read_unanchored(number, rule)


def _is_plainly_rule(line: str) -> bool:
    return line.startswith(("||", "|http", "@@")) or bool(_COSMETIC.search(line))


def _read_anchored(number: int, rule: str) -> Row:
    """Read a rule that begins at a host (``||``) or at the start of an address (``|``)."""
    pattern, narrowed = _split_options(_TRAILING_COMMENT.sub("", rule))
    if narrowed:
        return Skipped(line=number, reason="narrowed_rule")
    at_host = pattern.startswith("||")
    target = pattern[2 if at_host else 1 :].removesuffix("|").removesuffix("^")
    if target.split() != [target]:  # nothing, or white space in it or around it
        return reject(number, "not_a_rule", rule)
    if target.startswith("/") or not (at_host or "://" in target):
        return Skipped(line=number, reason="path_rule")
    # "||ads." without its "^" stands for every host with a label "ads".
    if _PLACEHOLDER.search(target) or pattern.endswith("."):
        return Skipped(line=number, reason="wildcard_rule")
    return Record(line=number, value=target, kind=Kind.LINK)


def _read_unanchored(number: int, rule: str) -> Row:
    if rule.startswith("@@"):
        return Skipped(line=number, reason="exception_rule")
    if _COSMETIC.search(rule):
        return Skipped(line=number, reason="cosmetic_rule")
    if _REGEX.fullmatch(rule):
        return Skipped(line=number, reason="regex_rule")
    if len(rule.split()) != 1:
        return reject(number, "not_a_rule", rule)
    if "*" in rule:
        return Skipped(line=number, reason="wildcard_rule")
    return Skipped(line=number, reason="path_rule" if rule.startswith("/") else "unanchored_rule")


def _split_options(rule: str) -> tuple[str, bool]:
    """Return the pattern, and whether options narrow it to some requests."""
    pattern, dollar, tail = rule.rpartition("$")
    if not dollar or not _OPTIONS.fullmatch(tail):
        return rule, False
    return pattern, not _HARMLESS_OPTIONS.issuperset(tail.lower().split(","))
