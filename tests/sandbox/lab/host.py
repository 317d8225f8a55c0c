"""What the host shows of a platform: everything that could be left behind by a function."""

import contextlib
import os
import re
from collections import Counter
from pathlib import Path

NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")


def read(path):
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def link(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


def stat_of(pid):
    """(name, state, parent, when it started) or None."""
    text = read(f"/proc/{pid}/stat")
    if not text:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    return name, fields[0], int(fields[1]), int(fields[19])


def all_pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def descendants(root):
    """{pid: name} of everything below a process; zombies carry a `(dead)`."""
    known = {pid: stat for pid in all_pids() if (stat := stat_of(pid))}
    below, found = {root}, {}
    grown = True
    while grown:
        grown = False
        for pid, (name, state, parent, _) in known.items():
            if pid not in below and parent in below:
                below.add(pid)
                found[pid] = f"{name} (dead)" if state in "ZX" else name
                grown = True
    return found


def sandbox_of(name):
    """(init, the others that live) of a sandbox, told by its process namespace and numbered as the host does."""
    inits, others = [], []
    for pid in all_pids():
        if link(f"/proc/{pid}/ns/pid") == name and (stat := stat_of(pid)) and stat[1] not in "ZX":
            numbers = re.search(r"^NSpid:(.*)$", read(f"/proc/{pid}/status"), re.M)
            (inits if numbers and numbers.group(1).split()[-1] == "1" else others).append(pid)
    return inits[0] if inits else None, others


def seconds_of(pids):
    """Processor time that these processes have had."""
    times = [read(f"/proc/{pid}/stat").rpartition(") ")[2].split()[11:13] for pid in pids]
    return sum(int(ticks) for pair in times for ticks in pair) / os.sysconf("SC_CLK_TCK")


def group_mounts():
    """Where control groups are mounted, of either version: (mount point, controllers)."""
    found = []
    for line in read("/proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind in ("cgroup", "cgroup2"):
            found.append((before.split()[4], options))
    return found


def groups_of(pid):
    """{controller: folder} of a process; version 2 is called `unified`."""
    folders = {}
    points = group_mounts()
    for line in read(f"/proc/{pid}/cgroup").splitlines():
        _, names, path = line.split(":", 2)
        for point, options in points:
            found = {option for option in options.split(",")} & set(names.split(",")) if names else None
            if names and found and os.path.isdir(point + path):
                folders.update({name: point + path for name in found})
            elif not names and point.endswith(("unified", "/sys/fs/cgroup")) and os.path.isdir(point + path):
                folders["unified"] = point + path
    return folders


def groups_made_by(pid):
    """The folders of the control groups that a supervisor has made."""
    own = {*groups_of(pid).values(), *groups_of(os.getpid()).values(), *(point for point, _ in group_mounts())}
    above = {str(Path(folder).parent) for folder in own}
    places = [Path(folder) / "updraft" for folder in own | above]
    return sorted({str(entry) for place in places if place.is_dir() for entry in place.glob(f"{pid}-*")})


@contextlib.contextmanager
def preferred(pid):
    """What runs in a process's control group, which the platform has made, comes before all else on this host."""
    groups, before = groups_of(pid), {}
    for controller, name, most in (("cpu", "cpu.shares", "262144"), ("unified", "cpu.weight", "10000")):
        below, mark, own = groups.get(controller, "").partition("/updraft")
        files = [Path(below + mark, name), Path(below + mark + own, name)] if mark else []
        before.update({file: (file.read_text(), most) for file in files if file.exists()})
    try:
        for file, (_, most) in before.items():
            file.write_text(most)
        yield
    finally:
        for file, (text, _) in before.items():
            with contextlib.suppress(OSError):
                file.write_text(text)


def frozen(pid):
    """Whether a process can't run: its control group is frozen, or it is stopped, or dead."""
    groups = groups_of(pid)
    if "freezer" in groups and read(f"{groups['freezer']}/freezer.state").strip() == "FROZEN":
        return True
    if "frozen 1" in read(f"{groups.get('unified', '/none')}/cgroup.events"):
        return True
    stat = stat_of(pid)
    return not stat or stat[1] in "TZX"


def peak_memory(pid):
    """Bytes, of the control group that a process is in; None where nobody counts."""
    groups = groups_of(pid)
    text = read(f"{groups.get('memory', '/none')}/memory.max_usage_in_bytes") or read(f"{groups.get('unified', '/none')}/memory.peak")
    return int(text) if text.strip() else None


def descriptors(pid, port):
    """How many of each kind a process has open; without files, and without the connections of `port`'s clients."""
    ours = _sockets_of(pid, port)
    counted = Counter()
    for name in os.listdir(f"/proc/{pid}/fd"):
        to = link(f"/proc/{pid}/fd/{name}")
        if to and not to.startswith("/") and to not in ours:
            counted[re.sub(r"[:\[].*", "", to) if not to.startswith("anon_inode") else to] += 1
    return counted


def _sockets_of(pid, port):
    found = set()
    for table in ("tcp", "tcp6"):
        for line in read(f"/proc/{pid}/net/{table}").splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found


def files(data):
    """What lies in a data folder, but for the store's and the blobs' own files and whole packages."""
    data = Path(data)
    skipped = {data / "store", data / "blobs"}
    found = []
    for folder, names, leaves in os.walk(data):
        here = Path(folder)
        names[:] = [name for name in names if here / name not in skipped and not re.fullmatch("(layers-)?[0-9a-f]{64}", name)]
        found += [str((here / name).relative_to(data)) for name in names + leaves]
    return Counter(found)


def mounts(pid):
    """Where something is mounted in a process's view."""
    return Counter(line.split()[4] for line in read(f"/proc/{pid}/mountinfo").splitlines() if line)


class Traces:
    """Everything that one platform has on this host at one moment."""

    def __init__(self, platform):
        pid = platform.process.pid
        below = descendants(pid)
        self.counted = {
            "processes": Counter(below.values()),
            "control groups": Counter({"of sandboxes": len(groups_made_by(pid))}),
            "namespaces": namespaces(pid, below),
            "mounts": mounts(pid),
            "descriptors": descriptors(pid, platform.port),
            "files": files(platform.data),
        }

    def beyond(self, before):
        """What there is more than before, in words; nothing if nothing is left."""
        more = []
        for kind, counted in self.counted.items():
            surplus = counted - before.counted[kind]
            more += [f"{kind}: {count} more of {name}" for name, count in surplus.items()]
        return more


def namespaces(root, pids):
    """How many of each kind belong to sandboxes."""
    seen = {kind: {link(f"/proc/{pid}/ns/{kind}") for pid in pids} - {"", link(f"/proc/{root}/ns/{kind}")} for kind in NAMESPACES}
    return Counter({kind: len(found) for kind, found in seen.items()})
