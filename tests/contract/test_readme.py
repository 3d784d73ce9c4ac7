"""What the two READMEs say is what the program does."""

import json
import os
import re
import sys
from dataclasses import MISSING, fields
from urllib.parse import urlencode, urlsplit

import click
import pytest
from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.config import Config

from blacklist import items
from blacklist.cli import cli, exits
from blacklist.config import PREFIX, Settings
from blacklist.model import Level, Match, MatchView, Outcome, Verdict
from blacklist.scan import MAX_CHARACTERS, Scan
from blacklist.screening.cells import VERDICT_COLUMNS
from blacklist.screening.lines import MAX_LINE_BYTES
from blacklist.store import durability, embedded
from blacklist.web import api
from blacklist.web.server import gunicorn_settings
from documents import blocks, broken_links, commands, read, table, words
from servers import ROOT

READMES = ("README.md", "README.vi.md")
ENGLISH, VIETNAMESE = map(read, READMES)
DOCUMENTS = (
    *READMES,
    *("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"),
    *("docs/design.md", "docs/measurements.md", "docs/private-lookups.md", "docs/reasons.md"),
    "docs/security.md",
)

_MOMENTARY = re.compile(
    r'"(since|expires|last_seen|position|age_ms|oldest_s)": *("[^"]*"|\d+|null)'
)
"""What differs from one moment to the next; the sample's links are listed when they are loaded.

A worker that has just begun has no position yet.
"""


def shown_exchanges():
    """Each curl command with the JSON document that stands below it."""
    pattern = r"```sh\n(curl .*?)```\n\n```json\n(.*?)```"
    return [
        (commands(f"```sh\n{command}```\n")[0], answer)
        for command, answer in re.findall(pattern, ENGLISH, re.DOTALL)
    ]


def ask_as_curl(service, arguments):
    """Send what a curl command line would send."""
    data, headers, by_get, address = [], {}, False, ""
    rest = iter(arguments[1:])
    for argument in rest:
        if argument in {"-d", "--data-urlencode"}:
            data.append(next(rest))
        elif argument == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif argument == "-G":
            by_get = True
        else:
            address = argument
    url = urlsplit(address)
    assert (url.scheme, url.netloc) == ("http", Settings().bind)
    target = f"{url.path}?{url.query}" if url.query else url.path
    if by_get:
        target += "?" + urlencode(dict(part.split("=", 1) for part in data))
    body = None if by_get or not data else data[0].encode()
    return service.request("POST" if body else "GET", target, body, headers)


def momentless(document):
    """The text of a JSON document without what differs from one moment to the next."""
    return _MOMENTARY.sub(r'"\1": 0', json.dumps(json.loads(document)))


def our_commands(text):
    """The arguments of every ``blacklist`` command line of a README."""
    return [one[1:] for one in commands(text) if one[0].endswith("blacklist")]


@pytest.mark.parametrize(
    ("arguments", "shown"), shown_exchanges(), ids=lambda one: str(one[-1])[:30]
)
def test_every_answer_shown_is_the_services_answer(service, arguments, shown) -> None:
    """Byte for byte of its JSON, but for times, ages and positions."""
    answer = ask_as_curl(service, arguments)
    assert momentless(shown) == momentless(answer.body)


def test_a_link_an_account_a_phone_and_an_error_are_shown() -> None:
    """And an answer stands below every question."""
    shown = [json.loads(answer) for _, answer in shown_exchanges()]
    assert len(shown) == ENGLISH.count("\ncurl ")
    results = [result for one in shown for result in one.get("results", [one])]
    kinds = [result["identifiers"][0]["kind"] for result in results if "identifiers" in result]
    assert kinds == ["link", "account", "phone"]
    assert results[-1]["suspicious"] is None


def test_the_settings_table_is_the_settings() -> None:
    """Name, default where it is a constant, and meaning, in the order of the fields."""
    rows = table(ENGLISH, "variable", "default", "meaning")
    expected = [one.metadata["help"] for one in fields(Settings)]
    assert [meaning for _, _, meaning in rows] == expected
    assert_defaults(rows)


def test_the_vietnamese_settings_table_has_the_same_settings() -> None:
    """Names and defaults; the meanings are in Vietnamese."""
    assert_defaults(table(VIETNAMESE, "biến", "mặc định", "ý nghĩa"))


def assert_defaults(rows) -> None:
    """Compare the names and the constant defaults of a table with the fields."""
    known = fields(Settings)
    assert [name for name, _, _ in rows] == [f"`{PREFIX}{one.name.upper()}`" for one in known]
    for one, (_, default, _) in zip(known, rows, strict=True):
        if one.default in {None, ()}:
            assert not words(default)
        elif one.default is not MISSING:
            flags = {"True": "yes", "False": "no"}
            shown = flags.get(str(one.default), one.default)
            assert default == f"`{shown}`"


