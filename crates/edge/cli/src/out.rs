//! Where the command line writes for people. Everything else logs.
//!
//! Answers go to standard output, remarks to standard error. Either is coloured only where it is a terminal that takes
//! colours and nobody asked for none (`NO_COLOR`, `TERM=dumb`).

use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use rustix::termios::tcgetwinsize;
use tokio::io::Interest;
use tokio::net::unix::pipe::Sender;

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    Answer,
    Remark,
}

/// How a piece of text stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Bold,
    Dim,
    Green,
    Yellow,
    Red,
    Cyan,
}

impl Look {
    const fn style(self) -> Style {
        match self {
            Self::Bold => Style::new().bold(),
            Self::Dim => Style::new().dimmed(),
            Self::Green => AnsiColor::Green.on_default(),
            Self::Yellow => AnsiColor::Yellow.on_default(),
            Self::Red => AnsiColor::Red.on_default(),
            Self::Cyan => AnsiColor::Cyan.on_default(),
        }
    }
}

impl To {
    /// Whether a person reads it as it is written.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        match self {
            Self::Answer => io::stdout().is_terminal(),
            Self::Remark => io::stderr().is_terminal(),
        }
    }

    /// How many characters stand in a line of it; `None`: it is no terminal, or doesn't say.
    #[must_use]
    pub fn width(self) -> Option<usize> {
        let size = match self {
            Self::Answer => tcgetwinsize(io::stdout()),
            Self::Remark => tcgetwinsize(io::stderr()),
        };
        size.ok().map(|size| usize::from(size.ws_col)).filter(|width| *width > 0)
    }

    /// Shows how far something is, in a line that the next call writes over; an empty one takes it away. Only on
    /// terminals.
    ///
    /// # Errors
    /// As [`Self::line`].
    pub fn progress(self, text: &str) -> io::Result<()> {
        if self.is_terminal() && self.is_coloured() {
            self.bytes(format!("\r\x1b[2K{}", self.paint(Look::Dim, text)).as_bytes())?;
        }
        Ok(())
    }

    fn is_coloured(self) -> bool {
        let choice = match self {
            Self::Answer => AutoStream::choice(&io::stdout()),
            Self::Remark => AutoStream::choice(&io::stderr()),
        };
        choice != ColorChoice::Never
    }

    /// `text` as it is to stand out here, or plain.
    #[must_use]
    pub fn paint(self, look: Look, text: &str) -> String {
        if !self.is_coloured() || text.is_empty() {
            return text.to_owned();
        }
        let style = look.style();
        format!("{style}{text}{style:#}")
    }

    /// # Errors
    /// If it can't be written: of the kind `BrokenPipe` where nobody reads it any more.
    pub fn line(self, text: &str) -> io::Result<()> {
        self.bytes(format!("{text}\n").as_bytes())
    }

    /// Bytes as they are, at once.
    ///
    /// # Errors
    /// As [`Self::line`].
    pub fn bytes(self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Answer => written(io::stdout().lock(), bytes),
            Self::Remark => written(io::stderr().lock(), bytes),
        }
    }
}

fn written(mut to: impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}

/// Writes a line to standard output.
///
/// # Errors
/// If standard output can't be written: of the kind `BrokenPipe` where nobody reads it any more.
pub fn line(text: &str) -> io::Result<()> {
    To::Answer.line(text)
}

/// Writes a line to standard error: for what isn't the answer itself.
///
/// # Errors
/// As [`line`].
pub fn remark(text: &str) -> io::Result<()> {
    To::Remark.line(text)
}

/// Completes when nobody reads standard output any more: for commands that go on until then (`updraft logs -f | head`).
pub async fn unread() {
    // What isn't a pipe can't be waited for, and always has a reader.
    let answers = io::stdout().as_fd().try_clone_to_owned().and_then(Sender::from_owned_fd_unchecked);
    let over = match &answers {
        Ok(answers) => answers.ready(Interest::ERROR).await.is_ok(),
        Err(_) => false,
    };
    if !over {
        std::future::pending().await
    }
}

/// Bold on a terminal, plain elsewhere.
#[must_use]
pub fn bold(text: &str) -> String {
    To::Answer.paint(Look::Bold, text)
}

/// Dim on a terminal, plain elsewhere.
#[must_use]
pub fn dim(text: &str) -> String {
    To::Answer.paint(Look::Dim, text)
}

/// Green on a terminal, plain elsewhere.
#[must_use]
pub fn green(text: &str) -> String {
    To::Answer.paint(Look::Green, text)
}

/// Yellow on a terminal, plain elsewhere.
#[must_use]
pub fn yellow(text: &str) -> String {
    To::Answer.paint(Look::Yellow, text)
}

/// Red on a terminal, plain elsewhere.
#[must_use]
pub fn red(text: &str) -> String {
    To::Answer.paint(Look::Red, text)
}
