//! The system calls that a sandbox may make.
//!
//! An allow-list: what is not named answers `EPERM`, and `ENOSYS` where callers then fall back to an older call that can
//! be looked into. Every sandbox installs it, and the kernel compiles it each time, and tries all calls on it: so it is a
//! search (see [`super::search`]), and what looks into arguments is made by the library.

use std::collections::BTreeMap;
use std::io;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Width, SeccompCmpOp as Is, SeccompCondition as Condition,
    SeccompFilter, SeccompRule, TargetArch, sock_filter,
};

use super::search::{self, Verdict};
use super::{Failure, Step};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Namespaces that a thread or process must not be started with. `CLONE_NEWTIME` shares its bit with the exit signal.
const NEW_NAMESPACES: u64 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP) as u64;

/// `clone3` hides its flags behind a pointer, so it must look absent. The others are newer than this list.
const ABSENT: [std::ops::RangeInclusive<i64>; 3] = [libc::SYS_clone3..=libc::SYS_clone3, 451..=451, 453..=490];

/// The filter as the kernel takes it; made once, for every sandbox has the same.
#[derive(Debug)]
pub(super) struct Filters(BpfProgram);

impl Filters {
    pub(super) fn new() -> Result<Self, Failure> {
        Self::compile().step("make the filter")
    }

    fn compile() -> io::Result<Self> {
        let rules = allowed().map_err(io::Error::other)?;
        let number = |call: i64| u32::try_from(call).map_err(io::Error::other);
        let mut verdicts = BTreeMap::new();
        for (call, conditions) in &rules {
            verdicts.insert(number(*call)?, if conditions.is_empty() { Verdict::Allow } else { Verdict::Ask });
        }
        for call in ABSENT.into_iter().flatten() {
            verdicts.insert(number(call)?, Verdict::Answer(libc::ENOSYS));
        }
        let asked = rules.into_iter().filter(|(_, conditions)| !conditions.is_empty()).collect();
        search::program(&verdicts, libc::EPERM, refusing(asked)?).map(Self)
    }

    /// Takes effect for this process and all that it starts, for good. Needs `no_new_privs`.
    pub(super) fn install(&self) -> Result<(), Failure> {
        seccompiler::apply_filter(&self.0).map_err(io::Error::other).step("install the filter")
    }

    /// For a zygote, which installs it itself: its number of instructions in four bytes, and then the instructions as the
    /// kernel has them; everything in the machine's own order of bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let instruction = |filter: &sock_filter| {
            let [a, b] = filter.code.to_ne_bytes();
            let [c, d, e, f] = filter.k.to_ne_bytes();
            [a, b, filter.jt, filter.jf, c, d, e, f]
        };
        let count = u32::try_from(self.0.len()).unwrap_or(0).to_ne_bytes();
        count.into_iter().chain(self.0.iter().flat_map(instruction)).collect()
    }
}

/// A program that refuses what isn't listed.
fn refusing(rules: Rules) -> io::Result<BpfProgram> {
    filter(rules, SeccompAction::Errno(libc::EPERM.cast_unsigned()), SeccompAction::Allow)
}

fn filter(rules: Rules, otherwise: SeccompAction, listed: SeccompAction) -> io::Result<BpfProgram> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(io::Error::other)?;
    SeccompFilter::new(rules, otherwise, listed, arch).and_then(TryInto::try_into).map_err(io::Error::other)
}

fn allowed() -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = ALWAYS.iter().chain(LEGACY).map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_clone, one_of([vec![Condition::new(0, Width::Qword, Is::MaskedEq(NEW_NAMESPACES), 0)?]])?);
    // Families that have no namespaces (vsock reaches the hypervisor, AF_ALG the kernel's crypto) must not get out.
    let family = |family: libc::c_int| -> Result<_, seccompiler::BackendError> {
        Ok(vec![Condition::new(0, Width::Dword, Is::Eq, u64::from(family.cast_unsigned()))?])
    };
    let route_only = Condition::new(2, Width::Dword, Is::Eq, 0)?;
    let mut netlink = family(libc::AF_NETLINK)?;
    netlink.push(route_only);
    let families = [family(libc::AF_UNIX)?, family(libc::AF_INET)?, family(libc::AF_INET6)?, netlink];
    rules.insert(libc::SYS_socket, one_of(families)?);
    rules.insert(libc::SYS_socketpair, one_of([family(libc::AF_UNIX)?])?);
    // Terminal calls by which input could be put into another's terminal.
    let not = |request: u64| Condition::new(1, Width::Dword, Is::Ne, request);
    rules.insert(libc::SYS_ioctl, one_of([vec![not(libc::TIOCSTI)?, not(libc::TIOCLINUX)?]])?);
    // Asking and the default; others weaken address randomisation.
    let persona =
        |value| -> Result<_, seccompiler::BackendError> { Ok(vec![Condition::new(0, Width::Dword, Is::Eq, value)?]) };
    rules.insert(libc::SYS_personality, one_of([persona(0)?, persona(0xffff_ffff)?])?);
    Ok(rules)
}

