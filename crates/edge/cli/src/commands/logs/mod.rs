//! `updraft logs`: what a function printed, oldest first, and on request what comes.

mod blocks;
mod show;

use anyhow::{Error, Result};
use serde_json::Value;

pub(crate) use self::show::Printer;
use crate::args::LogsArgs;
use crate::aws::{Aws, Refusal};
use crate::feed::{self, Came, Feed, Since};
use crate::{advice, lambda, out};

/// # Errors
/// If nothing answers at the endpoint, or there is no such function and never was.
pub async fn run(args: &LogsArgs) -> Result<()> {
    let aws = args.call.aws()?;
    let account = match &args.account {
        Some(account) => account.clone(),
        None => aws.account().await?,
    };
    let since = match &args.since {
        Some(text) => feed::since(text, feed::now(&aws).await?)?,
        None => Since::Beginning,
    };
    let (group, missing) = group(&aws, &args.function).await?;
    let mut feed = Feed::new(&aws, &group, &account, since);
    let mut printer = Printer::new(args.call.connection.json, args.filter.clone());
    let mut seen = false;
    loop {
        let (entries, more) = feed.next().await?;
        seen |= !entries.is_empty();
        printer.print(entries)?;
        if !more {
            break;
        }
    }
    match missing {
        Some(error) if !seen => return Err(advice::given(&aws, &args.function, error).await),
        _ if !seen && !args.call.connection.json => nothing(args, &group)?,
        _ => {}
    }
    if !args.follow {
        return Ok(());
    }
    tokio::select! {
        outcome = follow(&mut feed, &mut printer) => outcome,
        () = out::unread() => Ok(()),
    }
}

async fn follow(feed: &mut Feed, printer: &mut Printer) -> Result<()> {
    loop {
        if let Came::Entries(entries) = feed.coming().await? {
            printer.print(entries)?;
        }
    }
}

fn nothing(args: &LogsArgs, group: &str) -> Result<()> {
    let since = args.since.as_deref().map(|since| format!(" since {since}")).unwrap_or_default();
    let advice = if args.follow { "waiting for some" } else { "has the function been invoked?" };
    Ok(out::remark(&format!("no logs in {group}{since} yet; {advice}"))?)
}

/// Where the function logs to; and, if there is no such function, what the platform says of that: what it logged when it
/// was there may still be there.
async fn group(aws: &Aws, function: &str) -> Result<(String, Option<Error>)> {
    if function.starts_with('/') {
        return Ok((function.to_owned(), None));
    }
    let usual = format!("/aws/lambda/{function}");
    match lambda::configuration(aws, function).await {
        Ok(configuration) => {
            let group = configuration.pointer("/LoggingConfig/LogGroup").and_then(Value::as_str);
            Ok((group.map_or(usual, str::to_owned), None))
        }
        Err(err) if err.downcast_ref::<Refusal>().is_some_and(|said| said.status == 404) => Ok((usual, Some(err))),
        Err(err) => Err(advice::given(aws, function, err).await),
    }
}
