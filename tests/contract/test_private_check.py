"""The reference client of the private lookups, end to end on a real service.

Its verdict is that of ``/v1/check``, for whatever is listed, cleared and official in whatever mix,
and what the filter can exclude is never asked for.
"""

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from private_check import PrivateCheck
from private_service import CouldNotLook, PrivateService

from blacklist import identifiers, marks
from blacklist.callers import Scope
from blacklist.errors import InvalidIdentifier
from blacklist.marks import Reason
from blacklist.model import Identifier, Kind, Source, Trust
from blacklist.publish import Publisher
from blacklist.store import connect, meta
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.listings import Detail
from blacklist.store.stage import Staged
from servers import ROOT

SEEDS = [20261128, 1]
"""Lists are drawn by each; the second meets an official account by its number alone."""

SOURCES = [
    Source("c-one", "One", Trust.COMMUNITY),
    Source("c-two", "Two", Trust.COMMUNITY),
    Source("partner", "Partner", Trust.PARTNER),
    Source("authority", "Authority", Trust.AUTHORITY),
]
HOSTS = [f"{sub}h{number}.example" for number in range(8) for sub in ("", "a.", "b.a.")]
LINKS = [host + path for host in HOSTS for path in ("", "/x", "/x/y")]
PHONES = [f"+4477009001{number:02}" for number in range(40, 70)]
RANGES = ["+44770090014*", "+4477009005##", "+44770090015#"]
BANKS = ("970436", "970407", "")
NUMBERS = [f"00000000000{number:02}" for number in range(40, 60)]
WALLETS = ["0900000041", "0900000042"]


class World(NamedTuple):
    """A service whose lists were drawn by chance, and a key for it."""

    service: Any
    key: str


def publisher_of(service: Any) -> Publisher:
    client = connect.writer(EmbeddedServer(service.data_dir).url)
    return Publisher(client, meta.require(client))


def listed_along(kind: Kind, value: str) -> list[Staged]:
    """What a row brings, as the loaders write it: an account at a bank also its bare number."""
    bank, _, number = value.rpartition("/")
    own = Identifier(kind, value)
    if kind is not Kind.ACCOUNT:
        return [Staged(own)]
    pointer = Staged(Identifier(kind, number), None, Detail(banks=(bank,)))
    return [Staged(own), pointer] if bank else [pointer]


def put(publisher: Publisher, source: Source, rows: list[Staged]) -> None:
    with publisher.load(source, full=False) as load:
        load.put(rows)
        load.commit()


