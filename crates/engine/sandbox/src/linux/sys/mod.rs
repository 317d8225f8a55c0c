//! The system calls that the standard library lacks, each behind a small safe function.
//!
//! All unsafe code of the house is in this folder.

pub(crate) mod creds;
pub(crate) mod mount;
pub(crate) mod process;
pub(crate) mod program;
pub(crate) mod socket;
pub(crate) mod tunnel;

use std::ffi::{CString, OsStr};
use std::io;
use std::os::unix::ffi::OsStrExt;

/// Turns the kernel's `-1 and errno` into a `Result`.
fn check<T: PartialOrd + From<i8>>(result: T) -> io::Result<T> {
    if result < T::from(0) { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Makes a call again for as long as signals interrupt it: a socket with a timeout is never resumed by the kernel itself.
fn retry<T: PartialOrd + From<i8>>(mut call: impl FnMut() -> T) -> io::Result<T> {
    loop {
        match check(call()) {
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// A path or word as the kernel wants it.
pub(crate) fn c_string(text: &OsStr) -> io::Result<CString> {
    CString::new(text.as_bytes()).map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "contains a zero byte"))
}

/// A descriptor as returned by the raw `syscall`, which is wider than descriptors are.
fn fd_number(value: libc::c_long) -> io::Result<i32> {
    i32::try_from(value).map_err(|_| io::Error::from_raw_os_error(libc::EBADF))
}
