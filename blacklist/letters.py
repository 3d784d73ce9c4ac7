"""Letters of authorities: applied, and withdrawn whole or by row.

One source an authority, whatever number of letters it wrote. The register (``store/letters.py``)
holds what each letter says; an entry in the shards follows from the letters in force that name it
(``letter_entries.py``), so that one letter may go while another keeps the entry. The order of a
change, under the lock of the source:

1. the register is written at one moment, the letter marked as unfinished,
2. the entries that follow are published as any increment is: sets, journal, barrier,
3. the mark is taken away.

A change that was cut off is made up for by the next change to any letter of the authority, the
same command again for one. Called by the command line; it reads no file.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from blacklist import source_names
from blacklist.errors import ConfigError, Held, Malformed
from blacklist.letter_entries import bare_number, work_out
from blacklist.letter_names import Told, clean_number, letter_id
from blacklist.load import Load
from blacklist.model import Identifier, Kind, Source, Trust
from blacklist.publish import Publisher
from blacklist.store import Client, durability, sources
from blacklist.store import letters as register
from blacklist.store.letters import File, Letter, Row, State
from blacklist.store.stage import Withdrawal

Rows = Mapping[Identifier, Row]


class Done(msgspec.Struct, frozen=True):
    """A letter after a change, how many of its rows changed, and entries that came and went."""

    letter: Letter
    rows: int
    added: dict[Kind, int]
    removed: dict[Kind, int]


def require_feed(client: Client, name: str) -> None:
    """ConfigError where a source's name is not a feed's: it is the program's, or of letters."""
    source_names.require_free(name)
    if register.read(client, name):
        raise ConfigError(
            "this source lists what letters say: 'blacklist letter load' adds to it and "
            "'blacklist letter withdraw' takes back"
        )


def require_letters(client: Client, name: str) -> None:
    """ConfigError where a source's name is not of letters: it is the program's, or a feed's."""
    source_names.require_free(name)
    known = sources.read(client).named(name)
    if known is not None and any(known.entries.values()) and not register.read(client, name):
        raise ConfigError("this source is loaded from a feed: give the authority another name")


def source_of(client: Client, told: Told) -> Source:
    """Return the authority as a source; what is not told of it stays as it was told before."""
    known = sources.read(client).named(told.authority)
    source = Source(told.authority, told.authority, trust=Trust.AUTHORITY)
    if known is not None:
        source = known.source
    changes = {"title": told.title, "trust": told.trust, "audience": told.audience}
    return msgspec.structs.replace(source, **{k: v for k, v in changes.items() if v is not None})


def find(client: Client, told: Told) -> Letter:
    """Return a letter that was loaded; ConfigError where there is none."""
    letter = register.read(client, told.authority).get(letter_id(told))
    if letter is None:
        raise ConfigError("there is no such letter: 'blacklist letters' lists them")
    return letter


def known_or_new(client: Client, told: Told, source: Source, *, now: int) -> Letter:
    """Return the letter as it was loaded before, or one that brought nothing yet."""
    known = register.read(client, told.authority).get(letter_id(told))
    if known is not None:
        told_category = told.category or known.category
        return msgspec.structs.replace(known, title=source.title, category=told_category)
    return Letter(
        id=letter_id(told),
        number=clean_number(told.number),
        day=told.day,
        authority=told.authority,
        title=source.title,
        category=told.category or source.category,
        loaded=now,
    )


def find_changes(before: Rows, brought: Rows, *, again: bool) -> dict[Identifier, Row]:
    """Return the rows by which a file changes what a letter said before.

    What it said keeps its dates. What was withdrawn stays so, unless it is to be listed ``again``.
    """
    changed = {}
    for identifier, row in brought.items():
        known = before.get(identifier)
        if known is None:
            changed[identifier] = row
        elif known.withdrawn is None or again:
            loaded = row.loaded if known.withdrawn is not None else known.loaded
            said = Row(min(known.since, row.since), loaded, row.detail)
            if said != known:
                changed[identifier] = said
    return changed


def apply(
    publisher: Publisher,
    source: Source,
    letter: Letter,
    brought: Rows,
    *,
    file: File,
    again: bool = False,
) -> Done:
    """Publish a file of a letter, and return when it is acknowledged.

    A letter may come in several files: each adds to it. The same file again changes nothing. Raises
    Held for a letter that was withdrawn whole, unless it is to be listed ``again``; Malformed for a
    file that lists nothing; ConfigError, Busy or Unavailable (run it again).
    """
    if not brought:
        raise Malformed("nothing in the letter can be listed")
    with publisher.load(source, full=False, exact=True) as load:
        require_letters(publisher.client, source.name)
        known = register.read(publisher.client, source.name).get(letter.id)
        if known is not None and known.state is State.WITHDRAWN and not again:
            raise Held("this letter was withdrawn: say that it is to be listed again (--again)")
        files = () if known is None else known.files
        if file.digest not in {one.digest for one in files}:
            files = (*files, file)
        rows = register.read_rows(publisher.client, letter.id)
        change = _Change(
            msgspec.structs.replace(letter, files=files),
            rows,
            find_changes(rows, brought, again=again),
        )
        return _publish(publisher, load, source, change)


