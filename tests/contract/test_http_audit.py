"""The audit trail of a real service: who asked what, for which purpose, and what was answered."""

import json
import os
import resource
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from blacklist.audit.files import is_being_written
from browsing import Browser

JSON = {"Content-Type": "application/json"}
CLEAN = "/v1/check?value=clean.example"
POLICY = """
title = "Say why"
otherwise = "allow"
purpose = true
"""

ASKED = (
    "clean.example",
    "vn-bank.example",
    "+447700900123",
    "07700 900124",
    "970436/0000000000001",
)
"""What is asked here; no part of any may stand in a file of the trail."""


class Audited(NamedTuple):
    """A service that keeps a trail, and how to make keys and read the trail."""

    service: Any
    create: Callable[..., dict[str, str]]
    export: Callable[..., list[dict[str, Any]]]

    @property
    def folder(self) -> Path:
        """Where the trail is."""
        return self.service.data_dir / "audit"


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def bearer(key: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {key['key']}"}


def items(*values: str) -> bytes:
    return json.dumps({"items": [{"value": one, "ref": f"ref-{one}"} for one in values]}).encode()


def workers_of(service: Any) -> list[int]:
    """The processes that answer: children of the one that was started."""
    listed = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text()
    return [int(one) for one in listed.split()]


def make(run, service: Any) -> Audited:
    def create(*arguments: str) -> dict[str, str]:
        done = run(
            service.data_dir,
            *("keys", "create", "--name", "A bank", "--json", *arguments),
            BLACKLIST_POLICIES=str(service.data_dir / "policies"),
        )
        assert done.returncode == 0, done.stderr
        made: dict[str, str] = json.loads(done.stdout)
        return made

    def export(*arguments: str) -> list[dict[str, Any]]:
        period = ("--from", "2026-01-01", "--to", "2999-01-01")
        done = run(service.data_dir, "audit", "export", *period, "--json", *arguments)
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    return Audited(service, create, export)


@pytest.fixture(scope="module")
def audited(run, module_service, tmp_path_factory) -> Audited:
    folder = tmp_path_factory.mktemp("policies")
    (folder / "why.toml").write_text(POLICY)
    service = module_service(BLACKLIST_POLICIES=str(folder))
    (service.data_dir / "policies").symlink_to(folder)
    return make(run, service)


def find(audited: Audited, eventually, answer: Any, *arguments: str) -> dict[str, Any]:
    """The one line about an answered request, once it is written."""
    request_id = answer.headers["x-request-id"]
    found: list[dict[str, Any]] = []

    def is_written() -> bool:
        found[:] = [one for one in audited.export(*arguments) if one.get("id") == request_id]
        return bool(found)

    eventually(is_written, 5)
    (line,) = found
    return line


def test_who_asked_what_and_why(audited: Audited, eventually) -> None:
    """A batch is one line: its key, its purpose, what was answered; the thing by its pseudonym."""
    key = audited.create()
    headers = JSON | bearer(key) | {"X-Purpose": "transfer"}
    body = items("clean.example", "vn-bank.example", "+447700900199", "!")
    answer = audited.service.request("POST", "/v1/check", body, headers)
    line = find(audited, eventually, answer, "--caller", key["id"])
    assert (line["caller"], line["purpose"]) == (key["id"], "transfer")
    assert (line["endpoint"], line["status"]) == ("POST /v1/check", 200)
    assert line["counts"] == {"no_record": 2, "listed": 1, "error": 1}
    assert [one[0] for one in line["items"]] == ["no_record", "listed", "no_record"]
    assert "address" not in line
    again = audited.service.request("GET", CLEAN, None, bearer(key))
    assert find(audited, eventually, again)["items"][0][1] == line["items"][0][1]


def test_without_a_key_an_address_is_a_pseudonym(audited: Audited, eventually) -> None:
    line = find(audited, eventually, audited.service.request("GET", CLEAN))
    assert line["caller"] == "public"
    assert "127.0.0.1" not in line["address"]


def test_of_a_session_the_person_is_told(audited: Audited, eventually) -> None:
    key = audited.create()
    body = json.dumps({"person": "counter 7"}).encode()
    opened = audited.service.request("POST", "/v1/session", body, JSON | bearer(key))
    cookie = {"Cookie": opened.headers["set-cookie"].partition(";")[0]}
    line = find(audited, eventually, audited.service.request("GET", CLEAN, None, cookie))
    assert (line["caller"], line["person"]) == (key["id"], "counter 7")


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("POST", "/v1/scan", b'{"text": "xem vn-bank.example, clean.example"}', 200),
        ("GET", "/v1/check?value=!", None, 400),
        ("GET", "/v1/check?other=1", None, 400),
    ],
)
def test_a_message_and_a_refusal_are_one_line(
    audited: Audited, eventually, method, target, body, status
) -> None:
    answer = audited.service.request(method, target, body, JSON)
    assert answer.status == status
    line = find(audited, eventually, answer)
    assert (line["status"], line["endpoint"]) == (status, f"{method} {target.partition('?')[0]}")
    if status == 200:
        assert line["counts"] == {"listed": 1, "no_record": 1}


