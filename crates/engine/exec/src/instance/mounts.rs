//! The host's folders that stand for file systems, in a function's sandbox.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use updraft_kernel::ports::{FileSystem, RunnerRefusal};
use updraft_sandbox::{Bind, DEFAULT_UID, SandboxSpec};

use super::sandbox::UIDS;

/// How many uids there are for access points, behind those for instances.
const ACCESS_POINT_UIDS: u32 = 4000;

/// Shows the folders. AWS: whoever comes through an access point acts as its user; so all instances that use it have
/// one uid here too, for they change each other's files.
pub(super) fn add(
    shape: &mut SandboxSpec,
    file_systems: &[FileSystem],
    folders: &BTreeMap<String, PathBuf>,
) -> Result<(), RunnerRefusal> {
    for system in file_systems {
        let missing = || RunnerRefusal::NoSuchFileSystem(system.arn.clone());
        let source = folders.get(&system.arn).filter(|folder| folder.is_dir()).ok_or_else(missing)?;
        let target = Path::new(&system.path).to_owned();
        shape.binds.push(Bind { source: source.clone(), target, read_only: false });
        shape.uid = uid(&system.arn);
    }
    Ok(())
}

fn uid(access_point: &str) -> u32 {
    let hash = Sha256::digest(access_point).iter().fold(0_u32, |all, byte| all.rotate_left(8) ^ u32::from(*byte));
    DEFAULT_UID + u32::try_from(UIDS).unwrap_or(0) + hash % ACCESS_POINT_UIDS
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-1";

    fn added(folder: &Path) -> Result<SandboxSpec, RunnerRefusal> {
        let mut shape = SandboxSpec::system("s");
        let systems = [FileSystem { arn: ARN.into(), path: "/mnt/data".into() }];
        add(&mut shape, &systems, &BTreeMap::from([(ARN.to_owned(), folder.to_owned())]))?;
        Ok(shape)
    }

    #[test]
    fn an_access_points_folder_is_shown_to_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let shape = added(folder.path()).unwrap();
        let bind = shape.binds.last().unwrap();
        assert_eq!((bind.source.as_path(), bind.target.as_path()), (folder.path(), Path::new("/mnt/data")));
        assert!(!bind.read_only);
        assert!((DEFAULT_UID + 60_000..DEFAULT_UID + 64_000).contains(&shape.uid), "apart from other instances");
    }

    #[test]
    fn an_access_point_without_a_folder_cant_be_mounted() {
        let folder = tempfile::tempdir().unwrap();
        let refused = added(&folder.path().join("none")).unwrap_err();
        assert_eq!(refused, RunnerRefusal::NoSuchFileSystem(ARN.to_owned()));
        let systems = [FileSystem { arn: ARN.into(), path: "/mnt/data".into() }];
        assert!(add(&mut SandboxSpec::system("s"), &systems, &BTreeMap::new()).is_err());
    }
}