def withdraw(
    publisher: Publisher,
    letter: Letter,
    identifiers: Sequence[Identifier] = (),
    *,
    reason: str | None = None,
) -> Done:
    """Take back some of what a letter says, or (without identifiers) all of it.

    What another letter in force lists stays listed, under that letter's number. Raises ConfigError
    when the letter never listed one of them; Busy or Unavailable (run it again).
    """
    client, now = publisher.client, publisher.now()
    known = sources.read(client).named(letter.authority)
    source = Source(letter.authority, letter.title, trust=Trust.AUTHORITY)
    source = source if known is None else known.source
    with publisher.load(source, full=False, exact=True) as load:
        letter = register.read(client, letter.authority)[letter.id]
        rows = register.read_rows(client, letter.id)
        unknown = [one for one in identifiers if one not in rows]
        if unknown:
            raise ConfigError(f"{len(unknown)} of the rows told are not in this letter")
        gone = {
            one: msgspec.structs.replace(rows[one], withdrawn=now, reason=reason)
            for one in identifiers or rows
            if rows[one].withdrawn is None
        }
        return _publish(publisher, load, source, _Change(letter, rows, gone))


class _Change(msgspec.Struct, frozen=True):
    """A letter as it is to be, what its rows said before, and those that change."""

    letter: Letter
    before: Rows
    rows: Rows

    def after(self) -> dict[Identifier, Row]:
        return {**self.before, **self.rows}


def _publish(publisher: Publisher, load: Load, source: Source, change: _Change) -> Done:
    """Write what a letter says from now on, then bring the entries to it."""
    client = publisher.client
    letter = _summed(change)
    before = register.read(client, letter.authority)
    unfinished = [one for one in before.values() if one.unfinished]
    if not change.rows and not unfinished:
        if letter != before.get(letter.id):
            register.write(client, letter, {}, {})
        return Done(letter, 0, {}, {})
    begun = msgspec.structs.replace(letter, unfinished=True)
    register.write(client, begun, change.rows, _banks(change))
    # Before any entry follows from it: a failover must not take the letter and leave the entries.
    durability.replicate(client)
    touched = set(change.rows)
    for one in unfinished:
        touched.update(register.read_rows(client, one.id))
    letters = register.read(client, letter.authority)
    entries = work_out(client, source, letters, touched, now=publisher.now())
    load.put(entry for entry in entries.values() if entry is not None)
    load.withdraw(Withdrawal(one) for one, entry in entries.items() if entry is None)
    done = load.commit()
    for one in letters.values():
        if one.unfinished:
            register.write(client, msgspec.structs.replace(one, unfinished=False), {}, {})
    publisher.tidy()
    return Done(
        letter,
        len(change.rows),
        {kind: one.added for kind, one in done.items() if one.added},
        {kind: one.removed for kind, one in done.items() if one.removed},
    )


def _summed(change: _Change) -> Letter:
    """Return the letter with its sums, and withdrawn where nothing of it is in force."""
    after = change.after()
    gone = [row for row in after.values() if row.withdrawn is not None]
    in_force = Counter(one.kind for one, row in after.items() if row.withdrawn is None)
    withdrawn = Counter(one.kind for one, row in after.items() if row.withdrawn is not None)
    last = max(gone, key=lambda row: row.withdrawn or 0, default=None) if not in_force else None
    return msgspec.structs.replace(
        change.letter,
        in_force=dict(in_force),
        withdrawn=dict(withdrawn),
        state=State.APPLIED if in_force else State.WITHDRAWN,
        ended=last.withdrawn if last else None,
        reason=last.reason if last else None,
        unfinished=False,
    )


def _banks(change: _Change) -> dict[str, set[str]]:
    """Return where a letter ever listed the account numbers that change."""
    wanted = {number for one in change.rows if (number := bare_number(one)) is not None}
    banks: dict[str, set[str]] = {number: set() for number in wanted}
    for one in change.after():
        number = bare_number(one)
        if number in banks:
            banks[number].add(one.value.partition("/")[0])
    return banks