/// A call is allowed if all conditions of any of the sets hold.
fn one_of<const N: usize>(sets: [Vec<Condition>; N]) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    sets.into_iter().map(SeccompRule::new).collect()
}

/// What ordinary programs need, whatever the arguments.
#[rustfmt::skip]
const ALWAYS: &[i64] = &[
    // Files
    libc::SYS_read, libc::SYS_write, libc::SYS_readv, libc::SYS_writev, libc::SYS_pread64, libc::SYS_pwrite64,
    libc::SYS_preadv, libc::SYS_pwritev, libc::SYS_preadv2, libc::SYS_pwritev2, libc::SYS_openat, libc::SYS_openat2,
    libc::SYS_close, libc::SYS_close_range, libc::SYS_fstat, libc::SYS_newfstatat, libc::SYS_statx, libc::SYS_lseek,
    libc::SYS_faccessat, libc::SYS_faccessat2, libc::SYS_readlinkat, libc::SYS_getdents64, libc::SYS_getcwd,
    libc::SYS_chdir, libc::SYS_fchdir, libc::SYS_mkdirat, libc::SYS_unlinkat, libc::SYS_renameat2, libc::SYS_linkat,
    libc::SYS_symlinkat, libc::SYS_mknodat, libc::SYS_fchmod, libc::SYS_fchmodat, 452 /* fchmodat2 */,
    libc::SYS_fchown, libc::SYS_fchownat, libc::SYS_utimensat, libc::SYS_truncate, libc::SYS_ftruncate,
    libc::SYS_fallocate, libc::SYS_fsync, libc::SYS_fdatasync, libc::SYS_sync_file_range, libc::SYS_flock,
    libc::SYS_statfs, libc::SYS_fstatfs, libc::SYS_umask, libc::SYS_fadvise64, libc::SYS_readahead,
    libc::SYS_copy_file_range, libc::SYS_sendfile, libc::SYS_splice, libc::SYS_tee, libc::SYS_vmsplice,
    libc::SYS_getxattr, libc::SYS_lgetxattr, libc::SYS_fgetxattr, libc::SYS_listxattr, libc::SYS_llistxattr,
    libc::SYS_flistxattr, libc::SYS_setxattr, libc::SYS_lsetxattr, libc::SYS_fsetxattr, libc::SYS_removexattr,
    libc::SYS_lremovexattr, libc::SYS_fremovexattr, libc::SYS_fcntl, libc::SYS_dup, libc::SYS_dup3, libc::SYS_pipe2,
    libc::SYS_inotify_init1, libc::SYS_inotify_add_watch, libc::SYS_inotify_rm_watch, libc::SYS_memfd_create,
    libc::SYS_sync, libc::SYS_syncfs,
    // Waiting
    libc::SYS_ppoll, libc::SYS_pselect6, libc::SYS_epoll_create1, libc::SYS_epoll_ctl, libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2, libc::SYS_eventfd2, libc::SYS_signalfd4, libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime, libc::SYS_timerfd_gettime, libc::SYS_io_setup, libc::SYS_io_destroy,
    libc::SYS_io_submit, libc::SYS_io_cancel, libc::SYS_io_getevents,
    // Memory
    libc::SYS_mmap, libc::SYS_munmap, libc::SYS_mprotect, libc::SYS_mremap, libc::SYS_madvise, libc::SYS_brk,
    libc::SYS_msync, libc::SYS_mincore, libc::SYS_mlock, libc::SYS_mlock2, libc::SYS_munlock, libc::SYS_mlockall,
    libc::SYS_munlockall, libc::SYS_membarrier, libc::SYS_pkey_alloc, libc::SYS_pkey_free, libc::SYS_pkey_mprotect,
    libc::SYS_shmget, libc::SYS_shmat, libc::SYS_shmdt, libc::SYS_shmctl, libc::SYS_semget, libc::SYS_semop,
    libc::SYS_semtimedop, libc::SYS_semctl, libc::SYS_msgget, libc::SYS_msgsnd, libc::SYS_msgrcv, libc::SYS_msgctl,
    libc::SYS_get_mempolicy,
    // Processes, threads, signals
    libc::SYS_execve, libc::SYS_execveat, libc::SYS_exit, libc::SYS_exit_group, libc::SYS_wait4, libc::SYS_waitid,
    libc::SYS_kill, libc::SYS_tkill, libc::SYS_tgkill, libc::SYS_pidfd_open, libc::SYS_pidfd_send_signal,
    libc::SYS_rt_sigaction, libc::SYS_rt_sigprocmask, libc::SYS_rt_sigreturn, libc::SYS_rt_sigpending,
    libc::SYS_rt_sigsuspend, libc::SYS_rt_sigtimedwait, libc::SYS_rt_sigqueueinfo, libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_sigaltstack, libc::SYS_set_tid_address, libc::SYS_set_robust_list, libc::SYS_get_robust_list,
    libc::SYS_rseq, libc::SYS_futex, libc::SYS_futex_waitv, libc::SYS_sched_yield, libc::SYS_sched_getaffinity,
    libc::SYS_sched_setaffinity, libc::SYS_sched_getparam, libc::SYS_sched_setparam, libc::SYS_sched_getscheduler,
    libc::SYS_sched_setscheduler, libc::SYS_sched_getattr, libc::SYS_sched_setattr,
    libc::SYS_sched_get_priority_max, libc::SYS_sched_get_priority_min, libc::SYS_sched_rr_get_interval,
    libc::SYS_getpriority, libc::SYS_setpriority, libc::SYS_getcpu, libc::SYS_prctl, libc::SYS_seccomp,
    libc::SYS_restart_syscall, libc::SYS_landlock_create_ruleset, libc::SYS_landlock_add_rule,
    libc::SYS_landlock_restrict_self,
    // Identity and limits
    libc::SYS_getpid, libc::SYS_getppid, libc::SYS_gettid, libc::SYS_getuid, libc::SYS_geteuid, libc::SYS_getgid,
    libc::SYS_getegid, libc::SYS_getresuid, libc::SYS_getresgid, libc::SYS_getgroups, libc::SYS_setuid,
    libc::SYS_setgid, libc::SYS_setreuid, libc::SYS_setregid, libc::SYS_setresuid, libc::SYS_setresgid,
    libc::SYS_setgroups, libc::SYS_setfsuid, libc::SYS_setfsgid, libc::SYS_getpgid, libc::SYS_setpgid,
    libc::SYS_getsid, libc::SYS_setsid, libc::SYS_capget, libc::SYS_capset, libc::SYS_getrlimit,
    libc::SYS_setrlimit, libc::SYS_prlimit64, libc::SYS_getrusage, libc::SYS_times, libc::SYS_sysinfo,
    libc::SYS_uname, libc::SYS_getrandom, libc::SYS_ioprio_get, libc::SYS_ioprio_set,
    // Time
    libc::SYS_clock_gettime, libc::SYS_clock_getres, libc::SYS_clock_nanosleep, libc::SYS_nanosleep,
    libc::SYS_gettimeofday, libc::SYS_getitimer, libc::SYS_setitimer, libc::SYS_timer_create,
    libc::SYS_timer_settime, libc::SYS_timer_gettime, libc::SYS_timer_getoverrun, libc::SYS_timer_delete,
    // Network
    libc::SYS_bind, libc::SYS_connect, libc::SYS_listen, libc::SYS_accept, libc::SYS_accept4, libc::SYS_shutdown,
    libc::SYS_getsockname, libc::SYS_getpeername, libc::SYS_getsockopt, libc::SYS_setsockopt, libc::SYS_sendto,
    libc::SYS_recvfrom, libc::SYS_sendmsg, libc::SYS_recvmsg, libc::SYS_sendmmsg, libc::SYS_recvmmsg,
];

