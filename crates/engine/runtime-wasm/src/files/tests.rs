//! What a component may put into its folder, asked as a component would.

use std::path::Path;
use std::sync::Arc;

use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtxView};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::preopens::Host;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, ErrorCode, HostDescriptor, OpenFlags, PathFlags,
};
use wasmtime_wasi::{FsPerms, WasiCtx};

use super::{Files, Quota};

/// A folder as a component has it.
struct Lab {
    wasi: WasiCtx,
    table: ResourceTable,
    quota: Arc<Quota>,
    top: u32,
}

impl Lab {
    fn new(folder: &Path, most: u64) -> Self {
        let mut wasi = WasiCtx::builder();
        wasi.preopened_dir(folder, "/tmp", FsPerms::ReadWrite).unwrap();
        let (mut wasi, mut table) = (wasi.build(), ResourceTable::new());
        let mut view = WasiFilesystemCtxView { ctx: wasi.filesystem(), table: &mut table };
        let top = Host::get_directories(&mut view).unwrap().remove(0).0.rep();
        Self { wasi, table, quota: Quota::new(folder.to_owned(), most), top }
    }

    fn files(&mut self) -> Files<'_> {
        let inner = WasiFilesystemCtxView { ctx: self.wasi.filesystem(), table: &mut self.table };
        Files { inner, quota: &self.quota }
    }

    fn top(&self) -> Resource<Descriptor> {
        Resource::new_borrow(self.top)
    }

    async fn create(&mut self, name: &str) -> FsResult<u32> {
        let (top, how) = (self.top(), DescriptorFlags::READ | DescriptorFlags::WRITE);
        let opened = self.files().open_at(top, PathFlags::empty(), name.to_owned(), OpenFlags::CREATE, how).await;
        opened.map(|file| file.rep())
    }

    async fn write(&mut self, file: u32, bytes: usize, at: u64) -> FsResult<u64> {
        self.files().write(Resource::new_borrow(file), vec![1; bytes], at).await
    }
}

#[track_caller]
fn is_full<T: std::fmt::Debug>(done: FsResult<T>) {
    let code = done.unwrap_err().downcast().unwrap();
    assert_eq!(code, ErrorCode::InsufficientSpace);
}

const KB: u64 = 1 << 10;

#[tokio::test]
async fn a_folder_takes_what_it_may_and_again_what_was_removed() {
    let folder = tempfile::tempdir().unwrap();
    let mut lab = Lab::new(folder.path(), 256 * KB);
    let file = lab.create("a").await.unwrap();
    let mut written = 0;
    while lab.write(file, 16 << 10, written).await.is_ok() {
        written += 16 * KB;
        assert!(written <= 256 * KB);
    }
    assert!(written >= 192 * KB, "{written}");
    is_full(lab.write(file, 64 << 10, written).await);
    let top = lab.top();
    lab.files().unlink_file_at(top, "a".to_owned()).await.unwrap();
    let other = lab.create("b").await.unwrap();
    lab.write(other, 64 << 10, 0).await.unwrap();
}

#[tokio::test]
async fn what_is_written_over_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut lab = Lab::new(folder.path(), 256 * KB);
    let file = lab.create("a").await.unwrap();
    for _ in 0..64 {
        lab.write(file, 64 << 10, 0).await.unwrap();
    }
}

#[tokio::test]
async fn holes_cost_nothing_until_they_are_filled() {
    let folder = tempfile::tempdir().unwrap();
    let mut lab = Lab::new(folder.path(), 256 * KB);
    let file = lab.create("a").await.unwrap();
    lab.files().set_size(Resource::new_borrow(file), 1 << 30).await.unwrap();
    let mut filled = 0;
    while lab.write(file, 1, filled * 64 * KB).await.is_ok() {
        filled += 1;
        assert!(filled < 64, "each takes a block");
    }
    assert!(filled > 32, "{filled}");
}

#[tokio::test]
async fn names_count() {
    let folder = tempfile::tempdir().unwrap();
    let mut lab = Lab::new(folder.path(), 16 * 4 * KB);
    for n in 0..16 {
        let top = lab.top();
        if n % 2 == 0 {
            lab.files().create_directory_at(top, n.to_string()).await.unwrap();
        } else {
            lab.files().symlink_at(top, "0".to_owned(), n.to_string()).await.unwrap();
        }
    }
    is_full(lab.create("one more").await);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 16);
}

#[tokio::test]
async fn streams_count_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut lab = Lab::new(folder.path(), 128 * KB);
    let file = lab.create("a").await.unwrap();
    let stream = lab.files().append_via_stream(Resource::new_borrow(file)).unwrap();
    let stream = lab.table.get_mut(&stream).unwrap();
    let mut written = 0;
    while stream.blocking_write_and_flush(vec![1; 8 << 10].into()).await.is_ok() {
        written += 8 * KB;
        assert!(written <= 128 * KB);
    }
    assert!(written >= 64 * KB, "{written}");
}
