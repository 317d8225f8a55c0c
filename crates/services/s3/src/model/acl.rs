//! Access control lists: what is asked for by name, in headers or in a document, as the grants that it means.

use updraft_api_s3::types::{AccessControlPolicy, Grant, Grantee, Owner, Permission, Type};
use updraft_kernel::AwsError;

use crate::errors::{
    access_denied, argument_without_words, invalid_request, invalid_value, malformed_acl, missing_acl,
    unexpected_content, unresolvable_email,
};

pub(crate) const EVERYBODY: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
pub(crate) const AUTHENTICATED: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
pub(crate) const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/// What a request says of an ACL.
#[derive(Debug, Default)]
pub(crate) struct Asked<'a> {
    /// `x-amz-acl`.
    pub(crate) canned: Option<&'a str>,
    /// `x-amz-grant-read` and its like, by their names.
    pub(crate) headers: Vec<(&'static str, Option<&'a str>)>,
    pub(crate) document: Option<AccessControlPolicy>,
}

impl Asked<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.canned.is_none() && self.document.is_none() && self.headers.iter().all(|(_, text)| text.is_none())
    }
}

/// Canonical ids.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whose<'a> {
    /// Of the bucket or the object that the ACL is of.
    pub(crate) owner: &'a str,
    /// Of an object: of the bucket that it is in.
    pub(crate) bucket: Option<&'a str>,
}

/// The grants that are asked for.
///
/// # Errors
/// If nothing is asked for, in two ways at once, or what can't be.
pub(crate) fn grants(asked: Asked<'_>, whose: Whose<'_>) -> Result<Vec<Grant>, AwsError> {
    let headers: Vec<(&str, &str)> = asked.headers.into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
    if asked.canned.is_some() && !headers.is_empty() {
        return Err(invalid_request("Specifying both Canned ACLs and Header Grants is not allowed"));
    }
    if asked.document.is_some() && (asked.canned.is_some() || !headers.is_empty()) {
        return Err(unexpected_content());
    }
    match (asked.canned, asked.document) {
        (Some(name), _) => canned(name, whose).ok_or_else(|| argument_without_words("x-amz-acl", name)),
        (None, Some(document)) => of_document(document, whose.owner),
        (None, None) if headers.is_empty() => Err(missing_acl()),
        (None, None) => {
            let listed =
                headers.into_iter().map(|(name, text)| of_header(name, text)).collect::<Result<Vec<_>, _>>()?;
            Ok(listed.into_iter().flatten().collect())
        }
    }
}

/// What a bucket or an object has where nobody asked for anything else.
pub(crate) fn private(owner: &str) -> Vec<Grant> {
    vec![to_user(owner, Permission::FullControl)]
}

/// The grants of that name; `None`: there is no such name.
pub(crate) fn canned(name: &str, whose: Whose<'_>) -> Option<Vec<Grant>> {
    let to_bucket = |permission| {
        let other = whose.bucket.filter(|bucket| *bucket != whose.owner);
        private(whose.owner).into_iter().chain(other.map(|bucket| to_user(bucket, permission))).collect()
    };
    let more: &[(&str, Permission)] = match (name, whose.bucket) {
        ("bucket-owner-full-control", _) => return Some(to_bucket(Permission::FullControl)),
        ("bucket-owner-read", _) => return Some(to_bucket(Permission::Read)),
        // AWS: that is for images of machines, which aren't here to read it.
        ("private", _) | ("aws-exec-read", Some(_)) => &[],
        ("public-read", _) => &[(EVERYBODY, Permission::Read)],
        ("public-read-write", _) => &[(EVERYBODY, Permission::Read), (EVERYBODY, Permission::Write)],
        ("authenticated-read", _) => &[(AUTHENTICATED, Permission::Read)],
        ("log-delivery-write", None) => &[(LOG_DELIVERY, Permission::Write), (LOG_DELIVERY, Permission::ReadAcp)],
        _ => return None,
    };
    let groups = more.iter().map(|(group, permission)| to_group(group, permission.clone()));
    Some(private(whose.owner).into_iter().chain(groups).collect())
}

