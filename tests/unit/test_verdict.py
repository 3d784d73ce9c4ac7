"""The rules of judgement, by table; times are small numbers of seconds."""

import msgspec
import pytest

from blacklist.model import (
    Audience,
    Candidate,
    Category,
    Clearance,
    Flag,
    Holdings,
    Identifier,
    Kind,
    Level,
    Listing,
    Match,
    Official,
    Outcome,
    Question,
    Reading,
    Source,
    Trust,
)
from blacklist.verdict import asked_kinds, candidates, judge, rfc3339

NOW = 1_000

AUTHORITY = Source("police", "The police", Trust.AUTHORITY)
PARTNER = Source("bank", "A bank", Trust.PARTNER)
ONE = Source("one", "Community one")
TWO = Source("two", "Community two")
COPY = Source("copy", "A copy of one", upstream="one")
COPY_OF_X = Source("x1", "A copy of x", upstream="x")
OTHER_COPY_OF_X = Source("x2", "Another copy of x", upstream="x")


def link(value: str) -> Identifier:
    return Identifier(Kind.LINK, value)


PAGE, SITE, DOMAIN = link("a.b.example/x"), link("a.b.example"), link("b.example")
PHONE = Identifier(Kind.PHONE, "+447700900123")
ACCOUNT = Identifier(Kind.ACCOUNT, "970436/0000000000001")
BARE = Identifier(Kind.ACCOUNT, "0000000000001")

LINK_CANDIDATES = (
    Candidate(PAGE, Match.EXACT),
    Candidate(SITE, Match.PARENT_DOMAIN),
    Candidate(DOMAIN, Match.PARENT_DOMAIN),
)


def listing(identifier: Identifier, source: Source = ONE, **fields) -> Listing:
    return Listing(identifier, source, 500, Category.PHISHING, **fields)


def reading(*found: Candidate) -> Reading:
    return Reading(found[0].identifier, found[0].identifier.value, found)


def listed(match: Match, *sources: Source):
    """The judgement on one identifier, met in one way, that some sources list."""
    question = Question((reading(Candidate(DOMAIN, match)),))
    return judge(question, {DOMAIN: held(*(listing(DOMAIN, one) for one in sources))}, now=NOW)


def held(*listings: Listing, cleared: Clearance | None = None, name: str = "") -> Holdings:
    identifier = listings[0].identifier if listings else DOMAIN
    return Holdings(listings, cleared, Official(identifier, 1, name) if name else None)


def cleared(identifier: Identifier, until: int | None = None) -> Clearance:
    return Clearance(identifier, 100, "a mistake", until)


def judge_page(holdings: dict[Identifier, Holdings]):
    return judge(Question((reading(*LINK_CANDIDATES),)), holdings, now=NOW)


@pytest.mark.parametrize(
    ("sources", "level"),
    [
        ([AUTHORITY], Level.DANGER),
        ([PARTNER], Level.DANGER),
        ([AUTHORITY, ONE], Level.DANGER),
        ([ONE], Level.WARNING),
        ([ONE, TWO], Level.DANGER),
        ([ONE, COPY], Level.WARNING),
        ([COPY_OF_X, OTHER_COPY_OF_X], Level.WARNING),
        ([COPY_OF_X, OTHER_COPY_OF_X, ONE], Level.DANGER),
        ([ONE, COPY, TWO], Level.DANGER),
    ],
    ids=lambda value: "+".join(one.name for one in value) if isinstance(value, list) else value,
)
@pytest.mark.parametrize("match", [Match.EXACT, Match.PATH, Match.PARENT_DOMAIN])
def test_the_level_follows_from_who_says_so(match, sources, level) -> None:
    """An authority, a partner or two independent voices: danger; one voice: warning."""
    judgement = listed(match, *sources)
    assert (judgement.verdict, judgement.level) == (Outcome.LISTED, level)
    assert judgement.suspicious is True
    assert [view.source for view in judgement.matches] == [one.name for one in sources]