@pytest.mark.parametrize("text", [ENGLISH, VIETNAMESE], ids=READMES)
def test_every_command_line_is_understood(text) -> None:
    """By the program's own parser, which runs nothing here."""
    lines = our_commands(text)
    assert len(lines) >= 10
    for arguments in lines:
        context = cli.make_context("blacklist", list(arguments))
        name, command, rest = cli.resolve_command(context, list(arguments))
        while isinstance(command, click.Group):
            context = click.Context(command, info_name=name, parent=context)
            name, command, rest = command.resolve_command(context, rest)
        assert command is not None
        assert command.make_context(name, rest, parent=context).params


def program_commands() -> dict[str, click.Command]:
    """The program's commands by name, in its own order."""
    context = click.Context(cli)
    found = {name: cli.get_command(context, name) for name in cli.list_commands(context)}
    assert all(found.values())
    return found


def all_commands() -> list[click.Command]:
    """The program's commands, those of groups too."""
    found = list(program_commands().values())
    groups = [one for one in found if isinstance(one, click.Group)]
    return found + [one for group in groups for one in group.commands.values()]


def test_the_table_of_commands_is_the_commands() -> None:
    """All of them and no other."""
    rows = table(ENGLISH, "command", "what it does")
    assert [words(name)[0].split()[0] for name, _ in rows] == list(program_commands())


def test_every_option_named_exists() -> None:
    """In the text around the command lines, too."""
    known = {option for one in all_commands() for of in one.params for option in of.opts}
    known |= {"--preload", "--version", "--quick"} | {
        word for one in commands(ENGLISH) for word in one
    }
    for text in (ENGLISH, VIETNAMESE):
        named = {one.split()[0] for one in words(text) if one.startswith("--")}
        assert named <= known


def test_the_harmless_commands_run(service, run, shared_data_dir) -> None:
    """On the sample, beside the running service."""
    done = {
        arguments[0]: run(shared_data_dir, *arguments).returncode
        for arguments in our_commands(ENGLISH)
        if arguments[0] in {"check", "scan", "sources", "status"}
    }
    assert done == {"check": exits.LISTED, "scan": exits.LISTED, "sources": 0, "status": 0}


def test_the_list_shown_loads_as_shown(run, quick_data_dir, tmp_path) -> None:
    """The dry run foretells the sums of the load; both are those of the README."""
    feed = tmp_path / "scam-accounts.csv"
    feed.write_text(blocks(ENGLISH, "csv")[0], "utf-8")
    shown = next(one for one in blocks(ENGLISH, "text") if "rows =" in one)
    told, done = (
        run(quick_data_dir, *[str(feed) if word == feed.name else word for word in arguments])
        for arguments in our_commands(ENGLISH)
        if feed.name in arguments
    )
    assert (told.returncode, done.returncode) == (0, 0)
    assert timeless(done.stdout) == timeless(shown)
    assert timeless(told.stdout) == timeless(shown).replace("loaded", "would load", 1)
    assert "Không Ai" not in done.stdout


def timeless(text):
    """A report without how long it took."""
    return re.sub(r"in [\d.]+ s", "in … s", text)


@pytest.mark.parametrize(
    ("text", "header"), [(ENGLISH, ("code", "meaning")), (VIETNAMESE, ("mã", "ý nghĩa"))]
)
def test_the_table_of_exit_codes_is_the_exit_codes(text, header) -> None:
    """Those of exits.py, and 1 for a crash."""
    codes = [value for name, value in vars(exits).items() if name.isupper()]
    assert [int(code) for code, _ in table(text, *header)] == sorted([1, *codes])


def test_every_field_of_a_result_is_explained() -> None:
    """In the order in which it comes."""
    rows = table(ENGLISH, "field", "meaning")
    assert [words(name)[0] for name, _ in rows] == list(Verdict.__struct_fields__)
    of_a_match = ENGLISH.split("Of a match: ")[1].split("Times are")[0]
    assert words(of_a_match) == list(MatchView.__struct_fields__)


@pytest.mark.parametrize(
    ("text", "header"),
    [(ENGLISH, ("field of a scan", "meaning")), (VIETNAMESE, ("trường của scan", "ý nghĩa"))],
    ids=READMES,
)
def test_every_field_of_a_scan_is_explained(text, header) -> None:
    """In the order in which it comes."""
    named = [name for cell, _ in table(text, *header) for name in words(cell)]
    assert named == list(Scan.__struct_fields__)


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (ENGLISH, ("column of a screened table", "meaning")),
        (VIETNAMESE, ("cột của bảng đã rà", "ý nghĩa")),
    ],
    ids=READMES,
)
def test_every_column_of_a_screened_table_is_explained(text, header) -> None:
    """In the order in which it comes."""
    named = [name for cell, _ in table(text, *header) for name in words(cell)]
    assert named == list(VERDICT_COLUMNS)