def test_a_table_is_one_line_when_it_is_over(audited: Audited, eventually) -> None:
    key = audited.create()
    body = b"value\n" + b"clean.example\n" * 1_500 + b"vn-bank.example\n"
    headers = {"Content-Type": "text/csv"} | bearer(key)
    answer = audited.service.request("POST", "/v1/screen", body, headers)
    line = find(audited, eventually, answer, "--caller", key["id"])
    assert line["counts"] == {"no_record": 1_500, "listed": 1}
    assert len(line["items"]) == 1_000


def test_a_wrong_key_is_written_down(audited: Audited, eventually) -> None:
    header = {"Authorization": "Bearer bl_000000000000_" + "A" * 43}
    line = find(audited, eventually, audited.service.request("GET", CLEAN, None, header))
    assert (line["status"], line["caller"]) == (401, "public")


def test_health_is_not_written_down(run, start_service, quick_data_dir) -> None:
    service = start_service(quick_data_dir)
    for target in ("/healthz", "/readyz", "/", "/no-such-page"):
        service.request("GET", target)
    asked = service.request("GET", CLEAN).headers["x-request-id"]
    service.interrupt()  # a regular stop writes all there is
    assert [one["id"] for one in make(run, service).export()] == [asked]


def test_where_the_policy_demands_it_a_purpose_is_told(audited: Audited, eventually) -> None:
    """And only there."""
    asks_why, other = audited.create("--policy", "why"), audited.create()
    answer = audited.service.request("GET", CLEAN, None, bearer(asks_why))
    answer.problem(400, "no_purpose")
    assert find(audited, eventually, answer)["status"] == 400
    told = bearer(asks_why) | {"X-Purpose": "loan-check"}
    assert audited.service.request("GET", CLEAN, None, told).status == 200
    assert audited.service.request("GET", CLEAN, None, bearer(other)).status == 200
    assert audited.service.request("GET", "/readyz", None, bearer(asks_why)).status == 200


def test_a_page_tells_what_it_is_for(audited: Audited, eventually) -> None:
    """A browser's forms cannot send the header; a form's own field goes before the page's word."""
    browser = Browser(audited.service)
    assert browser.sign_in(audited.create("--policy", "why")["key"]).status == 303
    answers = {
        "transfer_check": browser.request("GET", "/counter"),
        "lookup": browser.send(browser.open("/"), "/", text="clean.example"),
        "loan-check": browser.send(
            browser.open("/"), "/", text="clean.example", purpose="loan-check"
        ),
    }
    for purpose, answer in answers.items():
        assert answer.status == 200
        assert find(audited, eventually, answer)["purpose"] == purpose
    wrong = browser.send(browser.open("/"), "/", text="clean.example", purpose="0900000123")
    assert wrong.status == 400


@pytest.mark.parametrize("text", ["transfer 0900000123", "0900000123", "x" * 33, "a.example", ""])
def test_a_purpose_is_a_word_and_names_nobody(audited: Audited, text: str) -> None:
    answer = audited.service.request("GET", CLEAN, None, {"X-Purpose": text})
    answer.problem(400, "bad_purpose")


def test_no_file_holds_what_was_asked(audited: Audited, eventually) -> None:
    """Neither identifiers, nor references, addresses, keys or messages, in any spelling asked."""
    key = audited.create()
    body = items(*ASKED)
    answer = audited.service.request("POST", "/v1/check", body, JSON | bearer(key))
    text = json.dumps({"text": " / ".join(ASKED)}).encode()
    audited.service.request("POST", "/v1/scan", text, JSON)
    find(audited, eventually, answer)
    find(audited, eventually, audited.service.request("GET", "/v1/check?value=" + ASKED[0]))
    files = [one for one in audited.folder.rglob("*") if one.is_file()]
    assert files
    digits = ("7700900123", "7700900124", "0000000000001")
    for path in files:
        content = path.read_text()
        raw = ("127.0.0.1", "ref-", key["key"].rpartition("_")[2], "example", *ASKED, *digits)
        assert not [one for one in raw if one in content], path


