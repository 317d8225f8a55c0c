//! Keys in, identities out; roles in, sessions out.

mod keys;
mod token;

use std::fmt;
use std::sync::Arc;

use updraft_kernel::ports::{CredentialsPort, ResolvedKey, SecretKey, SessionCredentials, SessionRequest, UnknownKey};
use updraft_kernel::{AccountId, BoxFuture, Clock, Identity, Principal, Rng, UnixMillis};

pub(crate) use keys::role_id;
pub use keys::{MasterKey, RootKey};
use token::Session;

/// What access keys begin with that belong to a session.
const SESSION_PREFIX: &str = "ASIA";
/// The secret of the conventional keys.
const CONVENTIONAL_SECRET: &str = "test";

/// What decides who is who.
pub struct Config {
    /// Kept in the data folder; who has it can make every session.
    pub master: MasterKey,
    /// Accept `test` and twelve-digit key ids with the secret `test` as the roots of their accounts. Only ever on
    /// loopback.
    pub conventional: bool,
    /// The real root key, where one was made.
    pub root: Option<RootKey>,
}

/// The house's [`CredentialsPort`]. Sessions end by *real* time: their clients live in it.
pub struct Credentials {
    config: Config,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl Credentials {
    #[must_use]
    pub fn new(config: Config, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { config, clock, rng }
    }

    /// Credentials of `account` that end at `expires` (real time) and act as `principal`.
    #[must_use]
    pub(crate) fn session(&self, account: AccountId, principal: &Principal, expires: UnixMillis) -> SessionCredentials {
        let access_key_id = keys::session_key_id(&account, &*self.rng);
        let session = Session::new(account, principal, expires, access_key_id.clone());
        let session_token = session.seal(&self.config.master);
        let secret = self.config.master.secret_of(&access_key_id);
        SessionCredentials { access_key_id, secret, session_token, expires }
    }

    /// Real now, which sessions are measured by.
    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.real_now()
    }

    fn find(&self, key_id: &str, token: Option<&str>) -> Result<ResolvedKey, UnknownKey> {
        if key_id.starts_with(SESSION_PREFIX) {
            return self.find_session(key_id, token);
        }
        if let Some(root) = self.config.root.as_ref().filter(|root| root.access_key_id == key_id) {
            return Ok(root_of(root.account.clone(), key_id, root.secret.clone()));
        }
        let account = self.conventional(key_id).ok_or(UnknownKey::KeyId)?;
        Ok(root_of(account, key_id, SecretKey(CONVENTIONAL_SECRET.to_owned())))
    }

    fn conventional(&self, key_id: &str) -> Option<AccountId> {
        match key_id {
            _ if !self.config.conventional => None,
            "test" => Some(AccountId::local()),
            digits => AccountId::parse(digits).ok(),
        }
    }

    fn find_session(&self, key_id: &str, token: Option<&str>) -> Result<ResolvedKey, UnknownKey> {
        let session = Session::open(token.ok_or(UnknownKey::Token)?, &self.config.master).ok_or(UnknownKey::Token)?;
        if session.access_key_id != key_id {
            return Err(UnknownKey::Token);
        }
        let expires = session.expires;
        if self.now() >= expires {
            return Err(UnknownKey::Expired);
        }
        Ok(ResolvedKey {
            identity: session.identity(),
            secret: self.config.master.secret_of(key_id),
            expires: Some(expires),
        })
    }
}

fn root_of(account: AccountId, key_id: &str, secret: SecretKey) -> ResolvedKey {
    let identity = Identity { access_key_id: key_id.to_owned(), ..Identity::root(account) };
    ResolvedKey { identity, secret, expires: None }
}

impl CredentialsPort for Credentials {
    fn resolve<'a>(
        &'a self,
        key_id: &'a str,
        token: Option<&'a str>,
    ) -> BoxFuture<'a, Result<ResolvedKey, UnknownKey>> {
        Box::pin(std::future::ready(self.find(key_id, token)))
    }

    fn issue(&self, request: SessionRequest) -> SessionCredentials {
        let SessionRequest { account, role, session_name, expires } = request;
        let role = keys::role_name(&role.resource).to_owned();
        let role_id = role_id(&account, &role);
        self.session(account, &Principal::AssumedRole { role, role_id, session: session_name }, expires)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("conventional", &self.config.conventional).finish_non_exhaustive()
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("conventional", &self.conventional).finish_non_exhaustive()
    }
}
