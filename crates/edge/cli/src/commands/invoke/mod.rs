//! `updraft invoke`: one call of a function.

mod show;
mod stream;

use anyhow::Result;
use updraft_kernel::{Clock, SystemClock};

use crate::args::InvokeArgs;
use crate::failure::Told;
use crate::lambda::{self, Call};
use crate::{advice, out, payload};

/// # Errors
/// If nothing answers, there is no such function, or the function failed: then [`Told`].
pub async fn run(args: &InvokeArgs) -> Result<()> {
    let payload = payload::read(&args.payload, args.stdin.is_some())?;
    let aws = args.call.aws()?;
    let call = Call {
        function: &args.function,
        qualifier: args.qualifier.as_deref(),
        payload,
        event: args.event,
        // What a call took is in its log.
        tail: !args.event && (args.log || args.call.connection.json || out::To::Remark.is_terminal()),
    };
    let clock = SystemClock::new();
    if args.stream {
        let outcome = match lambda::invoke_streaming(&aws, &call).await {
            Ok(pieces) => stream::shown(args, pieces).await,
            Err(err) => Err(advice::given(&aws, &args.function, err).await),
        };
        return outcome;
    }
    let answer = match lambda::invoke(&aws, &call).await {
        Ok(answer) => answer,
        Err(err) => return Err(advice::given(&aws, &args.function, err).await),
    };
    show::answer(args, &answer, clock.monotonic())?;
    if answer.error.is_some() { Err(Told.into()) } else { Ok(()) }
}
