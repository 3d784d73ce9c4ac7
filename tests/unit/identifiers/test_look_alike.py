"""Look-alikes: who imitates is noticed, who only has a like name is left alone."""

import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import brand_index, look_alike, suffixes
from blacklist.identifiers.brand_index import nearest
from blacklist.identifiers.confusables import fold_both, fold_script, fold_shape
from blacklist.identifiers.institutions import institutions, own_domains
from blacklist.identifiers.locations import locate
from blacklist.identifiers.look_alike import imitates, imitates_number
from servers import FEEDS

POPULAR = FEEDS / "misp-warninglists" / "tranco10k.json"
BANKS = POPULAR.with_name("bank-website.json")
SUFFIXES = ["com", "net", "org", "info", "biz", "me", "co", "io", "cc", "tk", "ml", "icu", "top"]
SUFFIXES += ["xyz", "online", "site", "club", "shop", "store", "vip", "app", "live", "pro"]
SAMPLE = 120
"""Imitations tried for each domain and way; one domain has up to 40,000."""


def whom(text):
    place = locate(text)
    return imitates(place.host, place.registrable)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        # the whole domain under another one
        ("vneid.gov.vn.xyz", "VNeID"),
        ("login.vietcombank.com.vn.evil.example", "Vietcombank"),
        ("acb.com.vn.evil.example", "ACB"),
        ("sub.anything.gov.vn.evil.example", "Government of Viet Nam"),
        # the brand under another suffix, as a label, between hyphens, cut by dots or hyphens
        ("vietcombank.xyz", "Vietcombank"),
        ("www.bidv.example", "BIDV"),
        ("vietcombank.evil.example", "Vietcombank"),
        ("vietcombank-login.example", "Vietcombank"),
        ("tang-qua-vietcombank-2026.example", "Vietcombank"),
        ("viet-combank.example", "Vietcombank"),
        ("vietcom.bank.example", "Vietcombank"),
        ("dichvucong-gov-vn.example", "National Public Service Portal"),
        ("evil-gov-vn.example", "Government of Viet Nam"),
        ("vietcombank.weebly.com", "Vietcombank"),
        # held in a label
        ("trangchuvietcombankso.example", "Vietcombank"),
        ("vpbankonline.example", "VPBank"),
        ("shopeesukien.example", "Shopee"),
        ("vpbanks.example", "VPBank"),
        ("vneid24h.capnhat-vneid.example", "VNeID"),
        ("bidv247.example", "BIDV"),
        # one letter
        ("vietcombankk.example", "Vietcombank"),
        ("vietcombannk.example", "Vietcombank"),
        ("vietcombnk.example", "Vietcombank"),
        ("vietcombnak.example", "Vietcombank"),
        ("vietconbank.example", "Vietcombank"),
        ("vietconbank-otp.example", "Vietcombank"),
        ("vpbannk.com.vn", "VPBank"),
        ("bidvv.com.vn", "BIDV"),
        ("bocongam.gov.vn", "Ministry of Public Security"),
        ("dich-vucong.gov.vn", "National Public Service Portal"),
        # letters that look alike
        ("vietc0mbank.example", "Vietcombank"),
        ("vietcornbank.example", "Vietcombank"),
        ("việtcombank.example", "Vietcombank"),
        ("vietсombаnk.example", "Vietcombank"),
        ("νietcombank.example", "Vietcombank"),
        ("ꜱhopee.example", "Shopee"),
        ("аcb.com.vn", "ACB"),
        ("m0mo.vn", "MoMo"),
        ("b1dv.com.vn", "BIDV"),
        # short or common brands with a sign
        ("acb-login.example", "ACB"),
        ("acb-online-vn.example", "ACB"),
        ("acb.vn-otp.example", "ACB"),
        ("acb.otp-verify.example", "ACB"),
        ("momovn.example", "MoMo"),
        ("eximbank.vn", "Eximbank"),
        ("hsbc-vietnam.example", "HSBC"),
    ],
)
def test_an_imitation_is_noticed(host, name):
    assert whom(host) == name


