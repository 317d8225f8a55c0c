//! Calls of AWS's API as events, as CloudTrail makes them: on the default bus of whoever called.
//!
//! What only reads makes none, and neither does what an application does with its data rather than its operator with its
//! configuration.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use updraft_kernel::ports::{BusEvent, EventTargetPort, Sender, TargetEvent};
use updraft_kernel::{AwsError, Ctx, Identity, Principal, RngExt};
use updraft_wire::model::Kind;
use updraft_wire::{Operation, ServiceModel, Shape, Value, typed};

const DETAIL_TYPE: &str = "AWS API Call via CloudTrail";
/// AWS: what is longer is left out.
const LONGEST: usize = 100_000;
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// What CloudTrail calls data events: of each service, what the names of such operations begin with.
const DATA: [(&str, &[&str]); 7] = [
    ("cloudwatch", &["PutMetricData"]),
    ("dynamodb", &["PutItem", "UpdateItem", "DeleteItem", "Batch", "Transact", "Execute"]),
    ("events", &["PutEvents", "PutPartnerEvents"]),
    ("lambda", &["Invoke", "CheckpointDurable", "SendDurable"]),
    ("logs", &["PutLogEvents"]),
    ("sns", &["Publish"]),
    ("sqs", &["SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"]),
];
/// Of buckets: what is of objects in them.
const OBJECTS: [&str; 6] = ["Object", "Multipart", "UploadPart", "RenameObject", "Restore", "Select"];

/// Where calls are told.
#[derive(Clone, Debug)]
pub struct Trail(Arc<dyn EventTargetPort>);

/// What came of a call.
pub(crate) struct Told<'a> {
    pub(crate) op: &'static Operation,
    pub(crate) input: &'a Value,
    pub(crate) answer: Result<Option<&'a Value>, &'a AwsError>,
    pub(crate) agent: &'a str,
}

impl Trail {
    /// `buses` takes events for buses.
    #[must_use]
    pub fn new(buses: Arc<dyn EventTargetPort>) -> Self {
        Self(buses)
    }

    /// The call has been carried out by then, and can't be undone: an event that can't be kept is lost.
    pub(crate) async fn tell(&self, Event(event, said): Event) {
        let of = said.source.clone();
        if let Err(error) = self.0.put(event, said).await {
            tracing::warn!(%error, of, "a call was not told as an event");
        }
    }
}

/// On its way to the bus.
pub(crate) struct Event(TargetEvent, BusEvent);

pub(crate) fn event(cx: &Ctx, model: &'static ServiceModel, told: &Told<'_>) -> Event {
    let (id, bus) = (cx.rng.uuid(), cx.arn("events", "event-bus/default"));
    let event = TargetEvent {
        body: detail(cx, model, told, &id).to_string().into(),
        id,
        sender: Sender::new("cloudtrail.amazonaws.com", bus.clone()),
        target: bus,
        attributes: Vec::new(),
        detail_type: Some(DETAIL_TYPE.to_owned()),
        object_key: None,
        at: cx.now(),
        trace: None,
    };
    Event(event, BusEvent { source: format!("aws.{}", model.endpoint_prefix), resources: Vec::new() })
}

/// Whether it is one that is told.
pub(crate) fn tells(model: &ServiceModel, op: &Operation) -> bool {
    let begins = |(service, names): &(&str, &[&str])| {
        *service == model.name && names.iter().any(|name| op.name.starts_with(name))
    };
    let of_objects = model.name == "s3" && OBJECTS.iter().any(|part| op.name.contains(part)) && !of_bucket(op.name);
    op.implemented && !op.meta.read_only && !of_objects && !DATA.iter().any(begins)
}

/// Some say `Object` and mean a bucket's configuration.
fn of_bucket(name: &str) -> bool {
    name.contains("Configuration")
}

fn detail(cx: &Ctx, model: &ServiceModel, told: &Told<'_>, id: &str) -> Json {
    let op = told.op;
    let members = |shape: Option<&'static Shape>, value: Option<&Value>| {
        shape.zip(value).and_then(|(shape, value)| shown(shape, value)).map_or(Json::Null, short)
    };
    let mut detail = json!({
        "eventVersion": "1.11",
        "userIdentity": identity(&cx.identity),
        "eventTime": moment(cx),
        "eventSource": format!("{}.amazonaws.com", model.endpoint_prefix),
        "eventName": op.name,
        "awsRegion": cx.region.as_str(),
        "sourceIPAddress": cx.source_ip.map_or_else(|| "AWS Internal".to_owned(), |ip| ip.to_string()),
        "userAgent": told.agent,
        "requestParameters": members(op.input, Some(told.input)),
        "responseElements": members(op.output, told.answer.ok().flatten()),
        "requestID": cx.request_id.as_str(),
        "eventID": id,
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": cx.account.as_str(),
        "eventCategory": "Management",
    });
    if let (Err(error), Some(members)) = (told.answer, detail.as_object_mut()) {
        members.insert("errorCode".to_owned(), error.code().name.into());
        members.insert("errorMessage".to_owned(), error.message().into());
    }
    detail
}

