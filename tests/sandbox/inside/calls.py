"""System calls by number: what Python has no function for."""

import ctypes
import os

import frame

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

MACHINE = os.uname().machine

# x86_64, aarch64
NUMBERS = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "capget": (125, 90),
    "capset": (126, 91),
    "chroot": (161, 51),
    "clone": (56, 220),
    "clone3": (435, 435),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "fsopen": (430, 430),
    "init_module": (175, 105),
    "io_uring_setup": (425, 425),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "ptrace": (101, 117),
    "setns": (308, 268),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

ENOSYS = 38


def number(name):
    return NUMBERS[name][0 if MACHINE == "x86_64" else 1]


def call(name, *args):
    """The result, or an OSError. A number in place of a name is taken as it is."""
    which = number(name) if isinstance(name, str) else name
    prepared = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    got = libc.syscall(ctypes.c_long(which), *prepared)
    if got < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return got


def made(name, *args):
    """True if the call works: for calls that answer a descriptor or zero. A kernel without it is told apart by the control."""
    call(name, *args)
    return True


def reached(name, *args):
    """True if the kernel looks at the arguments, which are senseless on purpose, instead of refusing the call as such."""
    try:
        call(name, *args)
    except PermissionError:
        raise
    except OSError as err:
        if err.errno == ENOSYS:
            raise frame.Absent("no such call") from err
    return True


def child():
    """A sibling that only waits; ends with the part that made it."""
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG
        os.write(tell, b"x")
        while True:
            libc.pause()
    os.read(ready, 1)
    return pid
