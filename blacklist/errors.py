"""Every exception of the project; imports nothing.

Driver and library exceptions are wrapped once, at the boundary where they arise, with
``raise ... from exc``. The HTTP status of each class stands in ``web/problems.py`` and its exit
code in ``cli.py``: the core knows neither.

No message may hold a raw identifier: messages end in logs and error bodies.
"""


class BlacklistError(Exception):
    """Anything this project raises on purpose."""


class InvalidIdentifier(BlacklistError):
    """A text that cannot be understood as the kind it was said to be, or as any kind.

    ``reason`` is a stable word for programs (``docs/reasons.md`` lists them all); ``detail`` is a
    sentence for people and never repeats the text itself.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class BadTable(BlacklistError):
    """A table that cannot be screened: empty, or it is not known which column holds the value.

    ``reason`` is a stable word for programs (``blacklist/screening/reasons.py``); ``detail`` is a
    sentence for people.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class TooMuch(BlacklistError):
    """More was asked than whoever asks may; ``wait_seconds`` until more may be asked."""

    def __init__(self, detail: str, wait_seconds: int) -> None:
        super().__init__(detail)
        self.wait_seconds = wait_seconds


class Undecided(BlacklistError):
    """A decision about a case that cannot be taken: there is no such case, or not by this person.

    ``reason`` is a stable word for programs (docs/reasons.md); ``detail`` a sentence for people.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class StoreError(BlacklistError):
    """The store (Redis) could not do what was asked."""


class Unavailable(StoreError):
    """The store did not answer, or cannot answer for certain; try again later."""


class TimedOut(Unavailable):
    """The store let somebody wait in vain: whoever asks next would wait as long."""


class Mismatch(StoreError):
    """The store is not what this process takes it for: of another schema, another one, set back."""


class Forgotten(StoreError):
    """The journal does not tell any more what came after a position: whoever follows loads anew."""


class Busy(StoreError):
    """Somebody else is doing the same write at this moment (two loads of one source)."""


class OtherBits(StoreError):
    """A part of a hash was asked for that has other bits than the shards have by now.

    ``bits`` is how many they have.
    """

    def __init__(self, bits: int) -> None:
        super().__init__(f"the shards of this kind have {bits} bits")
        self.bits = bits


class FeedError(BlacklistError):
    """A feed could not be loaded; what it published before stays as it is."""


class Unreachable(FeedError):
    """The file or address of a feed (or of a message) could not be read.

    ``reason`` is a stable word for programs (docs/reasons.md). ``passing`` says that trying again
    may help, and ``wait_seconds`` how long the server asked to be left alone before that.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str = "unreadable",
        passing: bool = False,
        wait_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.passing = passing
        self.wait_seconds = wait_seconds


class Malformed(FeedError):
    """The feed's bytes are not in the format they were said or seen to be in.

    ``flaw`` is a word for what somebody who only has the file can mend; None where there is none.
    """

    def __init__(self, message: str, *, flaw: str | None = None) -> None:
        super().__init__(message)
        self.flaw = flaw


class Held(FeedError):
    """The guard stopped a load for a person to look at; nothing was changed."""


class ConfigError(BlacklistError):
    """Settings, arguments or the platform do not allow the program to start."""