/// Calls that newer architectures no longer have.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
const LEGACY: &[i64] = &[
    libc::SYS_open, libc::SYS_creat, libc::SYS_stat, libc::SYS_lstat, libc::SYS_access, libc::SYS_readlink,
    libc::SYS_getdents, libc::SYS_mkdir, libc::SYS_rmdir, libc::SYS_unlink, libc::SYS_rename, libc::SYS_renameat,
    libc::SYS_link, libc::SYS_symlink, libc::SYS_mknod, libc::SYS_chmod, libc::SYS_chown, libc::SYS_lchown,
    libc::SYS_utime, libc::SYS_utimes, libc::SYS_futimesat, libc::SYS_dup2, libc::SYS_pipe, libc::SYS_inotify_init,
    libc::SYS_poll, libc::SYS_select, libc::SYS_epoll_create, libc::SYS_epoll_wait, libc::SYS_eventfd,
    libc::SYS_signalfd, libc::SYS_fork, libc::SYS_vfork, libc::SYS_getpgrp, libc::SYS_alarm, libc::SYS_pause,
    libc::SYS_time, libc::SYS_arch_prctl,
];
#[cfg(not(target_arch = "x86_64"))]
const LEGACY: &[i64] = &[libc::SYS_renameat];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_dangerous_call_is_on_the_list() {
        let rules = allowed().unwrap();
        for call in [
            libc::SYS_ptrace,
            libc::SYS_mount,
            libc::SYS_umount2,
            libc::SYS_pivot_root,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_bpf,
            libc::SYS_perf_event_open,
            libc::SYS_userfaultfd,
            libc::SYS_keyctl,
            libc::SYS_add_key,
            libc::SYS_request_key,
            libc::SYS_kexec_load,
            libc::SYS_init_module,
            libc::SYS_finit_module,
            libc::SYS_delete_module,
            libc::SYS_io_uring_setup,
            libc::SYS_io_uring_enter,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_pidfd_getfd,
            libc::SYS_open_by_handle_at,
            libc::SYS_chroot,
            libc::SYS_clone3,
        ] {
            assert!(!rules.contains_key(&call), "system call {call}");
        }
    }

    #[test]
    fn the_filter_is_short_and_is_handed_on_whole() {
        let filters = Filters::compile().unwrap();
        assert_eq!(filters.to_bytes().len(), 4 + 8 * filters.0.len());
        assert!(filters.0.len() < 400, "{} instructions", filters.0.len());
    }

    /// What the kernel's interpreter makes of a call, of an architecture.
    fn ran(program: &BpfProgram, arch: u32, call: u32, args: [u64; 6]) -> u32 {
        let word = |at: u32| match at {
            0 => call,
            4 => arch,
            at => {
                let both = args[((at - 16) / 8) as usize];
                u32::try_from(if at % 8 == 0 { both & 0xffff_ffff } else { both >> 32 }).unwrap()
            }
        };
        let (mut at, mut held) = (0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = program[at].clone();
            at += 1;
            let mut jump = |met: bool| at += usize::from(if met { jt } else { jf });
            match code {
                0x20 => held = word(k),
                0x54 => held &= k,
                0x05 => at += k as usize,
                0x15 => jump(held == k),
                0x25 => jump(held > k),
                0x35 => jump(held >= k),
                0x06 => return k,
                _ => panic!("instruction {code:#x}"),
            }
        }
    }

    /// As the library makes it of the whole list, one call after the other.
    #[test]
    fn searching_comes_to_the_same_as_going_through_the_list() {
        let one = Filters::compile().unwrap().0;
        let list = refusing(allowed().unwrap()).unwrap();
        let absent = ABSENT.into_iter().flatten().map(|call| (call, Vec::new())).collect();
        let absent = filter(absent, SeccompAction::Allow, SeccompAction::Errno(libc::ENOSYS.cast_unsigned())).unwrap();
        let ours = list[1].k;
        let allow = u32::from(SeccompAction::Allow);
        let values = [0, 1, 2, 16, 17, 0x5412, 0x541c, 0x1200_0000, 0x0200_0000, 0x1_0000_0000, u64::MAX];
        let calls = (0..1_024).chain((0..1_024).map(|call| call | 0x4000_0000)).chain([u32::MAX, 1 << 31]);
        for call in calls {
            for value in values {
                for args in [[value, 0, 0, 0, 0, 0], [16, value, 0, 0, 0, 0], [16, 0, value, 0, 0, 0]] {
                    let both = [&absent, &list].map(|program| ran(program, ours, call, args));
                    let stricter = both.into_iter().find(|answer| *answer != allow).unwrap_or(allow);
                    assert_eq!(ran(&one, ours, call, args), stricter, "{call} {args:?}");
                }
            }
            assert_eq!(ran(&one, ours ^ 1, call, [0; 6]), ran(&list, ours ^ 1, call, [0; 6]), "{call} elsewhere");
        }
    }
}
