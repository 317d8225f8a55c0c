//! Which operation a method and path mean.

use std::sync::OnceLock;

use crate::http::Request;
use crate::model::{Location, Operation, ServiceModel};
use crate::text;

/// The parts of a path that a template names, decoded.
pub(crate) type Labels = Vec<(&'static str, String)>;

/// The templates of a service, taken apart when first needed.
#[derive(Debug, Default)]
pub struct Routes(OnceLock<Vec<Route>>);

#[derive(Debug)]
struct Route {
    op: &'static Operation,
    segments: Vec<Segment>,
    /// What the query must contain, and with which value if the template gives one.
    query: Vec<(&'static str, Option<&'static str>)>,
    /// Members that must be present in query and headers: they tell apart operations of one template.
    required_query: Vec<&'static str>,
    required_headers: Vec<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    /// The rest of the path, with its slashes.
    Greedy(&'static str),
    Label(&'static str),
    Literal(&'static str),
}

/// How well a route fits; greater is better.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    query: usize,
    literals: Vec<u8>,
    complete: bool,
    required: usize,
    /// S3's oldest operations have the templates of those that replaced them.
    current: bool,
}

impl Routes {
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The operation that fits best, and the labels of its path; `None` too where a label is no UTF-8.
    pub(crate) fn find(&self, model: &'static ServiceModel, request: &Request) -> Option<(&'static Operation, Labels)> {
        let routes = self.0.get_or_init(|| model.operations.iter().map(Route::new).collect());
        let query = text::pairs(request.query)?;
        let path: Vec<&str> = segments(request.path);
        let fits = routes.iter().filter(|route| route.fits_length(&path) && route.op.method == request.method.as_str());
        let fits = fits.filter(|route| route.matches(&path, &query));
        // Of equals the first by name: `ListBuckets` goes before `ListDirectoryBuckets`.
        let best = fits.rev().max_by_key(|route| route.fit(request, &query))?;
        Some((best.op, best.labels(request.path, &path)?))
    }
}

/// A path's parts; that it ends in a slash makes no difference here.
fn segments(path: &str) -> Vec<&str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() { Vec::new() } else { path.split('/').collect() }
}

impl Route {
    fn new(op: &'static Operation) -> Self {
        let (path, query) = op.uri.split_once('?').unwrap_or((op.uri, ""));
        let at = |location: Location| {
            let members = op.input.map(|shape| shape.members).unwrap_or_default().iter();
            members
                .filter(move |member| member.required && member.location == location)
                .map(|member| member.wire)
                .collect()
        };
        Self {
            op,
            segments: segments(path).into_iter().map(Segment::new).collect(),
            query: query.split('&').filter(|part| !part.is_empty()).map(query_part).collect(),
            required_query: at(Location::Query),
            required_headers: at(Location::Header),
        }
    }

    /// A path of a length that fits.
    fn matches(&self, path: &[&str], query: &[(String, String)]) -> bool {
        self.segments.iter().zip(path).all(|(segment, part)| segment.matches(part))
            && self.query.iter().all(|(name, value)| {
                query.iter().any(|(found, with)| found == name && value.is_none_or(|value| value == with))
            })
    }

    fn fits_length(&self, path: &[&str]) -> bool {
        let greedy = matches!(self.segments.last(), Some(Segment::Greedy(_)));
        if greedy { path.len() >= self.segments.len() } else { path.len() == self.segments.len() }
    }

    fn fit(&self, request: &Request, query: &[(String, String)]) -> Fit {
        let in_query = self.required_query.iter().filter(|name| query.iter().any(|(found, _)| found == *name));
        let in_headers = self.required_headers.iter().filter(|name| request.headers.contains_key(**name));
        let required = in_query.count() + in_headers.count();
        Fit {
            query: self.query.len(),
            literals: self.segments.iter().map(Segment::rank).collect(),
            complete: required == self.required_query.len() + self.required_headers.len(),
            required,
            current: !self.op.deprecated,
        }
    }

    fn labels(&self, whole: &str, path: &[&str]) -> Option<Labels> {
        let mut labels = Labels::new();
        for (at, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Literal(_) => {}
                Segment::Label(name) => labels.push((name, text::percent_decoded(path.get(at)?)?)),
                Segment::Greedy(name) => labels.push((name, text::percent_decoded(rest(whole, at))?)),
            }
        }
        Some(labels)
    }
}

/// What stands behind the first `count` segments of a path, as it stands there.
fn rest(path: &str, count: usize) -> &str {
    let mut rest = path.strip_prefix('/').unwrap_or(path);
    for _ in 0..count {
        rest = rest.split_once('/').map_or("", |(_, rest)| rest);
    }
    rest
}

fn query_part(part: &'static str) -> (&'static str, Option<&'static str>) {
    part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value)))
}

impl Segment {
    fn new(part: &'static str) -> Self {
        let label = part.strip_prefix('{').and_then(|label| label.strip_suffix('}'));
        match label.map(|label| label.strip_suffix('+').ok_or(label)) {
            Some(Ok(greedy)) => Self::Greedy(greedy),
            Some(Err(label)) => Self::Label(label),
            None => Self::Literal(part),
        }
    }

    fn matches(&self, part: &str) -> bool {
        match self {
            Self::Literal(literal) => *literal == part,
            Self::Label(_) | Self::Greedy(_) => !part.is_empty() || matches!(self, Self::Greedy(_)),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Greedy(_) => 0,
            Self::Label(_) => 1,
            Self::Literal(_) => 2,
        }
    }
}
