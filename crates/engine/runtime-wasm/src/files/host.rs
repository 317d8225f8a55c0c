//! `wasi:filesystem/types` as it is, but for what makes more of a folder: that is counted. Only `/tmp` can be written at
//! all, so nothing needs to be told apart.

use std::sync::Arc;

use wasmtime::Result;
use wasmtime::component::{HasData, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, DirectoryEntryStream, ErrorCode, Filesize,
    Host, HostDescriptor, HostDirectoryEntryStream, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

use super::Quota;
use super::quota::NAME;
use super::stream::Counted;

type Fd = Resource<Descriptor>;

/// See the module.
pub(crate) struct Files<'a> {
    pub(crate) inner: WasiFilesystemCtxView<'a>,
    pub(crate) quota: &'a Arc<Quota>,
}

/// Names [`Files`] for the linker.
pub(crate) struct Within;

impl HasData for Within {
    type Data<'a> = Files<'a>;
}

async fn more(quota: &Arc<Quota>, bytes: u64) -> FsResult<()> {
    if quota.find(bytes).await { Ok(()) } else { Err(ErrorCode::InsufficientSpace.into()) }
}

impl Files<'_> {
    fn counted(&mut self, stream: Resource<DynOutputStream>) -> FsResult<Resource<DynOutputStream>> {
        let inner = self.inner.table.delete(stream)?;
        let counted: DynOutputStream = Box::new(Counted { inner, quota: Arc::clone(self.quota) });
        Ok(self.inner.table.push(counted)?)
    }
}

impl Host for Files<'_> {
    fn convert_error_code(&mut self, error: FsError) -> Result<ErrorCode> {
        self.inner.convert_error_code(error)
    }

    fn filesystem_error_code(&mut self, error: Resource<wasmtime::Error>) -> Result<Option<ErrorCode>> {
        self.inner.filesystem_error_code(error)
    }
}

impl HostDescriptor for Files<'_> {
    async fn write(&mut self, fd: Fd, bytes: Vec<u8>, at: Filesize) -> FsResult<Filesize> {
        if !self.quota.find_written(bytes.len()).await {
            return Err(ErrorCode::InsufficientSpace.into());
        }
        self.inner.write(fd, bytes, at).await
    }

    async fn set_size(&mut self, fd: Fd, size: Filesize) -> FsResult<()> {
        self.quota.is_stale();
        self.inner.set_size(fd, size).await
    }

    fn write_via_stream(&mut self, fd: Fd, at: Filesize) -> FsResult<Resource<DynOutputStream>> {
        let stream = self.inner.write_via_stream(fd, at)?;
        self.counted(stream)
    }

    fn append_via_stream(&mut self, fd: Fd) -> FsResult<Resource<DynOutputStream>> {
        let stream = self.inner.append_via_stream(fd)?;
        self.counted(stream)
    }

    async fn create_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        more(self.quota, NAME).await?;
        self.inner.create_directory_at(fd, path).await
    }

    async fn link_at(&mut self, fd: Fd, flags: PathFlags, path: String, to: Fd, name: String) -> FsResult<()> {
        more(self.quota, NAME).await?;
        self.inner.link_at(fd, flags, path, to, name).await
    }

    async fn symlink_at(&mut self, fd: Fd, to: String, path: String) -> FsResult<()> {
        more(self.quota, NAME).await?;
        self.inner.symlink_at(fd, to, path).await
    }

    async fn open_at(
        &mut self,
        fd: Fd,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Fd> {
        if open_flags.contains(OpenFlags::CREATE) {
            // Often it is there already.
            more(self.quota, NAME).await?;
            self.quota.is_stale();
        }
        if open_flags.contains(OpenFlags::TRUNCATE) {
            self.quota.is_stale();
        }
        self.inner.open_at(fd, path_flags, path, open_flags, flags).await
    }

    async fn remove_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.quota.is_stale();
        self.inner.remove_directory_at(fd, path).await
    }

    async fn unlink_file_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.quota.is_stale();
        self.inner.unlink_file_at(fd, path).await
    }

    async fn rename_at(&mut self, fd: Fd, path: String, to: Fd, name: String) -> FsResult<()> {
        // It may take another's place.
        self.quota.is_stale();
        self.inner.rename_at(fd, path, to, name).await
    }

    async fn advise(&mut self, fd: Fd, at: Filesize, size: Filesize, advice: Advice) -> FsResult<()> {
        self.inner.advise(fd, at, size, advice).await
    }

    async fn sync_data(&mut self, fd: Fd) -> FsResult<()> {
        self.inner.sync_data(fd).await
    }

    async fn sync(&mut self, fd: Fd) -> FsResult<()> {
        self.inner.sync(fd).await
    }

    async fn get_flags(&mut self, fd: Fd) -> FsResult<DescriptorFlags> {
        self.inner.get_flags(fd).await
    }

    async fn get_type(&mut self, fd: Fd) -> FsResult<DescriptorType> {
        self.inner.get_type(fd).await
    }

    async fn set_times(&mut self, fd: Fd, accessed: NewTimestamp, modified: NewTimestamp) -> FsResult<()> {
        self.inner.set_times(fd, accessed, modified).await
    }

    async fn read(&mut self, fd: Fd, size: Filesize, at: Filesize) -> FsResult<(Vec<u8>, bool)> {
        self.inner.read(fd, size, at).await
    }

    async fn read_directory(&mut self, fd: Fd) -> FsResult<Resource<DirectoryEntryStream>> {
        self.inner.read_directory(fd).await
    }

    async fn stat(&mut self, fd: Fd) -> FsResult<DescriptorStat> {
        self.inner.stat(fd).await
    }

    async fn stat_at(&mut self, fd: Fd, flags: PathFlags, path: String) -> FsResult<DescriptorStat> {
        self.inner.stat_at(fd, flags, path).await
    }

    async fn set_times_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        self.inner.set_times_at(fd, flags, path, accessed, modified).await
    }

    async fn readlink_at(&mut self, fd: Fd, path: String) -> FsResult<String> {
        self.inner.readlink_at(fd, path).await
    }

    fn read_via_stream(&mut self, fd: Fd, at: Filesize) -> FsResult<Resource<DynInputStream>> {
        self.inner.read_via_stream(fd, at)
    }

    async fn is_same_object(&mut self, fd: Fd, other: Fd) -> Result<bool> {
        self.inner.is_same_object(fd, other).await
    }

    async fn metadata_hash(&mut self, fd: Fd) -> FsResult<MetadataHashValue> {
        self.inner.metadata_hash(fd).await
    }

    async fn metadata_hash_at(&mut self, fd: Fd, flags: PathFlags, path: String) -> FsResult<MetadataHashValue> {
        self.inner.metadata_hash_at(fd, flags, path).await
    }

    fn drop(&mut self, fd: Fd) -> Result<()> {
        HostDescriptor::drop(&mut self.inner, fd)
    }
}

impl HostDirectoryEntryStream for Files<'_> {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<DirectoryEntryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        self.inner.read_directory_entry(stream).await
    }

    fn drop(&mut self, stream: Resource<DirectoryEntryStream>) -> Result<()> {
        HostDirectoryEntryStream::drop(&mut self.inner, stream)
    }
}
