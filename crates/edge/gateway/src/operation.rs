//! The layer around every operation: authenticate, decode, authorize, call, encode, count. Written once, here.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::USER_AGENT;
use http_body::Body;
use tracing::{Instrument, Span};
use updraft_kernel::{AwsError, Ctx, Identity, Principal, RequestId, RngExt, SignedBy, Via};
use updraft_sigv4::{AuthError, Claim};
use updraft_wire::codec::{self, Call};
use updraft_wire::http::{Request as WireRequest, Response as WireResponse};
use updraft_wire::{ByteStream, Operation, Service, ServiceModel, Streaming, Value};

use crate::access::Noted;
use crate::account::Account;
use crate::auth::{self, Caller};
use crate::body::{self, BodyError};
use crate::download;
use crate::events;
use crate::form;
use crate::gateway::{Gateway, Incoming};
use crate::hosts;
use crate::links;
use crate::observe;
use crate::payload;
use crate::response::{self, Response};
use crate::route::{self, Head, Route, Target};
use crate::services::home;
use crate::trail::{self, Told};
use crate::upload::{self, Line};
use crate::uploads::InTurn;

/// What a body may hold at most: AWS takes 70 MB in CreateFunction (50 MB of zip, in base64).
const BODY: usize = 70 << 20;
/// How often an operation is run again after losing against another transaction, before it is a 500.
pub(crate) const ATTEMPTS: u32 = 100;
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(4);

/// A request whose body is there, or on the line.
pub(crate) struct Arrived {
    pub(crate) head: http::request::Parts,
    pub(crate) body: Bytes,
    pub(crate) id: RequestId,
    /// The path with the bucket that the host names.
    path: Option<String>,
    /// Where the operation takes its body as it comes.
    line: Option<Line>,
    stream: Option<ByteStream>,
}

impl Arrived {
    pub(crate) fn new(head: http::request::Parts, body: Bytes, id: RequestId) -> Self {
        Self { head, body, id, path: None, line: None, stream: None }
    }

    /// Makes it a request for something else.
    pub(crate) fn set_path(&mut self, path: String) {
        self.path = Some(path);
    }

    /// Gives it this body.
    pub(crate) fn set_stream(&mut self, stream: ByteStream) {
        self.stream = Some(stream);
    }

    fn signed_body(&self) -> updraft_sigv4::Body<'_> {
        if self.line.is_some() { updraft_sigv4::Body::Streamed } else { updraft_sigv4::Body::Bytes(&self.body) }
    }

    fn decode(&self, call: &Call) -> Result<Value, AwsError> {
        match &self.stream {
            Some(stream) => codec::decode_streamed(call, &self.wire(), stream.clone()),
            None => codec::decode(call, &self.wire()),
        }
    }

    /// Whether the operation can be run again: not without the bytes that it has had.
    fn is_repeatable(&self) -> bool {
        self.stream.as_ref().is_none_or(|stream| !stream.is_taken())
    }

    pub(crate) fn wire(&self) -> WireRequest<'_> {
        let uri = &self.head.uri;
        WireRequest {
            method: &self.head.method,
            path: self.path.as_deref().unwrap_or(uri.path()),
            query: uri.query().unwrap_or_default(),
            headers: &self.head.headers,
            body: &self.body,
        }
    }
}

/// How a request went: the call it turned out to be, if it got that far.
struct Outcome {
    call: Option<Call>,
    /// Who called, once that was proved.
    caller: Option<Arc<Identity>>,
    result: Result<Answer, AwsError>,
}

/// What an operation answers.
enum Answer {
    Whole(Value),
    Events(Streaming<Value, Value>),
}

impl Outcome {
    fn refused(call: Option<Call>, err: AwsError) -> Self {
        Self { call, caller: None, result: Err(err) }
    }
}

