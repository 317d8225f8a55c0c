"""Run as a program: makes a machine's network with an internet behind it, and runs a command on that machine.

    internet.py FOLDER PORT [--without-tun] -- COMMAND...

The machine is a network namespace, and the internet is another; nothing leaves them. Only PORT of the loopback where this
is run leads to the same port of the machine's. Who is visited is written to FOLDER/visits. Takes root, or a host on which
everybody may make user namespaces.
"""

import ctypes
import os
import select
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import resolver
import servers

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x20000, 0x10000000, 0x40000000
TUN = "/dev/net/tun"
LIBC = ctypes.CDLL(None, use_errno=True)

# The machine has a private address, as behind a router, and public ones, with neighbours.
MACHINE = ("10.99.0.2/24", "11.1.0.2/24", "2e00:1::2/64")
ROUTER = ("10.99.0.1/24", "11.1.0.1/24", "2e00:1::1/64")
# Of servers that everybody may reach, of networks behind the router, and of what clouds tell their machines.
PUBLIC = ("11.0.0.10/32", "2e00::10/128")
PRIVATE = ("192.168.7.7/32", "172.16.5.5/32", "100.64.0.9/32", "fd12::7/128", "64:ff9b:1::7/128")
SECRET = ("169.254.169.254/32", "169.254.170.2/32", "168.63.129.16/32", "fd00:ec2::254/128")
# Nobody can get there, and packets get lost.
UNREACHABLE, LOST = "11.0.0.98", "11.0.0.99"


def ip(*words):
    subprocess.run(["ip", *words], check=True, timeout=20)


def unshare(what):
    if LIBC.unshare(what) != 0:
        sys.exit(f"unshare: {os.strerror(ctypes.get_errno())}")


def mount(source, target, *options):
    subprocess.run(["mount", *options, str(source), str(target)], check=True, timeout=20)


def enter():
    """A network and mounts of its own; without root, as root of a user namespace. Answers how to be oneself again."""
    user, group = os.geteuid(), os.getegid()
    unshare(CLONE_NEWNET | CLONE_NEWNS | (CLONE_NEWUSER if user else 0))
    if user:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            Path("/proc/self", name).write_text(text)
    mount("none", "/", "--make-rprivate")
    return ("unshare", "--user", f"--map-user={user}", f"--map-group={group}") if user else ()


def beside(work):
    """Runs it in a process that ends with this one; waits until it says that it is ready."""
    heard, told = os.pipe()
    pid = os.fork()
    if pid:
        os.close(told)
        if os.read(heard, 1) != b".":
            sys.exit("the internet could not be made")
        os.close(heard)
        return pid
    os.close(heard)
    # A signal at its death doesn't come from one who has given up the rights of root.
    parent = os.pidfd_open(os.getppid())
    try:
        work(lambda: os.write(told, b"."))
        select.select([parent], [], [])
    finally:
        os._exit(1)


def has_6():
    return os.path.exists("/proc/net/if_inet6")


def address(of, device):
    if ":" not in of:
        ip("address", "add", of, "dev", device)
    elif has_6():
        ip("-6", "address", "add", of, "dev", device, "nodad")


def internet(folder):
    def work(ready):
        unshare(CLONE_NEWNET)
        ready()
        # The machine puts the cable in.
        servers.until(lambda: "net0:" in Path("/proc/net/dev").read_text())
        ip("link", "set", "lo", "up")
        ip("link", "set", "net0", "up")
        for one in ROUTER:
            address(one, "net0")
        for one in (*PUBLIC, *PRIVATE, *SECRET):
            address(one, "lo")
        visits = servers.Visits(folder / "visits")
        servers.serve_all(visits)
        resolver.serve(visits)
        (folder / "up").touch()

    return work


def machine(folder, listener, port):
    def work(ready):
        visits = servers.Visits(folder / "visits")
        servers.serve_pages(visits, servers.MACHINE_PORT)
        servers.answer_datagrams(servers.MACHINE_PORT, servers.echo(visits))
        threading.Thread(target=servers.lead, args=(listener, ("127.0.0.1", port)), daemon=True).start()
        ready()

    return work


def connect(pid):
    ip("link", "set", "lo", "up")
    ip("link", "add", "up0", "type", "veth", "peer", "name", "net0")
    ip("link", "set", "net0", "netns", str(pid))
    ip("link", "set", "up0", "up")
    for one in MACHINE:
        address(one, "up0")
    ip("route", "add", "default", "via", "10.99.0.1")
    ip("route", "add", "unreachable", UNREACHABLE)
    if has_6():
        ip("-6", "route", "add", "default", "via", "2e00:1::1")


def tun(folder, wanted):
    """Everybody may use it, as it is where systemd sets hosts up; or nobody."""
    if not wanted:
        mount("none", "/dev/net", "-t", "tmpfs")
    elif os.geteuid() == 0 and os.path.exists(TUN) and os.stat(TUN).st_mode & 0o006 != 0o006:
        own = folder / "tun"
        if not own.exists():
            os.mknod(own, stat.S_IFCHR | 0o666, os.stat(TUN).st_rdev)
        os.chmod(own, 0o666)
        mount(own, TUN, "--bind")


def main(folder, port, *words):
    options, command = words[: words.index("--")], words[words.index("--") + 1 :]
    folder, port = Path(folder), int(port)
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    (folder / "up").unlink(missing_ok=True)
    (folder / "resolv.conf").write_text("nameserver 10.99.0.1\n")
    oneself = enter()
    mount(folder / "resolv.conf", "/etc/resolv.conf", "--bind")
    tun(folder, "--without-tun" not in options)
    connect(beside(internet(folder)))
    beside(machine(folder, listener, port))
    listener.close()
    servers.until((folder / "up").exists)
    command = [*oneself, *command]
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
