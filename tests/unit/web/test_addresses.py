"""Whose address a request is counted for."""

import pytest

from blacklist.config import Settings
from blacklist.web.addresses import UNKNOWN, who

TRUSTED = Settings.from_env(
    {"BLACKLIST_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.7,2001:db8:1::/48"}
).trusted_proxies


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusted", "expected"),
    [
        ("198.51.100.1", None, (), "198.51.100.1"),
        ("198.51.100.1", "203.0.113.9", (), "198.51.100.1"),
        ("198.51.100.1", "203.0.113.9", TRUSTED, "198.51.100.1"),
        ("10.1.2.3", "203.0.113.9", TRUSTED, "203.0.113.9"),
        ("10.1.2.3", "1.1.1.1, 203.0.113.9", TRUSTED, "203.0.113.9"),
        ("10.1.2.3", "203.0.113.9, 192.0.2.7", TRUSTED, "203.0.113.9"),
        ("10.1.2.3", "203.0.113.9,\t10.9.9.9 ,", TRUSTED, "203.0.113.9"),
        ("10.1.2.3", "nonsense", TRUSTED, UNKNOWN),
        ("10.1.2.3", "203.0.113.9, nonsense", TRUSTED, UNKNOWN),
        ("10.1.2.3", None, TRUSTED, "10.1.2.3"),
        ("", "203.0.113.9", TRUSTED, "203.0.113.9"),
        ("", "203.0.113.9", (), UNKNOWN),
        ("2001:db8:2:3:4:5:6:7", None, (), "2001:db8:2:3::"),
        ("::ffff:198.51.100.1", None, (), "198.51.100.1"),
        ("2001:db8:1::5", "2001:db8:9:9::1", TRUSTED, "2001:db8:9:9::"),
    ],
)
def test_only_a_trusted_proxys_word_counts(remote, forwarded, trusted, expected) -> None:
    environ = {"REMOTE_ADDR": remote}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    assert who(environ, trusted) == expected