impl Gateway {
    /// Serves a request to one of AWS's services.
    pub(crate) async fn service<B>(
        &self,
        claim: Result<Claim, AuthError>,
        target: Target,
        incoming: Incoming<InTurn<B>>,
    ) -> Response
    where
        B: Body<Data = Bytes> + Unpin + Send + 'static,
    {
        if let Some(bucket) = form::bucket(&incoming.head, &target, &claim)
            && let Some(service) = self.parts.services.find(&target, incoming.head.uri.path())
        {
            return self.posted(service, &bucket, incoming).await;
        }
        let from = self.parts.clock.monotonic();
        let (arrived, broken) = self.arrived(&target, incoming).await;
        let target = told_by_form(target, &claim, &arrived);
        let Some(service) = self.parts.services.find(&target, arrived.head.uri.path()) else {
            return unknown_service(&arrived);
        };
        let protocol = codec::protocol_of(service.model(), &arrived.wire());
        let (id, span) = (arrived.id.clone(), observe::span(service.model(), &arrived.id));
        let noted = self.noted(service.model(), (&arrived.head, &arrived.id), claim.as_ref().ok());
        let outcome = match broken {
            Some(err) => {
                let call = codec::find(service.model(), &arrived.wire()).ok();
                let refusal = payload::refusal(&err, call.as_ref());
                Outcome::refused(call, refusal)
            }
            None => self.run(service, claim, arrived).instrument(span.clone()).await,
        };
        let operation = outcome.call.as_ref().map(|call| call.op);
        observe::named(&span, operation);
        let name = operation.map_or("-", |op| op.name);
        let mut account = self.account(from, span, (service.model().name, name));
        account.noted = noted.map(|noted| noted.by(name, outcome.caller.as_deref()));
        let err = match (outcome.call, outcome.result) {
            (Some(call), Ok(Answer::Events(answer))) => return events::response(call, answer, &id, account),
            (Some(call), Ok(Answer::Whole(output))) => return told(codec::encode(&call, &output, &id), account),
            (None, Ok(_)) => no_call(),
            (_, Err(err)) => err,
        };
        account.failed(&err);
        told(codec::encode_error(service.model(), protocol, operation, &err, &id), account)
    }

    /// Reads the body, unless the operation wants it as it comes; and why it couldn't be read.
    async fn arrived<B>(&self, target: &Target, incoming: Incoming<InTurn<B>>) -> (Arrived, Option<BodyError>)
    where
        B: Body<Data = Bytes> + Unpin + Send + 'static,
    {
        let Incoming { head, body, id } = incoming;
        let mut arrived = Arrived::new(head, Bytes::new(), id);
        let service = self.parts.services.find(target, arrived.head.uri.path());
        if let Some(model) = service.map(|service| service.model()).filter(|model| model.name == "s3") {
            arrived.path = hosts::bucket_path(&arrived.head);
            let found = codec::find(model, &arrived.wire());
            if found.is_ok_and(|call| call.op.streamed_input().is_some()) {
                arrived.line = Some(Line::of(body.at_once()));
                return (arrived, None);
            }
        }
        match body::read(body, BODY).await {
            Ok(body) => (Arrived { body, ..arrived }, None),
            Err(err) => (arrived, Some(err)),
        }
    }

    /// Opens the accounts of a request that came at `from`.
    pub(crate) fn account(&self, from: Duration, span: Span, what: (&'static str, &'static str)) -> Account {
        let (service, operation) = what;
        let (metrics, clock) = (self.parts.metrics.clone(), self.clock());
        Account { metrics, clock, from, span, service, operation, noted: None, closed: false }
    }

    /// What is noted of a request to a bucket.
    pub(crate) fn noted(
        &self,
        model: &ServiceModel,
        (head, id): (&http::request::Parts, &RequestId),
        claim: Option<&Claim>,
    ) -> Option<Box<Noted>> {
        let port = self.parts.accesses.as_ref().filter(|_| model.name == "s3")?;
        Noted::of(port, head, claim, (id, self.parts.clock.now()))
    }

    async fn run(&self, service: &Arc<dyn Service>, claim: Result<Claim, AuthError>, mut arrived: Arrived) -> Outcome {
        let outcome = self.serve(service, claim, &mut arrived).await;
        if let (Err(_), Some(line)) = (&outcome.result, &arrived.line) {
            line.clear(&arrived.head.headers).await;
        }
        outcome
    }

