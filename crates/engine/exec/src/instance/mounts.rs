//! The host's folders that stand for file systems, in a function's sandbox.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use updraft_kernel::ports::{FileSystem, RunnerRefusal};
use updraft_sandbox::{Bind, DEFAULT_UID};

use crate::stock::UIDS;

/// How many uids there are for access points, behind those for instances.
const ACCESS_POINT_UIDS: u32 = 4000;

/// The folders, and whose the sandbox is. AWS: whoever comes through an access point acts as its user; so all instances
/// that use it have one uid here too, for they change each other's files.
pub(super) fn of(
    file_systems: &[FileSystem],
    folders: &BTreeMap<String, PathBuf>,
) -> Result<Option<(Vec<Bind>, u32)>, RunnerRefusal> {
    let mut binds = Vec::with_capacity(file_systems.len());
    for system in file_systems {
        let missing = || RunnerRefusal::NoSuchFileSystem(system.arn.clone());
        let source = folders.get(&system.arn).filter(|folder| folder.is_dir()).ok_or_else(missing)?;
        binds.push(Bind { source: source.clone(), target: Path::new(&system.path).to_owned(), read_only: false });
    }
    Ok(file_systems.last().map(|last| (binds, uid(&last.arn))))
}

fn uid(access_point: &str) -> u32 {
    let hash = Sha256::digest(access_point).iter().fold(0_u32, |all, byte| all.rotate_left(8) ^ u32::from(*byte));
    DEFAULT_UID + u32::try_from(UIDS).unwrap_or(0) + hash % ACCESS_POINT_UIDS
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-1";

    fn of_one(folder: &Path) -> Result<Option<(Vec<Bind>, u32)>, RunnerRefusal> {
        let systems = [FileSystem { arn: ARN.into(), path: "/mnt/data".into() }];
        of(&systems, &BTreeMap::from([(ARN.to_owned(), folder.to_owned())]))
    }

    #[test]
    fn an_access_points_folder_is_shown_to_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let (binds, uid) = of_one(folder.path()).unwrap().unwrap();
        let target = "/mnt/data".into();
        assert_eq!(binds, [Bind { source: folder.path().to_owned(), target, read_only: false }]);
        assert!((DEFAULT_UID + 60_000..DEFAULT_UID + 64_000).contains(&uid), "apart from other instances");
        assert_eq!(of(&[], &BTreeMap::new()).unwrap(), None);
    }

    #[test]
    fn an_access_point_without_a_folder_cant_be_mounted() {
        let folder = tempfile::tempdir().unwrap();
        let refused = of_one(&folder.path().join("none")).unwrap_err();
        assert_eq!(refused, RunnerRefusal::NoSuchFileSystem(ARN.to_owned()));
        let systems = [FileSystem { arn: ARN.into(), path: "/mnt/data".into() }];
        assert!(of(&systems, &BTreeMap::new()).is_err());
    }
}
