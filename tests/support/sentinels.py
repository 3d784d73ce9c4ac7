"""A real primary with replicas under three Sentinels, on loopback ports, for tests."""

from pathlib import Path

import redis

from blacklist.store.embedded import find_server
from cluster import call, role, wait_until
from processes import DURABLE, Process

SERVICE = "lists"
DOWN_MILLISECONDS = 1_000
SENTINELS = 3


class Watched:
    """A primary, its replicas and three Sentinels that replace it when it is down."""

    def __init__(self, folder: Path, *, replicas: int = 1) -> None:
        binary = find_server()
        self.servers = [
            Process(binary, folder / f"server-{number}", **DURABLE, repl_diskless_sync_delay="0")
            for number in range(1 + replicas)
        ]
        self.sentinels: list[Process] = []
        for number in range(SENTINELS):
            place = folder / f"sentinel-{number}"
            place.mkdir(parents=True)
            settings = place / "sentinel.conf"
            settings.write_text(
                f"sentinel monitor {SERVICE} 127.0.0.1 {self.servers[0].port} 2\n"
                f"sentinel down-after-milliseconds {SERVICE} {DOWN_MILLISECONDS}\n"
                f"sentinel failover-timeout {SERVICE} 5000\n"
            )
            self.sentinels.append(Process(binary, place, str(settings), "--sentinel"))

    @property
    def url(self) -> str:
        """Its address, by all Sentinels."""
        places = ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels)
        return f"redis+sentinel://{places}/{SERVICE}"

    def start(self) -> None:
        """Start everything, and wait until the Sentinels know each other and the replicas."""
        primary, *replicas = self.servers
        for server in self.servers:
            server.start()
        for replica in replicas:
            call(replica, "REPLICAOF", "127.0.0.1", primary.port)
        wait_until(lambda: len(call(primary, "ROLE")[2]) == len(replicas), "no replica follows")
        for sentinel in self.sentinels:
            sentinel.start()
        wait_until(self._is_watched, "the Sentinels do not see everything")

    def end(self) -> None:
        """Kill everything."""
        for one in (*self.sentinels, *self.servers):
            one.kill()

    def primary(self) -> Process:
        """The server that the Sentinels name and that says so itself."""
        with self.sentinels[0].client() as client:
            _, port = client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        server = next(one for one in self.servers if one.port == int(port))
        assert role(server) == "master"
        return server

    def _is_watched(self) -> bool:
        for sentinel in self.sentinels:
            with sentinel.client() as client:
                try:
                    state = client.sentinel_master(SERVICE)
                except redis.RedisError:
                    return False
            if state["num-other-sentinels"] < SENTINELS - 1:
                return False
            if state["num-slaves"] < len(self.servers) - 1:
                return False
        return True
