//! Which route a request takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::model::{IntegrationRow, PathPart, RouteKey, RouteRow, Snapshot};

/// A route as requests see it.
#[derive(Debug)]
pub(crate) struct LiveRoute {
    pub(crate) key: String,
    parsed: RouteKey,
    /// `None`: the route has no target.
    pub(crate) integration: Option<Arc<IntegrationRow>>,
}

impl LiveRoute {
    /// The method and the path of the route's key, with `*` for `ANY`; `None` for `$default`.
    pub(crate) fn method_and_path(&self) -> Option<(&str, &str)> {
        let (method, path) = self.key.split_once(' ')?;
        Some((if method == "ANY" { "*" } else { method }, path))
    }
}

/// The path's variables, decoded.
pub(crate) type Variables = BTreeMap<String, String>;

/// All routes of a deployment, the most specific first.
#[derive(Debug, Default)]
pub(crate) struct Router {
    routes: Vec<LiveRoute>,
    default: Option<LiveRoute>,
}

impl Router {
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        let integrations: BTreeMap<_, _> =
            snapshot.integrations.into_iter().map(|row| (row.integration_id.clone(), Arc::new(row))).collect();
        let live = |row: RouteRow| {
            let integration = row.integration_id().and_then(|id| integrations.get(id)).cloned();
            let parsed = RouteKey::parse(&row.route_key).ok()?;
            Some(LiveRoute { key: row.route_key, parsed, integration })
        };
        let (mut defaults, mut routes): (Vec<_>, Vec<_>) =
            snapshot.routes.into_iter().filter_map(live).partition(|route| route.parsed == RouteKey::Default);
        routes.sort_by_key(priority);
        Self { routes, default: defaults.pop() }
    }

    /// `path` is not decoded, without the stage.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<(&LiveRoute, Variables)> {
        let segments: Vec<_> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let found = self.routes.iter().find_map(|route| Some((route, matches(route, method, &segments)?)));
        found.or_else(|| self.default.as_ref().map(|route| (route, Variables::new())))
    }
}

/// The path counts before the method: what is literal before variables, these before greedy ones, methods before `ANY`.
fn priority(route: &LiveRoute) -> (Vec<u8>, bool) {
    let RouteKey::Http { method, path } = &route.parsed else { return (Vec::new(), false) };
    let rank = |part: &PathPart| match part {
        PathPart::Literal(_) => 0,
        PathPart::Variable(_) => 1,
        PathPart::Greedy(_) => 2,
    };
    (path.iter().map(rank).collect(), method == "ANY")
}

fn matches(route: &LiveRoute, asked: &Method, segments: &[&str]) -> Option<Variables> {
    let RouteKey::Http { method, path } = &route.parsed else { return None };
    if method != "ANY" && method != asked.as_str() {
        return None;
    }
    let mut variables = Variables::new();
    let mut rest = segments;
    for part in path {
        let (first, tail) = rest.split_first()?;
        match part {
            PathPart::Literal(text) => (decode(first) == *text).then_some(())?,
            PathPart::Variable(name) => bind(&mut variables, name, first)?,
            PathPart::Greedy(name) => {
                bind(&mut variables, name, &rest.join("/"))?;
                return Some(variables);
            }
        }
        rest = tail;
    }
    rest.is_empty().then_some(variables)
}

/// Nothing at all is no value.
fn bind(variables: &mut Variables, name: &str, raw: &str) -> Option<()> {
    (!raw.is_empty()).then(|| variables.insert(name.to_owned(), decode(raw))).map(drop)
}

pub(crate) fn decode(raw: &str) -> String {
    percent_decode_str(raw).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(keys: &[&str]) -> Router {
        let route = |key: &&str| RouteRow {
            route_id: (*key).to_owned(),
            route_key: (*key).to_owned(),
            target: None,
            operation_name: None,
            managed: false,
        };
        let routes = keys.iter().map(route).collect();
        Router::new(Snapshot { deployment_id: String::new(), routes, integrations: vec![] })
    }

    fn taken(router: &Router, request: &str) -> String {
        let (method, path) = request.split_once(' ').unwrap();
        let found = router.find(&method.parse().unwrap(), path);
        found.map_or("none".to_owned(), |(route, _)| route.key.clone())
    }

    /// The example of AWS's developer guide, and its neighbours.
    #[test]
    fn the_most_specific_route_is_taken() {
        let router = router(&[
            "ANY /{proxy+}",
            "GET /pets/{proxy+}",
            "GET /pets/dog/{id}",
            "GET /pets/dog/1",
            "ANY /pets/dog/{id}",
            "$default",
        ]);
        for (request, route) in [
            ("GET /pets/dog/1", "GET /pets/dog/1"),
            ("GET /pets/dog/2", "GET /pets/dog/{id}"),
            ("PUT /pets/dog/2", "ANY /pets/dog/{id}"),
            ("GET /pets/cat/1", "GET /pets/{proxy+}"),
            ("POST /test/5", "ANY /{proxy+}"),
            ("GET /", "$default"),
            ("POST /pets/cat/1", "ANY /{proxy+}"),
        ] {
            assert_eq!(taken(&router, request), route, "{request}");
        }
    }

    #[test]
    fn a_path_matches_whole() {
        let router = router(&["GET /pets", "GET /pets/{id}", "GET /", "GET /files/{path+}"]);
        for (request, route) in [
            ("GET /pets", "GET /pets"),
            ("GET /pets/", "none"),
            ("GET /pets/1/2", "none"),
            ("GET /", "GET /"),
            ("POST /pets", "none"),
            ("GET /files/a/b/c", "GET /files/{path+}"),
            ("GET /files/", "none"),
            ("GET /files", "none"),
            ("GET //", "none"),
            ("GET //pets", "none"),
        ] {
            assert_eq!(taken(&router, request), route, "{request}");
        }
    }

    #[test]
    fn variables_are_decoded() {
        let router = router(&["GET /a/{id}/{rest+}"]);
        let (_, variables) = router.find(&Method::GET, "/a/x%20y/p%2Fq/r").unwrap();
        assert_eq!(variables["id"], "x y");
        assert_eq!(variables["rest"], "p/q/r");
    }
}
