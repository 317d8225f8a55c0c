//! Who may call a URL.

use std::sync::Arc;

use updraft_kernel::ports::Signer;
use updraft_kernel::{AwsError, Identity, Region};
use updraft_sigv4::{AuthError, ScopeError, Style};

use super::live::Live;
use crate::model::url::Auth;
use crate::model::written::UrlCaller;

/// Why a request isn't let in.
#[derive(Debug)]
pub(super) enum Denied {
    Forbidden,
    /// Its signature doesn't hold.
    Signature(Arc<AwsError>),
}

/// Who calls, where that is asked for; `enforced`: the resource policy counts.
pub(super) fn check(live: &Live, signer: &Signer, enforced: bool) -> Result<Option<Arc<Identity>>, Denied> {
    let caller = match live.row.auth {
        Auth::None => None,
        Auth::Iam => Some(signed(signer, &live.target.id.region)?),
    };
    let owner = &live.target.id.account;
    // AWS: a caller of the same account needs its own policy's word or this one's; the first is IAM's to say.
    let own = caller.as_ref().is_some_and(|caller| caller.account == *owner);
    let partition = live.target.id.region.partition();
    let asked = UrlCaller { auth: live.row.auth, identity: caller.as_deref(), partition };
    if !enforced || live.policy.says_of_url(asked).unwrap_or(own) {
        return Ok(caller);
    }
    Err(Denied::Forbidden)
}

fn signed(signer: &Signer, here: &Region) -> Result<Arc<Identity>, Denied> {
    match signer {
        Signer::Nobody => Err(Denied::Forbidden),
        Signer::Refused(error) => Err(Denied::Signature(Arc::clone(error))),
        Signer::Known { identity, region } if region == here => Ok(Arc::clone(identity)),
        Signer::Known { region, .. } => {
            let (given, expected) = (region.as_str().to_owned(), here.as_str().to_owned());
            let scope = AuthError::BadScope(ScopeError::Region { given, expected });
            Err(Denied::Signature(Arc::new(updraft_sigv4::to_aws(&scope, Style::RestJson))))
        }
    }
}
