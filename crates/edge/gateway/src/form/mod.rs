//! Objects that pages upload by forms: `POST` to a bucket, `multipart/form-data`, signed by a policy among the fields.
//!
//! What it comes to is `PutObject`: the fields are its headers, the file is its body, which streams. Start reading at
//! `Gateway::posted`.

mod answer;
mod errors;
mod fields;
pub(crate) mod fuzz;
mod policy;
mod request;
mod signed;

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use http_body::Body;
use tracing::Instrument;
use updraft_kernel::AwsError;
use updraft_sigv4::{AuthError, Claim};
use updraft_wire::Service;
use updraft_wire::codec;
use updraft_wire::model::Protocol;

use self::fields::Form;
use self::policy::Given;
use crate::gateway::{Gateway, Incoming};
use crate::hosts;
use crate::observe;
use crate::operation::{Arrived, told};
use crate::response::Response;
use crate::route::Target;
use crate::upload::Line;
use crate::uploads::InTurn;

/// What its accounts call it.
const NAME: &str = "PostObject";

/// The bucket that a form is posted to, if the request may be one: `POST` to a bucket, for nothing else of it, by
/// somebody who didn't sign as others do.
pub(crate) fn bucket(head: &http::request::Parts, target: &Target, claim: &Result<Claim, AuthError>) -> Option<String> {
    let unsigned = matches!(claim, Err(AuthError::MissingAuthenticationToken));
    if head.method != Method::POST || !matches!(target, Target::S3) || !unsigned {
        return None;
    }
    if head.uri.query().is_some_and(|query| !query.is_empty()) {
        return None;
    }
    let path = hosts::bucket_path(head).unwrap_or_else(|| head.uri.path().to_owned());
    let bucket = path.trim_start_matches('/').trim_end_matches('/');
    (!bucket.is_empty() && !bucket.contains('/')).then(|| bucket.to_owned())
}

impl Gateway {
    /// Serves a form.
    pub(crate) async fn posted<B>(
        &self,
        service: &Arc<dyn Service>,
        bucket: &str,
        incoming: Incoming<InTurn<B>>,
    ) -> Response
    where
        B: Body<Data = Bytes> + Unpin + Send + 'static,
    {
        let from = self.parts.clock.monotonic();
        let Incoming { head, body, id } = incoming;
        let line = Line::of(body.at_once());
        let span = observe::span(service.model(), &id);
        let mut account = self.account(from, span.clone(), (service.model().name, NAME));
        account.noted = self.noted(service.model(), (&head, &id), None).map(|noted| noted.form(NAME));
        let headers = head.headers.clone();
        let done = self.post(&**service, (bucket, &line), Arrived::new(head, Bytes::new(), id.clone()));
        let answer = match done.instrument(span).await {
            Ok(answer) => answer,
            Err(err) => {
                line.clear(&headers).await;
                account.failed(&err);
                codec::encode_error(service.model(), Protocol::RestXml, None, &err, &id)
            }
        };
        told(answer, account)
    }

    async fn post(
        &self,
        service: &dyn Service,
        (bucket, line): (&str, &Line),
        mut arrived: Arrived,
    ) -> Result<updraft_wire::http::Response, AwsError> {
        let form = Form::read(&arrived.head.headers, line).await?;
        let given = Given { bucket, fields: &form.fields };
        let caller = self.form_caller(&form.fields).await?;
        let sizes = match form.fields.get("policy").filter(|_| caller.is_some()) {
            Some(policy) => {
                let now = self.parts.clock.real_now();
                policy::check(policy, given, now).map_err(|wrong| errors::refused(&wrong))?
            }
            None => None,
        };
        let key = form.key()?;
        let told = answer::Wanted::of(&form.fields, bucket, &key);
        request::rewrite(service.model(), &mut arrived, (bucket, &key, &form.fields))?;
        arrived.set_stream(form.file.stream(sizes));
        let call = codec::find(service.model(), &arrived.wire())?;
        let cx = self.context_of_form(caller, &arrived, call.op);
        let output = self.carry_out_whole(service, &cx, &call, &arrived).await?;
        Ok(told.answer(codec::encode(&call, &output, &arrived.id)))
    }
}
