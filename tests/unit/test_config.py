"""Settings from the environment."""

import dataclasses
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import pytest

from blacklist.config import Settings
from blacklist.errors import ConfigError


def test_an_empty_environment_gives_the_defaults() -> None:
    """As the README tells them."""
    settings = Settings.from_env({})
    assert (settings.bind, settings.redis_url) == ("127.0.0.1:8000", None)
    assert (settings.region, settings.workers, settings.threads) == ("VN", 2, 16)
    assert (settings.account_get, settings.access_log) == (True, False)
    assert settings.data_dir.name == "blacklist"


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("BIND", "0.0.0.0:80", "0.0.0.0:80"),
        ("BIND", "[::1]:8000", "[::1]:8000"),
        ("BIND", "unix:/run/b.sock", "unix:/run/b.sock"),
        ("DATA_DIR", "/var/lib/b", Path("/var/lib/b")),
        ("REDIS_URL", "unix:///run/r.sock", "unix:///run/r.sock"),
        ("REGION", "gb", "GB"),
        ("WORKERS", "7", 7),
        ("THREADS", "1", 1),
        ("CATALOGUE", "/etc/blacklist/feeds.toml", Path("/etc/blacklist/feeds.toml")),
        ("ALLOW_PRIVATE_FEEDS", "yes", True),
        ("ACCOUNT_GET", "no", False),
        ("ACCOUNT_GET", "Off", False),
        ("ACCOUNT_GET", "0", False),
        ("ACCOUNT_GET", "true", True),
        ("PUBLIC", "no", False),
        ("PUBLIC_PER_MINUTE", "60", 60),
        (
            "TRUSTED_PROXIES",
            "10.0.0.0/8, ::1",
            (IPv4Network("10.0.0.0/8"), IPv6Network("::1/128")),
        ),
        ("POLICIES", "/etc/blacklist/policies", Path("/etc/blacklist/policies")),
        ("SECRET_FILE", "/etc/blacklist/secret", Path("/etc/blacklist/secret")),
        ("SESSION_MINUTES", "5", 5),
        ("AUDIT", "no", False),
        ("AUDIT_DIR", "/var/log/blacklist", Path("/var/log/blacklist")),
        ("AUDIT_DAYS", "90", 90),
        ("METRICS_FROM", "192.0.2.0/24", (ip_network("192.0.2.0/24"),)),
        ("ACCESS_LOG", "YES", True),
    ],
)
def test_every_field_is_read(variable: str, text: str, expected: object) -> None:
    """From ``BLACKLIST_`` and its name in capitals."""
    settings = Settings.from_env({f"BLACKLIST_{variable}": text})
    assert getattr(settings, variable.lower()) == expected


def test_the_table_above_covers_every_field() -> None:
    """A new setting needs its row."""
    marks = test_every_field_is_read.pytestmark
    rows = {variable.lower() for variable, _, _ in marks[0].args[1]}
    assert rows == {field.name for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("BIND", "localhost"),
        ("BIND", ":8000"),
        ("BIND", "localhost:"),
        ("BIND", "localhost:http"),
        ("BIND", "localhost:٨٠"),
        ("BIND", ""),
        ("REGION", ""),
        ("REGION", "VNM"),
        ("REGION", "V1"),
        ("REGION", "đđ"),
        ("WORKERS", "0"),
        ("WORKERS", "-1"),
        ("WORKERS", "two"),
        ("WORKERS", ""),
        ("THREADS", "1.5"),
        ("CATALOGUE", ""),
        ("ALLOW_PRIVATE_FEEDS", "all"),
        ("ACCOUNT_GET", ""),
        ("ACCESS_LOG", "maybe"),
    ],
)
def test_what_cannot_be_understood_is_refused(variable: str, text: str) -> None:
    """By the variable's name."""
    with pytest.raises(ConfigError, match=f"BLACKLIST_{variable} "):
        Settings.from_env({f"BLACKLIST_{variable}": text})


def test_an_empty_data_directory_is_refused() -> None:
    """It is not taken for whatever folder the program happens to be started in."""
    with pytest.raises(ConfigError, match="BLACKLIST_DATA_DIR "):
        Settings.from_env({"BLACKLIST_DATA_DIR": ""})


def test_all_problems_are_told_at_once() -> None:
    """In the order of the names, so that one start shows everything."""
    with pytest.raises(ConfigError) as caught:
        Settings.from_env(
            {"BLACKLIST_WORKERS": "0", "BLACKLIST_BIN": "x", "BLACKLIST_REGION": "Vietnam"}
        )
    problems = str(caught.value).split("; ")
    assert [problem.split()[0] for problem in problems] == [
        "BLACKLIST_BIN",
        "BLACKLIST_REGION",
        "BLACKLIST_WORKERS",
    ]
    assert "not a setting" in problems[0]
    assert "two letters" in problems[1]
    assert "at least 1" in problems[2]


def test_other_programs_variables_do_not_matter() -> None:
    """Only the prefix is ours; case counts."""
    assert Settings.from_env({"PATH": "/bin", "blacklist_bind": "x"}).bind == "127.0.0.1:8000"


def test_the_value_that_is_wrong_is_not_repeated() -> None:
    """An address of a store can hold a password."""
    with pytest.raises(ConfigError) as caught:
        Settings.from_env({"BLACKLIST_REDIS_URI": "redis://:secret-7@host", "BLACKLIST_BIND": "k7"})
    assert "secret-7" not in str(caught.value)
    assert "k7" not in str(caught.value)


def test_settings_cannot_be_changed() -> None:
    """They are read once."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().bind = "x"