fn moment(cx: &Ctx) -> String {
    jiff::Timestamp::from_second(cx.now().secs()).unwrap_or_default().to_string()
}

fn identity(identity: &Identity) -> Json {
    let (account, arn) = (identity.account.as_str(), identity.arn("aws"));
    let key = identity.access_key_id.as_str();
    match &identity.principal {
        Principal::Root => {
            json!({ "type": "Root", "principalId": account, "arn": arn, "accountId": account, "accessKeyId": key })
        }
        Principal::User { name, id } => json!({
            "type": "IAMUser", "principalId": id, "arn": arn, "accountId": account, "accessKeyId": key,
            "userName": name,
        }),
        Principal::AssumedRole { role, role_id, session } => {
            let issuer = json!({
                "type": "Role", "principalId": role_id, "arn": format!("arn:aws:iam::{account}:role/{role}"),
                "accountId": account, "userName": role,
            });
            json!({
                "type": "AssumedRole", "principalId": format!("{role_id}:{session}"), "arn": arn,
                "accountId": account, "accessKeyId": key, "sessionContext": { "sessionIssuer": issuer },
            })
        }
        Principal::Service(name) => json!({ "type": "AWSService", "invokedBy": name }),
        Principal::Anonymous => json!({ "type": "AWSAccount", "accountId": "anonymous" }),
    }
}

/// AWS: names begin with small letters; bytes aren't told, and secrets neither.
fn shown(shape: &'static Shape, value: &Value) -> Option<Json> {
    if shape.sensitive && !matches!(value, Value::Null | Value::Stream(_) | Value::Blob(_)) {
        return Some(HIDDEN.into());
    }
    Some(match value {
        Value::Null | Value::Stream(_) | Value::Blob(_) => return None,
        Value::List(items) => {
            let element = shape.members.first()?.shape;
            items.iter().filter_map(|item| shown(element, item)).collect()
        }
        Value::Map(entries) => {
            let value_of = shape.members.get(1)?.shape;
            let shown = entries.iter().filter_map(|(key, value)| Some((key.clone(), shown(value_of, value)?)));
            Json::Object(shown.collect())
        }
        Value::Structure(fields) if shape.kind == Kind::Structure => {
            let field = |(index, value): &(u16, Value)| {
                let member = shape.members.get(usize::from(*index))?;
                Some((small(member.name), shown(member.shape, value)?))
            };
            Json::Object(fields.iter().filter_map(field).collect::<Map<_, _>>())
        }
        other => typed::to_json(shape, other),
    })
}

fn small(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

fn short(told: Json) -> Json {
    let size = told.to_string().len();
    if size <= LONGEST {
        return told;
    }
    json!({ "omitted": true, "originalSize": size, "reason": "the size exceeds the limit" })
}

#[cfg(test)]
mod tests {
    use updraft_api_lambda::MODEL;

    use super::*;

    #[test]
    fn what_is_told_has_no_secrets_and_no_bytes() {
        let op = MODEL.operation("CreateFunction").unwrap();
        let given = json!({
            "FunctionName": "f", "Role": "r", "Code": { "ZipFile": "AA==", "S3Bucket": "b" },
            "Environment": { "Variables": { "K": "secret" } }, "Timeout": 5,
        });
        let shape = op.input.unwrap();
        let input = typed::from_json(shape, &given).unwrap();
        let told = json!({
            "functionName": "f", "role": "r", "code": { "s3Bucket": "b" },
            "environment": { "variables": HIDDEN }, "timeout": 5,
        });
        assert_eq!(shown(shape, &input), Some(told));
    }

    #[test]
    fn what_reads_or_is_data_is_not_told() {
        let told = |name: &str| tells(&MODEL, MODEL.operation(name).unwrap());
        assert!(told("CreateFunction") && told("PutFunctionConcurrency") && told("TagResource"));
        assert!(!told("GetFunction") && !told("ListFunctions") && !told("Invoke"));
    }

    #[test]
    fn what_is_too_long_is_left_out() {
        assert_eq!(short(json!("a")), json!("a"));
        let long = "a".repeat(LONGEST);
        assert_eq!(short(json!(long))["originalSize"], LONGEST + 2);
    }

    #[test]
    fn who_calls_is_said() {
        let principal = Principal::AssumedRole { role: "r".into(), role_id: "AROA".into(), session: "s".into() };
        let account = updraft_kernel::AccountId::local();
        let one = Identity { account, principal, access_key_id: "ASIA".into() };
        let said = identity(&one);
        assert_eq!((&said["type"], &said["principalId"]), (&json!("AssumedRole"), &json!("AROA:s")));
        assert_eq!(said["sessionContext"]["sessionIssuer"]["arn"], "arn:aws:iam::000000000000:role/r");
    }
}
