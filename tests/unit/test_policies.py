"""What a policy says of each answer, and which files are policies."""

import pytest

from blacklist.errors import ConfigError
from blacklist.model import (
    Action,
    Category,
    Kind,
    Level,
    Match,
    MatchView,
    Outcome,
    Trust,
    Verdict,
)
from blacklist.policies import WORDS, Policies


def answer(
    verdict: Outcome = Outcome.LISTED,
    level: Level | None = Level.DANGER,
    trust: Trust = Trust.AUTHORITY,
    category: Category = Category.OTHER,
) -> Verdict:
    match = MatchView(
        Kind.PHONE, "+447700900123", Match.EXACT, "s", "S", trust, category, "", *(None,) * 5
    )
    matches = (match,) if verdict is Outcome.LISTED else ()
    return Verdict(verdict=verdict, level=level, matches=matches)


CLEAN = answer(Outcome.NO_RECORD, Level.NONE)
AWAY = answer(Outcome.UNAVAILABLE, None)
ONE_VOICE = answer(level=Level.WARNING, trust=Trust.COMMUNITY)
TWO_VOICES = answer(trust=Trust.COMMUNITY)
WEAK = answer(level=Level.CAUTION)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("warn", "allow inform inform inform inform inform"),
        ("pause", "allow inform inform confirm confirm confirm"),
        ("three-levels", "allow confirm inform confirm confirm block"),
    ],
)
def test_the_projects_own_policies(name: str, expected: str) -> None:
    answers = [CLEAN, AWAY, WEAK, ONE_VOICE, TWO_VOICES, answer()]
    said = [Policies().advise(one, name).do for one in answers]
    assert " ".join(said) == expected


@pytest.mark.parametrize("name", Policies().names)
def test_no_policy_lets_pass_what_could_not_be_looked_up(name: str) -> None:
    advice = Policies().advise(AWAY, name)
    assert advice.do is not Action.ALLOW
    assert (advice.vi, advice.en) not in WORDS.values()


def test_a_policy_that_is_gone_asks_for_confirmation() -> None:
    assert Policies().advise(CLEAN, "gone").do is Action.CONFIRM


def test_a_folder_adds_policies_and_replaces_ours(tmp_path) -> None:
    (tmp_path / "loans.toml").write_text(
        'title = "Loans"\notherwise = "allow"\n'
        '[[rules]]\ncategory = ["loan_shark"]\naction = "block"\n'
        '[[rules]]\ntrust = ["authority"]\naction = "confirm"\n'
    )
    policies = Policies(tmp_path)
    assert policies.names == sorted([*Policies().names, "loans"])
    assert policies.advise(answer(category=Category.LOAN_SHARK), "loans").do is Action.BLOCK
    assert policies.advise(answer(), "loans").do is Action.CONFIRM
    assert policies.advise(TWO_VOICES, "loans").do is Action.ALLOW
    assert policies.advise(AWAY, "loans").do is Action.INFORM  # whatever the file says


def test_every_bad_file_is_named_at_the_start(tmp_path) -> None:
    (tmp_path / "a.toml").write_text("title = ")
    (tmp_path / "b.toml").write_text('title = "B"\notherwise = "shout"\n')
    (tmp_path / "c.toml").write_text('title = "C"\notherwise = "allow"\nlevel = ["danger"]\n')
    with pytest.raises(ConfigError) as raised:
        Policies(tmp_path)
    assert all(name in str(raised.value) for name in ("a.toml", "b.toml", "c.toml"))


def test_a_folder_that_is_not_there_is_told(tmp_path) -> None:
    with pytest.raises(ConfigError, match="BLACKLIST_POLICIES"):
        Policies(tmp_path / "nowhere")


def test_no_words_say_that_anything_is_safe() -> None:
    vi, en = WORDS[Action.ALLOW]
    assert "không có nghĩa là an toàn" in vi
    assert "does not mean that it is safe" in en


def test_a_policy_may_demand_a_purpose(tmp_path) -> None:
    """Those that ship do not; one that is gone demands none: who has it must get answers."""
    (tmp_path / "why.toml").write_text('title = "t"\notherwise = "allow"\npurpose = true\n')
    policies = Policies(tmp_path)
    assert [name for name in policies.names if policies.wants_purpose(name)] == ["why"]
    assert not policies.wants_purpose("gone")