@pytest.mark.parametrize(
    "host",
    [
        # nothing of a brand
        "combank.example",
        "bank.example",
        "vietnambank-news.example",
        "onlinebanking.example",
        "dichvu.example",
        "gov.example",
        # another company's like name, without a sign
        "acb.example",
        "acbd.example",
        "acbonline.example",
        "login.acb.example",
        "www.shb.company.example",
        "login.shb.company.example",
        "online.hsbc.co.uk",
        "hsbc-login.co.uk",
        "login.scb.co.th",
        "mbank.pl",
        "seabank.co.id",
        "eximbank.com.tr",
        "co-opbank.co.ke",
        "citicbank.com",
        "agribank.com.na",
        "msb-school.example",
        "vcbrothers.example",
        # everybody's words
        "cake.com",
        "vietcake.example",
        "cakevn.example",
        "timo24.example",
        "momo24.example",
        "thetiki.example",
        # one letter from a short brand
        "bidx.com.vn",
        "tika.vn",
        "acbb.com.vn",
        "seabanks.example",
        # state bodies bear what is the state's
        "dichvucong.hanoi.gov.vn",
        "bocongan.hanoi.gov.vn",
        "hanoi.gov.vn",
        "moc.gov.vn",
        # no names at all
        "192.0.2.1",
        "[2001:db8::1]",
        # a namesake
        "www.agribank.com",
        "example.com",
    ],
)
def test_the_innocent_are_left_alone(host):
    assert whom(host) is None


@pytest.mark.parametrize("domain", sorted(own_domains()))
def test_an_institutions_own_domain_never_imitates(domain):
    for host in (domain, f"www.{domain}", f"login.vietcombank.{domain}"):
        assert whom(host) is None


@pytest.mark.skipif(not BANKS.exists(), reason="the real feeds do not ship with the project")
def test_the_banks_of_other_countries_are_left_alone():
    hosts = [host.lstrip(".") for host in json.loads(BANKS.read_text("utf-8"))["list"]]
    assert len(hosts) > 2_000
    assert (
        sum(imitates(host, suffixes.split(host).registrable or host) is not None for host in hosts)
        < 3
    )


@pytest.mark.skipif(not POPULAR.exists(), reason="the real feeds do not ship with the project")
def test_the_most_visited_domains_are_left_alone():
    hosts = json.loads(POPULAR.read_text("utf-8"))["list"]
    assert len(hosts) > 9_000
    assert (
        sum(imitates(host, suffixes.split(host).registrable or host) is not None for host in hosts)
        < 5
    )


def imitations(way):
    """Yield what dnstwist makes of every official domain in one way, a sample of each."""
    dnstwist = pytest.importorskip("dnstwist")
    idna = pytest.importorskip("idna")
    chance = random.Random(20261122)
    for domain in sorted({domain for found in institutions() for domain in found.domains}):
        maker = dnstwist.Fuzzer(domain, tld_dictionary=SUFFIXES)
        if way == "tld-swap":
            made = [f"{maker.domain}.{suffix}" for suffix in sorted(maker._tld())]
        else:
            made = sorted(f"{text}.{maker.tld}" for text in getattr(maker, f"_{way}")())
        for text in chance.sample(made, min(len(made), SAMPLE)):
            try:
                place = locate(idna.encode(text).decode())
            except (idna.IDNAError, InvalidIdentifier):
                continue
            parts = place.host.split(".")
            if not any(".".join(parts[at:]) in own_domains() for at in range(len(parts))):
                yield place


@pytest.fixture(scope="module")
def noticed():
    """Return how many imitations of each way were noticed, and how many there are."""
    counts = {}
    for way in ("homoglyph", "addition", "repetition", "hyphenation", "subdomain", "tld-swap"):
        found = [imitates(place.host, place.registrable) is not None for place in imitations(way)]
        counts[way] = (sum(found), len(found))
    return counts


@pytest.mark.slow
def test_four_in_five_of_the_imitations_that_dnstwist_makes_are_noticed(noticed):
    hits, tried = (sum(column) for column in zip(*noticed.values(), strict=True))
    assert tried > 10_000
    assert hits / tried >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "least"),
    [
        ("homoglyph", 0.88),
        ("repetition", 0.85),
        ("hyphenation", 0.9),
        ("subdomain", 0.92),
        # abbreviations: another suffix or one more letter is another company (acb.example, acbd.vn)
        ("addition", 0.65),
        ("tld-swap", 0.5),
    ],
)
def test_no_way_of_imitating_is_lost(noticed, way, least):
    hits, tried = noticed[way]
    assert hits / tried >= least


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_is_answered(host, registrable):
    assert imitates(host, registrable) is None or isinstance(imitates(host, registrable), str)
    assert imitates_number(host) is None or isinstance(imitates_number(host), str)


LABELS = sorted({brand.label for found in institutions() for brand in found.brands})
ODD = ["vn", "gov", "com", "login", "xn--", "-", ".", "0", "а", "ạ", "\ud800"]
PIECES = st.sampled_from(LABELS + ODD)


@given(st.lists(PIECES, max_size=12).map("".join), PIECES)
@settings(max_examples=300)
def test_texts_made_of_brands_are_answered(host, tail):
    name = imitates(f"{host}.{tail}", tail)
    assert name is None or isinstance(name, str)


LONG = sorted(
    brand.label
    for found in institutions()
    for brand in found.brands
    if len(brand.label) >= 10 and not brand.need.value
)


