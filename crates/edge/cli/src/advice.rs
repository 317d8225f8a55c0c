//! What to do about what the platform says.

use anyhow::{Error, anyhow};

use crate::aws::{Aws, Refusal};
use crate::lambda;

/// Names that are listed where one was mistyped.
const LISTED: usize = 5;
/// How alike two names must be for one to be taken for the other mistyped, of 1.
const ALIKE: f64 = 0.75;

/// `error`, with what to do about it as far as that is known; it came of a request that is about `function`.
pub(crate) async fn given(aws: &Aws, function: &str, error: Error) -> Error {
    let Some(Refusal { code, message, .. }) = error.downcast_ref::<Refusal>() else { return error };
    let message = message.trim_end_matches('.');
    match code.as_str() {
        "ResourceNotFoundException" => anyhow!("{message}{}", missing(aws, function).await),
        "UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidSignatureException" => anyhow!(
            "{message}; the platform doesn't know the credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: a \
             platform on this machine takes test and test"
        ),
        "NotImplemented" => anyhow!("{message}; this version of the platform can't do that yet"),
        "TooManyRequestsException" => anyhow!("{message}; try again, or give the function more concurrency"),
        _ => error,
    }
}

async fn missing(aws: &Aws, function: &str) -> String {
    let region = aws.region();
    let Ok(names) = lambda::names(aws).await else { return String::new() };
    if names.iter().any(|name| name == function) {
        return String::new();
    }
    match closest(function, &names) {
        Some(name) => format!("; is it {name}?"),
        None if names.is_empty() => {
            format!("; there are no functions in {region} of this account yet: `updraft dev FOLDER` makes one")
        }
        None => format!("; in {region} there are: {}", listed(&names)),
    }
}

fn closest<'a>(function: &str, names: &'a [String]) -> Option<&'a str> {
    let rated = names.iter().map(|name| (strsim::jaro_winkler(function, name), name.as_str()));
    let (alike, name) = rated.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (alike >= ALIKE).then_some(name)
}

fn listed(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(LISTED).map(String::as_str).collect();
    let more = names.len().saturating_sub(LISTED);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_right_is_found() {
        let names = ["orders", "products-api"].map(str::to_owned);
        assert_eq!(closest("product-api", &names), Some("products-api"));
        assert_eq!(closest("zebra", &names), None);
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<_> = (0..7).map(|n| format!("f{n}")).collect();
        assert_eq!(listed(&names), "f0, f1, f2, f3, f4 and 2 more");
        assert_eq!(listed(&names[..2]), "f0, f1");
    }
}
