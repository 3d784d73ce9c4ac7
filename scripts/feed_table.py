"""Which feeds ``check_feeds`` loads, and what it asks besides; facts only.

Two tables: files of our own (``tests/feeds``) and real feeds, which do not ship with the project.
Adding a feed is one line.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from blacklist.model import Kind
from loaders.pipeline import Mode


class Line(NamedTuple):
    """One line of a table: files by a pattern, and how they are loaded.

    ``kind`` None leaves the kind to the feed and to its rows' shapes. ``format`` is what must be
    recognised from the content; None takes whatever is. ``mode`` ``add`` is for files that may
    list nothing. ``refused`` files must be refused as malformed; ``why`` says what they are.
    ``known`` is False for a file that no table names: it is tried, and may be refused.
    """

    pattern: str
    format: str | None = None
    kind: Kind | None = None
    region: str = "VN"
    mode: Mode = "full"
    refused: bool = False
    why: str = ""
    known: bool = True


class Place(NamedTuple):
    """A file of a folder, or a line's pattern (with ``path`` None) that no file fits."""

    name: str
    path: Path | None
    line: Line


OWN = (
    Line("adblock/header_only.txt", "adblock", mode="add"),
    Line("adblock/*", "adblock"),
    Line("bank_columns/*", "bank_columns"),
    Line("csv/bars.txt", "csv"),
    Line("csv/fcc.csv", "csv", region="US"),
    Line("csv/ftc.csv", "csv", region="US"),
    Line("csv/number_first.csv", "csv", region="US"),
    Line("csv/padded.csv", "csv", region="US"),
    Line("csv/*", "csv"),
    Line("docx/*", "docx"),
    Line("hosts/*", "hosts"),
    Line("json/empty_array.json", "json", mode="add"),
    Line("json/numbers.json", "json", Kind.PHONE, "US"),
    Line("json/entries.json", "json", Kind.PHONE, "US"),
    Line("json/api.json", "json", region="US"),
    Line("json/callblocker.json", "json", Kind.PHONE),
    Line("json/*", "json"),
    Line("misp/*", "misp"),
    Line("ndjson/*", "ndjson"),
    Line("plain/accounts.txt", "plain", Kind.ACCOUNT),
    Line("plain/addresses.txt", "plain", Kind.LINK),
    Line("plain/comments_only.txt", "plain", mode="add"),
    Line("plain/phones_junk.txt", "plain", region="US"),
    Line("plain/*", "plain"),
    Line("rpz/*", "rpz"),
    Line("stix/*", "stix"),
    Line("surge/*", "surge"),
    Line("wildcards/*", "wildcards"),
    Line("xlsx/*", "xlsx", Kind.ACCOUNT),
    Line("malformed/*", refused=True),
)

