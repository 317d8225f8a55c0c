//! Users and privileges.
#![expect(unsafe_code, reason = "credential system calls")]

use std::io;

use super::check;

/// Whether the caller is root in its user namespace.
pub(crate) fn is_root() -> bool {
    // SAFETY: cannot fail and passes no memory.
    unsafe { libc::geteuid() == 0 }
}

/// Effective user and group.
pub(crate) fn effective_ids() -> (u32, u32) {
    // SAFETY: cannot fail and passes no memory.
    unsafe { (libc::geteuid(), libc::getegid()) }
}

/// Leaves all supplementary groups.
pub(crate) fn leave_groups() -> io::Result<()> {
    // SAFETY: a count of zero needs no list.
    check(unsafe { libc::setgroups(0, std::ptr::null()) }).map(drop)
}

/// Changes group, for good.
pub(crate) fn set_group(gid: u32) -> io::Result<()> {
    // SAFETY: no memory is passed.
    check(unsafe { libc::setresgid(gid, gid, gid) }).map(drop)
}

/// Changes user, for good.
pub(crate) fn set_user(uid: u32) -> io::Result<()> {
    // SAFETY: no memory is passed.
    check(unsafe { libc::setresuid(uid, uid, uid) }).map(drop)
}

fn prctl(option: libc::c_int, value: libc::c_ulong) -> io::Result<()> {
    // SAFETY: used only with options that take a number.
    check(unsafe { libc::prctl(option, value, 0, 0, 0) }).map(drop)
}

/// Takes every capability out of the bounding set, so that no program can bring one back.
pub(crate) fn empty_bounding_set() -> io::Result<()> {
    for capability in 0..64 {
        match prctl(libc::PR_CAPBSET_DROP, capability) {
            // The kernel knows fewer than 64; it refuses the first that it does not know.
            Err(err) if err.raw_os_error() == Some(libc::EINVAL) && capability > 0 => break,
            other => other?,
        }
    }
    Ok(())
}

/// Version of the two calls' data: two records of effective, permitted and inheritable bits.
const VERSION_3: u32 = 0x2008_0522;

/// Gives up all capabilities.
pub(crate) fn drop_capabilities() -> io::Result<()> {
    prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL as libc::c_ulong)?;
    set_capabilities([0; 6])
}

fn set_capabilities(bits: [u32; 6]) -> io::Result<()> {
    let header: [u32; 2] = [VERSION_3, 0];
    // SAFETY: the header (version, pid) and two data records of three words have the layout of version 3.
    check(unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), bits.as_ptr()) }).map(drop)
}

/// What this process may do at most, in two halves of bits.
fn permitted() -> io::Result<(u32, u32)> {
    let header: [u32; 2] = [VERSION_3, 0];
    let mut bits = [0_u32; 6];
    // SAFETY: as in `set_capabilities`; the data is written.
    check(unsafe { libc::syscall(libc::SYS_capget, header.as_ptr(), bits.as_mut_ptr()) })?;
    let [_, low, _, _, high, _] = bits;
    Ok((low, high))
}

/// A program run by somebody who isn't called root would otherwise lose what they may do.
pub(crate) fn keep_capabilities_over_exec() -> io::Result<()> {
    let (low, high) = permitted()?;
    set_capabilities([low, low, low, high, high, high])?;
    let held = u64::from(low) | u64::from(high) << 32;
    (0..64).filter(|bit| held & (1 << bit) != 0).try_for_each(|capability| {
        let raise = libc::PR_CAP_AMBIENT_RAISE as libc::c_ulong;
        // SAFETY: only numbers are passed.
        check(unsafe { libc::prctl(libc::PR_CAP_AMBIENT, raise, capability as libc::c_ulong, 0, 0) }).map(drop)
    })
}

/// Makes root another user without taking a privilege from it: what it creates belongs to that user, on whose account the
/// kernel counts it.
pub(crate) fn count_as(uid: u32) -> io::Result<()> {
    // SAFETY: no memory is passed; -1 leaves an id as it is.
    check(unsafe { libc::setresuid(libc::uid_t::MAX, uid, libc::uid_t::MAX) })?;
    let (low, high) = permitted()?;
    set_capabilities([low, low, 0, high, high, 0])
}

/// Forbids this process and its children to gain privileges by running programs.
pub(crate) fn no_new_privileges() -> io::Result<()> {
    prctl(libc::PR_SET_NO_NEW_PRIVS, 1)
}

/// Hides the memory, descriptors and program of this process from others of the same user, until the next exec.
pub(crate) fn hide_from_siblings() -> io::Result<()> {
    prctl(libc::PR_SET_DUMPABLE, 0)
}

/// The opposite of [`hide_from_siblings`].
pub(crate) fn show_to_siblings() -> io::Result<()> {
    prctl(libc::PR_SET_DUMPABLE, 1)
}

/// The bits that files made by this process do not get.
pub(crate) fn set_umask(mask: libc::mode_t) {
    // SAFETY: cannot fail and passes no memory.
    unsafe { libc::umask(mask) };
}
