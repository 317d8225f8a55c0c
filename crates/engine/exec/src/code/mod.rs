//! Unpacked code packages, one folder per content, shared read-only by all instances.

mod check;
mod layers;
mod store;
mod unpack;

pub(crate) use check::check;
pub(crate) use store::CodeStore;

/// AWS: the unpacked package, layers included, in bytes.
pub(crate) const UNPACKED_LIMIT: u64 = 262_144_000;
/// More files than any real package has; each costs an inode of the host.
pub(crate) const ENTRY_LIMIT: usize = 200_000;
/// How many folders lie in each other at most. Each costs a descriptor of the platform while it is removed.
pub(crate) const DEPTH_LIMIT: usize = 200;

/// What is wrong with a package, worded as AWS does where it is known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadCode {
    #[error("Could not unzip uploaded file. Please check your file, then try to upload again.")]
    NotAZip,
    #[error("Unzipped size must be smaller than {UNPACKED_LIMIT} bytes")]
    TooLarge,
    #[error("The package holds more than {ENTRY_LIMIT} files")]
    TooManyEntries,
    #[error("The package's folders lie more than {0} deep")]
    TooDeep(usize),
    #[error("The package's entry {0:?} leaves the package")]
    Outside(String),
    #[error("The package's entry {0:?} is neither a file, a folder nor a link")]
    Special(String),
    #[error("the package could not be unpacked: {0}")]
    Io(#[from] std::io::Error),
}

impl From<zip::result::ZipError> for BadCode {
    fn from(error: zip::result::ZipError) -> Self {
        match error {
            zip::result::ZipError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Self::Io(error),
            _ => Self::NotAZip,
        }
    }
}
