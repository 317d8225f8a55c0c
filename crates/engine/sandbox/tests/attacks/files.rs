//! Files of the host, of others, and of the platform.

use super::Attack;

pub(super) const ATTACKS: &[Attack] = &[
    ("host-etc-shadow", "return 'root' in open('/etc/shadow').read()"),
    ("host-home", "return os.listdir('/root') is not None"),
    ("server-data-dir", "return open(H['secret']).read() == 'secret'"),
    (
        "other-fn-tmp",
        "return any('updraft' in n or '.tmp' in n for n in os.listdir('/tmp')) or os.path.exists(H['secret'])",
    ),
    ("own-code-write", "open(H['task'] + '/code', 'w').write('mine'); return True"),
    (
        "own-code-delete",
        "os.rename(H['task'] + '/code', H['task'] + '/c'); os.rename(H['task'] + '/c', H['task'] + '/code'); return True",
    ),
    ("runtime-write", "p = '/usr/updraft-attack'; open(p, 'w').close(); os.unlink(p); return True"),
    ("root-write", "p = '/updraft-attack'; open(p, 'w').close(); os.unlink(p); return True"),
    ("etc-write", "p = '/etc/updraft-attack'; open(p, 'w').close(); os.unlink(p); return True"),
    ("proc-1-root", "return os.listdir(f\"/proc/{H['init']}/root/\") is not None"),
    ("proc-1-exe-read", "return len(open(f\"/proc/{H['init']}/exe\", 'rb').read(4)) == 4"),
    ("proc-self-exe-overwrite", "return os.access(f\"/proc/{H['init']}/exe\", os.W_OK)"),
    ("dotdot-after-pivot", "os.chdir('/'); os.chdir('../../../..'); return os.path.exists('etc/shadow')"),
    (
        "old-root-still-mounted",
        "
for line in open('/proc/self/mountinfo'):
    point, kind = line.split()[4], line.split(' - ')[1].split()[0]
    if point == '/' and kind != 'tmpfs': return True
return False",
    ),
    (
        "device-node-mknod",
        "p = H['scratch'] + '/mem'; os.mknod(p, stat.S_IFCHR | 0o600, os.makedev(1, 1)); os.unlink(p); return True",
    ),
    (
        "dev-mem-kvm-open",
        "return any(os.path.exists('/dev/' + n) for n in ['mem', 'kvm', 'vda', 'ptmx', 'console', 'fuse', 'net/tun'])",
    ),
    ("sys-visible", "return os.listdir('/sys') is not None"),
    ("sysctl-write", "p = '/proc/sys/kernel/domainname'; v = open(p).read(); open(p, 'w').write(v); return True"),
    ("kallsyms", "return any(int(line.split()[0], 16) for line in open('/proc/kallsyms'))"),
    ("cgroup-escape-write", "return bool(glob.glob('/sys/fs/cgroup/*/cgroup.procs'))"),
    ("cgroup-release-agent", "return bool(glob.glob('/sys/fs/cgroup/*/release_agent'))"),
    ("setuid-binary", "return not os.statvfs('/usr/bin').f_flag & os.ST_NOSUID"),
    ("setuid-own", "return not os.statvfs(H['scratch']).f_flag & os.ST_NOSUID"),
    ("device-file-on-tmp", "return not os.statvfs(H['scratch']).f_flag & os.ST_NODEV"),
];