    async fn serve(
        &self,
        service: &Arc<dyn Service>,
        claim: Result<Claim, AuthError>,
        arrived: &mut Arrived,
    ) -> Outcome {
        let model = service.model();
        let found = codec::find(model, &arrived.wire());
        let unsigned = service.admits_unsigned() || found.as_ref().is_ok_and(|call| call.op.unsigned);
        let caller = match self.caller(model, claim, arrived, unsigned).await {
            Ok(caller) => caller,
            Err(err) => return Outcome::refused(found.ok(), err),
        };
        let call = match found {
            Ok(call) => call,
            Err(err) => return Outcome::refused(None, err),
        };
        if model.name == "s3" {
            links::spelled_out(caller.claim.as_ref(), &mut arrived.head);
        }
        if let Err(err) = open(arrived, &caller, &call) {
            return Outcome::refused(Some(call), err);
        }
        let cx = self.context(caller, arrived, call.op);
        let result = self.carry_out(&**service, &cx, &call, arrived).await;
        let event = self.event(&cx, model, arrived, (&call, &result));
        self.tell(event).await;
        Outcome { call: Some(call), caller: Some(cx.identity), result }
    }

    /// The call as an event, where that is wanted.
    fn event(
        &self,
        cx: &Ctx,
        model: &'static ServiceModel,
        arrived: &Arrived,
        (call, result): (&Call, &Result<Answer, AwsError>),
    ) -> Option<trail::Event> {
        if self.parts.trail.is_none() || !trail::tells(model, call.op) {
            return None;
        }
        let input = arrived.decode(call).ok()?;
        let answer = match result {
            Ok(Answer::Whole(output)) => Ok(Some(output)),
            Ok(Answer::Events(_)) => Ok(None),
            Err(err) => Err(err),
        };
        let agent = arrived.head.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        Some(trail::event(cx, model, &Told { op: call.op, input: &input, answer, agent }))
    }

    pub(crate) async fn tell(&self, event: Option<trail::Event>) {
        if let (Some(trail), Some(event)) = (&self.parts.trail, event) {
            trail.tell(event).await;
        }
    }

    async fn caller(
        &self,
        model: &'static ServiceModel,
        claim: Result<Claim, AuthError>,
        arrived: &Arrived,
        unsigned: bool,
    ) -> Result<Caller, AwsError> {
        let told = |err: AuthError| {
            let style = auth::style(model, codec::protocol_of(model, &arrived.wire()));
            updraft_sigv4::to_aws(&err, style)
        };
        match claim {
            Err(AuthError::MissingAuthenticationToken) if unsigned => Ok(Caller::anonymous()),
            Err(err) => Err(told(err)),
            Ok(claim) => {
                let ours = home(&claim.scope.service) == model.signing_name;
                let wanted = if ours { &claim.scope.service } else { model.signing_name };
                claim.check_scope(wanted, None).map_err(told)?;
                self.prove(claim, &arrived.head, arrived.signed_body()).await.map_err(told)
            }
        }
    }

    fn context(&self, caller: Caller, arrived: &Arrived, op: &Operation) -> Ctx {
        let via = auth::via(&arrived.head, caller.claim.as_ref(), op);
        self.context_of(caller, arrived, via)
    }

    /// Of a form. `None`: nobody signed it, and it came so all the same.
    pub(crate) fn context_of_form(&self, caller: Option<Caller>, arrived: &Arrived, op: &Operation) -> Ctx {
        let via = Via { signed: Some(SignedBy::Form), ..auth::via(&arrived.head, None, op) };
        self.context_of(caller.unwrap_or_else(Caller::anonymous), arrived, via)
    }

    fn context_of(&self, caller: Caller, arrived: &Arrived, via: Via) -> Ctx {
        let host = hosts::of(&arrived.head.headers);
        Ctx {
            account: caller.identity.account.clone(),
            identity: Arc::new(caller.identity),
            region: caller.region,
            request_id: arrived.id.clone(),
            clock: Arc::clone(&self.parts.clock),
            rng: Arc::clone(&self.parts.rng),
            endpoint: format!("http://{host}").into(),
            trace: observe::trace(&arrived.head.headers),
            source_ip: arrived.head.extensions.get().copied(),
            via: Some(Arc::new(via)),
        }
    }

    /// The same for what isn't answered by events.
    pub(crate) async fn carry_out_whole(
        &self,
        service: &dyn Service,
        cx: &Ctx,
        call: &Call,
        arrived: &Arrived,
    ) -> Result<Value, AwsError> {
        match self.carry_out(service, cx, call, arrived).await? {
            Answer::Whole(output) => Ok(output),
            Answer::Events(_) => Err(no_call()),
        }
    }

