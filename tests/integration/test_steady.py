"""What is read in several commands is of one moment, also where no transaction is possible."""

from typing import Any

import pytest

from blacklist.errors import Busy
from blacklist.store import Client, steady

VERSION, TOLD = "bl:{bl}:steady:version", "bl:{bl}:steady:told"


def test_what_changed_meanwhile_is_read_again(client: Client) -> None:
    client.mset({VERSION: 1, TOLD: "old"})
    asked: list[int] = []

    def ask(pipe: Any) -> None:
        asked.append(1)
        pipe.get(TOLD)
        if len(asked) == 1:  # as if somebody else came between
            pipe.mset({VERSION: 2, TOLD: "new"})

    assert steady.read(client, VERSION, ask) == [b"2", b"new"]
    assert len(asked) == 2


def test_what_changes_all_the_time_is_not_read_at_all(client: Client) -> None:
    with pytest.raises(Busy):
        steady.read(client, VERSION, lambda pipe: pipe.incr(VERSION))


def test_what_is_not_there_has_no_version(client: Client) -> None:
    assert steady.read(client, VERSION, lambda pipe: pipe.get(TOLD)) == [None, None]
