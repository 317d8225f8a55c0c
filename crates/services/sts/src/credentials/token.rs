//! Session tokens: a version, what the session is, and a MAC over both, in base 64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Identity, Principal, UnixMillis};
use updraft_store::{Row, decode_row, encode_row};

use super::MasterKey;

/// Bytes of the MAC, which stands first.
const SEAL: usize = 32;

/// Everything about a session. Encoded like a row of the store, so that its format has a version too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) account: AccountId,
    actor: Actor,
    pub(super) expires: UnixMillis,
    pub(super) access_key_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Actor {
    Root,
    User { name: String, id: String },
    Role { role: String, role_id: String, session: String },
}

impl Row for Session {
    const VERSION: u8 = 1;
}

impl Session {
    pub(super) fn new(account: AccountId, principal: &Principal, expires: UnixMillis, access_key_id: String) -> Self {
        let actor = match principal.clone() {
            Principal::User { name, id } => Actor::User { name, id },
            Principal::AssumedRole { role, role_id, session } => Actor::Role { role, role_id, session },
            Principal::Service(service) => {
                Actor::Role { role: service.to_owned(), role_id: service.to_owned(), session: service.to_owned() }
            }
            // Nobody unsigned gets this far: the gateway lets no anonymous caller ask for a session.
            Principal::Root | Principal::Anonymous => Actor::Root,
        };
        Self { account, actor, expires, access_key_id }
    }

    pub(super) fn identity(self) -> Identity {
        let principal = match self.actor {
            Actor::Root => Principal::Root,
            Actor::User { name, id } => Principal::User { name, id },
            Actor::Role { role, role_id, session } => Principal::AssumedRole { role, role_id, session },
        };
        Identity { account: self.account, principal, access_key_id: self.access_key_id }
    }

    pub(super) fn seal(&self, master: &MasterKey) -> String {
        let body = encode_row(self).unwrap_or_default();
        let mut token = master.mac("token", &body).finalize().into_bytes().to_vec();
        token.extend_from_slice(&body);
        STANDARD.encode(token)
    }

    /// `None`: it isn't a token of this master key.
    pub(super) fn open(token: &str, master: &MasterKey) -> Option<Self> {
        let bytes = STANDARD.decode(token).ok()?;
        let (seal, body) = bytes.split_at_checked(SEAL)?;
        master.mac("token", body).verify_slice(seal).ok()?;
        decode_row(b"session token", body).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let role = Principal::AssumedRole { role: "r".into(), role_id: "AROA".into(), session: "s".into() };
        Session::new(AccountId::local(), &role, UnixMillis(7), "ASIA".into())
    }

    #[test]
    fn a_token_opens_with_its_master_key_only() {
        let master = MasterKey::new([1; 32]);
        let token = session().seal(&master);
        assert_eq!(Session::open(&token, &master), Some(session()));
        assert_eq!(Session::open(&token, &MasterKey::new([2; 32])), None);
        for bad in ["", "test", "AAAA", &token[..token.len() - 4]] {
            assert_eq!(Session::open(bad, &master), None);
        }
    }

    #[test]
    fn every_changed_byte_breaks_the_seal() {
        let master = MasterKey::new([1; 32]);
        let bytes = STANDARD.decode(session().seal(&master)).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(Session::open(&STANDARD.encode(changed), &master), None, "byte {at}");
        }
    }

    /// Tokens outlive restarts and upgrades: these bytes may never change.
    #[test]
    fn golden_token() {
        let body = encode_row(&session()).unwrap();
        assert_eq!(body[..], *b"\x01\x0c000000000000\x02\x01r\x04AROA\x01s\x0e\x04ASIA");
    }
}