@pytest.mark.parametrize("sources", [[ONE], [AUTHORITY], [ONE, TWO], [PARTNER, AUTHORITY]])
@pytest.mark.parametrize("match", [Match.RANGE, Match.OTHER_BANK])
def test_a_weak_match_alone_is_a_caution(match, sources) -> None:
    """Whoever says so; and it is not suspicious."""
    judgement = listed(match, *sources)
    assert (judgement.verdict, judgement.level) == (Outcome.LISTED, Level.CAUTION)
    assert judgement.suspicious is False


@pytest.mark.parametrize("sources", [[ONE], [AUTHORITY], [ONE, TWO], [PARTNER, AUTHORITY]])
def test_without_the_bank_the_level_is_capped_at_warning(sources) -> None:
    """Whoever says so."""
    judgement = listed(Match.UNKNOWN_BANK, *sources)
    assert (judgement.level, judgement.suspicious) == (Level.WARNING, True)


def test_a_weak_match_does_not_soften_a_strong_one() -> None:
    """The strongest way of matching decides, and both are shown."""
    question = Question(
        (reading(Candidate(ACCOUNT, Match.EXACT), Candidate(BARE, Match.OTHER_BANK)),)
    )
    holdings = {ACCOUNT: held(listing(ACCOUNT, ONE)), BARE: held(listing(BARE, AUTHORITY))}
    judgement = judge(question, holdings, now=NOW)
    assert judgement.level is Level.WARNING
    assert [view.match for view in judgement.matches] == [Match.EXACT, Match.OTHER_BANK]


def test_two_voices_at_different_places_are_two() -> None:
    """One lists the page, another one its domain."""
    judgement = judge_page({PAGE: held(listing(PAGE, ONE)), DOMAIN: held(listing(DOMAIN, TWO))})
    assert judgement.level is Level.DANGER


def test_nothing_held_is_no_record() -> None:
    """Level none, not suspicious, no matches."""
    judgement = judge_page({})
    assert (judgement.verdict, judgement.level) == (Outcome.NO_RECORD, Level.NONE)
    assert (judgement.suspicious, judgement.matches, judgement.related) == (False, (), ())


@pytest.mark.parametrize(
    ("expires", "verdict"),
    [
        (None, Outcome.LISTED),
        (NOW + 1, Outcome.LISTED),
        (NOW, Outcome.NO_RECORD),
        (NOW - 1, Outcome.NO_RECORD),
    ],
)
def test_a_listing_lives_until_it_expires(expires, verdict) -> None:
    """At that second it is over; an expired voice does not count as a second one."""
    assert judge_page({PAGE: held(listing(PAGE, expires=expires))}).verdict is verdict
    with_other = held(listing(PAGE, ONE, expires=expires), listing(PAGE, TWO))
    assert judge_page({PAGE: with_other}).level is (
        Level.DANGER if verdict is Outcome.LISTED else Level.WARNING
    )


@pytest.mark.parametrize("place", [PAGE, SITE, DOMAIN], ids=str)
@pytest.mark.parametrize("source", [ONE, AUTHORITY], ids=lambda source: source.name)
def test_a_clearance_masks_every_listing_of_what_lies_under_it(place, source) -> None:
    """Of the thing itself or of a parent: an exact listing elsewhere is masked, too."""
    for where in (PAGE, SITE, DOMAIN):
        listings = {where: held(listing(where, source))}
        own = listings.get(place, Holdings()).listings
        judgement = judge_page({**listings, place: Holdings(own, cleared(place))})
        assert (judgement.verdict, judgement.level) == (Outcome.CLEARED, Level.NONE)
        assert judgement.matches == ()


