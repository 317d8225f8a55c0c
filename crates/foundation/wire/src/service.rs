//! [`Service`]: how the edge reaches a service, whatever the protocol.

use std::fmt::Debug;

use updraft_kernel::error::code;
use updraft_kernel::{AwsError, BoxFuture, Ctx};

use crate::streaming::Streaming;
use crate::{IntoValue, Operation, ServiceModel, Value};

/// A service behind its operations. The api crates make one of the typed trait.
pub trait Service: Send + Sync + Debug {
    fn model(&self) -> &'static ServiceModel;

    /// Whether it decides itself about requests that nobody signed. If not, only operations that need no signature
    /// ([`Operation::unsigned`]) are reached by such.
    fn admits_unsigned(&self) -> bool {
        false
    }

    /// Carries out `op`, one of the model's, with an input of its shape; the output is of its output shape.
    ///
    /// # Errors
    /// Whatever the operation answers; `NotImplemented` where no one has built it.
    fn call<'a>(&'a self, cx: &'a Ctx, op: &'static Operation, input: Value) -> BoxFuture<'a, Result<Value, AwsError>>;

    /// The same for an operation that answers in events ([`Operation::events`]): the head is of its output shape, and
    /// the events of theirs.
    ///
    /// # Errors
    /// As [`Self::call`], with which such an operation isn't reached.
    fn stream<'a>(
        &'a self,
        cx: &'a Ctx,
        op: &'static Operation,
        input: Value,
    ) -> BoxFuture<'a, Result<Streaming<Value, Value>, AwsError>> {
        let _ = (cx, input);
        refused(self.model(), op)
    }
}

/// The untyped answer of a typed operation.
pub fn answered<'a, T: IntoValue + 'a>(
    answer: BoxFuture<'a, Result<T, AwsError>>,
) -> BoxFuture<'a, Result<Value, AwsError>> {
    Box::pin(async move { answer.await.map(T::into_value) })
}

/// The answer of an operation nobody has built.
#[must_use]
pub fn refused<'a, T: Send + 'a>(
    model: &'static ServiceModel,
    op: &'static Operation,
) -> BoxFuture<'a, Result<T, AwsError>> {
    let error = not_implemented(model, op);
    Box::pin(std::future::ready(Err(error)))
}

/// Says which operation is missing, and where the list of those present stands.
#[must_use]
pub fn not_implemented(model: &ServiceModel, op: &Operation) -> AwsError {
    let message = if op.implemented {
        format!("{} {} can't be called so: only some operations answer in events.", model.service_id, op.name)
    } else {
        format!("{} {} is not implemented; COMPAT.md lists what is.", model.service_id, op.name)
    };
    AwsError::new(&code::NOT_IMPLEMENTED, message)
}
