"""A client of a Redis Cluster that the store's modules use as if it were one server.

Commands go by the slot of their key: one pipeline is sent to all its nodes at once, then read from
one after the other, within one time limit for all. What redis-py's own ``RedisCluster`` does
otherwise was in the way (docs/design.md, "A cluster"): it repeats writes after a time limit, sends
each command of a node that failed again by itself, lets every thread wait while one asks dead nodes
for the layout, and knows no connection to ask ``WAIT`` on. Its errors and its hash of keys are used
here, and redis-py's connections, pools and parsers.

Keys of one command lie in one slot, except those of ``DEL``, ``UNLINK`` and ``EXISTS``, which are
sent one by one; a transaction lies in one slot, too. Some commands without a key go to every
primary, ``INFO`` to the one with the store's own keys.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import redis
from redis.client import Pipeline
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MovedError,
    NoScriptError,
    TryAgainError,
)

from blacklist.store import keys, time_limit
from blacklist.store.addresses import Cluster, Place
from blacklist.store.cluster_nodes import Layout, Node, OwnNode
from blacklist.store.cluster_units import Command, Part, Unit, answer_of, key_of, text_of
from blacklist.store.replicated import (
    CHECK_SECONDS,
    ReplicatedClient,
    confirm_replicas,
    is_answering,
)

ROUNDS: Final = 5
"""How often a command is sent at most: on to where a slot moved, and on from there."""

TRY_AGAIN_SECONDS: Final = 0.02
LAST: Final = "last"
"""``shard_hint`` of a pipeline: commands on the slot of the last one are sent when all others have
been answered."""

_ONE_BY_ONE: Final = frozenset({"DEL", "UNLINK", "EXISTS"})
_EVERYWHERE: Final = frozenset(
    {"PING", "FLUSHALL", "SCRIPT LOAD", "SCRIPT EXISTS", "CONFIG GET", "CONFIG SET"}
)
_NOT_ANSWERED: Final = (redis.ConnectionError, redis.TimeoutError, ClusterDownError)


class ClusterClient(ReplicatedClient):
    """Routes commands to the nodes of a cluster.

    Without ``writes`` any number of threads ask questions over shared connections, and a question
    is asked once more where its slot has another primary by now. With ``writes`` one thread writes
    over one connection a node, and what may have been done is never sent again.
    """

    def __init__(self, cluster: Cluster, options: Mapping[str, Any], *, writes: bool) -> None:
        self._options = {**options, **cluster.options}
        self._writes = writes
        if not writes:
            plain = self._options.get("connection_class", redis.Connection)
            self._options["connection_class"] = time_limit.limited(plain)
        sort = OwnNode if writes else Node
        self.layout = Layout(cluster.nodes, self._options, sort)
        # The pool is never used to connect: redis-py takes the encoder and the parsers from it.
        super().__init__(connection_pool=redis.ConnectionPool(protocol=2))

    @cached_property
    def _encode(self) -> Any:
        return self.get_encoder().encode

    def close(self) -> None:
        """Close all connections."""
        if "layout" in self.__dict__:
            self.layout.close()

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> Pipeline:  # noqa: FBT001, FBT002 - as redis-py's
        """Collect commands to be sent together; a transaction's keys lie in one slot."""
        return ClusterPipeline(self, transaction=transaction, shard_hint=shard_hint)

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command where it belongs and return its answer."""
        if args[0] in _EVERYWHERE:
            return self._execute_everywhere(args, options)
        if args[0] == "INFO":
            return self._ask_main_node(args, options)
        if args[0] in _ONE_BY_ONE and len(args) > 2:  # noqa: PLR2004 - several keys
            units = [self.unit([((args[0], key), options)]) for key in args[1:]]
            self.perform(units)
            return sum(answer_of(unit) for unit in units)
        unit = self.unit([(args, options)])
        self.perform([unit])
        return answer_of(unit)

    def scan_iter(
        self,
        match: Any = None,
        count: int | None = None,
        _type: str | None = None,
        **options: Any,
    ) -> Iterator[Any]:
        """Yield the keys of every primary."""
        for node in self.layout.primaries():
            with self._short(node.place) as client:
                yield from client.scan_iter(match, count, _type, **options)

    def unit(self, commands: Sequence[Command], *, is_transaction: bool = False) -> Unit:
        """Return commands as they are sent together."""
        slots = {key_slot(self._encode(key_of(args))) for args, _ in commands}
        if len(slots) != 1:
            raise redis.RedisError("the keys of a transaction lie in several slots")
        return Unit(commands, slots.pop(), is_transaction=is_transaction)

    def perform(self, units: Sequence[Unit], scripts: Collection[Any] = ()) -> None:
        """Send commands and give each its answer, errors as answers, too.

        ``scripts`` are those that the commands run: a node that does not know them is told.
        """
        deadline = time_limit.deadline(self._options["socket_timeout"])
        open_ = list(units)
        for number in range(ROUNDS):
            if number:
                for unit in open_:
                    unit.answers = []
            self._exchange(open_)
            open_ = [unit for unit in open_ if self._goes_on(unit, knows_scripts=bool(scripts))]
            if not open_ or time.monotonic() > deadline:
                return
            self._prepare(open_, scripts)

    def begin(self) -> None:
        """Begin to write."""
        for node in self._own_nodes():
            node.begin()

    def has_reached_replicas(self) -> bool:
        """Whether all that was read and written is on replicas of the nodes where it was."""
        try:
            return all(self._has_reached(node) for node in self._own_nodes() if node.touched)
        finally:
            self.begin()

    def servers(self) -> Iterator[redis.Redis]:
        """Give a client of each primary, and of each replica that answers."""
        self.layout.refresh()
        places = [node.place for node in self.layout.primaries()]
        for place in (*places, *self.layout.replicas):
            with self._short(place) as client:
                if place in places or is_answering(client):
                    yield client

    def _own_nodes(self) -> list[OwnNode]:
        return [node for node in self.layout.known() if isinstance(node, OwnNode)]

    def _short(self, place: Place) -> redis.Redis:
        limits = {"socket_timeout": CHECK_SECONDS, "socket_connect_timeout": CHECK_SECONDS}
        pool = redis.ConnectionPool(host=place[0], port=place[1], **self._options | limits)
        return redis.Redis.from_pool(pool)

    def _has_reached(self, node: OwnNode) -> bool:
        def ask(*args: Any) -> Any:
            connection = node.take()
            try:
                connection.send_command(*args)
                return connection.read_response()
            finally:
                node.give_back(connection)

        return confirm_replicas(ask, keys.sync(node.touched)) and not node.is_lost

    def _ask_main_node(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Ask the node of the store's own keys; to ask all would wait for one that is gone."""
        node = self.layout.owner(key_slot(self._encode(keys.STORE)))
        if node is None:
            raise ClusterDownError("CLUSTERDOWN")
        unit = _unit_for(node, args, options)
        self._exchange([unit])
        return answer_of(unit)

    def _execute_everywhere(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Send a command without a key to every primary; return the first's answer."""
        units = [_unit_for(node, args, options) for node in self.layout.primaries()]
        self._exchange(units)
        answers = [answer_of(unit) for unit in units]
        return answers[0]

    def _exchange(self, units: Iterable[Unit]) -> None:
        """Send to all nodes, then read from all; who answers late fails for itself."""
        by_node: dict[Node, list[Unit]] = defaultdict(list)
        for unit in units:
            node = self._route(unit)
            if node is not None:
                by_node[node].append(unit)
        # Who stood still last time comes last: to connect may take its whole time limit again.
        nodes = sorted(by_node, key=lambda node: node.is_doubtful)
        parts = [Part(node, by_node[node]) for node in nodes]
        try:
            for part in parts:
                part.send()
            deadline = time_limit.deadline(self._options["socket_timeout"])
            for part in parts:
                part.read(deadline, self)
        finally:
            for part in parts:
                part.drop()

    def _route(self, unit: Unit) -> Node | None:
        """Find who is asked; a slot that nobody serves is answered with an error."""
        try:
            unit.node = unit.asks or self.layout.owner(unit.slot)
        except redis.RedisError as exc:
            unit.node = None
            unit.fail(exc)
            return None
        if unit.node is None:
            unit.fail(ClusterDownError("CLUSTERDOWN"))
        elif isinstance(unit.node, OwnNode) and unit.slot >= 0:
            unit.node.touched = text_of(key_of(unit.commands[len(unit.commands) // 2][0]))
        return unit.node

    def _goes_on(self, unit: Unit, *, knows_scripts: bool) -> bool:
        """Whether a unit is to be sent once more, and where to.

        All but the last case were refused by the node before anything was done.
        """
        error, unit.asks = unit.error, None
        if isinstance(error, MovedError):
            self.layout.move(unit.slot, _target(error, unit))
        elif isinstance(error, AskError):
            unit.asks = self.layout.node(_target(error, unit))
        elif isinstance(error, NoScriptError):
            return knows_scripts
        elif not isinstance(error, TryAgainError):
            return isinstance(error, _NOT_ANSWERED) and self._has_moved_on(unit)
        return True

    def _prepare(self, units: Iterable[Unit], scripts: Iterable[Any]) -> None:
        """Load scripts into nodes that did not know one; wait where a slot's keys are parted."""
        errors = [(unit.node, unit.error) for unit in units]
        untaught = {
            node for node, error in errors if node is not None and isinstance(error, NoScriptError)
        }
        self._exchange(
            [
                _unit_for(node, ("SCRIPT LOAD", script.script), {})
                for node in untaught
                for script in scripts
            ]
        )
        if any(isinstance(error, TryAgainError) for _, error in errors):
            time.sleep(TRY_AGAIN_SECONDS)

    def _has_moved_on(self, unit: Unit) -> bool:
        """Look who serves a slot whose node did not answer; a question may be put to another."""
        try:
            self.layout.refresh()
            owner = self.layout.owner(unit.slot) if unit.slot >= 0 else None
        except redis.RedisError:
            return False
        return not self._writes and owner not in {None, unit.node}


class ClusterPipeline(Pipeline):
    """Commands that are collected as on one server, and sent to all their nodes at once."""

    def __init__(self, client: ClusterClient, *, transaction: bool, shard_hint: Any) -> None:
        super().__init__(client.connection_pool, client.response_callbacks, transaction, shard_hint)
        self._client = client
        self._is_transaction = transaction

    def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 - as redis-py's
        """Send what was collected; return the answers in order."""
        commands, scripts = self.command_stack, set(self.scripts)
        self.reset()
        if not commands:
            return []
        if self._is_transaction:
            units = [self._client.unit(commands, is_transaction=True)]
        else:
            units = [self._client.unit([command]) for command in commands]
        for part in self._parts(units):
            self._client.perform(part, scripts)
        told = [one for unit in units for one in unit.told(self.response_callbacks)]
        failed = next((one for one in told if isinstance(one, Exception)), None)
        if raise_on_error and failed is not None:
            raise failed
        return told

    def _parts(self, units: list[Unit]) -> list[list[Unit]]:
        """Cut what is asked at once from what is to be asked after it."""
        if self.shard_hint != LAST:
            return [units]
        slot = units[-1].slot
        first = [unit for unit in units if unit.slot != slot]
        return [part for part in (first, [unit for unit in units if unit.slot == slot]) if part]


def _unit_for(node: Node, args: tuple[Any, ...], options: Mapping[str, Any]) -> Unit:
    """Return a command without a key, for one node."""
    unit = Unit([(args, dict(options))], -1)
    unit.asks = node
    return unit


def _target(error: AskError, unit: Unit) -> Place:
    """Return where a node sends on to; without a host it means its own."""
    own = unit.node.place[0] if unit.node is not None else ""
    return (error.host or own, error.port)
