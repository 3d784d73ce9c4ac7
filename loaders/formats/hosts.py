"""The hosts file: ``0.0.0.0 host [host…] # comment``, a name sent nowhere so that it is blocked.

The syntax is that of hosts(5). Names of the machine itself are skipped wherever they point;
a name sent to a real address is a redirection, which blocks nothing and is rejected.
"""

from collections.abc import Iterable, Iterator

from blacklist.model import Kind
from loaders.formats.base import Options, Record, Row, Skipped, reject
from loaders.formats.head import data_lines, is_address, most

NAME = "hosts"

_NOWHERE = frozenset({"0.0.0.0", "127.0.0.1", "::", "::1", "0"})  # noqa: S104 - data, nothing is bound
_LOCAL = frozenset(
    {"localhost", "localhost.localdomain", "localhost4", "localhost6", "local", "broadcasthost"}
    | {"localhost4.localdomain4", "localhost6.localdomain6", *_NOWHERE}
)
_LOCAL_PREFIX = "ip6-"


def sniff(head: str) -> bool:
    """Say whether most lines are an address and a host."""
    return most(data_lines(head, "#"), _is_entry)


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:  # noqa: ARG001 - one protocol
    """Yield a row for every host of every line; the kind is always a link."""
    for number, line in enumerate(lines, 1):
        entry = line.partition("#")[0] if "#" in line else line
        words = entry.split()
        if not words:
            continue
        if words[0] in _NOWHERE and len(words) > 1:
            for host in words[1:]:
                if _is_local(host):
                    yield Skipped(line=number, reason="local_name")
                else:
                    yield Record(line=number, value=host, kind=Kind.LINK)
        else:
            yield from _read_other(number, line, words)


def _read_other(number: int, line: str, words: list[str]) -> Iterator[Row]:
    """Yield the rows of a line that does not send a host nowhere."""
    if not _is_address(words[0]):
        yield reject(number, "no_address", line)
    elif len(words) == 1:
        yield reject(number, "no_host", line)
    else:
        for host in words[1:]:
            if _is_local(host):
                yield Skipped(line=number, reason="local_name")
            else:
                yield reject(number, "real_address", line)


def _is_entry(line: str) -> bool:
    words = line.split()
    return len(words) > 1 and not words[1].startswith("#") and _is_address(words[0])


def _is_address(word: str) -> bool:
    return word in _NOWHERE or is_address(word)


def _is_local(host: str) -> bool:
    name = host.lower()
    return name in _LOCAL or name.startswith(_LOCAL_PREFIX)
