//! Limits that need no control group, and the way down from every privilege.

use std::io;
use std::os::fd::OwnedFd;

use super::filter::Filters;
use super::nursery::Rights;
use super::{Failure, Step};
use crate::linux::sys::{creds, process};
use crate::{Limits, SANDBOX_GID, SANDBOX_UID, SandboxSpec};

/// Signals and timers that may wait at a time.
const SIGNALS: u64 = 1024;

/// Limits of single processes. Without a control group they also stand in for those of the whole sandbox.
pub(crate) fn limits(limits: &Limits, has_group: bool) -> Vec<(libc::__rlimit_resource_t, u64)> {
    let mut all = vec![
        (libc::RLIMIT_NOFILE, limits.nofile),
        (libc::RLIMIT_CORE, 0),
        (libc::RLIMIT_MEMLOCK, 64 << 10),
        (libc::RLIMIT_MSGQUEUE, 0),
        (libc::RLIMIT_SIGPENDING, SIGNALS),
    ];
    if !has_group {
        // RLIMIT_AS would be simpler, but interpreters reserve far more address space than they ever touch.
        all.extend(limits.memory_bytes.map(|bytes| (libc::RLIMIT_DATA, bytes)));
        all.extend(limits.pids.map(|pids| (libc::RLIMIT_NPROC, pids.into())));
    }
    all
}

/// Sets them, for this process and all that it starts.
pub(super) fn limit(spec: &SandboxSpec, has_group: bool) -> Result<(), Failure> {
    let all = limits(&spec.limits, has_group);
    all.into_iter().try_for_each(|(resource, value)| process::limit(resource, value)).step("limit resources")
}

/// More numbers than there can be processes and threads before anything of a customer's runs.
const FIRST_PIDS: u32 = 256;

/// Sets them for every process that is inside but this one, the first.
///
/// Not those that /proc shows: without root it hides from us whatever has given up its privileges.
pub(super) fn limit_all(limits: &[(u32, u64)], identity: &Identity<'_>) -> io::Result<()> {
    if identity.rights == Rights::Root && identity.user.is_some() && !limits.is_empty() {
        // Others than their owner need a privilege that root doesn't have everywhere.
        creds::count_as(identity.uid)?;
    }
    for pid in 2..=FIRST_PIDS {
        for (resource, value) in limits {
            match process::limit_other(pid, *resource, *value) {
                Err(err) if err.raw_os_error() == Some(libc::ESRCH) => break,
                limited => limited?,
            }
        }
    }
    Ok(())
}

/// Whom to become.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity<'a> {
    /// On the host.
    pub(super) uid: u32,
    pub(super) rights: Rights,
    /// Where there is none, the uid of the host is all there is.
    pub(super) user: Option<&'a OwnedFd>,
}

/// Ends as an unprivileged user without capabilities that can never gain any, and with few system calls.
pub(super) fn give_up(identity: &Identity<'_>, filters: &Filters) -> Result<(), Failure> {
    creds::set_umask(0o022);
    if identity.rights == Rights::Root {
        creds::leave_groups().step("leave groups")?;
    }
    let (uid, gid) = match identity.user {
        Some(user) => {
            process::join(user, libc::CLONE_NEWUSER).step("enter the user namespace")?;
            (SANDBOX_UID, SANDBOX_GID)
        }
        None => (identity.uid, identity.uid),
    };
    creds::empty_bounding_set().step("empty the bounding set")?;
    creds::set_group(gid).step("change group")?;
    creds::set_user(uid).step("change user")?;
    creds::drop_capabilities().step("drop capabilities")?;
    creds::no_new_privileges().step("forbid new privileges")?;
    creds::hide_from_siblings().step("hide the init")?;
    filters.install()
}
