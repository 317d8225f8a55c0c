//! What ACLs let their grantees do.

use updraft_api_s3::types::{Grant, Permission, Type};
use updraft_kernel::Principal;
use updraft_policy::Who;

use crate::model::acl::{AUTHENTICATED, EVERYBODY};

/// Who asks, and whether grants to everybody count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grantees<'a> {
    pub(crate) who: Who<'a>,
    pub(crate) public: bool,
}

/// Whether a bucket's ACL allows it.
pub(crate) fn of_bucket(grants: &[Grant], action: &str, grantees: Grantees<'_>) -> bool {
    let needed = match action {
        "s3:ListBucket" | "s3:ListBucketVersions" | "s3:ListBucketMultipartUploads" => Permission::Read,
        "s3:PutObject" | "s3:DeleteObject" => Permission::Write,
        "s3:GetBucketAcl" => Permission::ReadAcp,
        "s3:PutBucketAcl" => Permission::WriteAcp,
        _ => return false,
    };
    allow(grants, &needed, grantees)
}

/// What an object's ACL must grant; `None`: it has no say.
pub(crate) fn needed_of_object(action: &str) -> Option<Permission> {
    match action {
        "s3:GetObject" | "s3:GetObjectVersion" => Some(Permission::Read),
        "s3:GetObjectAcl" | "s3:GetObjectVersionAcl" => Some(Permission::ReadAcp),
        "s3:PutObjectAcl" | "s3:PutObjectVersionAcl" => Some(Permission::WriteAcp),
        _ => None,
    }
}

pub(crate) fn of_object(grants: &[Grant], action: &str, grantees: Grantees<'_>) -> bool {
    needed_of_object(action).is_some_and(|needed| allow(grants, &needed, grantees))
}

fn allow(grants: &[Grant], needed: &Permission, grantees: Grantees<'_>) -> bool {
    grants.iter().any(|grant| {
        let enough =
            grant.permission.as_ref().is_some_and(|given| *given == Permission::FullControl || given == needed);
        enough && is_to(grant, grantees)
    })
}

fn is_to(grant: &Grant, Grantees { who, public }: Grantees<'_>) -> bool {
    let Some(grantee) = &grant.grantee else { return false };
    let signed = who.identity.principal != Principal::Anonymous;
    match (&grantee.r#type, grantee.id.as_deref(), grantee.uri.as_deref()) {
        (Type::CanonicalUser, Some(id), _) => signed && who.canonical == Some(id),
        (Type::Group, _, Some(EVERYBODY)) => public,
        (Type::Group, _, Some(AUTHENTICATED)) => public && signed,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use updraft_kernel::{AccountId, Identity};

    use super::*;
    use crate::model::acl::{Whose, canned};

    const OWNER: Whose<'_> = Whose { owner: "owner", bucket: None };

    #[test]
    fn what_grants_let_do() {
        let named = Identity::root(AccountId::local());
        let nobody = Identity { principal: Principal::Anonymous, ..named.clone() };
        let told = |acl: &str, action: &str, identity: &Identity, public| {
            let who = Who { identity, partition: "aws", canonical: Some("other") };
            of_bucket(&canned(acl, OWNER).unwrap(), action, Grantees { who, public })
        };
        assert!(told("public-read", "s3:ListBucket", &nobody, true));
        assert!(!told("public-read", "s3:ListBucket", &nobody, false), "ignored");
        assert!(!told("public-read", "s3:PutObject", &nobody, true));
        assert!(!told("public-read", "s3:GetBucketPolicy", &nobody, true));
        assert!(told("public-read-write", "s3:PutObject", &nobody, true));
        assert!(told("authenticated-read", "s3:ListBucket", &named, true));
        assert!(!told("authenticated-read", "s3:ListBucket", &nobody, true));
        assert!(!told("private", "s3:ListBucket", &named, true));
        let owner = Who { identity: &named, partition: "aws", canonical: Some("owner") };
        let grants = canned("private", OWNER).unwrap();
        assert!(of_bucket(&grants, "s3:PutBucketAcl", Grantees { who: owner, public: false }));
    }
}