REAL = (
    Line("chongluadao-elliot/urls.txt", "plain"),
    Line("chongluadao-elliot/urls-ABP*.txt", "adblock"),
    Line("hostsVN-threat/hosts-VN", "hosts"),
    Line("hostsVN-threat/filter-VN.txt", "adblock"),
    Line("hostsVN-threat/domain-VN.txt", "plain"),
    Line("misp-events/echap_misp_event.json", "misp"),
    Line("misp-events/echap_network.csv", "csv"),
    Line("misp-events/pymisp-event.json", "misp", mode="add", why="hashes and files only"),
    Line("phishing-database/phishing-domains-ACTIVE2.txt", "plain"),
    Line("phishing-database/phishing-domains-INVALID.txt", "plain", mode="add"),
    Line("phishing-database/phishing-links-INACTIVE1.head.txt", "plain"),
    Line("phishing-database/phishing-links-INVALID.txt", "plain", mode="add"),
    Line("phishing-database/phishing-IPs-ACTIVE.txt", "plain"),
    Line("phishtank-csv/*.csv", "csv"),
    Line("phone-schema-contactsmanager/callblocker-main.json", "json", Kind.PHONE),
    Line("phone-schema-contactsmanager/phone-numbers.json", "json", Kind.PHONE, "US"),
    Line("phone-us-fcc/*.csv", "csv", region="US"),
    Line("phone-us-ftc-dnc/*.json", "json", Kind.PHONE, "US"),
    Line("phone-us-ftc-dnc/*.csv", "csv", region="US"),
    Line("spmedia-crypto/detected_urls.json", "json"),
    Line("spmedia-crypto/detected_urls.txt", "plain"),
    Line("stix21/cytrox.stix2", "stix"),
    Line("stix21/misp-stix-events_collection_stix21.json", "stix"),
    Line("stix21/oasis-indicator-for-malicious-url.json", "stix"),
    Line("stix21/oasis-*.json", "stix", mode="add", why="their one address is 10.0.0.0, private"),
    Line("urlhaus-csv/urlhaus-banner-sample.csv", "csv"),
    Line("urlhaus-csv/urlhaus_online_2025-04.head.csv", "csv"),
    Line("urlhaus-csv/urlhaus-hostfile-domains.txt", "plain"),
    # Lists of another sort, which must not pass for lists of the suspicious.
    Line("misp-warninglists/schema.json", refused=True, why="the schema of the warninglists"),
    Line("misp-warninglists/*", refused=True, why="a list of what must never be listed"),
    Line("misp-events/misp-object-*", refused=True, why="how an object is written"),
    Line("phone-schema-contactsmanager/*.schema.json", refused=True, why="a schema"),
    Line("phone-schema-contactsmanager/phone-patterns.json", refused=True, why="patterns only"),
    Line("vn-banks-subiz/bank.csv", refused=True, why="the register of the banks themselves"),
)

INNOCENTS = (
    "facebook.com",
    "https://www.facebook.com/",
    "https://m.facebook.com/",
    "facebook.com/profile.php",
    "facebook.com/profile.php?id=1",
    "google.com",
    "https://www.google.com/search?q=weather",
    "sites.google.com",
    "https://sites.google.com/view/a-page-of-nobody",
    "docs.google.com",
    "drive.google.com",
    "play.google.com",
    "play.google.com/store/apps/details",
    "play.google.com/store/apps/details?id=a.b",
    "youtube.com",
    "zalo.me",
    "https://zalo.me/0",
    "t.me",
    "bit.ly",
    "github.com",
    "a-page-of-nobody.weebly.com",
    "a-page-of-nobody.vercel.app",
    "a-page-of-nobody.blogspot.com",
    "a-page-of-nobody.com.vn",
    "a-page-of-nobody.gov.vn",
)
"""What no feed may ever make listed: what everybody shares, and pages that no feed names. The last
are what a listed public suffix would flag."""

SUFFIXES = (
    "weebly.com",
    "https://www.weebly.com/",
    "vercel.app",
    "blogspot.com",
    "com.vn",
    "https://gov.vn/a",
)
"""What may be neither listed nor asked: to ask for it must be refused, never answered."""


_NO_FEEDS = ("PROVENANCE*", "LICENSE*", "LICENCE*", "README*", "*.md", ".*")


def find_places(folder: Path) -> list[Place]:
    """Return the folder's files: those of the table of which it holds more, then all others.

    A file belongs to the first line whose pattern it fits; one that fits none is tried, with
    nothing told of it.
    """
    tables = [list(_find(folder, table)) for table in (REAL, OWN)]
    named = max(tables, key=lambda places: sum(place.path is not None for place in places))
    if not any(place.path for place in named):
        named = []
    taken = {place.path for place in named}
    others = (path for path in sorted(folder.rglob("*")) if path not in taken and _is_feed(path))
    line = Line("*", mode="add", known=False)
    return [
        *named,
        *(Place(path.relative_to(folder).as_posix(), path, line) for path in others),
    ]


def _is_feed(path: Path) -> bool:
    return path.is_file() and not any(map(path.match, _NO_FEEDS))


def _find(folder: Path, table: Sequence[Line]) -> Iterator[Place]:
    seen: set[Path] = set()
    for line in table:
        paths = sorted(path for path in folder.glob(line.pattern) if _is_feed(path))
        for path in paths:
            if path not in seen:
                yield Place(path.relative_to(folder).as_posix(), path, line)
        seen.update(paths)
        if not paths:
            yield Place(line.pattern, None, line)
