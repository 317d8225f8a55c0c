"""Several nodes of one platform: the real binary, started more than once on one PostgreSQL and one folder of blobs."""

import time

from . import raw
from .platform import Platform
from .wait import wait_until


class Fleet:
    """Nodes named a, b, c, … The store's URL is the nodes' own to use; `options` go to each of them."""

    def __init__(self, folder, store, size=3, options=()):
        self.store = store
        self.nodes = [self._node(folder, name, options) for name in "abcdefgh"[:size]]

    def _node(self, folder, name, options):
        places = ["--store", self.store, "--blobs", str(folder / "blobs"), "--node-name", name]
        node = Platform(folder / name, extra=[*places, *options])
        node.name = name
        return node

    def start(self):
        """All at once: they must not get into each other's way, also when they find an empty database."""
        for node in self.nodes:
            node.spawn()
        for node in self.nodes:
            node.await_ready()
        self.await_shares()
        return self

    def stop(self):
        for node in self.nodes:
            node.stop()

    @property
    def urls(self):
        return [node.url for node in self.nodes]

    def running(self):
        return [node for node in self.nodes if node.process and node.alive()]

    def any(self):
        return self.running()[0]

    def others(self, node):
        return [other for other in self.nodes if other is not node]

    def seen_by(self, node):
        """{name: what is told of it}, of the nodes that are not dead."""
        answer = raw.request(node.url, path="/_updraft/nodes", seconds=10)
        assert answer.status == 200, answer.text
        listed = answer.json()["nodes"]
        return {one["name"]: one for one in listed if one["state"] not in ("dead", "gone")}

    def leases(self, node):
        """{name: how many leases it has}, of the living."""
        return {name: one["leases"] for name, one in self.seen_by(node).items()}

    def await_shares(self, seconds=30.0):
        """Waits until every running node has its part of the work; how many leases there are altogether."""
        running = self.running()

        def shared():
            leases = self.leases(running[0])
            return leases if set(leases) == {node.name for node in running} and all(leases.values()) else None

        return sum(wait_until(shared, seconds, "each node's share of the work").values())

    def await_takeover(self, victim, total, seconds=30.0):
        """From now on, until others have all of the victim's leases: how long that took, in seconds."""
        began = time.monotonic()
        observer = next(node for node in self.running() if node is not victim)

        def taken():
            leases = self.leases(observer)
            return victim.name not in leases and sum(leases.values()) >= total

        wait_until(taken, seconds, f"that others take over from {victim.name}")
        return time.monotonic() - began
