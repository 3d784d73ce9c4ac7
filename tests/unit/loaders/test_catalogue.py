"""The catalogue that ships, and a file of one's own."""

import msgspec
import pytest

from blacklist.errors import ConfigError, Unreachable
from blacklist.model import Kind, Trust
from loaders import catalogue
from loaders.catalogue import Entry

SHIPPED = catalogue.read(None)


@pytest.fixture
def own(tmp_path):
    """Read the catalogue with a file of one's own."""

    def own(text):
        path = tmp_path / "feeds.toml"
        path.write_text(text, "utf-8")
        return catalogue.read(path)

    return own


@pytest.mark.parametrize("entry", SHIPPED.values(), ids=list(SHIPPED))
def test_a_feed_that_ships_is_described_whole(entry) -> None:
    """Fetched over https, not too often, with a licence; if it is off, the reason is told."""
    assert entry.address.startswith("https://")
    assert entry.homepage.startswith("https://")
    assert entry.refresh_seconds >= 1_800
    assert entry.days is not None
    assert entry.days * 86_400 >= 2 * entry.refresh_seconds
    assert entry.licence
    assert entry.checked in {"files", "known"}
    assert entry.kind is not None
    assert entry.enabled != bool(entry.why_off)
    assert (entry.private, entry.downgrade, entry.key) == (False, False, None)
    assert entry.source().refresh_seconds == entry.refresh_seconds


def test_only_lists_that_everybody_may_use_are_fetched_unasked() -> None:
    """Those with terms against commerce, with copyleft or a key are not."""
    chosen = catalogue.choose(SHIPPED, ())
    assert {one.name for one in chosen} == {
        *("chongluadao", "hostsvn-threat", "phishing-database", "spmedia-crypto", "cert-polska")
    }
    assert all(one.key is None and "{key}" not in one.address for one in chosen)


def test_a_file_of_ones_own_adds_and_changes(own) -> None:
    """Of a feed that ships it changes what it tells and leaves the rest."""
    found = own(
        """
        [feeds.police-mau]
        title = "Công an tỉnh Mẫu"
        address = "http://lists.example/accounts.csv"
        kind = "account"
        trust = "authority"
        refresh = "30 min"
        columns = { value = "stk", bank = "nh" }

        [feeds.phishtank]
        enabled = true
        key = "s3cret"
        """
    )
    assert list(found)[:-1] == list(SHIPPED)
    mine = found["police-mau"]
    assert (mine.kind, mine.trust, mine.refresh_seconds) == (Kind.ACCOUNT, Trust.AUTHORITY, 1800)
    plan = mine.plan("GB")
    assert (plan.region, plan.format, plan.options.columns["bank"]) == ("GB", None, "nh")
    shipped = SHIPPED["phishtank"]
    assert found["phishtank"] == msgspec.structs.replace(shipped, enabled=True, key="s3cret")
    assert found["phishtank"].wanted().address == (
        "https://data.phishtank.com/data/s3cret/online-valid.csv"
    )
    with pytest.raises(Unreachable, match="key"):
        shipped.wanted()


def test_every_problem_is_told_at_once_and_no_value_is(own) -> None:
    """With the feed's name and the field's; a key is not repeated."""
    with pytest.raises(ConfigError) as caught:
        own(
            """
            [feeds.a]
            title = ""
            address = "ftp://lists.example"
            refresh = "soon"
            colour = "red"
            [feeds."b c"]
            title = "B"
            address = "https://user:pass7@lists.example/"
            refresh = "1 h"
            kind = "domain"
            trust = "official"
            region = "ZZ"
            format = "xml"
            days = 0
            key = "s3cret\\n7"
            [feeds.c]
            """
        )
    told = str(caught.value)
    for problem in (
        *("a: title must", "a: address must", "a: refresh must", "a: colour is not a field"),
        *("b c: name must", "b c: address must not", "b c: kind cannot", "b c: trust must"),
        *("b c: region must", "b c: format must", "b c: days must", "b c: key must"),
        *("c: title is missing", "c: address is missing", "c: refresh is missing"),
    ):
        assert problem in told
    assert "s3cret" not in told
    assert "pass7" not in told


@pytest.mark.parametrize(
    "text", ["[feeds", "feeds = 1", "[feeds]\na = 1", "x = 1", "[other.a]\ntitle = 'x'"]
)
def test_a_file_of_another_form_is_refused(own, text) -> None:
    """With the setting's name."""
    with pytest.raises(ConfigError, match="BLACKLIST_CATALOGUE"):
        own(text)


def test_a_file_that_cannot_be_read_is_told(tmp_path) -> None:
    """It is not there, or it is no text."""
    with pytest.raises(ConfigError, match="cannot be read"):
        catalogue.read(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        catalogue.read(tmp_path / "binary.toml")


def test_feeds_are_chosen_by_name_enabled_or_not() -> None:
    """Each once; an unknown one is told."""
    chosen = catalogue.choose(SHIPPED, ("urlhaus", "cert-polska", "urlhaus"))
    assert [one.name for one in chosen] == ["urlhaus", "cert-polska"]
    with pytest.raises(ConfigError, match="nobody"):
        catalogue.choose(SHIPPED, ("urlhaus", "nobody"))


def test_what_decides_what_a_body_lists_is_in_the_fingerprint() -> None:
    """So that "unchanged" is not believed of another reading of it."""
    entry = Entry(name="a", title="A", address="https://a.example/", refresh=60)
    changes = {
        "address": "https://b.example/",
        "format": "csv",
        "kind": Kind.PHONE,
        "region": "GB",
        "mode": "add",
        "columns": {"value": "x"},
        "category": "phishing",
    }
    prints = {entry.fingerprint("VN"), entry.fingerprint("DE")}
    for field, value in changes.items():
        prints.add(msgspec.structs.replace(entry, **{field: value}).fingerprint("VN"))
    assert len(prints) == 2 + len(changes)
    renamed = msgspec.structs.replace(entry, title="B", refresh=90, key="k")
    assert renamed.fingerprint("VN") == entry.fingerprint("VN")