def test_the_trail_is_right_while_it_is_written(audited: Audited, run) -> None:
    audited.service.request("GET", CLEAN)
    done = run(audited.service.data_dir, "audit", "verify", "--json")
    assert (done.returncode, json.loads(done.stdout)["problems"]) == (0, [])


def test_a_changed_trail_ends_with_another_code(run, start_service, quick_data_dir) -> None:
    """And names the file and the line; a regular stop loses nothing of it before."""
    service = start_service(quick_data_dir)
    answers = [service.request("GET", CLEAN) for _ in range(40)]
    service.interrupt()
    ids = {one.headers["x-request-id"] for one in answers}
    found = make(run, service).export()
    assert ids == {one["id"] for one in found}
    assert run(quick_data_dir, "audit", "verify").returncode == 0
    path = next(iter((quick_data_dir / "audit").glob("*/*.ndjson")))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], *lines[2:]]))
    done = run(quick_data_dir, "audit", "verify")
    assert done.returncode == 4
    assert f"{path.name}, line 2: changed" in done.stdout


def test_a_killed_worker_loses_no_more_than_a_second(
    run, start_service, quick_data_dir, eventually
) -> None:
    """What was answered a second before is there, and nothing is broken."""
    service = start_service(quick_data_dir, BLACKLIST_WORKERS="1")
    (worker,) = workers_of(service)
    before = [service.request("GET", CLEAN).headers["x-request-id"] for _ in range(50)]
    audited = make(run, service)
    eventually(lambda: len(audited.export()) >= 1, 5)
    path = next(iter((quick_data_dir / "audit").glob("*/*.ndjson")))
    eventually(lambda: path.read_text().count('"request"') == 50, 1)
    after = [service.request("GET", CLEAN).headers["x-request-id"] for _ in range(3)]
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: worker not in workers_of(service), 5)
    ids = {one["id"] for one in audited.export()}
    assert set(before) <= ids <= {*before, *after}
    done = run(quick_data_dir, "audit", "verify", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["problems"], len(found["cut_off"])) == (0, [], 1)


def test_a_full_disk_stops_no_answer(run, start_service, quick_data_dir, eventually) -> None:
    """The worker may write no byte more; what is asked meanwhile is written when it may again."""
    service = start_service(quick_data_dir, BLACKLIST_WORKERS="1")
    (worker,) = workers_of(service)
    audited = make(run, service)
    first = find(audited, eventually, service.request("GET", CLEAN))
    size = resource.prlimit(worker, resource.RLIMIT_FSIZE)
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (1, size[1]))
    answers = [service.request("GET", CLEAN) for _ in range(50)]
    assert {one.status for one in answers} == {200}
    (path,) = (quick_data_dir / "audit").glob("*/*.ndjson")
    eventually(lambda: not is_being_written(path), 5)  # given up: it took nothing
    resource.prlimit(worker, resource.RLIMIT_FSIZE, size)
    find(audited, eventually, answers[-1])
    ids = [one["id"] for one in audited.export()]
    wanted = [one.headers["x-request-id"] for one in answers]
    assert ids == [first["id"], *wanted]
    assert json.loads(run(quick_data_dir, "audit", "verify", "--json").stdout)["problems"] == []


def test_the_trail_can_be_turned_off_and_put_elsewhere(
    run, start_service, quick_data_dir, tmp_path, eventually
) -> None:
    off = start_service(quick_data_dir, BLACKLIST_AUDIT="no")
    assert off.request("GET", CLEAN).status == 200
    off.interrupt()
    assert not (quick_data_dir / "audit").exists()
    elsewhere = tmp_path / "trail"
    service = start_service(quick_data_dir, BLACKLIST_AUDIT_DIR=str(elsewhere))
    service.request("GET", CLEAN)
    eventually(lambda: bool(list(elsewhere.glob("*/*.ndjson"))), 5)
    service.interrupt()
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    refused = start_service(quick_data_dir, ready=False, BLACKLIST_AUDIT_DIR=str(nowhere / "audit"))
    eventually(lambda: "BLACKLIST_AUDIT_DIR" in refused.complained, 20)
