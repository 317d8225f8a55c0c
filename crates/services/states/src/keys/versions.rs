//! Versions and aliases, and what executions were started by; tokens of turns.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_asl::run::Turn;
use updraft_store::{Key, KeyRange, KeyReader, Result, Row, tags};

use super::{ALIAS, ORIGIN, PUBLISHED, TOKEN_OF, VERSION, of_execution, of_machine};
use crate::model::name::{ExecutionId, MachineId};
use crate::model::version::{Alias, Origin, Published, Version};

/// One of a machine's versions, by its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VersionKey<'a>(pub(crate) &'a MachineId, pub(crate) u64);

impl Key for VersionKey<'_> {
    type Row = Version;
    fn encode(&self) -> Bytes {
        of_machine(self.0, VERSION).u64(self.1).build()
    }
}

impl VersionKey<'_> {
    pub(crate) fn of_machine(id: &MachineId) -> KeyRange {
        of_machine(id, VERSION).prefix_range()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct PublishedKey<'a>(pub(crate) &'a MachineId);

impl Key for PublishedKey<'_> {
    type Row = Published;
    fn encode(&self) -> Bytes {
        of_machine(self.0, PUBLISHED).build()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct AliasKey<'a>(pub(crate) &'a MachineId, pub(crate) &'a str);

impl Key for AliasKey<'_> {
    type Row = Alias;
    fn encode(&self) -> Bytes {
        of_machine(self.0, ALIAS).str(self.1).build()
    }
}

impl AliasKey<'_> {
    pub(crate) fn of_machine(id: &MachineId) -> KeyRange {
        of_machine(id, ALIAS).prefix_range()
    }
}

/// Of an execution that a version or an alias was started for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OriginKey<'a>(pub(crate) &'a ExecutionId);

impl Key for OriginKey<'_> {
    type Row = Origin;
    fn encode(&self) -> Bytes {
        of_execution(self.0, ORIGIN).build()
    }
}

/// The token of a turn that waits for it to come back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenOfKey<'a>(pub(crate) &'a ExecutionId, pub(crate) Turn);

/// The token itself: with it goes the row that says whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TokenText(pub(crate) String);

impl Row for TokenText {
    const VERSION: u8 = 1;
}

impl Key for TokenOfKey<'_> {
    type Row = TokenText;
    fn encode(&self) -> Bytes {
        let Turn { frame, number } = self.1;
        of_execution(self.0, TOKEN_OF).u64(u64::from(frame)).u64(u64::from(number)).build()
    }
}

/// The last part of a key of those of a machine that end with a number.
pub(crate) fn of_machine_number(key: &[u8]) -> Result<u64> {
    let mut reader = KeyReader::new(key, tags::STATES)?;
    let _scope = (reader.str()?, reader.str()?);
    let _kind = reader.u8()?;
    let _machine = reader.str()?;
    reader.u64()
}

/// The last part of an alias's key.
pub(crate) fn alias_name(key: &[u8]) -> Result<String> {
    let mut reader = KeyReader::new(key, tags::STATES)?;
    let _scope = (reader.str()?, reader.str()?);
    let _kind = reader.u8()?;
    let _machine = reader.str()?;
    reader.str()
}

#[cfg(test)]
mod tests {
    use updraft_kernel::{AccountId, Region};

    use super::*;

    fn machine(name: &str) -> MachineId {
        MachineId { account: AccountId::local(), region: Region::default_region(), name: name.into() }
    }

    #[test]
    fn versions_and_aliases_are_their_machines_own() {
        let (m, n) = (machine("m"), machine("mm"));
        let sorted = [VersionKey(&m, 2).encode(), VersionKey(&m, 300).encode(), VersionKey(&n, 1).encode()];
        assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(sorted.iter().filter(|key| VersionKey::of_machine(&m).contains(key)).count(), 2);
        assert_eq!(of_machine_number(&sorted[1]).unwrap(), 300);
        let aliases = [AliasKey(&m, "a").encode(), AliasKey(&m, "b").encode(), AliasKey(&n, "a").encode()];
        assert_eq!(aliases.iter().filter(|key| AliasKey::of_machine(&m).contains(key)).count(), 2);
        assert_eq!(alias_name(&aliases[1]).unwrap(), "b");
    }
}