@pytest.mark.parametrize(
    ("until", "verdict"),
    [
        (None, Outcome.CLEARED),
        (NOW + 1, Outcome.CLEARED),
        (NOW, Outcome.LISTED),
        (NOW - 1, Outcome.LISTED),
    ],
)
def test_a_clearance_stands_until_its_hold_down_ends(until, verdict) -> None:
    """Then the listings speak again."""
    holdings = {PAGE: held(listing(PAGE), cleared=cleared(PAGE, until))}
    assert judge_page(holdings).verdict is verdict


def test_a_clearance_over_without_a_listing_is_no_record() -> None:
    """It says nothing any more."""
    judgement = judge_page({PAGE: Holdings(clearance=cleared(PAGE, NOW - 1))})
    assert judgement.verdict is Outcome.NO_RECORD


def test_a_clearance_elsewhere_does_not_mask() -> None:
    """Of another bank's account of the same number: only what is listed there is masked."""
    question = Question(
        (reading(Candidate(ACCOUNT, Match.EXACT), Candidate(BARE, Match.OTHER_BANK)),)
    )
    holdings = {
        ACCOUNT: held(listing(ACCOUNT)),
        BARE: held(listing(BARE, TWO), cleared=cleared(BARE)),
    }
    judgement = judge(question, holdings, now=NOW)
    assert (judgement.verdict, judgement.level) == (Outcome.LISTED, Level.WARNING)
    assert [view.listed for view in judgement.matches] == [ACCOUNT.value]
    only = judge(question, {BARE: holdings[BARE]}, now=NOW)
    assert only.verdict is Outcome.NO_RECORD


def test_a_clearance_of_one_reading_leaves_the_others_alone() -> None:
    """The account is cleared, the phone of the same digits is listed."""
    question = Question(
        (reading(Candidate(PHONE, Match.EXACT)), reading(Candidate(ACCOUNT, Match.EXACT)))
    )
    holdings = {
        PHONE: held(listing(PHONE)),
        ACCOUNT: held(listing(ACCOUNT, AUTHORITY), cleared=cleared(ACCOUNT)),
    }
    judgement = judge(question, holdings, now=NOW)
    assert (judgement.verdict, judgement.level) == (Outcome.LISTED, Level.WARNING)
    assert [view.kind for view in judgement.matches] == [Kind.PHONE]


@pytest.mark.parametrize("source", [ONE, PARTNER, AUTHORITY], ids=lambda source: source.name)
def test_an_official_entry_beats_whatever_lists_it(source) -> None:
    """It can never be listed by a feed, nor can what it lies under."""
    for where in (SITE, DOMAIN):
        holdings = {where: held(listing(where, source))}
        own = holdings.get(SITE, Holdings()).listings
        holdings[SITE] = Holdings(own, None, Official(SITE, 1, "Bank"))
        judgement = judge_page(holdings)
        assert (judgement.verdict, judgement.level) == (Outcome.OFFICIAL, Level.NONE)


@pytest.mark.parametrize(
    ("source", "verdict"),
    [(ONE, Outcome.OFFICIAL), (PARTNER, Outcome.OFFICIAL), (AUTHORITY, Outcome.LISTED)],
    ids=["community", "partner", "authority"],
)
def test_a_page_under_an_official_domain_is_listed_by_an_authority_only(source, verdict) -> None:
    """Good sites are broken into; a feed alone does not flag them."""
    holdings = {
        PAGE: held(listing(PAGE, source)),
        DOMAIN: Holdings(official=Official(DOMAIN, 1, "Bank")),
    }
    assert judge_page(holdings).verdict is verdict


def test_a_clearance_beats_an_authority_below_an_official_domain() -> None:
    """Then what is left is the official entry."""
    holdings = {
        PAGE: held(listing(PAGE, AUTHORITY), cleared=cleared(PAGE)),
        DOMAIN: Holdings(official=Official(DOMAIN, 1, "Bank")),
    }
    judgement = judge_page(holdings)
    assert (judgement.verdict, judgement.suspicious) == (Outcome.OFFICIAL, False)


