"""What a cluster's client sends together, and how one node is sent to and read from."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import redis
from redis.exceptions import ExecAbortError

from blacklist.store.cluster_nodes import Node
from blacklist.store.replicated import Wire

_WITHOUT_KEY: Final = frozenset({"SCAN", "KEYS", "DBSIZE", "RANDOMKEY", "INFO", "ROLE", "WAIT"})
_KEY_THIRD: Final = frozenset({"EVAL", "EVALSHA"})

Command = tuple[tuple[Any, ...], dict[str, Any]]
"""Arguments and options as redis-py's pipelines keep them."""


class Unit:
    """Commands of one slot that are sent together: one, or a transaction with what frames it."""

    __slots__ = ("answers", "asks", "commands", "is_transaction", "node", "slot")

    def __init__(
        self, commands: Sequence[Command], slot: int, *, is_transaction: bool = False
    ) -> None:
        self.commands = list(commands)
        self.slot = slot
        self.node: Node | None = None
        self.asks: Node | None = None
        """A node that takes this slot over and has to be told that it was asked rightly."""
        self.answers: list[Any] = []
        self.is_transaction = is_transaction
        if is_transaction:
            self.commands = [(("MULTI",), {}), *commands, (("EXEC",), {})]

    @property
    def is_asking(self) -> bool:
        """Whether the node is told that it does not own the slot yet."""
        return self.asks is not None and self.slot >= 0

    @property
    def error(self) -> Exception | None:
        """The first error among the answers."""
        return next((one for one in self.answers if isinstance(one, Exception)), None)

    def fail(self, error: Exception) -> None:
        """Answer with an error what is not answered yet."""
        self.answers += [error] * (len(self.commands) - len(self.answers))

    def told(self, callbacks: Mapping[Any, Any]) -> list[Any]:
        """Return an answer a command, those of a transaction read as if they stood alone."""
        if not self.is_transaction:
            return self.answers
        told = self.answers[-1]
        if not isinstance(told, list):
            error = self.error
            return [error if error is not None else ExecAbortError()] * (len(self.commands) - 2)
        commands = self.commands[1:-1]
        return [_read(one, command, callbacks) for one, command in zip(told, commands, strict=True)]


class Part:
    """What one node is asked."""

    def __init__(self, node: Node, units: list[Unit]) -> None:
        self._node = node
        self._units = units
        self._connection: Wire | None = None

    def send(self) -> None:
        """Send everything; where that fails, all is answered with the error."""
        try:
            self._connection = connection = self._node.take()
            connection.send_packed_command(connection.pack_commands(list(self._commands())))
        except (redis.RedisError, OSError) as exc:
            self._fail(exc)

    def read(self, deadline: float, client: redis.Redis) -> None:
        """Read every answer; the first must be there by the deadline."""
        connection = self._connection
        if connection is None:
            return
        try:
            _wait(connection, deadline)
            for unit in self._units:
                _read_unit(unit, connection, client)
        except (redis.ConnectionError, redis.TimeoutError, OSError) as exc:
            self._fail(exc)
            return
        self._node.wake()
        self._node.give_back(connection)
        self._connection = None

    def drop(self) -> None:
        """Close a connection on which something is left to be read that nobody will."""
        if self._connection is not None:
            self._connection.disconnect()
            self._node.give_back(self._connection)
            self._connection = None

    def _commands(self) -> Iterator[tuple[Any, ...]]:
        for unit in self._units:
            if unit.is_asking:
                yield ("ASKING",)
            yield from (args for args, _ in unit.commands)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, redis.TimeoutError) and self._connection is not None:
            self._node.rest()
        for unit in self._units:
            unit.fail(error if isinstance(error, redis.RedisError) else redis.ConnectionError())
        self.drop()


def _wait(connection: Wire, deadline: float) -> None:
    """Wait until something can be read; TimeoutError when that takes too long."""
    if not connection.can_read(max(0.0, deadline - time.monotonic())):
        raise redis.TimeoutError


def _read_unit(unit: Unit, connection: Wire, client: Any) -> None:
    if unit.is_asking:
        connection.read_response()
    for args, options in unit.commands:
        # Inside a transaction a command is answered with QUEUED, not with its answer.
        name, how = ("_", {}) if unit.is_transaction else (args[0], options)
        try:
            unit.answers.append(client.parse_response(connection, name, **how))
        except redis.ResponseError as exc:
            unit.answers.append(exc)


def key_of(args: tuple[Any, ...]) -> Any:
    """Return the first key of a command; RedisError for one that has none."""
    place = 3 if args[0] in _KEY_THIRD else 1
    if len(args) <= place or args[0] in _WITHOUT_KEY:
        raise redis.RedisError("a command without a key belongs to no node")
    return args[place]


def text_of(key: Any) -> str:
    """Return a key as text."""
    return key.decode() if isinstance(key, bytes) else str(key)


def answer_of(unit: Unit) -> Any:
    """Return the one answer; raise it where it is an error."""
    if unit.error is not None:
        raise unit.error
    return unit.answers[0]


def _read(answer: Any, command: Command, callbacks: Mapping[Any, Any]) -> Any:
    """Read an answer that stood in a transaction's as redis-py reads it alone."""
    args, options = command
    if isinstance(answer, Exception) or args[0] not in callbacks:
        return answer
    # As redis-py does: "keys" is for its cache.
    return callbacks[args[0]](answer, **{k: v for k, v in options.items() if k != "keys"})
