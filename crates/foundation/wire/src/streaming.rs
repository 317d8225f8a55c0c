//! Answers that come in events: a head at once, and then one event after another for as long as it takes.

use std::fmt;

use futures_util::stream::{BoxStream, StreamExt};
use updraft_kernel::{AwsError, BoxFuture};

use crate::{IntoValue, Value};

/// An answer in events. An error before the first event is the operation's, and an ordinary one; an error among the
/// events is the last of them.
pub struct Streaming<Head, Event> {
    /// The output without its events.
    pub head: Head,
    pub events: BoxStream<'static, Result<Event, AwsError>>,
}

impl<Head: fmt::Debug, Event> fmt::Debug for Streaming<Head, Event> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streaming").field("head", &self.head).finish_non_exhaustive()
    }
}

/// The untyped answer of a typed operation that answers in events.
pub fn streamed<'a, Head: IntoValue + 'a, Event: IntoValue + 'static>(
    answer: BoxFuture<'a, Result<Streaming<Head, Event>, AwsError>>,
) -> BoxFuture<'a, Result<Streaming<Value, Value>, AwsError>> {
    Box::pin(async move {
        let Streaming { head, events } = answer.await?;
        let events = events.map(|event| event.map(Event::into_value)).boxed();
        Ok(Streaming { head: head.into_value(), events })
    })
}

/// The events that an operation answers: each is one of the union's structures. The numbers are the members' places
/// in the union's shape; its exceptions are none of them, but errors.
#[macro_export]
macro_rules! event_stream {
    ($(#[$meta:meta])* pub enum $name:ident { $($index:literal => $event:ident : $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $($event($type),)*
        }

        impl $crate::IntoValue for $name {
            fn into_value(self) -> $crate::Value {
                let (index, event) = match self {
                    $(Self::$event(event) => ($index, $crate::IntoValue::into_value(event)),)*
                };
                $crate::Value::Structure(::std::vec![(index, event)])
            }
        }
    };
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro is made for api crates")]
mod tests {
    use futures_util::FutureExt;
    use futures_util::stream;
    use updraft_kernel::error::code;

    use super::*;

    event_stream! {
        pub enum Weather {
            0 => Rain: String,
            2 => Sun: i64,
        }
    }

    #[test]
    fn events_keep_their_order_and_their_places() {
        let events =
            [Ok(Weather::Sun(7)), Ok(Weather::Rain("much".to_owned())), Err(AwsError::new(&code::VALIDATION, ""))];
        let typed = Streaming { head: true, events: stream::iter(events).boxed() };
        let answer = streamed(Box::pin(std::future::ready(Ok(typed)))).now_or_never().unwrap().unwrap();
        assert_eq!(answer.head, Value::Bool(true));
        let events: Vec<_> = answer.events.collect().now_or_never().unwrap();
        assert_eq!(events[0].as_ref().unwrap(), &Value::Structure(vec![(2, Value::Int(7))]));
        assert_eq!(events[1].as_ref().unwrap(), &Value::Structure(vec![(0, Value::Text("much".to_owned()))]));
        assert_eq!(events[2].as_ref().unwrap_err().code().name, "ValidationException");
    }
}
