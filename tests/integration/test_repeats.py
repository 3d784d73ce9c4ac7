"""A request that comes again: who does it, what the others are told, and what a lost one leaves."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from blacklist import disputes
from blacklist.disputes import Claim as Told
from blacklist.marks import Reason
from blacklist.model import Identifier, Kind
from blacklist.publish import Publisher
from blacklist.store import Client, connect, keys, repeats
from blacklist.store import disputes as stored
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.meta import StoreInfo
from blacklist.store.repeats import Answer, Claim, Standing

ANSWER = Answer(202, "application/json", b'{"status":"received"}')
THING = Identifier(Kind.LINK, "listed.example")
SEED = bytes(range(32))
DAY = 86_400


@pytest.fixture
def reader(server: EmbeddedServer) -> Iterator[Client]:
    """A client as the web has one: shared by threads."""
    client = connect.reader(server.url)
    yield client
    client.close()


def again(body: bytes = b"body") -> Claim:
    """The same request, by another worker."""
    return Claim("name", body)


def lapse(client: Client, claim: Claim) -> None:
    """Let the time of a claim go by."""
    client.hset(claim.key, "until", 0)


def test_the_first_does_it_and_the_others_are_told_what_it_was_answered(reader: Client) -> None:
    first = again()
    assert repeats.take(reader, first) is Standing.CLAIMED
    assert repeats.take(reader, again()) is Standing.RUNNING
    repeats.end(reader, first, ANSWER)
    assert repeats.take(reader, again()) == ANSWER
    assert repeats.take(reader, again()) == ANSWER


def test_another_body_is_another_request_whatever_became_of_the_first(reader: Client) -> None:
    first = again()
    repeats.take(reader, first)
    assert repeats.take(reader, again(b"other")) is Standing.OTHER
    lapse(reader, first)
    assert repeats.take(reader, again(b"other")) is Standing.OTHER
    repeats.end(reader, first, ANSWER)
    assert repeats.take(reader, again(b"other")) is Standing.OTHER


def test_of_many_at_once_one_does_it(reader: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: repeats.take(reader, again()), range(40)))
    assert sorted(told) == [Standing.CLAIMED] + [Standing.RUNNING] * 39


def test_who_claims_twice_since_an_answer_was_lost_has_it(reader: Client) -> None:
    """The driver sends a command again whose answer it did not get."""
    first = again()
    assert [repeats.take(reader, first) for _ in range(2)] == [Standing.CLAIMED] * 2


def test_what_was_let_go_of_is_done_again_with_any_body(reader: Client) -> None:
    first = again()
    repeats.take(reader, first)
    repeats.end(reader, first, None)
    assert not reader.exists(first.key)
    assert repeats.take(reader, again(b"other")) is Standing.CLAIMED


def test_who_died_blocks_for_a_bounded_time(reader: Client) -> None:
    dead, heir = again(), again()
    repeats.take(reader, dead)
    left = int(reader.hget(dead.key, "until")) - time.time()
    assert 0 < left <= repeats.CLAIM_SECONDS + 1
    lapse(reader, dead)
    assert repeats.take(reader, heir) is Standing.CLAIMED
    assert repeats.take(reader, again()) is Standing.RUNNING


def test_who_was_too_slow_neither_answers_for_nor_lets_go_of_his_heir(reader: Client) -> None:
    slow, heir = again(), again()
    repeats.take(reader, slow)
    lapse(reader, slow)
    repeats.take(reader, heir)
    repeats.end(reader, slow, Answer(409, "text/plain", b"late"))
    assert repeats.take(reader, again()) is Standing.RUNNING
    repeats.end(reader, slow, None)
    assert repeats.take(reader, again()) is Standing.RUNNING
    repeats.end(reader, heir, ANSWER)
    assert repeats.take(reader, again()) == ANSWER


def test_nothing_is_kept_for_longer_than_a_day(reader: Client) -> None:
    first = again()
    repeats.take(reader, first)
    assert 0 < reader.ttl(first.key) <= DAY
    repeats.end(reader, first, ANSWER)
    assert 0 < reader.ttl(first.key) <= DAY


def test_those_of_a_day_are_counted_and_forgotten(reader: Client) -> None:
    assert [repeats.count(reader, 20_000) for _ in range(3)] == [1, 2, 3]
    assert repeats.count(reader, 20_001) == 1
    assert 0 < reader.ttl(keys.repeats(20_000)) <= 2 * DAY


@pytest.fixture
def told() -> Told:
    """What somebody says of a thing."""
    return Told(
        identifier=THING,
        claim=Reason.WRONGLY_LISTED,
        note="",
        contact="owner@shop.example",
        teller="192.0.2.1",
        seed=SEED,
    )


def opened(publisher: Publisher) -> list[str]:
    return list(stored.read(publisher.client))


class Died(Exception):
    """A worker ends here."""


def test_a_dispute_whose_worker_died_is_opened_once(
    publisher: Publisher, client: Client, info: StoreInfo, told: Told
) -> None:
    """It died when the dispute was written and its mark was not; the repeated one finishes it."""

    def die(_seconds: float) -> None:
        raise Died

    with pytest.raises(Died):
        disputes.open_dispute(Publisher(client, info, sleep=die), told)
    (reference,) = opened(publisher)
    assert disputes.open_dispute(publisher, told).reference == reference
    assert opened(publisher) == [reference]


def test_one_that_was_decided_meanwhile_is_not_opened_again(
    publisher: Publisher, told: Told
) -> None:
    first = disputes.open_dispute(publisher, told)
    disputes.keep(publisher, first.reference, by="reviewer", reason="looked at")
    assert disputes.open_dispute(publisher, told).reference == first.reference
    assert opened(publisher) == []


@pytest.mark.parametrize("is_decided", [False, True])
def test_a_day_later_the_same_words_are_another_dispute(
    publisher: Publisher, told: Told, is_decided: bool
) -> None:
    first = disputes.open_dispute(publisher, told)
    if is_decided:
        disputes.keep(publisher, first.reference, by="reviewer", reason="looked at")
    now = publisher.now()
    publisher.wall = lambda: float(now + DAY + 1)
    second = disputes.open_dispute(publisher, told)
    assert second.reference != first.reference
    assert second.reference in opened(publisher)


def test_without_a_seed_every_dispute_is_its_own(publisher: Publisher, told: Told) -> None:
    plain = msgspec.structs.replace(told, seed=None)
    references = {disputes.open_dispute(publisher, plain).reference for _ in range(2)}
    assert len(references) == 2
