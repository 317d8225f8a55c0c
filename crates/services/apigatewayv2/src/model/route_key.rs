//! Route keys: `GET /pets/{id}`, `ANY /{proxy+}`, `$default`.

use updraft_kernel::AwsError;

use crate::errors::{bad_request, bad_route_key, conflicting_variable, route_exists};
use crate::model::RouteRow;
use crate::model::stage::DEFAULT;

const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// One part of a route's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PathPart {
    Literal(String),
    /// `{name}`: any one segment.
    Variable(String),
    /// `{name+}`: the whole rest, at least one segment.
    Greedy(String),
}

impl PathPart {
    fn parse(raw: &str) -> Option<Self> {
        let Some(inner) = raw.strip_prefix('{') else {
            return (!raw.contains(['{', '}', ' '])).then(|| Self::Literal(raw.to_owned()));
        };
        let inner = inner.strip_suffix('}')?;
        let (name, greedy) = inner.strip_suffix('+').map_or((inner, false), |name| (name, true));
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
        if name.is_empty() || !name.bytes().all(legal) {
            return None;
        }
        Some(if greedy { Self::Greedy(name.to_owned()) } else { Self::Variable(name.to_owned()) })
    }

    /// What two paths share that match the same requests.
    fn shape(&self) -> (u8, &str) {
        match self {
            Self::Literal(text) => (0, text),
            Self::Variable(_) => (1, ""),
            Self::Greedy(_) => (2, ""),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RouteKey {
    Default,
    /// `method` is `ANY` or a method; `/` has no parts but an empty literal.
    Http {
        method: String,
        path: Vec<PathPart>,
    },
}

impl RouteKey {
    /// # Errors
    /// In AWS's words, if it is none.
    pub(crate) fn parse(raw: &str) -> Result<Self, AwsError> {
        if raw == DEFAULT {
            return Ok(Self::Default);
        }
        let (method, path) = raw.split_once(' ').ok_or_else(bad_route_key)?;
        let path = path.strip_prefix('/').filter(|_| METHODS.contains(&method)).ok_or_else(bad_route_key)?;
        Ok(Self::Http { method: method.to_owned(), path: parse_path(path)? })
    }

    /// Whether both match the same requests, only with other names of variables.
    fn conflicts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Http { method: a, path: p }, Self::Http { method: b, path: q }) => {
                a == b && p.iter().map(PathPart::shape).eq(q.iter().map(PathPart::shape))
            }
            _ => self == other,
        }
    }
}

fn parse_path(path: &str) -> Result<Vec<PathPart>, AwsError> {
    let parts: Option<Vec<_>> = path.split('/').map(PathPart::parse).collect();
    let parts = parts.ok_or_else(|| bad_request("One or more path parts appear to be invalid"))?;
    let greedy = parts.iter().position(|part| matches!(part, PathPart::Greedy(_)));
    if greedy.is_some_and(|at| at + 1 < parts.len()) {
        return Err(bad_request("A greedy path variable must be the last part of the path"));
    }
    Ok(parts)
}

/// Whether a route may be called `raw` beside the `others`.
///
/// # Errors
/// If one of them has that key, or one that differs only in its variables' names.
pub(crate) fn check_against<'a>(raw: &str, others: impl IntoIterator<Item = &'a RouteRow>) -> Result<(), AwsError> {
    let key = RouteKey::parse(raw)?;
    for other in others {
        if other.route_key == raw {
            return Err(route_exists(raw));
        }
        if RouteKey::parse(&other.route_key).is_ok_and(|other| key.conflicts(&other)) {
            return Err(conflicting_variable(raw, &other.route_key));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(parts: &[&str]) -> Vec<PathPart> {
        parts.iter().map(|part| PathPart::parse(part).unwrap()).collect()
    }

    #[test]
    fn route_keys_are_read() {
        let http = |method: &str, parts: &[&str]| RouteKey::Http { method: method.to_owned(), path: path(parts) };
        assert_eq!(RouteKey::parse("$default").unwrap(), RouteKey::Default);
        assert_eq!(RouteKey::parse("GET /").unwrap(), http("GET", &[""]));
        assert_eq!(RouteKey::parse("ANY /pets/{id}/{proxy+}").unwrap(), http("ANY", &["pets", "{id}", "{proxy+}"]));
        for bad in ["", "GET", "GET/pets", "GET pets", "get /pets", "FETCH /pets", "$other"] {
            let err = RouteKey::parse(bad).unwrap_err();
            assert!(err.message().starts_with("The provided route key is not formatted properly"), "{bad}");
        }
        for bad in ["GET /{}", "GET /{id", "GET /a{id}", "GET /{i d}", "GET /{proxy+}/x", "GET /a b"] {
            assert_eq!(RouteKey::parse(bad).unwrap_err().code().status, 400, "{bad}");
        }
    }

    #[test]
    fn two_routes_for_the_same_requests_conflict() {
        let row = |key: &str| RouteRow {
            route_id: String::new(),
            route_key: key.to_owned(),
            target: None,
            operation_name: None,
            managed: false,
        };
        let others = [row("GET /pets/{id}"), row("$default")];
        let message = |key| check_against(key, &others).unwrap_err().message().to_owned();
        assert_eq!(message("GET /pets/{id}"), "Route with key GET /pets/{id} already exists for this API");
        assert_eq!(
            message("GET /pets/{pet}"),
            "The provided route key \"GET /pets/{pet}\" has a conflicting variable on the same hierarchical level as \
             \"GET /pets/{id}\""
        );
        assert_eq!(message("$default"), "Route with key $default already exists for this API");
        for fine in ["POST /pets/{id}", "GET /pets/{proxy+}", "GET /pets", "ANY /pets/{id}"] {
            assert!(check_against(fine, &others).is_ok(), "{fine}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_route_key_is_read_as_it_was_written(raw in "(GET|ANY) (/([a-z.~-]{0,4}|\\{[a-z]{1,4}\\}))+(/\\{p\\+\\})?") {
            let RouteKey::Http { method, path } = RouteKey::parse(&raw).unwrap() else { panic!("{raw}") };
            let part = |part: &PathPart| match part {
                PathPart::Literal(text) => text.clone(),
                PathPart::Variable(name) => format!("{{{name}}}"),
                PathPart::Greedy(name) => format!("{{{name}+}}"),
            };
            let path: Vec<_> = path.iter().map(part).collect();
            proptest::prop_assert_eq!(format!("{method} /{}", path.join("/")), raw);
        }

        #[test]
        fn anything_else_is_an_error_and_no_panic(raw in "\\PC*") {
            if let Err(err) = RouteKey::parse(&raw) {
                proptest::prop_assert_eq!(err.code().status, 400);
            }
        }
    }
}
