"""The worked examples of CONTRIBUTING.md can be followed."""

import ast
import re
from types import ModuleType, SimpleNamespace

import pytest

import loaders.formats
from blacklist.identifiers.protocol import Hints, KindModule
from blacklist.identifiers.reasons import REASONS
from documents import blocks, read
from loaders.formats import FORMATS, Options, Record, Rejected
from servers import ROOT

TEXT = read("CONTRIBUTING.md")
FOLDERS = "blacklist|loaders|tests|scripts|docs"
ADDRESS = "0x" + "00" * 19 + "0A"


def new_file(path):
    """The code that an example puts into a new file."""
    found = re.search(rf"`{re.escape(path)}` \(new\).*?```python\n(.*?)```", TEXT, re.DOTALL)
    assert found, path
    return found[1]


def made(path):
    """A module of the code of a new file."""
    module = ModuleType(path)
    exec(compile(new_file(path), path, "exec"), module.__dict__)
    return module


def test_every_file_named_exists_unless_it_is_new() -> None:
    """And what is new does not."""
    named = re.findall(rf"`((?:{FOLDERS})/[\w./-]+)[^`]*`( \(new\))?", TEXT)
    assert len(named) > 15
    for path, new in named:
        assert (ROOT / path).exists() != bool(new), path


@pytest.mark.parametrize("block", blocks(TEXT, "python"), ids=lambda block: block.strip()[:20])
def test_every_piece_of_code_is_python(block) -> None:
    """A line of a table stands within braces, an argument within a call."""
    inside = {"    COIN": "class Kind:\n{}", "            bits": "dict(\n{})", "    ": "{{\n{}}}"}
    frame = next((frame for start, frame in inside.items() if block.startswith(start)), "{}")
    ast.parse(frame.format(block))


def test_the_format_of_the_example_reads_its_feed() -> None:
    """With the figures of its row, and no format that is asked before takes it for its own."""
    module = made("loaders/formats/dnsmasq.py")
    feed = next(block for block in blocks(TEXT, "text") if block.startswith("# invented"))
    rows = list(module.parse(feed.splitlines(), Options()))
    counts = [sum(isinstance(row, sort) for row in rows) for sort in (Record, Rejected)]
    row = next(block for block in blocks(TEXT, "text") if block.startswith("| `dnsmasq/"))
    assert [int(cell) for cell in row.split("|")[2:4]] == counts
    assert module.sniff(feed)
    assert [name for name, form in FORMATS.items() if form.sniff(feed)][:1] in ([], ["plain"])


def test_the_tests_of_the_example_pass(monkeypatch) -> None:
    """Those of the format, as they stand."""
    module = made("loaders/formats/dnsmasq.py")
    monkeypatch.setattr(loaders.formats, "dnsmasq", module, raising=False)
    tests = vars(made("tests/unit/loaders/test_formats_dnsmasq.py"))
    functions = [one for name, one in tests.items() if name.startswith("test_")]
    assert len(functions) == 2
    for function in functions:
        function()


def test_the_kind_of_the_example_has_the_verbs_of_a_kind(monkeypatch) -> None:
    """And they work, given its line in ``Kind`` and its reason."""
    module = made("blacklist/identifiers/coin.py")
    monkeypatch.setitem(REASONS, "not_a_coin", "…")
    module.Kind = SimpleNamespace(COIN="coin")
    verbs = {name for name in vars(KindModule) if not name.startswith("_")}
    assert verbs <= set(vars(module))
    assert (module.claims(ADDRESS), module.claims(ADDRESS + "0")) == (True, False)
    (listed,) = module.list_as(ADDRESS, Hints())
    assert (listed.kind, listed.value) == ("coin", ADDRESS.lower())
    assert module.read(ADDRESS, Hints()).identifier == listed
