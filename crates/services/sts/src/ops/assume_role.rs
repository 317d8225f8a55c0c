//! `AssumeRole`.

use updraft_api_sts::types::{AssumeRoleInput, AssumeRoleOutput, AssumedRoleUser};
use updraft_kernel::{AccountId, Arn, AwsError, Ctx, Identity, Principal};

use super::{seconds, wire};
use crate::Sts;
use crate::credentials::role_id;
use crate::errors::{access_denied, malformed_policy, validation};

const DEFAULT_SECONDS: i32 = 3600;
/// AWS: a session made by a session lives an hour at most, whatever the role allows.
const CHAINED_SECONDS: i32 = 3600;
/// AWS: what the packed session policy and tags may take together, in bytes.
const PACKED_LIMIT: usize = 2048;

pub(crate) async fn assume_role(svc: &Sts, cx: &Ctx, input: AssumeRoleInput) -> Result<AssumeRoleOutput, AwsError> {
    let arn = Arn::parse(&input.role_arn).map_err(|_| validation(format!("{} is invalid", input.role_arn)))?;
    let (account, role) = role_of(&arn).ok_or_else(|| not_authorized(&cx.identity, &arn))?;
    let duration = duration(&cx.identity, &input)?;
    check_policy(input.policy.as_deref())?;

    let expires = svc.credentials.now().plus(seconds(duration));
    let (role_id, session) = (role_id(&account, &role), input.role_session_name.clone());
    let assumed_role_id = format!("{role_id}:{session}");
    let principal = Principal::AssumedRole { role, role_id, session };
    let identity = Identity { account: account.clone(), principal, access_key_id: String::new() };
    let credentials = svc.credentials.session(account, &identity.principal, expires);
    Ok(AssumeRoleOutput {
        credentials: Some(wire(credentials)),
        assumed_role_user: Some(AssumedRoleUser { assumed_role_id, arn: identity.arn(&arn.partition) }),
        packed_policy_size: packed_size(&input),
        source_identity: input.source_identity.clone(),
        ..AssumeRoleOutput::default()
    })
}

/// Without IAM, every well-formed role exists and trusts everybody; also the root, which AWS would refuse.
fn role_of(arn: &Arn) -> Option<(AccountId, String)> {
    let account = AccountId::parse(&arn.account).ok()?;
    let name = arn.resource.strip_prefix("role/")?.rsplit('/').next().filter(|name| !name.is_empty())?;
    (arn.service == "iam").then(|| (account, name.to_owned()))
}

/// AWS: what isn't a role, or no role that may be assumed, is answered alike.
fn not_authorized(who: &Identity, arn: &Arn) -> AwsError {
    let who = who.arn(&arn.partition);
    access_denied(format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"))
}

fn duration(who: &Identity, input: &AssumeRoleInput) -> Result<i32, AwsError> {
    let asked = input.duration_seconds.unwrap_or(DEFAULT_SECONDS);
    if matches!(who.principal, Principal::AssumedRole { .. }) && asked > CHAINED_SECONDS {
        return Err(validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ));
    }
    Ok(asked)
}

fn check_policy(policy: Option<&str>) -> Result<(), AwsError> {
    match policy.map(serde_json::from_str::<serde_json::Value>) {
        None | Some(Ok(serde_json::Value::Object(_))) => Ok(()),
        Some(_) => Err(malformed_policy("This policy contains invalid Json")),
    }
}

/// In percent of what is allowed; answered only where something was packed.
fn packed_size(input: &AssumeRoleInput) -> Option<i32> {
    let tags = input.tags.iter().flatten().map(|tag| tag.key.len() + tag.value.len());
    let arns = input.policy_arns.iter().flatten().filter_map(|policy| policy.arn.as_ref()).map(String::len);
    let bytes = input.policy.as_ref().map_or(0, String::len) + tags.sum::<usize>() + arns.sum::<usize>();
    (bytes > 0).then(|| i32::try_from((bytes * 100).div_ceil(PACKED_LIMIT)).unwrap_or(i32::MAX))
}
