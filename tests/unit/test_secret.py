"""The installation's secret: made once, the same for all, a key of its own for each purpose."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from blacklist.config import Settings
from blacklist.errors import ConfigError
from blacklist.secret import SECRET_BYTES, derive, load_secret


def test_it_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new" / "data")
    secret = load_secret(settings)
    assert len(secret) == SECRET_BYTES
    assert load_secret(settings) == secret
    (path,) = (tmp_path / "new" / "data").iterdir()
    assert (path.name, stat.S_IMODE(path.stat().st_mode)) == ("secret", 0o600)


def test_whoever_comes_first_all_have_the_same(tmp_path: Path) -> None:
    """Workers and commands start at once."""
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: load_secret(Settings(data_dir=tmp_path)), range(32)))
    assert len(found) == 1


def test_another_data_directory_has_another(tmp_path: Path) -> None:
    one, other = (load_secret(Settings(data_dir=tmp_path / name)) for name in "ab")
    assert one != other


def test_a_named_file_is_read_and_never_made(tmp_path: Path) -> None:
    path = tmp_path / "shared"
    settings = Settings(data_dir=tmp_path / "data", secret_file=path)
    with pytest.raises(ConfigError):
        load_secret(settings)
    path.touch(0o600)
    path.write_bytes(bytes(SECRET_BYTES))
    assert load_secret(settings) == bytes(SECRET_BYTES)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("size", "mode"), [(SECRET_BYTES - 1, 0o600), (SECRET_BYTES, 0o604)])
def test_a_short_or_open_file_is_refused(tmp_path: Path, size: int, mode: int) -> None:
    path = tmp_path / "secret"
    path.write_bytes(bytes(size))
    path.chmod(mode)
    with pytest.raises(ConfigError):
        load_secret(Settings(data_dir=tmp_path))


def test_each_purpose_has_a_key_of_its_own() -> None:
    keys = {derive(bytes(32), purpose) for purpose in ("session", "receipt", "audit")}
    assert len(keys) == 3
    assert derive(b"1" * 32, "session") not in keys


def test_the_derivation_is_that_of_the_standard() -> None:
    """The value is that of ``HKDFExpand`` of the library ``cryptography``."""
    expected = "0ec0c677860cb3b0671b778c2f8c250cc6688281d76e1878a222a6d371ac3cb7"
    assert derive(bytes(32), "session").hex() == expected
