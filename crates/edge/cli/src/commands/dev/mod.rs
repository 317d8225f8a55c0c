//! `updraft dev`: a folder as a function, made anew at every save, with what it prints below.

mod debug;
mod deploy;
mod guess;
mod package;
mod watch;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tokio::sync::Notify;

use self::debug::Door;
use self::deploy::Function;
use self::watch::{Changes, Saved};
use super::logs::Printer;
use crate::args::DevArgs;
use crate::failure::Usage;
use crate::feed::{self, Came, Feed, Since};
use crate::out::{self, Look, To};
use crate::stop::Stop;

/// # Errors
/// If nothing answers, or no function can be made of the folder. Later failures are told, and the next save tries again.
pub async fn run(args: &DevArgs) -> Result<()> {
    let folder = opened(&args.folder)?;
    let aws = args.call.aws()?;
    let mut stop = Stop::listen()?;
    // Before the folder is read: no save is missed.
    let mut changes = Changes::watch(&folder)?;
    let account = aws.account().await?;
    let since = feed::now(&aws).await?;
    let mut function = Function::new(args, &aws, &folder, &account)?;
    let begun = function.begin().await?;
    let mut door = debug::open(args, &aws, &begun.name).await?;
    let opened = door.as_ref().map(|door| door.told(&folder, &begun.name, args.wait));
    for line in opened.into_iter().flatten().chain(begun.told(&args.folder)) {
        out::remark(&line)?;
    }
    let feed = Feed::new(&aws, &begun.group, &account, Since::At(since));
    let printer = Printer::new(args.call.connection.json, None);
    let back = Notify::new();
    tokio::select! {
        outcome = shown(feed, printer, &back) => outcome?,
        outcome = reloaded((&mut function, &mut door), &mut changes, &back) => outcome?,
        () = out::unread() => {}
        () = stop.asked() => {}
    }
    let name = &begun.name;
    Ok(out::remark(&To::Remark.paint(Look::Dim, &format!("{name} stays as it is, and isn't watched any more")))?)
}

fn opened(folder: &Path) -> Result<PathBuf> {
    let wrong = |err| Usage(format!("can't use {}: {err}; say which folder has the function's code", folder.display()));
    let found = folder.canonicalize().map_err(wrong)?;
    if !found.is_dir() {
        return Err(Usage(format!("{} is no folder; say the one that it is in", folder.display())).into());
    }
    Ok(found)
}

/// What the function prints, until it can't be read or written any more.
async fn shown(mut feed: Feed, mut printer: Printer, back: &Notify) -> Result<()> {
    loop {
        match feed.coming().await? {
            Came::Entries(entries) => printer.print(entries)?,
            Came::Back => back.notify_one(),
        }
    }
}

/// Makes the function anew at every save, and when the platform was away: it may have lost it.
async fn reloaded(
    (function, door): (&mut Function<'_>, &mut Option<Door>),
    changes: &mut Changes,
    back: &Notify,
) -> Result<()> {
    loop {
        let saved = tokio::select! {
            saved = changes.next() => saved?,
            () = back.notified() => Saved::again(),
        };
        let outcome = match function.reload(&saved).await {
            Ok(Some(line)) => function.open(door).await.map(|()| Some(line)),
            outcome => outcome,
        };
        let line = match &outcome {
            Ok(None) => continue,
            Ok(Some(line)) => format!("{} {line}", To::Remark.paint(Look::Green, "↻")),
            // The feed says so, and when it is back.
            Err(err) if feed::is_away(err) => continue,
            Err(err) => format!("{} {err:#}", To::Remark.paint(Look::Red, "✗ not reloaded:")),
        };
        out::remark(&line).context("standard error can't be written")?;
    }
}
