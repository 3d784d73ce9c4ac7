"""Hosts files."""

import pytest

from blacklist.model import Kind
from loaders.formats import Options, Record, Rejected, Skipped, hosts


def rows(*lines):
    return list(hosts.parse(lines, Options(kind=Kind.PHONE)))


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "::", "::1", "0"])
def test_a_host_sent_nowhere_is_a_record_of_a_link(address):
    expected = [Record(line=1, value="Evil.Example", kind=Kind.LINK)]
    assert rows(f"{address} Evil.Example") == expected
    assert rows(f"  {address}\t\tEvil.Example  # a bank") == expected
    assert rows(f"{address} Evil.Example#a bank") == expected


def test_every_host_of_a_line_is_a_record():
    values = [row.value for row in rows("0.0.0.0 a.example b.example\tc.example # d.example")]
    assert values == ["a.example", "b.example", "c.example"]


@pytest.mark.parametrize(
    "name",
    [
        *("localhost", "LocalHost", "localhost.localdomain", "local", "broadcasthost"),
        *("ip6-localhost", "ip6-loopback", "ip6-allnodes", "0.0.0.0"),
    ],
)
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "255.255.255.255", "fe80::1%lo0"])
def test_names_of_the_machine_itself_are_skipped_wherever_they_point(address, name):
    assert rows(f"{address} {name}") == [Skipped(line=1, reason="local_name")]


def test_a_local_name_does_not_hide_the_hosts_beside_it():
    assert rows("127.0.0.1 localhost evil.example") == [
        Skipped(line=1, reason="local_name"),
        Record(line=1, value="evil.example", kind=Kind.LINK),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("192.0.2.1 evil.example", "real_address"),
        ("2001:db8::1 evil.example", "real_address"),
        ("0.0.0.0", "no_host"),
        ("0.0.0.0 # evil.example", "no_host"),
        ("192.0.2.1", "no_host"),
        ("evil.example", "no_address"),
        ("evil.example 0.0.0.0", "no_address"),
    ],
)
def test_what_sends_no_host_nowhere_is_rejected_with_its_line(line, reason):
    assert rows("", line) == [Rejected(line=2, reason=reason, text=line)]


def test_blank_lines_and_comments_are_no_rows():
    assert rows("# 0.0.0.0 evil.example", "", "   ", " # b") == []
