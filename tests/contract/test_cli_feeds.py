"""``blacklist feeds`` and ``update``, run as users run them: codes, documents, what is told."""

import json

import pytest

from feed_server import feed_server, status, text, whole


@pytest.fixture
def web(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with feed_server() as found:
        yield found


@pytest.fixture
def cli(run, quick_data_dir, web, tmp_path):
    """Run a command on an empty store, with a catalogue of three feeds of one's own."""
    own = tmp_path / "own.toml"
    own.write_text(
        "".join(
            f'[feeds.{name}]\ntitle = "{name}"\naddress = "{web.base}/{name}?k={{key}}"\n'
            f'key = "s3cret"\nprivate = true\nrefresh = "1 h"\nkind = "link"\n'
            for name in ("good", "lost", "empty")
        )
    )

    def cli(*arguments):
        return run(quick_data_dir, *arguments, BLACKLIST_CATALOGUE=str(own))

    return cli


def test_updating_ends_with_the_gravest_code_and_feeds_shows_it(cli, web) -> None:
    """0 all fine, 3 one could not be fetched, 4 one is held; no key is ever told."""
    names = ("good", "lost", "empty")
    web.answers |= {f"/{name}?k=s3cret": whole(text("evil.example")) for name in names}
    first = cli("update", *names, "--json")
    assert first.returncode == 0
    results = json.loads(first.stdout)["feeds"]
    assert [(one["feed"], one["outcome"]) for one in results] == [(n, "loaded") for n in names]
    web.answers["/lost?k=s3cret"] = status(404)
    lost = cli("update", "good", "lost", "--force")
    assert lost.returncode == 3
    assert "good: unchanged" in lost.stdout
    assert "404" in lost.stdout
    web.answers["/empty?k=s3cret"] = whole(b"# none today\n")
    held = cli("update", "lost", "empty", "--force")
    assert held.returncode == 4
    shown = cli("feeds", "--json")
    feeds = {one["name"]: one for one in json.loads(shown.stdout)}
    standings = {name: one["standing"] for name, one in feeds.items()}
    assert [standings[name] for name in names] == ["ok", "failing", "held"]
    assert (standings["openphish"], standings["cert-polska"]) == ("off", "never")
    assert feeds["lost"]["error"] == "status"
    assert feeds["lost"]["failures"] == 2
    assert all(feeds[name]["entries"] == {"link": 1} for name in names)
    assert cli("check", "evil.example").returncode == 10
    lines = cli("feeds").stdout
    assert "its terms do not allow everybody's use" in lines
    for said in (first, lost, held, shown):
        assert "s3cret" not in said.stdout + said.stderr
        assert web.base.removeprefix("http://") not in said.stdout + said.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["update", "nobody"], "nobody"), (["update", "--watch", "--json"], "--watch")],
)
def test_what_cannot_be_done_is_told(cli, arguments, said) -> None:
    """With 2, and nothing is fetched."""
    done = cli(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_feeds_are_listed_before_there_is_a_store(run, data_dir) -> None:
    """Nothing is loaded yet, and nothing is made by looking."""
    done = run(data_dir, "feeds")
    assert done.returncode == 0, done.stderr
    assert "chongluadao" in done.stdout
    assert "never" in done.stdout


def test_a_private_address_is_refused_by_default(run, quick_data_dir, web, tmp_path) -> None:
    """Nothing is asked of it."""
    own = tmp_path / "own.toml"
    own.write_text(f'[feeds.a]\ntitle = "A"\naddress = "{web.base}/a"\nrefresh = "1 h"\n')
    done = run(quick_data_dir, "update", "a", BLACKLIST_CATALOGUE=str(own))
    assert done.returncode == 3
    assert "private network" in done.stdout
    assert web.asked == []
