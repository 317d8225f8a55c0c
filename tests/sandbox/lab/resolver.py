"""The internet's resolver: a few names, some of which stand for places that functions must not reach."""

import ipaddress
import struct

import servers

A, AAAA = 1, 28
UNKNOWN = 3
NAMES = {
    "far.example": ("11.0.0.10", "2e00::10"),
    "four.example": ("11.0.0.10",),
    "six.example": ("2e00::10",),
    "private.example": ("192.168.7.7", "fd12::7"),
    "router.example": ("10.99.0.1",),
    "me.example": ("10.99.0.2", "2e00:1::2"),
    "loop.example": ("127.0.0.1", "::1"),
    "secrets.example": ("169.254.169.254", "fd00:ec2::254"),
    "mapped.example": ("::ffff:192.168.7.7",),
    # More than fits a datagram: asked for by a connection then.
    "many.example": tuple(f"11.0.1.{last}" for last in range(200)) + ("11.0.0.10",),
}
# Public when it is asked for first, and then not.
TURNING = "turning.example"
LARGEST = 512


class Resolver:
    def __init__(self):
        self.asked = 0

    def addresses(self, name):
        if name != TURNING:
            return NAMES.get(name)
        self.asked += 1
        return ("11.0.0.10",) if self.asked == 1 else ("192.168.7.7",)

    def answer(self, question, whole):
        """`whole`: however long it becomes."""
        at, labels = 12, []
        while length := question[at]:
            labels.append(question[at + 1 : at + 1 + length].decode())
            at += 1 + length
        (kind,) = struct.unpack_from(">H", question, at + 1)
        asked = question[12 : at + 5]
        found = self.addresses(".".join(labels).lower()) if kind in (A, AAAA) else ()
        rows = [row for one in found or () if (row := self._row(one, kind))]
        flags = 0x8180 | (UNKNOWN if found is None else 0)
        said = question[:2] + struct.pack(">HHHHH", flags, 1, len(rows), 0, 0) + asked + b"".join(rows)
        if len(said) <= LARGEST or whole:
            return said
        return question[:2] + struct.pack(">HHHHH", flags | 0x0200, 1, 0, 0, 0) + asked

    @staticmethod
    def _row(text, kind):
        packed = ipaddress.ip_address(text).packed
        fits = len(packed) == (4 if kind == A else 16)
        return fits and struct.pack(">HHHIH", 0xC00C, kind, 1, 0, len(packed)) + packed


def serve(visits):
    resolver = Resolver()

    def answer_stream(stream):
        (length,) = struct.unpack(">H", servers.exactly(stream, 2))
        said = resolver.answer(servers.exactly(stream, length), True)
        stream.sendall(struct.pack(">H", len(said)) + said)
        visits.note("dns by a connection", stream.getsockname())

    servers.answer_datagrams(53, lambda question, _: resolver.answer(question, False))
    servers.serve(53, answer_stream)