def draw_lists(publisher: Publisher, drawn: random.Random) -> None:
    """About a third of everything is listed, a tenth cleared, a tenth official."""
    accounts = [f"{bank}/{number}" if bank else number for number in NUMBERS for bank in BANKS]
    accounts += [f"MOMO/{number}" for number in WALLETS]
    every = [(Kind.LINK, one) for one in LINKS] + [(Kind.PHONE, one) for one in PHONES + RANGES]
    every += [(Kind.ACCOUNT, one) for one in accounts]
    for source in SOURCES:
        chosen = drawn.sample(every, len(every) // 8)
        put(publisher, source, [row for one in chosen for row in listed_along(*one)])
    ended = [
        Staged(Identifier(kind, one), None, Detail(expires=int(time.time()) - 9))
        for kind, one in drawn.sample([one for one in every if one[0] is not Kind.ACCOUNT], 10)
    ]
    put(publisher, Source("ended", "Ended"), ended)
    things = [Identifier(*one) for one in every]
    marks.clear(publisher, drawn.sample(things, len(things) // 10), Reason.OTHER)
    ends = drawn.sample(things, 5)
    marks.clear(publisher, ends, Reason.OTHER, until=int(time.time()) - 1)
    published = drawn.sample(things, len(things) // 10)
    marks.replace_official(publisher, [marks.Mark(one, 1, "A bank") for one in published])


def questions() -> list[dict[str, Any]]:
    """Everything that may be listed, what lies under it, and what nobody knows."""
    links = [*LINKS, *(f"c.{host}/x/y/z" for host in HOSTS), "clean.example", "x.clean.example/y"]
    phones = [*PHONES, *(f"+4477009001{number}" for number in (70, 71, 85))]
    asked = [{"value": one, "kind": "link"} for one in links]
    asked += [{"value": one, "kind": "phone"} for one in phones]
    for number in [*NUMBERS, *WALLETS, "84900000041", "+84900000042", "0000000000091"]:
        asked += [{"value": number, "kind": "account"}]
        asked += [
            {"value": number, "kind": "account", "bank": bank} for bank in (*BANKS[:2], "MoMo")
        ]
    return [one for one in asked if is_understood(one)]


def is_understood(asked: dict[str, Any]) -> bool:
    try:
        identifiers.ask(asked["value"], kind=Kind(asked["kind"]), bank=asked.get("bank"))
    except InvalidIdentifier:
        return False
    return True


def draw_world(service: Any, key_of: Any, seed: int) -> World:
    publisher = publisher_of(service)
    draw_lists(publisher, random.Random(seed))
    publisher.client.close()
    return World(service, key_of(service.data_dir, Scope.LIST, Scope.CHECK))


@pytest.fixture(scope="module")
def world(module_service, key_of) -> World:
    return draw_world(module_service(), key_of, SEEDS[0])


def client_of(world: World, folder: Path, **told: Any) -> PrivateCheck:
    address = f"http://127.0.0.1:{world.service.port}"
    return PrivateCheck(PrivateService(address, folder=folder, key=world.key, **told))


def ask(check: PrivateCheck, asked: dict[str, Any]) -> dict[str, Any]:
    return check.check(asked["value"], kind=Kind(asked["kind"]), bank=asked.get("bank"))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_verdict_is_that_of_a_plain_question(
    world: World, module_service, key_of, tmp_path: Path, seed: int
) -> None:
    """Verdict and ``suspicious`` of every question, and a level that is never above."""
    if seed != SEEDS[0]:
        world = draw_world(module_service(), key_of, seed)
    check = client_of(world, tmp_path)
    every = questions()
    plain = world.service.post_items(*every).json()["results"]
    order = ["none", "caution", "warning", "danger"]
    seen: set[tuple[str, str]] = set()
    for asked, expected in zip(every, plain, strict=True):
        private = ask(check, asked)
        seen.add((asked["kind"], private["verdict"]))
        told = (private["verdict"], private["suspicious"])
        assert told == (expected["verdict"], expected["suspicious"]), asked
        assert order.index(private["level"]) <= order.index(expected["level"]), asked
    assert seen == {
        (kind, verdict)
        for kind in ("link", "phone", "account")
        for verdict in ("listed", "no_record", "cleared", "official")
    }


def test_what_the_filter_excludes_is_not_asked_for(world: World, tmp_path: Path) -> None:
    """Not even the description is: the filter alone was fetched."""
    check = client_of(world, tmp_path)
    for number in range(50):
        told = ask(check, {"value": f"nobody{number}.example/page", "kind": "link"})
        assert (told["verdict"], told["sent"]) == ("no_record", [])


def test_only_prefixes_are_sent(world: World, tmp_path: Path) -> None:
    """Of the candidates that the filter does not exclude, one digit of a hash each."""
    check = client_of(world, tmp_path)
    for value in LINKS:
        told = ask(check, {"value": value, "kind": "link"})
        assert all(len(one["prefix"]) == 1 for one in told["sent"])
        assert len(told["sent"]) <= value.count(".") + value.count("/") + 1


def test_a_filter_is_kept_and_fetched_again_when_it_is_old(world: World, tmp_path: Path) -> None:
    """Until then what was listed since is not known: the age says so."""
    now = [time.time()]
    told = {"max_age_seconds": 60.0, "clock": lambda: now[0]}
    asked = {"value": "listed-since.example", "kind": "link"}
    assert ask(client_of(world, tmp_path, **told), asked)["verdict"] == "no_record"
    publisher = publisher_of(world.service)
    put(publisher, SOURCES[0], [Staged(Identifier(Kind.LINK, asked["value"]))])
    publisher.client.close()
    now[0] += 59
    old = ask(client_of(world, tmp_path, **told), asked)
    assert (old["verdict"], old["as_of"]["age_s"]) == ("no_record", pytest.approx(59, abs=5))
    now[0] += 2
    new = ask(client_of(world, tmp_path, **told), asked)
    assert (new["verdict"], new["as_of"]["age_s"]) == ("listed", pytest.approx(0, abs=5))


def test_a_damaged_file_is_no_filter(world: World, tmp_path: Path) -> None:
    asked = {"value": "nobody.example", "kind": "link"}
    ask(client_of(world, tmp_path), asked)
    (kept,) = tmp_path.glob("*/filter-link")
    kept.write_bytes(bytes(kept.stat().st_size))
    with pytest.raises(CouldNotLook, match="damaged"):
        ask(client_of(world, tmp_path), asked)


def test_phones_cannot_be_asked_without_a_key(world: World, tmp_path: Path) -> None:
    check = client_of(world._replace(key=None), tmp_path)
    with pytest.raises(CouldNotLook, match="scope 'list'"):
        ask(check, {"value": PHONES[0], "kind": "phone"})
    assert ask(check, {"value": LINKS[0], "kind": "link"})["verdict"]


def test_a_reshard_is_noticed(world: World, module_service, run, key_of, tmp_path: Path) -> None:
    """A client that was told the old bits asks anew and is answered right, for more and fewer."""
    service = module_service()
    publisher = publisher_of(service)
    put(publisher, SOURCES[0], [Staged(Identifier(Kind.LINK, one)) for one in LINKS[:20]])
    publisher.client.close()
    check = client_of(World(service, world.key), tmp_path)

    def verdicts() -> list[str]:
        return [ask(check, {"value": one, "kind": "link"})["verdict"] for one in LINKS[:20]]

    assert verdicts() == ["listed"] * 20
    for bits in ("7", "8", "5"):
        assert run(service.data_dir, "reshard", "link", "--bits", bits).returncode == 0
        assert verdicts() == ["listed"] * 20


def run_script(world: World, folder: Path, *arguments: str, key: str | None) -> Any:
    """The script as its user runs it, with the environment of the tests."""
    environ = {"PATH": "/usr/bin:/bin", **({"PRIVATE_CHECK_KEY": key} if key else {})}
    address = f"http://127.0.0.1:{world.service.port}"
    return subprocess.run(
        [
            *(sys.executable, ROOT / "scripts" / "private_check.py"),
            *("--service", address, "--cache", folder, *arguments),
        ],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "is_keyed", "code", "said"),
    [
        (["vn-bank.example"], False, 10, "vn-bank.example: listed, "),
        (["nobody.example"], False, 0, "nobody.example: no_record, none (sent: nothing;"),
        (["+447700900123"], True, 10, "listed, "),
        (["+447700900123", "--kind", "phone"], False, 3, "unavailable (this is not an answer)"),
        (["hello"], False, 2, "not understood"),
        (["hello", "vn-bank.example"], False, 10, "listed"),
    ],
)
def test_the_script_says_it_and_ends_like_check(
    world: World, tmp_path: Path, arguments: list[str], is_keyed: bool, code: int, said: str
) -> None:
    done = run_script(world, tmp_path, *arguments, key=world.key if is_keyed else None)
    assert (done.returncode, done.stderr) == (code, "")
    assert said in done.stdout


def test_a_service_that_is_away_is_no_answer(world: World, tmp_path: Path) -> None:
    """Nor is one that redirects or says something else."""
    away = world._replace(service=type("Away", (), {"port": 1}))
    done = run_script(away, tmp_path, "vn-bank.example", "--json", key=None)
    assert done.returncode == 3
    (result,) = json.loads(done.stdout)["results"]
    assert (result["verdict"], result["suspicious"]) == ("unavailable", None)