@pytest.mark.parametrize(
    ("header", "translated", "enumeration"),
    [
        (("verdict", "meaning", "what to do"), ("kết quả", "ý nghĩa", "nên làm gì"), Outcome),
        (("level", "given when", "what to do"), ("mức độ", "khi nào", "nên làm gì"), Level),
        (("match", "the listed thing is"), ("cách trùng", "mục trong danh sách là"), Match),
    ],
)
def test_every_word_of_an_answer_is_explained(header, translated, enumeration) -> None:
    """Verdicts, levels and match kinds, in both languages."""
    for rows in (table(ENGLISH, *header), table(VIETNAMESE, *translated)):
        assert {words(row[0])[0] for row in rows} == set(enumeration)


def test_the_limits_are_those_of_the_service() -> None:
    """Items, length of a reference, age."""
    assert f"at most {api.MAX_ITEMS:,} items" in ENGLISH
    assert f"`ref` at most {items.MAX_REF_CHARACTERS} characters" in ENGLISH
    assert f"`max_age_s` (0 to {items.MAX_AGE_SECONDS:,})" in ENGLISH
    assert f"at most {MAX_CHARACTERS:,}\ncharacters" in ENGLISH
    assert f"{MAX_LINE_BYTES >> 10} KiB" in ENGLISH


def told_elsewhere(page, reason) -> str:
    """The status of a word that stands in another table of the page: of lists, or of tables."""
    headings = {"503": "What is noted about the lists", "400": "Why a table, or a row of it"}
    parts = {
        of: page.split(f"## {heading}")[1].split("\n## ")[0] for of, heading in headings.items()
    }
    return next((of for of, part in parts.items() if f"| `{reason}` |" in part), "")


def test_the_table_of_errors_names_documented_reasons_with_their_status() -> None:
    """docs/reasons.md, which is held equal to the code, has each of them under that status."""
    page = read("docs/reasons.md")
    statuses = {words(word)[0]: of for word, of, _ in table(page, "word", "status", "meaning")}
    for status, reasons, _ in table(ENGLISH, "status", "reason", "what to do"):
        for reason in words(re.sub(r"\[.*\]\(.*\)", "", reasons)):
            of = statuses.get(reason) or told_elsewhere(page, reason)
            assert set(status.split(", ")) & set(of.split(", ")), reason


def test_the_settings_for_your_own_server_are_those_of_ours() -> None:
    """The compact limits, and what a load requires."""
    shown = dict(
        line.split()
        for line in next(b for b in blocks(ENGLISH, "text") if "fsync" in b).split("\n")
        if line
    )
    assert shown.items() <= embedded._SETTINGS.items()
    assert shown.items() >= durability._REQUIRED.items()
    assert {name for name in embedded._SETTINGS if "listpack" in name} <= set(shown)


def test_the_gunicorn_command_is_what_serve_runs(monkeypatch) -> None:
    """As gunicorn itself reads it: command line, gunicorn.conf.py and the environment."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BLACKLIST_THREADS", "3")
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", [*sys.path])
    command = next(one for one in commands(ENGLISH) if one[0].endswith("gunicorn"))
    monkeypatch.setattr(sys, "argv", command)
    found = WSGIApplication(prog="gunicorn").cfg
    ours = gunicorn_settings(Settings.from_env())
    assert ours["threads"] == 3
    expected = Config()
    for name, value in ours.items():
        expected.set(name, value)
        assert found.settings[name].get() == expected.settings[name].get(), name


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_to_a_file_or_heading_leads_somewhere(name) -> None:
    """In every document."""
    assert broken_links(name) == []


def test_both_readmes_have_the_same_commands_and_answers() -> None:
    """And the same tables, row for row, in the words that are not translated."""
    assert commands(ENGLISH) == commands(VIETNAMESE)
    for language in ("json", "csv", "text", "ini"):
        assert blocks(ENGLISH, language) == blocks(VIETNAMESE, language)
    rows = [line for line in ENGLISH.splitlines() if line.startswith("|")]
    translated = [line for line in VIETNAMESE.splitlines() if line.startswith("|")]
    for row, translation in zip(rows, translated, strict=True):
        assert words(row.split("|")[1]) == words(translation.split("|")[1])
    assert ENGLISH.count("\n## ") == VIETNAMESE.count("\n## ")


def test_the_two_commands_stand_first() -> None:
    """Two sentences, then how to begin."""
    for text in (ENGLISH, VIETNAMESE):
        assert [one[0] for one in commands(text)[:2]] == ["scripts/serve", "scripts/test"]
        assert text.index("```sh") < 500
