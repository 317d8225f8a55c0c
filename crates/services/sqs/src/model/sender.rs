//! `SenderId`.

use updraft_kernel::{Identity, Principal};

/// Who sent a message, as AWS tells whoever receives it.
pub(crate) fn sender_id(identity: &Identity) -> String {
    match &identity.principal {
        Principal::Root => identity.account.to_string(),
        Principal::User { id, .. } => id.clone(),
        Principal::AssumedRole { role_id, session, .. } => format!("{role_id}:{session}"),
        Principal::Service(name) => (*name).to_owned(),
        Principal::Anonymous => "anonymous".to_owned(),
    }
}
