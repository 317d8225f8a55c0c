//! What this program itself takes of memory.
#![expect(unsafe_code, reason = "the program's own mappings")]

use std::ptr;

/// Lets go of what nobody writes to of this program, its code and its constants, as far as it was mapped so far: starting
/// takes much of it that is never needed again. What is used again is mapped again, from the system's cache of the file.
pub fn unmap_what_is_constant() {
    // SAFETY: the callback is a function of the signature that is asked for, and gets no data of ours.
    unsafe { libc::dl_iterate_phdr(Some(unmap_of), ptr::null_mut()) };
}

/// Called with each object that is loaded; the first is the program, and is enough.
///
/// # Safety
/// `info` must be what `dl_iterate_phdr` gives.
unsafe extern "C" fn unmap_of(
    info: *mut libc::dl_phdr_info,
    _size: libc::size_t,
    _data: *mut libc::c_void,
) -> libc::c_int {
    // SAFETY: valid while the callback runs, and nobody writes to it.
    let (base, headers) = unsafe {
        let info = &*info;
        (info.dlpi_addr, std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()))
    };
    let constant = |header: &&libc::Elf64_Phdr| header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_W == 0;
    for header in headers.iter().filter(constant) {
        unmap(base + header.p_vaddr, header.p_memsz);
    }
    1
}

/// `size` bytes at an address of this process that were loaded from a file and can't be written to.
fn unmap(start: u64, size: u64) {
    const PAGE: u64 = 4096;
    // Whole pages only: what lies beside them may be something else's.
    let (first, end) = (start.next_multiple_of(PAGE), (start + size) / PAGE * PAGE);
    let (Ok(first), Ok(length)) = (usize::try_from(first), usize::try_from(end.saturating_sub(first))) else { return };
    // SAFETY: a private mapping of a file that was never written to: whoever reads it next finds the same bytes. No memory
    // of Rust's is freed by it. Where the kernel refuses, everything stays as it is.
    unsafe { libc::madvise(ptr::without_provenance_mut(first), length, libc::MADV_DONTNEED) };
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests ask the kernel what is mapped")]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    /// Nobody else looks at it.
    static CONSTANT: [u8; 1 << 20] = [7; 1 << 20];

    fn is_mapped(byte: &u8) -> bool {
        let mut entry = [0; 8];
        let at = ptr::from_ref(byte).addr() as u64 / 4096 * 8;
        std::fs::File::open("/proc/self/pagemap").unwrap().read_exact_at(&mut entry, at).unwrap();
        u64::from_ne_bytes(entry) >> 63 == 1
    }

    #[test]
    fn what_was_unmapped_is_there_when_it_is_needed() {
        let sum = || std::hint::black_box(&CONSTANT).iter().map(|byte| usize::from(*byte)).sum::<usize>();
        let middle = &CONSTANT[CONSTANT.len() / 2];
        assert_eq!(sum(), 7 << 20);
        assert!(is_mapped(middle));
        unmap_what_is_constant();
        assert!(!is_mapped(middle));
        assert_eq!(sum(), 7 << 20);
    }
}
