//! A bucket as it is kept.

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Arn, Region, UnixMillis};
use updraft_store::Row;

use crate::config::Kind;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    /// What its objects and configurations are found by.
    pub(crate) number: u64,
    pub(crate) name: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// As `GetBucketLocation` says it; `None`: not at all.
    pub(crate) location: Option<String>,
    pub(crate) created: UnixMillis,
    pub(crate) versioning: Versioning,
    /// Objects may be locked.
    pub(crate) object_lock: bool,
    /// `None`: the controls were deleted, and ACLs count.
    pub(crate) ownership: Option<Ownership>,
    /// Which kinds of configurations it has, a bit for each ([`Kind::bit`]): most requests look for one that isn't there.
    pub(crate) configured: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Versioning {
    /// It never was versioned.
    Never,
    Enabled,
    Suspended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ownership {
    BucketOwnerEnforced,
    BucketOwnerPreferred,
    ObjectWriter,
}

impl Row for Bucket {
    const VERSION: u8 = 1;
}

impl Bucket {
    /// `arn:aws:s3:::name`.
    pub(crate) fn arn(&self) -> Arn {
        Arn {
            partition: self.region.partition().to_owned(),
            service: "s3".to_owned(),
            region: String::new(),
            account: String::new(),
            resource: self.name.clone(),
        }
    }

    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.configured & kind.bit() != 0
    }

    /// ACLs mean nothing.
    pub(crate) fn owner_enforced(&self) -> bool {
        self.ownership == Some(Ownership::BucketOwnerEnforced)
    }
}

impl Ownership {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::BucketOwnerEnforced, Self::BucketOwnerPreferred, Self::ObjectWriter]
            .into_iter()
            .find(|one| one.as_str() == text)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
        }
    }
}
