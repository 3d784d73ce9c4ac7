"""Going back to the generation before: it is loaded once more from the archive."""

import msgspec

from blacklist import letters
from blacklist.errors import ConfigError
from blacklist.publish import Publisher
from loaders import pipeline
from loaders.archive import Archive
from loaders.report import Report


def roll_back(publisher: Publisher, archive: Archive, source: str) -> Report:
    """Make a source list what its generation before listed; a second time goes further back.

    Raises ConfigError where none is kept, where letters bring what the source lists (they are
    withdrawn instead), or where the source is loaded by increments: of those no one holds all that
    the source listed.
    """
    letters.require_feed(publisher.client, source)
    applied = [kept for kept in archive.generations(source) if kept.state == "applied"]
    if len(applied) < 2:  # noqa: PLR2004 - today's and the one before
        raise ConfigError("no generation before today's is kept of this source")
    current, before = applied[:2]
    if "add" in {current.plan.mode, before.plan.mode}:
        raise ConfigError("this source is loaded by increments, which cannot be taken back whole")
    plan = msgspec.structs.replace(before.plan, accept=True, known_since=before.time)
    if archive.has_records(before):
        report = pipeline.run_records(publisher, archive.records(before), plan, feed=before.feed)
    else:
        report = pipeline.run(publisher, archive.chunks(before), plan, feed=before.feed)
    archive.mark(current, "rolled_back")
    return report
