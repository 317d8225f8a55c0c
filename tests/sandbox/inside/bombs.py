"""Attempts to have more than one's share. They run in the function's own process, until something stops them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

MIB = 1 << 20


def memory(event):
    """Every page is written to: the kernel gives only what is touched."""
    return len(taken(event["mib"]))


def taken(mib):
    kept = []
    for _ in range(mib):
        kept.append(bytearray(os.urandom(4096)) * 256)
    return kept


def memory_of_many(event):
    """Several processes take it together; how much those hold that live when all are done."""
    share, children = event["mib"] // event["processes"], {}
    for _ in range(event["processes"]):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            kept = taken(share)
            os.write(writer, b"x")
            while kept:
                signal.pause()
        os.close(writer)
        children[pid] = reader
    done = {pid for pid, reader in children.items() if os.read(reader, 1)}
    living = {pid for pid in done if os.waitpid(pid, os.WNOHANG) == (0, 0)}
    for pid in living:
        os.kill(pid, signal.SIGKILL)
    return len(living) * share


def file(event):
    return written(os.open(event["path"], os.O_CREAT | os.O_WRONLY), event["mib"])


def memfd(event):
    return written(os.memfd_create("bomb"), event["mib"])


def written(fd, mib):
    """How much was written, and what stopped it."""
    block = os.urandom(4096) * 256
    for done in range(mib):
        try:
            os.write(fd, block)
        except OSError as err:
            return [done, err.strerror]
    return [mib, None]


def reserve(event):
    """Every folder that can be written to is filled; what each took in MiB."""
    took = {}
    for folder in event["folders"]:
        path = f"{folder}/bomb"
        try:
            fd = os.open(path, os.O_CREAT | os.O_WRONLY)
        except OSError as err:
            took[folder] = err.strerror
            continue
        took[folder] = 0
        try:
            while took[folder] < event["mib"]:
                os.posix_fallocate(fd, took[folder] * MIB, 8 * MIB)
                took[folder] += 8
        except OSError:
            pass
        os.unlink(path)
        os.close(fd)
    return took


def inodes(event):
    os.makedirs(event["folder"], exist_ok=True)
    return native(event, "inodes", event["folder"])


def descriptors(event):
    """Opens files, also with the limit raised if that can be done."""
    import resource

    refused = None
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (event["count"] + 100, event["count"] + 100))
    except (ValueError, OSError) as err:
        refused = type(err).__name__
    opened = []
    try:
        while len(opened) < event["count"]:
            opened.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as err:
        return [len(opened), err.strerror, refused]
    finally:
        for fd in opened:
            os.close(fd)
    return [len(opened), None, refused]


def forks(event):
    """How many children can live at the same time."""
    return native(event, "forks")


def native(event, *args):
    """A count, and what stopped it."""
    told = subprocess.run([event["native"], *args, str(event["count"])], capture_output=True, text=True).stdout.strip()
    count, _, why = told.partition(" ")
    return [int(count), why or None]


def threads(event):
    threading.stack_size(64 << 10)
    started = 0
    over = threading.Event()
    try:
        while started < event["count"]:
            threading.Thread(target=over.wait, daemon=True).start()
            started += 1
    except RuntimeError as err:
        return [started, str(err)]
    finally:
        over.set()
    return [started, None]


def spin(event):
    """Processor seconds that several processes get in a time."""
    until = time.monotonic() + event["seconds"]
    pids = []
    for _ in range(event["processes"]):
        pid = os.fork()
        if pid == 0:
            while time.monotonic() < until:
                pass
            os._exit(0)
        pids.append(pid)
    began = time.monotonic()
    for pid in pids:
        os.waitpid(pid, 0)
    used = os.times()
    return (used.children_user + used.children_system) / max(event["seconds"], time.monotonic() - began)


def log(event):
    line = "x" * 1023
    for _ in range(event["mib"] * 1024):
        print(line)
    return event["mib"]


def response(event):
    return "x" * event["bytes"]


BOMBS = {
    "descriptors": descriptors,
    "file": file,
    "forks": forks,
    "inodes": inodes,
    "log": log,
    "memfd": memfd,
    "memory": memory,
    "memory-of-many": memory_of_many,
    "reserve": reserve,
    "response": response,
    "spin": spin,
    "threads": threads,
}


def main(argv):
    """The control: `bombs.py EVENT`."""
    event = json.loads(argv[1])
    said = BOMBS[event["bomb"]](event)
    sys.stderr.write(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv)
