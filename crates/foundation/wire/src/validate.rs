//! What the model demands of an input, and AWS's words where it doesn't get it.

mod clause;
mod display;
mod s3;

use updraft_kernel::AwsError;

use crate::model::{Kind, Location, Member, Operation, ServiceModel, Shape, Style};
use crate::{Value, codes};

const NOT_NULL: &str = "Member must not be null";

/// Checks a whole input; all that is wrong with it is told in one error.
///
/// # Errors
/// The service's validation error.
pub fn check(model: &ServiceModel, op: &Operation, input: &Value) -> Result<(), AwsError> {
    let Some(shape) = op.input else { return Ok(()) };
    if model.style == Style::S3 {
        return s3::check(model, op, shape, input);
    }
    let mut found = Findings::default();
    found.structure(shape, input, &Path::Root(model, op));
    if found.0.is_empty() { Ok(()) } else { Err(error(model, &found.0)) }
}

fn error(model: &ServiceModel, found: &[Finding]) -> AwsError {
    if let (Style::Sqs, Some(missing)) = (model.style, found.iter().find_map(|f| f.missing)) {
        // AWS: SQS says it in words of its own.
        return AwsError::new(&codes::MISSING_PARAMETER, format!("The request must contain the parameter {missing}."));
    }
    let plural = if found.len() == 1 { "" } else { "s" };
    let list: Vec<&str> = found.iter().map(|finding| finding.text.as_str()).collect();
    let message = format!("{} validation error{plural} detected: {}", found.len(), list.join("; "));
    AwsError::new(model.validation.unwrap_or(&codes::VALIDATION), message)
}

/// One thing that is wrong.
struct Finding {
    text: String,
    /// The member that isn't there.
    missing: Option<&'static str>,
}

/// The way to a value, as AWS writes it.
enum Path<'a> {
    Root(&'a ServiceModel, &'a Operation),
    Member(&'a Path<'a>, &'static Member),
    /// Counted from one.
    Element(&'a Path<'a>, usize),
    Entry(&'a Path<'a>, &'a str),
}

impl Path<'_> {
    fn write(&self, out: &mut String) {
        match self {
            Self::Root(..) => {}
            Self::Member(parent, member) => {
                parent.write(out);
                if let Self::Root(model, op) = parent {
                    prefix(out, model, op, member);
                } else {
                    out.push('.');
                }
                out.push_str(&lower_first(member.name));
            }
            Self::Element(parent, at) => {
                parent.write(out);
                out.push_str(&format!(".{at}.member"));
            }
            Self::Entry(parent, key) => {
                parent.write(out);
                out.push_str(&format!(".{key}.member"));
            }
        }
    }
}

/// AWS: API Gateway begins paths into bodies with the name of the input.
fn prefix(out: &mut String, model: &ServiceModel, op: &Operation, member: &Member) {
    if model.style == Style::ApiGateway && member.location == Location::Body {
        out.push_str(&format!("{}Input.", lower_first(op.name)));
    }
}

fn lower_first(name: &str) -> String {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(0..1) {
        first.make_ascii_lowercase();
    }
    name
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn structure(&mut self, shape: &'static Shape, value: &Value, path: &Path) {
        let Value::Structure(fields) = value else { return };
        for (index, member) in shape.indexed() {
            let path = Path::Member(path, member);
            match fields.iter().find(|(at, _)| *at == index).map(|(_, value)| value) {
                Some(value) => self.value(member.shape, value, &path),
                None if member.required => self.missing(member, &path),
                None => {}
            }
        }
    }

    fn value(&mut self, shape: &'static Shape, value: &Value, path: &Path) {
        let failed: Vec<String> = clause::violated(shape, value).collect();
        for constraint in failed {
            self.push(shape, value, path, &constraint);
        }
        match value {
            Value::Structure(_) => self.structure(shape, value, path),
            Value::List(items) => self.list(shape, value, items, path),
            Value::Map(entries) => self.map(shape, value, entries, path),
            _ => {}
        }
    }

    fn list(&mut self, shape: &'static Shape, whole: &Value, items: &[Value], path: &Path) {
        let Some(element) = shape.members.first() else { return };
        if is_nested(element.shape) {
            for (at, item) in (1..).zip(items) {
                self.value(element.shape, item, &Path::Element(path, at));
            }
        } else if items.iter().any(|item| clause::violated(element.shape, item).next().is_some()) {
            let mut clauses = clause::all(element.shape);
            if shape.wording.is_some_and(|wording| wording.not_null) {
                clauses.push(NOT_NULL.to_owned());
            }
            self.push(shape, whole, path, &format!("Member must satisfy constraint: [{}]", clauses.join(", ")));
        }
    }

    fn map(&mut self, shape: &'static Shape, whole: &Value, entries: &[(String, Value)], path: &Path) {
        let [key_of, value_of] = shape.members else { return };
        let key_fails = |key: &String| clause::violated(key_of.shape, &Value::Text(key.clone())).next().is_some();
        if clause::has_any(key_of.shape) && entries.iter().any(|(key, _)| key_fails(key)) {
            let clauses = clause::all(key_of.shape).join(", ");
            self.push(shape, whole, path, &format!("Map keys must satisfy constraint: [{clauses}]"));
        }
        if is_nested(value_of.shape) {
            for (key, value) in entries {
                self.value(value_of.shape, value, &Path::Entry(path, key));
            }
        } else if entries.iter().any(|(_, value)| clause::violated(value_of.shape, value).next().is_some()) {
            let mut clauses = clause::all(value_of.shape);
            clauses.push(NOT_NULL.to_owned());
            self.push(shape, whole, path, &format!("Map value must satisfy constraint: [{}]", clauses.join(", ")));
        }
    }

    fn missing(&mut self, member: &'static Member, path: &Path) {
        self.push(member.shape, &Value::Null, path, NOT_NULL);
        if let Some(finding) = self.0.last_mut() {
            finding.missing = Some(member.name);
        }
    }

    fn push(&mut self, shape: &'static Shape, value: &Value, path: &Path, constraint: &str) {
        let mut place = String::new();
        path.write(&mut place);
        let shown = match value {
            Value::Null => " null".to_owned(),
            // AWS: secrets are left out, and only one space with them.
            _ if shape.sensitive => String::new(),
            _ => format!(" '{}'", display::display(shape, value)),
        };
        let text = format!("Value{shown} at '{place}' failed to satisfy constraint: {constraint}");
        self.0.push(Finding { text, missing: None });
    }
}

/// Whether the values of a shape have members of their own, and so paths of their own.
fn is_nested(shape: &Shape) -> bool {
    matches!(shape.kind, Kind::Structure | Kind::List | Kind::Map)
}
