//! A bucket that maps read from and write to.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use serde_json::{Value, json};
use updraft_kernel::ports::ApiCall;
use updraft_kernel::{AwsError, ErrorCode};

use crate::support::{Cloud, text};

static NO_KEY: ErrorCode = ErrorCode::sender("NoSuchKey", 404);
static RANGE: ErrorCode = ErrorCode::sender("InvalidRange", 416);

/// Objects by key, and the ranges that were read.
#[derive(Clone, Default)]
pub(crate) struct Bucket {
    pub(crate) objects: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    pub(crate) ranges: Arc<Mutex<Vec<String>>>,
}

impl Bucket {
    pub(crate) fn of(cloud: &Cloud) -> Self {
        let bucket = Self::default();
        let answering = bucket.clone();
        *cloud.outside.answers.lock() = Some(Box::new(move |call| answering.answer(call)));
        bucket
    }

    pub(crate) fn put(&self, key: &str, bytes: impl Into<Vec<u8>>) {
        self.objects.lock().insert(key.to_owned(), bytes.into());
    }

    pub(crate) fn json(&self, key: &str) -> Value {
        serde_json::from_slice(&self.objects.lock()[key]).unwrap()
    }

    fn answer(&self, call: &ApiCall) -> Result<Value, AwsError> {
        match (call.service.as_str(), call.operation.as_str()) {
            ("s3", "getObject") => self.get(&call.input),
            ("s3", "putObject") => {
                self.put(&text(&call.input, "Key"), STANDARD.decode(text(&call.input, "Body")).unwrap());
                Ok(json!({}))
            }
            ("s3", "listObjectsV2") => Ok(self.list(&call.input)),
            other => panic!("{other:?}"),
        }
    }

    fn get(&self, input: &Value) -> Result<Value, AwsError> {
        let objects = self.objects.lock();
        let gone = || AwsError::new(&NO_KEY, "The specified key does not exist.");
        let bytes = objects.get(&text(input, "Key")).ok_or_else(gone)?;
        let Some(range) = input["Range"].as_str() else {
            return Ok(json!({ "Body": STANDARD.encode(bytes), "ETag": "\"1\"" }));
        };
        self.ranges.lock().push(range.to_owned());
        let (from, to) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
        if from >= bytes.len() {
            return Err(AwsError::new(&RANGE, "The requested range is not satisfiable"));
        }
        let to = to.min(bytes.len() - 1);
        let said = format!("bytes {from}-{to}/{}", bytes.len());
        Ok(json!({ "Body": STANDARD.encode(&bytes[from..=to]), "ETag": "\"1\"", "ContentRange": said }))
    }

    /// Two at a time.
    fn list(&self, input: &Value) -> Value {
        let text = |name: &str| input[name].as_str().unwrap_or_default();
        let (after, prefix) = (text("ContinuationToken").max(text("StartAfter")), text("Prefix"));
        let most = input["MaxKeys"].as_u64().map_or(2, |most| usize::try_from(most).unwrap());
        let objects = self.objects.lock();
        let rest: Vec<_> = objects.iter().filter(|(key, _)| key.as_str() > after && key.starts_with(prefix)).collect();
        let object = |(key, bytes): &(&String, &Vec<u8>)| {
            let at = "2030-03-01T12:00:00Z";
            json!({ "Key": key, "Size": bytes.len(), "ETag": "\"1\"", "LastModified": at, "StorageClass": "STANDARD" })
        };
        let mut answer = json!({ "Contents": rest.iter().take(most).map(object).collect::<Vec<_>>() });
        if rest.len() > most {
            answer["NextContinuationToken"] = json!(rest[most - 1].0);
        }
        answer
    }
}
