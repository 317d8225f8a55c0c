//! The host's network, and families without namespaces.

use super::Attack;

pub(super) const ATTACKS: &[Attack] = &[
    ("host-loopback", "socket.create_connection(('127.0.0.1', H['port']), 2); return True"),
    ("host-loopback-ipv6", "socket.create_connection(('::ffff:127.0.0.1', H['port']), 2); return True"),
    ("abstract-unix-socket", "s = socket.socket(socket.AF_UNIX); s.connect('\\0' + H['name']); return True"),
    ("raw-socket", "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); return True"),
    ("packet-socket", "socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3); return True"),
    ("other-interfaces", "return {n for _, n in socket.if_nameindex()} != {'lo'}"),
    ("any-route", "return len(open('/proc/self/net/route').readlines()) > 1"),
    (
        "metadata-169-254",
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('169.254.169.254', 80)); return True",
    ),
    ("dns-leak", "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('8.8.8.8', 53)); return True"),
    ("vsock-to-the-hypervisor", "return family(40)"),
    ("kernel-crypto", "return family(38)"),
    ("netlink-audit", "return family(16, 9)"),
    ("netlink-uevents", "return family(16, 15)"),
    (
        "low-port-of-the-host",
        "s = socket.socket(); s.bind(('0.0.0.0', 0)); return os.readlink('/proc/self/ns/net') == H['ns']['net']",
    ),
];
