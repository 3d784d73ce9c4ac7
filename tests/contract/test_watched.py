"""What whoever watches a service sees when its store stops, and what is left when it ends."""

import os
import signal
from pathlib import Path

from servers import server_pid


def metric(service, name: str) -> float:
    """A metric without labels; -1 where it is not told."""
    text = service.request("GET", "/metrics").body.decode()
    return next(
        (float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} ")), -1
    )


def test_a_store_that_stands_still_is_told_and_its_return_too(module_service, eventually) -> None:
    service = module_service()
    eventually(lambda: metric(service, "blacklist_workers") == 2, 5)
    pid = server_pid(service.data_dir)
    os.kill(pid, signal.SIGSTOP)
    try:
        eventually(lambda: metric(service, "blacklist_workers_in_trouble") == 2, 20)
        assert metric(service, "blacklist_store_up") == 0
        assert metric(service, "blacklist_filter_age_seconds") > 0.5
    finally:
        os.kill(pid, signal.SIGCONT)
    eventually(lambda: metric(service, "blacklist_workers_in_trouble") == 0, 20)
    assert metric(service, "blacklist_store_up") == 1
    told = [line for line in service.told() if line["event"].startswith("replica_")]
    by_worker = {
        pid: [one["event"] for one in told if one["pid"] == pid]
        for pid in {one["pid"] for one in told}
    }
    assert len(by_worker) == 2
    for events in by_worker.values():
        assert events[-2:] == ["replica_trouble", "replica_follows"]


def test_a_service_that_ended_leaves_no_counts(start_service, quick_data_dir) -> None:
    """Those of a start before would be added to those of the next."""
    folder = quick_data_dir / "tmp"
    folder.mkdir()
    service = start_service(quick_data_dir, TMPDIR=str(folder))
    assert [one.name for one in Path(folder).glob("blacklist-metrics-*/*.db")]
    assert service.interrupt() == 0
    assert list(folder.iterdir()) == []
