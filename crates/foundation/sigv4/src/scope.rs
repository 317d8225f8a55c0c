//! The credential: a key id and the scope its signature is good for.

/// What a signing key is derived for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// `YYYYMMDD`, as it was sent.
    pub date: String,
    pub region: String,
    /// The signing name, such as `monitoring` for CloudWatch.
    pub service: String,
    /// `aws4_request`, unless the client is wrong.
    pub(crate) terminator: String,
}

pub(crate) const TERMINATOR: &str = "aws4_request";

impl Scope {
    #[must_use]
    pub fn new(date: &str, region: &str, service: &str) -> Self {
        let terminator = TERMINATOR.to_owned();
        Self { date: date.to_owned(), region: region.to_owned(), service: service.to_owned(), terminator }
    }

    /// `date/region/service/aws4_request`.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}/{}/{}/{}", self.date, self.region, self.service, self.terminator)
    }

    /// Whether the signature follows S3's rules: the path is encoded once and never normalised, and the payload's
    /// hash is what the client declares it to be.
    #[must_use]
    pub fn is_s3(&self) -> bool {
        matches!(self.service.as_str(), "s3" | "s3express" | "s3-object-lambda" | "s3-outposts")
    }
}

/// Takes `keyid/date/region/service/aws4_request` apart. `None`: it hasn't five parts, or one is empty.
#[must_use]
pub fn parse_credential(text: &str) -> Option<(String, Scope)> {
    // A key id may hold slashes in theory; the four parts behind it may not.
    let mut parts = text.rsplitn(5, '/').map(str::to_owned);
    let (terminator, service, region, date) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let key_id = parts.next()?;
    let whole = [&key_id, &date, &region, &service].iter().all(|part| !part.is_empty()) && !key_id.contains('/');
    whole.then_some((key_id, Scope { date, region, service, terminator }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_has_five_parts() {
        let (key, scope) = parse_credential("AKID/20150830/us-east-1/iam/aws4_request").unwrap();
        assert_eq!(key, "AKID");
        assert_eq!(scope.text(), "20150830/us-east-1/iam/aws4_request");
        for bad in ["", "AKID", "AKID/20150830/us-east-1/iam", "/20150830/us-east-1/iam/aws4_request", "a/b/c/d/e/f"] {
            assert_eq!(parse_credential(bad), None, "{bad}");
        }
    }
}