def test_an_official_number_at_another_bank_says_nothing_here() -> None:
    """It neither makes the account asked official nor masks its listing."""
    question = Question(
        (reading(Candidate(ACCOUNT, Match.EXACT), Candidate(BARE, Match.OTHER_BANK)),)
    )
    official = Holdings(official=Official(BARE, 1, "Bank"))
    assert judge(question, {BARE: official}, now=NOW).verdict is Outcome.NO_RECORD
    holdings = {ACCOUNT: held(listing(ACCOUNT)), BARE: official}
    assert judge(question, holdings, now=NOW).verdict is Outcome.LISTED


@pytest.mark.parametrize("match", [Match.UNKNOWN_BANK, Match.OTHER_BANK])
def test_an_official_account_met_by_its_number_flags_nothing(match) -> None:
    """It can never be listed by a feed, whichever way it is met, and others still are."""
    other = Identifier(Kind.ACCOUNT, "970407/0000000000001")
    question = Question((reading(Candidate(BARE, match), Candidate(ACCOUNT, match)),))
    official = Holdings((listing(ACCOUNT, AUTHORITY),), None, Official(ACCOUNT, 1, "Bank"))
    assert judge(question, {ACCOUNT: official}, now=NOW).verdict is Outcome.NO_RECORD
    both = Question((reading(Candidate(ACCOUNT, match), Candidate(other, match)),))
    holdings = {ACCOUNT: official, other: held(listing(other))}
    judgement = judge(both, holdings, now=NOW)
    assert [view.listed for view in judgement.matches] == [other.value]


def test_hits_of_another_reading_stand_apart() -> None:
    """``related`` is shown and leaves verdict and level alone."""
    question = Question(
        (reading(Candidate(ACCOUNT, Match.EXACT)),), (reading(Candidate(PHONE, Match.EXACT)),)
    )
    judgement = judge(question, {PHONE: held(listing(PHONE, AUTHORITY))}, now=NOW)
    assert (judgement.verdict, judgement.level) == (Outcome.NO_RECORD, Level.NONE)
    assert judgement.matches == ()
    assert [view.listed for view in judgement.related] == [PHONE.value]


def test_related_hits_are_cleared_like_any_other() -> None:
    """What is masked is not shown as related either."""
    question = Question(
        (reading(Candidate(ACCOUNT, Match.EXACT)),), (reading(Candidate(PHONE, Match.EXACT)),)
    )
    holdings = {PHONE: held(listing(PHONE, AUTHORITY), cleared=cleared(PHONE))}
    judgement = judge(question, holdings, now=NOW)
    assert (judgement.verdict, judgement.related) == (Outcome.NO_RECORD, ())


@pytest.mark.parametrize(
    ("audience_of_source", "asked_by", "told"),
    [
        (Audience.PUBLIC, Audience.PUBLIC, True),
        (Audience.PUBLIC, Audience.INSTITUTIONS, True),
        (Audience.INSTITUTIONS, Audience.PUBLIC, False),
        (Audience.INSTITUTIONS, Audience.INSTITUTIONS, True),
    ],
)
def test_reference_and_note_are_shown_to_the_sources_audience(
    audience_of_source, asked_by, told
) -> None:
    """Everything else is shown to everybody."""
    source = Source("s", "Source", Trust.AUTHORITY, audience=audience_of_source)
    holdings = {PAGE: held(listing(PAGE, source, reference="CV-1", note="a note", expires=2_000))}
    question = Question((reading(*LINK_CANDIDATES),))
    judgement = judge(question, holdings, now=NOW, audience=asked_by)
    view = judgement.matches[0]
    assert (view.reference, view.note) == (("CV-1", "a note") if told else (None, None))
    assert (view.source, view.title, view.category) == ("s", "Source", Category.PHISHING)
    assert (view.since, view.expires) == ("1970-01-01T00:08:20Z", "1970-01-01T00:33:20Z")
    assert judgement.level is Level.DANGER


