"""Every attack, and what has to stop it: a capability as `updraft doctor` names it, or a part of the platform's own."""

# Parts of the platform that no host can lack.
CODE = "code packages"
RUNTIME_API = "runtime api"
GATEWAY = "gateway"
POOL = "instances"

ATTACKS = {
    # Files
    "other-fn-tmp": "files",
    "other-fn-code": "files",
    "own-code-write": "root",
    "host-etc-shadow": "files",
    "host-home": "files",
    "server-data-dir": "files",
    "proc-1-root": "processes",
    "proc-self-exe-overwrite": "root",
    "dotdot-after-pivot": "files",
    "old-root-still-mounted": "files",
    "tmp-leak-after-reuse": POOL,
    "device-node-mknod": "privileges",
    "dev-mem-kvm-open": "files",
    # Processes
    "ptrace-sibling": "filter",
    "ptrace-supervisor": "filter",
    "process-vm-readv": "filter",
    "kill-host-pid": "processes",
    "kill-minus-one": "processes",
    "sigcont-own-freeze": "processes",
    "fork-bomb": "pids",
    "thread-bomb": "pids",
    "daemon-outlives-invoke": "processes",
    "pidfd-getfd": "filter",
    # Resources
    "memory-bomb": "memory",
    "memory-bomb-via-tmpfs": "memory",
    "memfd-bomb": "memory",
    "disk-bomb": "files",
    "inode-bomb": "files",
    "fd-bomb": "privileges",
    "cpu-spin-share": "memory",
    "log-flood": RUNTIME_API,
    "huge-response": RUNTIME_API,
    "oom-adjust": "root",
    # Network
    "other-instance-runtime-api": "network",
    "supervisor-admin-port": GATEWAY,
    "host-loopback": "network",
    "abstract-unix-socket": "network",
    "raw-socket": "privileges",
    "packet-socket": "filter",
    "metadata-169-254": "network",
    "ipv6-loopback": "network",
    "dns-leak": "network",
    "port-9001-hijack-by-child": RUNTIME_API,
    # Kernel
    "mount": "filter",
    "umount": "filter",
    "pivot-root": "filter",
    "nested-userns": "filter",
    "setns-via-proc": "filter",
    "setuid-binary": "privileges",
    "cap-regain": "privileges",
    "bpf": "filter",
    "perf-event-open": "filter",
    "io-uring-bypass": "filter",
    "userfaultfd": "filter",
    "keyctl-read": "filter",
    "kexec-and-module": "filter",
    "add-seccomp-bypass-by-x32-abi": "filter",
    "cgroup-release-agent": "files",
    "cgroup-escape-write": "files",
    # Leaks
    "proc-environ-other": "processes",
    "proc-cmdline-other": "processes",
    "inherited-fd": "processes",
    "env-of-supervisor": "processes",
    "dmesg": "filter",
    "kallsyms": "files",
    "shared-memory-sysv": "processes",
    "zygote-shared-random": POOL,
    "zygote-memory-residue": POOL,
    # Archives
    "zip-slip": CODE,
    "zip-absolute-path": CODE,
    "zip-symlink-out": CODE,
    "zip-hardlink-out": CODE,
    "zip-bomb-ratio": CODE,
    "zip-nested-bomb": CODE,
    "zip-many-entries": CODE,
    "zip-setuid-bit": CODE,
    "layer-overwrites-runtime": CODE,
    # Protocol
    "forged-request-id": RUNTIME_API,
    "stale-response": RUNTIME_API,
    "double-response": RUNTIME_API,
    "next-flood": RUNTIME_API,
    "extension-impersonation": RUNTIME_API,
}

assert len(ATTACKS) == 82
