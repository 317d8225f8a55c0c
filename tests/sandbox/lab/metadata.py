"""Run as a program: makes a network with a cloud's metadata service in it, and runs a command there."""

import ctypes
import fcntl
import os
import socket
import struct
import sys

CLONE_NEWNET = 0x40000000
SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFFLAGS, IFF_UP = 0x8916, 0x891C, 0x8914, 1


def main(command):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for request, address in ((SIOCSIFADDR, "169.254.169.254"), (SIOCSIFNETMASK, "255.255.0.0")):
            told = struct.pack("16sH2x4s8x", b"lo", socket.AF_INET, socket.inet_aton(address))
            fcntl.ioctl(sock, request, told)
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
    listener = socket.socket()
    listener.bind(("0.0.0.0", 80))
    listener.listen()
    # Connections are made by the kernel as soon as somebody listens; nobody has to accept them.
    os.set_inheritable(listener.fileno(), True)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
