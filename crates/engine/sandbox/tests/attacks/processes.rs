//! Other processes.

use super::Attack;

pub(super) const ATTACKS: &[Attack] = &[
    ("see-host-pid", "return os.path.exists(f\"/proc/{H['victim']}\")"),
    ("see-init", "return os.path.exists('/proc/1/status')"),
    ("kill-host-pid", "os.kill(H['victim'], 0); return True"),
    ("kill-supervisor", "os.kill(H['supervisor'], 0); return True"),
    ("proc-environ-other", "return b'VICTIM' in open(f\"/proc/{H['victim']}/environ\", 'rb').read()"),
    ("proc-cmdline-other", "return b'sleep' in open(f\"/proc/{H['victim']}/cmdline\", 'rb').read()"),
    ("ptrace-host", "return call(101, 0x4206, H['victim'], 0, 0) == 0"),
    ("ptrace-sibling", "return call(101, 0x4206, child(), 0, 0) == 0"),
    ("read-memory-of-init", "return open(f\"/proc/{H['init']}/mem\", 'rb') is not None"),
    (
        "process-vm-readv",
        "
class Part(ctypes.Structure): _fields_ = [('base', ctypes.c_void_p), ('len', ctypes.c_size_t)]
secret, got = ctypes.create_string_buffer(b'secret'), ctypes.create_string_buffer(7)
there, here = Part(ctypes.addressof(secret), 7), Part(ctypes.addressof(got), 7)
return call(310, child(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0) == 7",
    ),
    ("pidfd-getfd", "pidfd = call(434, child(), 0); return call(438, pidfd, 1, 0) >= 0"),
    ("pidfd-of-host", "return call(434, H['victim'], 0) >= 0"),
    ("same-pid-namespace", "return os.readlink('/proc/self/ns/pid') == H['ns']['pid']"),
    ("same-mount-namespace", "return os.readlink('/proc/self/ns/mnt') == H['ns']['mnt']"),
    ("same-network-namespace", "return os.readlink('/proc/self/ns/net') == H['ns']['net']"),
    ("same-ipc-namespace", "return os.readlink('/proc/self/ns/ipc') == H['ns']['ipc']"),
    ("same-uts-namespace", "return os.readlink('/proc/self/ns/uts') == H['ns']['uts']"),
    ("same-user-namespace", "return os.readlink('/proc/self/ns/user') == H['ns']['user']"),
    ("is-root", "return os.getuid() == 0"),
    ("become-root", "os.setuid(0); return True"),
    ("has-capabilities", "return any(int(l.split()[1], 16) for l in open('/proc/self/status') if l.startswith('Cap'))"),
    ("raise-limits", "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (9000, 9000)); return True"),
    ("raise-priority", "os.setpriority(os.PRIO_PROCESS, 0, -5); return True"),
    ("realtime", "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)); return True"),
];