fn to_user(id: &str, permission: Permission) -> Grant {
    let grantee = Grantee { id: Some(id.to_owned()), r#type: Type::CanonicalUser, ..Grantee::default() };
    Grant { grantee: Some(grantee), permission: Some(permission) }
}

fn to_group(uri: &str, permission: Permission) -> Grant {
    let grantee = Grantee { uri: Some(uri.to_owned()), r#type: Type::Group, ..Grantee::default() };
    Grant { grantee: Some(grantee), permission: Some(permission) }
}

/// Whether everybody, or everybody who signs, is granted something.
pub(crate) fn is_public(grants: &[Grant]) -> bool {
    let uri = |grant: &Grant| grant.grantee.as_ref().and_then(|grantee| grantee.uri.clone());
    grants.iter().filter_map(uri).any(|uri| matches!(uri.as_str(), EVERYBODY | AUTHENTICATED))
}

fn is_group(uri: &str) -> bool {
    matches!(uri, EVERYBODY | AUTHENTICATED | LOG_DELIVERY)
}

fn is_id(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn of_header(name: &'static str, text: &str) -> Result<Vec<Grant>, AwsError> {
    let permission = match name {
        "x-amz-grant-full-control" => Permission::FullControl,
        "x-amz-grant-read" => Permission::Read,
        "x-amz-grant-read-acp" => Permission::ReadAcp,
        "x-amz-grant-write" => Permission::Write,
        _ => Permission::WriteAcp,
    };
    let one = |part: &str| {
        let unknown = || invalid_value(name, text, "Argument format not recognized");
        let (kind, value) = part.trim().split_once('=').ok_or_else(unknown)?;
        let value = value.trim().trim_matches('"');
        match kind.trim() {
            "id" if is_id(value) => Ok(to_user(value, permission.clone())),
            "id" => Err(invalid_value("id", value, "Invalid id")),
            "uri" if is_group(value) => Ok(to_group(value, permission.clone())),
            "uri" => Err(invalid_value("uri", value, "Invalid group uri")),
            "emailAddress" => Err(unresolvable_email()),
            _ => Err(unknown()),
        }
    };
    text.split(',').map(one).collect()
}

fn of_document(document: AccessControlPolicy, owner: &str) -> Result<Vec<Grant>, AwsError> {
    let Some(Owner { id: Some(id), .. }) = &document.owner else { return Err(malformed_acl()) };
    let grants = document.grants.ok_or_else(malformed_acl)?;
    if !is_id(id) {
        return Err(invalid_value("CanonicalUser/ID", id, "Invalid id"));
    }
    grants.iter().try_for_each(check)?;
    // AWS: who owns something isn't changed by its ACL.
    if id != owner { Err(access_denied()) } else { Ok(grants) }
}

fn check(grant: &Grant) -> Result<(), AwsError> {
    let (Some(grantee), Some(_)) = (&grant.grantee, &grant.permission) else { return Err(malformed_acl()) };
    match (&grantee.r#type, &grantee.id, &grantee.uri) {
        (Type::CanonicalUser, Some(id), _) if is_id(id) => Ok(()),
        (Type::CanonicalUser, Some(id), _) => Err(invalid_value("CanonicalUser/ID", id, "Invalid id")),
        (Type::Group, _, Some(uri)) if is_group(uri) => Ok(()),
        (Type::Group, _, Some(uri)) => Err(invalid_value("Group/URI", uri, "Invalid group uri")),
        (Type::AmazonCustomerByEmail, _, _) if grantee.email_address.is_some() => Err(unresolvable_email()),
        _ => Err(malformed_acl()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789012345678901234567890123456789012345678901234567890123";

    fn told(asked: Asked<'_>) -> String {
        grants(asked, Whose { owner: ID, bucket: None })
            .map_or_else(|error| error.code().name.to_owned(), |grants| grants.len().to_string())
    }

    fn header(text: &str) -> Asked<'_> {
        Asked { headers: vec![("x-amz-grant-write", Some(text)), ("x-amz-grant-read", None)], ..Asked::default() }
    }

    #[test]
    fn what_is_asked_for() {
        for (name, expected) in
            [("private", "1"), ("public-read", "2"), ("public-read-write", "3"), ("x", "InvalidArgument")]
        {
            assert_eq!(told(Asked { canned: Some(name), ..Asked::default() }), expected, "{name}");
        }
        assert_eq!(told(Asked::default()), "MissingSecurityHeader");
        assert_eq!(told(header(&format!("id=\"{ID}\", uri={EVERYBODY}"))), "2");
        for wrong in ["fakekey=\"1234\"", "id=x", "uri=x", "", "id"] {
            assert_eq!(told(header(wrong)), "InvalidArgument", "{wrong}");
        }
        assert_eq!(told(header("emailAddress=a@b")), "UnresolvableGrantByEmailAddress");
        assert_eq!(told(Asked { canned: Some("private"), ..header("id=x") }), "InvalidRequest");
        let document = || Some(AccessControlPolicy::default());
        assert_eq!(told(Asked { document: document(), ..Asked::default() }), "MalformedACLError");
        assert_eq!(told(Asked { document: document(), ..header("id=x") }), "UnexpectedContent");
    }

    #[test]
    fn documents() {
        let owner = |id: &str| Some(Owner { id: Some(id.to_owned()), ..Owner::default() });
        let document = |owner, grant: Grant| {
            told(Asked { document: Some(AccessControlPolicy { grants: Some(vec![grant]), owner }), ..Asked::default() })
        };
        assert_eq!(document(owner(ID), to_user(ID, Permission::Read)), "1");
        assert_eq!(document(owner("x"), to_user(ID, Permission::Read)), "InvalidArgument");
        assert_eq!(document(owner(&"a".repeat(64)), to_user(ID, Permission::Read)), "AccessDenied");
        assert_eq!(document(None, to_user(ID, Permission::Read)), "MalformedACLError");
        assert_eq!(document(owner(ID), to_user("x", Permission::Read)), "InvalidArgument");
        assert_eq!(document(owner(ID), to_group("x", Permission::Read)), "InvalidArgument");
        assert_eq!(document(owner(ID), Grant::default()), "MalformedACLError");
    }
}
