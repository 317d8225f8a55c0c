//! [`Dispatcher`]: operations called from within the platform, by what SDKs name them.

use std::sync::{Arc, OnceLock, Weak};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde_json::Value as Document;
use updraft_kernel::error::code;
use updraft_kernel::ports::{ApiCall, DispatchPort};
use updraft_kernel::{AwsError, BoxFuture, Ctx, RngExt, Via};
use updraft_wire::{Operation, Pieces, Service, ServiceModel, Value, typed, validate};

use crate::gateway::Gateway;
use crate::misfit;
use crate::operation::ATTEMPTS;
use crate::trail::{self, Told};

/// Services are given it before there is a gateway, which they are behind.
#[derive(Debug, Default)]
pub struct Dispatcher(OnceLock<Weak<Gateway>>);

impl Dispatcher {
    /// From now on, calls go to this gateway's services.
    pub fn open(&self, gateway: &Arc<Gateway>) {
        self.0.get_or_init(|| Arc::downgrade(gateway));
    }

    /// Whether the service's model has an error of that name. All of a service that isn't here are taken for its own.
    #[must_use]
    pub fn is_modelled(&self, service: &str, error: &str) -> bool {
        let gateway = self.0.get().and_then(Weak::upgrade);
        let service = gateway.and_then(|gateway| {
            let mut services = gateway.parts.services.all();
            services.find(|one| is_named(one.model(), service)).cloned()
        });
        service.is_none_or(|service| service.model().errors.iter().any(|known| known.code.name == error))
    }

    /// What an operation doesn't take of a value that is to be its input, before it is called with it: members that there
    /// are none of, and those that should be text and aren't.
    #[must_use]
    pub fn unfit(&self, service: &str, operation: &str, input: &Document) -> (Vec<String>, Vec<String>) {
        let gateway = self.0.get().and_then(Weak::upgrade);
        let shape = gateway.and_then(|gateway| {
            let service = gateway.parts.services.all().find(|one| is_named(one.model(), service))?;
            self::operation(service.model(), operation)?.input
        });
        shape.map(|shape| misfit::unfit(shape, input)).unwrap_or_default()
    }
}

impl DispatchPort for Dispatcher {
    fn call<'a>(&'a self, cx: &'a Ctx, call: ApiCall) -> BoxFuture<'a, Result<Document, AwsError>> {
        Box::pin(async move {
            let gateway = self.0.get().and_then(Weak::upgrade);
            let gateway = gateway.ok_or_else(|| AwsError::unavailable("the platform is starting or stopping"))?;
            gateway.dispatch(cx, &call).await
        })
    }

    fn misfit(&self, service: &str, operation: &str, output: &Document, whole: bool) -> Option<String> {
        let gateway = self.0.get().and_then(Weak::upgrade)?;
        let service = gateway.parts.services.all().find(|one| is_named(one.model(), service))?;
        misfit::misfit(self::operation(service.model(), operation)?.output?, output, whole)
    }
}

impl Gateway {
    async fn dispatch(&self, cx: &Ctx, call: &ApiCall) -> Result<Document, AwsError> {
        let service = self.parts.services.all().find(|service| is_named(service.model(), &call.service));
        let service = service.ok_or_else(|| no_such(&call.service, &call.operation))?;
        let op = operation(service.model(), &call.operation);
        let op = op.ok_or_else(|| no_such(&call.service, &call.operation))?;
        let input = input_of(service.model(), op, cx, &call.input)?;
        self.parts.authorizer.authorize(&cx.identity, op.meta.action, "*").await?;
        let via = Via { action: op.meta.action, secure: true, ..Via::default() };
        let cx = &Ctx { via: Some(Arc::new(via)), ..cx.clone() };
        let output = self.until_no_conflict(&**service, cx, op, &input).await;
        if self.parts.trail.is_some() && trail::tells(service.model(), op) {
            let told = Told { op, input: &input, answer: output.as_ref().map(Some), agent: "AWS Internal" };
            self.tell(Some(trail::event(cx, service.model(), &told))).await;
        }
        let output = gathered(output?).await?;
        Ok(op.output.map_or(Document::Null, |shape| typed::to_json(shape, &output)))
    }

    async fn until_no_conflict(
        &self,
        service: &dyn Service,
        cx: &Ctx,
        op: &'static Operation,
        input: &Value,
    ) -> Result<Value, AwsError> {
        let mut attempt = 0;
        loop {
            match service.call(cx, op, input.clone()).await {
                Err(err) if err.is_conflict() && attempt < ATTEMPTS => {
                    attempt += 1;
                    self.parts.metrics.retried();
                    self.pause(attempt).await;
                }
                done => return done,
            }
        }
    }
}

/// The most bytes of a body that are answered to a caller within: it is in memory as a whole.
const LARGEST: usize = 64 << 20;

/// With bodies that were to come piece by piece.
async fn gathered(mut output: Value) -> Result<Value, AwsError> {
    if let Value::Structure(fields) = &mut output {
        for (_, field) in fields {
            if let Value::Stream(stream) = field {
                *field = Value::Blob(whole(stream.take()).await?);
            }
        }
    }
    Ok(output)
}

async fn whole(mut pieces: Pieces) -> Result<Bytes, AwsError> {
    let mut bytes = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        bytes.extend_from_slice(&piece?);
        if bytes.len() > LARGEST {
            let message = format!("A body of more than {LARGEST} bytes is answered to clients only.");
            return Err(AwsError::new(&code::REQUEST_TOO_LARGE, message));
        }
    }
    Ok(bytes.freeze())
}

/// As SDKs name services: `CloudWatch Logs` is `cloudwatchlogs`.
fn is_named(model: &ServiceModel, name: &str) -> bool {
    let letters = model.service_id.chars().filter(|c| *c != ' ').map(|c| c.to_ascii_lowercase());
    letters.eq(name.chars())
}

fn operation(model: &'static ServiceModel, name: &str) -> Option<&'static Operation> {
    let mut name = name.to_owned();
    name.get_mut(0..1)?.make_ascii_uppercase();
    model.operation(&name)
}

fn input_of(model: &ServiceModel, op: &'static Operation, cx: &Ctx, document: &Document) -> Result<Value, AwsError> {
    let Some(shape) = op.input else { return Ok(Value::empty()) };
    let mut input = typed::from_json(shape, document)?;
    if let Value::Structure(fields) = &mut input {
        // As an SDK would.
        for (index, _) in (0..).zip(shape.members).filter(|(_, member)| member.idempotency) {
            if fields.iter().all(|(at, _)| *at != index) {
                fields.push((index, Value::Text(cx.rng.uuid())));
            }
        }
    }
    validate::check(model, op, &input)?;
    Ok(input)
}

fn no_such(service: &str, operation: &str) -> AwsError {
    let message = format!("There is no operation {operation} of a service {service} here.");
    AwsError::new(&code::UNKNOWN_OPERATION, message)
}

#[cfg(test)]
mod tests {
    use updraft_api_lambda::MODEL;

    use super::*;

    #[test]
    fn names_are_those_of_sdks() {
        assert!(operation(&MODEL, "invoke").is_some());
        assert!(operation(&MODEL, "Invoke").is_some());
        assert!(operation(&MODEL, "INVOKE").is_none());
        assert!(operation(&MODEL, "").is_none());
        assert!(is_named(&MODEL, "lambda"));
        assert!(!is_named(&MODEL, "Lambda"));
    }
}
