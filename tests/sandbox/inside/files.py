"""Files of the host, of others, and of the platform."""

import ctypes
import glob
import os
import signal
import stat
import time

from frame import Absent, attempt
from calls import call

# What runtimes put old roots, and what people mount hosts at.
OLD_ROOTS = ("/.old_root", "/.oldroot", "/old_root", "/oldroot", "/.pivot_root", "/put_old", "/.put_old", "/host", "/rootfs", "/mnt")
DEVICES = ("mem", "port", "kvm", "kmsg", "fuse", "loop-control", "net/tun", "ptmx", "vhost-net", "mapper/control")
UP = "../" * 64


def content(path):
    with open(path, "rb") as file:
        return file.read(1 << 20)


def holds(path, text):
    return text.encode() in content(path)


def linked(to, at):
    os.symlink(to, at)
    try:
        return content(at)
    finally:
        os.unlink(at)


@attempt
def other_fn_tmp(bait):
    def look():
        folders = ["/tmp", "/var/tmp", "/dev/shm", *glob.glob("/proc/[0-9]*/root" + "/tmp"), *glob.glob("/tmp/*")]
        return [folder for folder in folders if os.path.isfile(f"{folder}/{bait['tmp_name']}")]

    return {"look": look}


@attempt
def other_fn_code(bait):
    def beside():
        task = os.path.realpath(bait["task"])
        around = glob.glob(f"{os.path.dirname(task)}/*/{bait['code_name']}") + glob.glob("/proc/[0-9]*/root" + f"/var/task/{bait['code_name']}")
        return [path for path in around if holds(path, bait["tmp_name"])]

    return {"by its path": lambda: content(bait["code_file"]), "beside its own": beside}


@attempt
def own_code_write(bait):
    task = bait["task"]
    main = f"{task}/main.py"

    def write(path, how):
        with open(path, how) as file:
            return file.write("# changed\n")

    def mode(path):
        os.chmod(path, 0o777)
        return True

    def rename():
        os.rename(main, f"{task}/moved.py")
        os.rename(f"{task}/moved.py", main)
        return True

    def time_stamp():
        os.utime(main, (1, 1))
        return True

    return {
        "change": lambda: write(main, "a"),
        "add": lambda: write(f"{task}/added.py", "w"),
        "rename": rename,
        "mode": lambda: mode(main),
        "mode of the folder": lambda: mode(task),
        "time stamp": time_stamp,
        "shortcut": lambda: write(f"/proc/self/root{task}/added.py", "w"),
    }


@attempt
def host_etc_shadow(bait):
    return {
        "open": lambda: content("/etc/shadow"),
        "by /proc": lambda: content("/proc/self/root/etc/shadow"),
        "by a link": lambda: linked("/etc/shadow", f"{bait['scratch']}/shadow"),
    }


@attempt
def host_home(bait):
    folder, name = os.path.split(bait["home_file"])
    return {"read": lambda: content(bait["home_file"]), "list": lambda: name in os.listdir(folder)}


def by_handle(path):
    """Opens a file by its number, past every folder that hides it: the mount is only named, never walked."""

    class Handle(ctypes.Structure):
        _fields_ = [("size", ctypes.c_uint), ("kind", ctypes.c_int), ("inode", ctypes.c_uint), ("more", ctypes.c_uint)]

    # Number 2 is the root of an ext file system, 128 that of an xfs; kind 1 is "inode and generation".
    mount = os.open(path, os.O_RDONLY)
    for inode in (2, 128):
        try:
            return call("open_by_handle_at", mount, ctypes.byref(Handle(8, 1, inode, 0)), os.O_RDONLY)
        except OSError as err:
            if err.errno not in (116, 95):  # Another file system.
                raise
    raise Absent("a file system without such handles")


@attempt
def server_data_dir(bait):
    secret = bait["secret"]
    return {
        "read": lambda: content(secret),
        "list": lambda: os.listdir(os.path.dirname(secret)),
        "by a link": lambda: linked(secret, f"{bait['scratch']}/secret"),
        "by handle": lambda: by_handle("/usr"),
    }


@attempt
def proc_1_root(bait):
    secret = bait["secret"]
    return {
        "init's root": lambda: os.listdir(f"/proc/{bait['init']}/root/"),
        "init's folder": lambda: os.listdir(f"/proc/{bait['init']}/cwd/"),
        "anybody's root": lambda: [p for p in glob.glob("/proc/[0-9]*/root") if os.path.exists(p + secret)],
        "its own root": lambda: os.path.exists("/proc/self/root" + secret),
    }


@attempt
def proc_self_exe_overwrite(bait):
    """The program of a process is opened by its name in /proc, and written to as soon as nothing runs it any more."""

    def overwrite(pid, disposable):
        opened = os.open(f"/proc/{pid}/exe", os.O_PATH)
        if disposable:
            os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 5
        while True:
            try:
                os.close(os.open(f"/proc/self/fd/{opened}", os.O_WRONLY))
                return True
            except OSError as err:
                if err.errno != 26 or not disposable or time.monotonic() > until:  # ETXTBSY
                    raise

    return {f"of {name}": lambda pid=pid: overwrite(pid, not bait["inside"]) for name, pid in bait["programs"].items()}


@attempt
def dotdot_after_pivot(bait):
    secret = bait["secret"].lstrip("/")

    def walk():
        os.chdir("/")
        os.chdir(UP)
        return content(secret)

    def chroot():
        """Leaves a root by an open folder above a second one."""
        above = os.open("/", os.O_RDONLY)
        os.mkdir(f"{bait['scratch']}/jail")
        try:
            os.chroot(f"{bait['scratch']}/jail")
            os.fchdir(above)
            os.chroot(UP)
            return content(secret)
        finally:
            os.rmdir(f"{bait['scratch']}/jail")

    return {
        "walk": walk,
        "by /proc": lambda: content(f"/proc/self/cwd/{UP}{secret}"),
        "by a link": lambda: linked(UP + secret, f"{bait['scratch']}/up"),
        "chroot": chroot,
    }


@attempt
def old_root_still_mounted(bait):
    secret = bait["secret"]

    def points():
        with open("/proc/self/mountinfo") as table:
            mounted = [line.split()[4] for line in table]
        return [point for point in mounted if os.path.exists(point.rstrip("/") + secret)]

    def known():
        return [place for place in ("", *OLD_ROOTS) if os.path.exists(place + secret)]

    parts = {"mount points": points, "usual places": known}
    if bait["inside"]:
        parts["below the root"] = lambda: call("umount2", b"/", 2) == 0
    return parts


@attempt
def device_node_mknod(bait):
    def node(kind, major, minor):
        path = f"{bait['scratch']}/node-{kind}-{major}-{minor}"
        os.mknod(path, kind | 0o600, os.makedev(major, minor))
        os.unlink(path)
        return True

    return {
        "memory": lambda: node(stat.S_IFCHR, 1, 1),
        "disk": lambda: node(stat.S_IFBLK, *bait["disk"]),
    }


@attempt
def dev_mem_kvm_open(bait):
    def opened(path):
        try:
            os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        except OSError as err:
            if bait["inside"]:
                raise
            raise Absent("no such device to be had on this machine") from err
        return True

    paths = [f"/dev/{name}" for name in DEVICES] + bait["disk_paths"]
    return {path: lambda path=path: opened(path) for path in paths}
