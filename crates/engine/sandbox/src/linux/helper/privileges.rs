//! Limits that need no control group, and the way down from every privilege.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use super::outer::Rights;
use super::{Failure, Step};
use crate::linux::sys::{creds, process};
use crate::{SANDBOX_GID, SANDBOX_UID, SandboxSpec};

/// Sets per-process limits. Without a control group they also stand in for those of the whole sandbox.
pub(super) fn limit(spec: &SandboxSpec, has_group: bool) -> Result<(), Failure> {
    let limit = |resource, value| process::limit(resource, value).step("limit resources");
    limit(libc::RLIMIT_NOFILE, spec.limits.nofile)?;
    limit(libc::RLIMIT_CORE, 0)?;
    limit(libc::RLIMIT_MEMLOCK, 64 << 10)?;
    limit(libc::RLIMIT_MSGQUEUE, 0)?;
    if has_group {
        return Ok(());
    }
    // RLIMIT_AS would be simpler, but interpreters reserve far more address space than they ever touch.
    spec.limits.memory_bytes.map_or(Ok(()), |bytes| limit(libc::RLIMIT_DATA, bytes))?;
    spec.limits.pids.map_or(Ok(()), |pids| limit(libc::RLIMIT_NPROC, pids.into()))
}

/// Ends as an unprivileged user without capabilities that can never gain any.
pub(super) fn give_up(spec: &SandboxSpec, rights: Rights, map: UnixStream) -> Result<(), Failure> {
    creds::set_umask(0o022);
    if rights == Rights::Root {
        creds::leave_groups().step("leave groups")?;
        let (uid, gid) = enter_user_namespace(spec, map)?;
        creds::empty_bounding_set().step("empty the bounding set")?;
        creds::set_group(gid).step("change group")?;
        creds::set_user(uid).step("change user")?;
    } else {
        creds::empty_bounding_set().step("empty the bounding set")?;
    }
    creds::drop_capabilities().step("drop capabilities")?;
    creds::no_new_privileges().step("forbid new privileges")?;
    creds::hide_from_siblings().step("hide the init")
}

/// Answers the user and group to change to: those inside the namespace, or the host's where there can be none.
fn enter_user_namespace(spec: &SandboxSpec, mut map: UnixStream) -> Result<(u32, u32), Failure> {
    if process::unshare(libc::CLONE_NEWUSER).is_err() {
        // A host may forbid user namespaces even to root; a uid of its own keeps the sandbox apart all the same.
        return Ok((spec.uid, spec.uid));
    }
    map.write_all(&[1]).and_then(|()| map.read_exact(&mut [0])).step("map the user")?;
    Ok((SANDBOX_UID, SANDBOX_GID))
}