def test_by_default_the_audience_is_the_public() -> None:
    """What is only for institutions is hidden unless said otherwise."""
    source = Source("s", "Source", audience=Audience.INSTITUTIONS)
    judgement = judge_page({PAGE: held(listing(PAGE, source, reference="CV-1"))})
    assert judgement.matches[0].reference is None


@pytest.mark.parametrize(
    ("second", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (1_795_312_800, "2026-11-22T02:00:00Z"),
    ],
)
def test_times_are_rfc_3339_in_utc(second, text) -> None:
    """To the second, with Z."""
    assert rfc3339(second) == text


def test_every_candidate_is_asked_and_kinds_are_those_of_the_readings() -> None:
    """Related readings come last and do not count as kinds asked."""
    account = reading(Candidate(ACCOUNT, Match.EXACT), Candidate(BARE, Match.OTHER_BANK))
    phone = reading(Candidate(PHONE, Match.EXACT))
    question = Question((account,), (phone,))
    assert [one.identifier for one in candidates(question)] == [ACCOUNT, BARE, PHONE]
    assert asked_kinds(question) == (Kind.ACCOUNT,)
    assert asked_kinds(Question((phone, account, phone))) == (Kind.PHONE, Kind.ACCOUNT)


def test_an_imitation_is_at_caution_and_not_listed() -> None:
    """A warning beside the lists: it is no accusation, and a clearance ends it."""
    one = Identifier(Kind.LINK, "vietcombank-login.example")
    reading = Reading(one, one.value, (Candidate(one, Match.EXACT),), ("looks_like:Vietcombank",))
    judged = judge(Question((reading,)), {}, now=NOW)
    assert (judged.verdict, judged.level) == (Outcome.NO_RECORD, Level.CAUTION)
    assert not judged.suspicious
    assert not judged.matches
    cleared = {one: Holdings(clearance=Clearance(one, 1, "reason", None))}
    assert judge(Question((reading,)), cleared, now=NOW).level is Level.NONE


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(
    ("match", "is_told"),
    [
        (Match.EXACT, True),
        (Match.PATH, True),
        (Match.PARENT_DOMAIN, True),
        (Match.RANGE, True),
        (Match.UNKNOWN_BANK, True),
        (Match.OTHER_BANK, False),
    ],
)
@pytest.mark.parametrize("sources", [[], [ONE], [AUTHORITY]])
def test_what_is_open_is_noted_and_changes_nothing(audience, match, is_told, sources) -> None:
    """Being verified: to institutions alone. Disputed: to everybody, where something is listed."""
    question = Question((reading(Candidate(DOMAIN, match)),))
    quiet = held(*(listing(DOMAIN, one) for one in sources))
    noted = msgspec.structs.replace(quiet, being_verified=Flag(1, NOW + 1), disputed=Flag(1))
    before = judge(question, {DOMAIN: quiet}, now=NOW, audience=audience)
    after = judge(question, {DOMAIN: noted}, now=NOW, audience=audience)
    expected = ["disputed"] if sources and is_told else []
    if is_told and audience is Audience.INSTITUTIONS:
        expected.append("being_verified")
    assert list(after.notes) == expected
    assert msgspec.structs.replace(after, notes=()) == before


def test_what_lapsed_is_noted_no_more() -> None:
    question = Question((reading(Candidate(DOMAIN, Match.EXACT)),))
    noted = msgspec.structs.replace(held(listing(DOMAIN, ONE)), being_verified=Flag(1, NOW))
    judgement = judge(question, {DOMAIN: noted}, now=NOW, audience=Audience.INSTITUTIONS)
    assert judgement.notes == ()


def test_a_cleared_thing_is_not_shown_as_disputed() -> None:
    """The clearance decided it."""
    question = Question((reading(Candidate(DOMAIN, Match.EXACT)),))
    noted = msgspec.structs.replace(
        held(listing(DOMAIN, ONE), cleared=cleared(DOMAIN)), disputed=Flag(1)
    )
    assert "disputed" not in judge(question, {DOMAIN: noted}, now=NOW).notes
