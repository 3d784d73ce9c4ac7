"""What a caller is told to do: a policy maps what is known to one action.

A policy is a TOML file whose name is its name. Its rules are read in order and the first that fits
decides; ``otherwise`` decides where none does::

    title = "Block what an authority lists"
    otherwise = "inform"

    [[rules]]
    level = ["danger"]
    trust = ["authority"]
    action = "block"

``level``, ``trust`` and ``category`` are lists of words of answers, ``verdict`` of verdicts; what a
rule does not name fits always. ``trust`` and ``category`` fit when one match that flags has them.
``unavailable`` can never be allowed: nobody could look. Read once, at the start; called by the web.
"""

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import msgspec

from blacklist.errors import ConfigError
from blacklist.model import Action, Advice, Category, Level, Outcome, Trust, Verdict

_SUFFIX: Final = ".toml"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a rule fits, and what is to be done then."""

    action: Action
    verdict: tuple[Outcome, ...] = ()
    level: tuple[Level, ...] = ()
    trust: tuple[Trust, ...] = ()
    category: tuple[Category, ...] = ()

    def fits(self, verdict: Verdict) -> bool:
        """Whether all that the rule names is so."""
        return (
            _has(self.verdict, [verdict.verdict])
            and _has(self.level, [verdict.level])
            and _has(self.trust, [match.trust for match in verdict.matches])
            and _has(self.category, [match.category for match in verdict.matches])
        )


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules in order, and what is to be done where none fits."""

    title: str
    otherwise: Action
    rules: tuple[Rule, ...] = ()

    def decide(self, verdict: Verdict) -> Action:
        """Return what is to be done about one answer."""
        for rule in self.rules:
            if rule.fits(verdict):
                return rule.action
        return self.otherwise


WORDS: Final = {
    Action.ALLOW: (
        "Chưa thấy cảnh báo nào trong dữ liệu. Điều này không có nghĩa là an toàn.",
        "Nothing speaks against it in the lists. That does not mean that it is safe.",
    ),
    Action.INFORM: (
        "Hãy cho khách hàng biết những gì đã ghi nhận, rồi để khách hàng quyết định.",
        "Tell the customer what is known, and let the customer decide.",
    ),
    Action.CONFIRM: (
        "Tạm dừng. Chỉ tiếp tục khi khách hàng xác nhận lại sau khi đã được cảnh báo.",
        "Pause. Go on only when the customer confirms again after the warning.",
    ),
    Action.BLOCK: (
        "Không thực hiện. Chuyển cho bộ phận phụ trách và báo cơ quan công an.",
        "Do not carry it out. Hand it to those in charge and tell the police.",
    ),
}
"""Vietnamese and English words of each action."""

_COULD_NOT_LOOK: Final = (
    "Chưa tra cứu được. Đây không phải là câu trả lời về đối tượng được hỏi; hãy thử lại.",
    "The lists could not be looked at: this is no answer about the thing asked; try again.",
)


class Policies:
    """The policies of a process, by name: the project's, and those of a folder if one is told."""

    def __init__(self, folder: Path | None = None) -> None:
        self._by_name = dict(_own())
        if folder is not None:
            self._by_name |= _read(_files_of(folder))
        self._without_matches: dict[tuple[str, Outcome | None, Level | None], Advice] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def names(self) -> Sequence[str]:
        """All names, in order."""
        return sorted(self._by_name)

    def advise(self, verdict: Verdict, name: str) -> Advice:
        """Return what a policy says of one answer; one that is gone asks for confirmation."""
        if verdict.matches:
            return self._advise(verdict, name)
        # Nearly every answer: without matches there are but some, and each is worked out once.
        key = name, verdict.verdict, verdict.level
        found = self._without_matches.get(key)
        if found is None:
            found = self._without_matches[key] = self._advise(verdict, name)
        return found

    def _advise(self, verdict: Verdict, name: str) -> Advice:
        policy = self._by_name.get(name)
        action = policy.decide(verdict) if policy is not None else Action.CONFIRM
        if verdict.verdict is not Outcome.UNAVAILABLE:
            return Advice(action, name, *WORDS[action])
        if action is Action.ALLOW:
            action = Action.INFORM
        return Advice(action, name, *_COULD_NOT_LOOK)


def _has(wanted: Sequence[object], found: Sequence[object]) -> bool:
    return not wanted or any(one in wanted for one in found)


def _files_of(folder: Path) -> Sequence[Traversable]:
    if not folder.is_dir():
        raise ConfigError("BLACKLIST_POLICIES must be a folder of policies")
    return sorted(folder.glob(f"*{_SUFFIX}"))


def _read(found: Sequence[Traversable]) -> dict[str, Policy]:
    """Read policies; ConfigError names every file that is none."""
    policies, problems = {}, []
    for one in found:
        try:
            text = one.read_text("utf-8")
            policies[one.name.removesuffix(_SUFFIX)] = msgspec.convert(tomllib.loads(text), Policy)
        except (OSError, ValueError, msgspec.ValidationError) as exc:
            problems.append(f"policy {one.name}: {exc}")
    if problems:
        raise ConfigError("; ".join(problems))
    return policies


@cache
def _own() -> dict[str, Policy]:
    folder = files(__package__).joinpath("data", "policies")
    return _read([one for one in folder.iterdir() if one.name.endswith(_SUFFIX)])