    /// Decodes, authorizes and calls; again from the decoding, where the transaction lost against another.
    async fn carry_out(
        &self,
        service: &dyn Service,
        cx: &Ctx,
        call: &Call,
        arrived: &Arrived,
    ) -> Result<Answer, AwsError> {
        if cx.identity.principal != Principal::Anonymous {
            self.parts.authorizer.authorize(&cx.identity, call.op.meta.action, "*").await?;
        }
        let mut attempt = 0;
        loop {
            let input = arrived.decode(call)?;
            let answer = match call.op.event_stream {
                None => service.call(cx, call.op, input).await.map(Answer::Whole),
                Some(_) => service.stream(cx, call.op, input).await.map(Answer::Events),
            };
            match answer {
                Err(err) if err.is_conflict() && attempt < ATTEMPTS && arrived.is_repeatable() => {
                    attempt += 1;
                    self.parts.metrics.retried();
                    self.pause(attempt).await;
                }
                other => return other,
            }
        }
    }

    /// A short random wait that grows with the attempts, so that rivals don't meet again.
    pub(crate) async fn pause(&self, attempt: u32) {
        let ceiling = Duration::from_micros(20).saturating_mul(1 << attempt.min(10)).min(LONGEST_PAUSE);
        let micros = self.parts.rng.below(u64::try_from(ceiling.as_micros()).unwrap_or(1));
        self.parts.clock.pause(Duration::from_micros(micros)).await;
    }
}

impl Caller {
    fn anonymous() -> Self {
        let account = updraft_kernel::AccountId::local();
        let identity = Identity { account, principal: Principal::Anonymous, access_key_id: String::new() };
        Self { identity, region: updraft_kernel::Region::default_region(), claim: None, chunks: None }
    }
}

/// Makes of the body what the operation means by it.
fn open(arrived: &mut Arrived, caller: &Caller, call: &Call) -> Result<(), AwsError> {
    match arrived.line.clone() {
        Some(line) => arrived.stream = Some(upload::stream(line, &arrived.head.headers, caller)?),
        None => payload::unwrap(arrived, caller, call, BODY)?,
    }
    Ok(())
}

/// An unsigned query request says in its form which service it means.
fn told_by_form(target: Target, claim: &Result<Claim, AuthError>, arrived: &Arrived) -> Target {
    let wire = arrived.wire();
    let head = Head { method: wire.method, path: wire.path, query: wire.query, headers: wire.headers, scope: None };
    if claim.is_ok() || !Route::wants_form(&head) {
        return target;
    }
    match Route::of(&head, Some(wire.body)) {
        Route::Service(target) => target,
        _ => target,
    }
}

/// The response to a request that is over.
pub(crate) fn told(answer: WireResponse, mut account: Account) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    account.answered(&answer.headers);
    let body = answer.stream.as_ref().map_or(Some(answer.body), ByteStream::take_whole);
    match (body, answer.stream) {
        (None, Some(stream)) => download::pieces((status, answer.headers), stream.take(), account),
        (body, _) => {
            let body = body.unwrap_or_default();
            account.sent(body.len());
            account.close(answer.status);
            response::of(status, answer.headers, body)
        }
    }
}

/// An output without a call can't come about; if a change makes it so, it is a 500 and not a panic.
fn no_call() -> AwsError {
    AwsError::internal("an operation answered without having been found")
}

/// In a form the client can read: those of the query protocol know nothing but XML.
fn unknown_service(arrived: &Arrived) -> Response {
    const MESSAGE: &str = "no service here is meant by this request: its signature's scope or its target is unknown";
    let id = arrived.id.as_str();
    let mut response = if route::is_form(&arrived.head.headers) {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>UnknownService</Code><Message>{MESSAGE}</Message></Error>\
             <RequestId>{id}</RequestId></ErrorResponse>"
        );
        response::xml(StatusCode::NOT_FOUND, body)
    } else {
        response::json(StatusCode::NOT_FOUND, &serde_json::json!({ "__type": "UnknownService", "message": MESSAGE }))
    };
    if let Ok(id) = id.parse() {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}