@given(st.sampled_from(LONG), st.integers(0, 9), st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
def test_a_long_brand_is_found_with_any_one_letter_more_less_or_other(label, at, letter):
    for text in (
        label[:at] + letter + label[at:],
        label[:at] + label[at + 1 :],
        label[:at] + letter + label[at + 1 :],
    ):
        assert imitates(f"{text}.example", f"{text}.example") is not None


MADE_HOSTS = st.builds(
    lambda label, at, letter, sub, suffix: f"{sub}{label[:at]}{letter}{label[at + 1 :]}.{suffix}",
    st.sampled_from(sorted(LABELS)),
    st.integers(0, 12),
    st.sampled_from(["", "a", "l", "rn", "-", "o", "aa", "vn", "xn--", "1"]),
    st.sampled_from(["", "www.", "login.", "a-", "vn-", "otp.vn.", "online"]),
    st.sampled_from(["example", "com", "vn", "com.vn", "gov.vn", "com.vn.evil.example", "online"]),
)


@given(st.one_of(MADE_HOSTS, st.from_regex(r"([a-z0-9-]{1,12}\.){1,3}(vn|com)", fullmatch=True)))
@settings(max_examples=1000)
def test_the_early_exits_hide_nothing(host):
    """What is skipped because it cannot match does not match when nothing is skipped."""
    registrable = suffixes.split(host).registrable or host
    found = imitates(host, registrable)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(look_alike, "may_bear_brand", lambda *_, **__: True)
        patch.setattr(look_alike, "may_be_near_long", lambda _: True)
        longest = brand_index.brand_index().longest + 1
        patch.setattr(brand_index, "_may_be_near", lambda shape: 4 <= len(shape) <= longest)
        assert imitates(host, registrable) == found


@given(st.from_regex(r"[a-z]{4,12}", fullmatch=True))
def test_what_is_near_is_one_letter_away(text):
    near = nearest(fold_both(text))
    if near is not None:
        assert abs(len(fold_shape(text)) - len(fold_shape(near.brand.label))) <= 1


@pytest.mark.parametrize(
    ("text", "shape"),
    [("m0m1", "moml"), ("cornbank", "combank"), ("evvn", "ewn"), ("bicl", "bld"), ("cimb", "clmb")],
)
def test_plain_letters_that_pass_for_each_other_are_one(text, shape):
    assert fold_shape(text) == shape


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("việtcombank", "vietcombank"),
        ("đông-á", "dong-a"),
        ("раураl", "paypal"),
        ("ɓɪᴅᴠ", "bidv"),
        ("ŋæœß", "naeoess"),
        ("日本", "日本"),
    ],
)
def test_scripts_are_folded_to_plain_letters(text, plain):
    assert fold_script(text) == plain


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("+84069234856", "Ministry of Public Security"),
        ("+8469234856", "Ministry of Public Security"),
        ("+8499692348560", "Ministry of Public Security"),
        ("+846923485600", "Ministry of Public Security"),
        ("+846992348560", "Ministry of Public Security"),
        ("+10692348560", "Ministry of Public Security"),
        ("+1069234856", "Ministry of Public Security"),
        ("+855692348560", "Ministry of Public Security"),
        ("+88102499950060", "National warning line"),
        ("+8419005454130", "Vietcombank"),
        ("+8521900545413", "Vietcombank"),
    ],
)
def test_a_number_that_imitates_a_published_line_is_noticed(number, name):
    assert imitates_number(number) == name


@pytest.mark.parametrize(
    "number",
    [
        "+84692348560",
        "+840692348560",
        "+84692348561",  # the next desk
        "+842499950060",
        "+842499950061",
        "+84900545413",  # a mobile that ends like a bank's line
        "+84919009247",
        "+84190054541",  # a 1900 line of five digits
        "+841900924700",  # and one of six, where the bank's has four
        "+447700900123",
        "+12025550123",
        "+84",
        "+",
        "",
        "+٠٦٩٢٣٤٨٥٦٠",
    ],
)
def test_other_numbers_are_left_alone(number):
    assert imitates_number(number) is None


def test_no_published_line_imitates_another():
    lines = [number for found in institutions() for number in found.numbers]
    assert len(lines) == len(set(lines)) > 40
    assert not list(filter(imitates_number, lines))


def test_the_table_is_well_made():
    for found in institutions():
        assert found.name
        assert found.domains or found.numbers
        for brand in found.brands:
            assert re.fullmatch(r"[a-z0-9]{2,20}", brand.label)
        for number in found.numbers:
            assert re.fullmatch(r"\+84[1-9][0-9]{7,9}", number)
    for domain in own_domains():
        assert suffixes.split(domain).registrable == domain
    shapes = [fold_shape(label) for label in LABELS]
    assert len(shapes) == len(set(shapes))
