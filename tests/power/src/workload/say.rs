//! What a workload tells the world: one line each, which whoever records it takes as a promise.

use std::fmt;
use std::io::{Write, stdout};
use std::str::FromStr;

use anyhow::{Context, Result, bail};

/// A line. Numbers are a client and its step, or a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The step is about to be committed.
    Try { client: usize, step: usize },
    /// It was, so that it survives power loss, with this version.
    Durable { client: usize, step: usize, version: u64 },
    /// It was, so that it survives power loss once something durable was committed after it.
    Relaxed { client: usize, step: usize, version: u64 },
    /// A blob was kept under this id.
    Kept { blob: usize, id: String },
    /// A row that names the blob was committed.
    Named { blob: usize },
    /// The row is about to be deleted.
    Unnaming { blob: usize },
    /// It was.
    Unnamed { blob: usize },
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Try { client, step } => write!(f, "try {client} {step}"),
            Self::Durable { client, step, version } => write!(f, "durable {client} {step} {version}"),
            Self::Relaxed { client, step, version } => write!(f, "relaxed {client} {step} {version}"),
            Self::Kept { blob, id } => write!(f, "kept {blob} {id}"),
            Self::Named { blob } => write!(f, "named {blob}"),
            Self::Unnaming { blob } => write!(f, "unnaming {blob}"),
            Self::Unnamed { blob } => write!(f, "unnamed {blob}"),
        }
    }
}

impl FromStr for Line {
    type Err = anyhow::Error;

    fn from_str(line: &str) -> Result<Self> {
        let words: Vec<_> = line.split_whitespace().collect();
        let number = |at: usize| -> Result<usize> { Ok(words.get(at).context("a word is missing")?.parse()?) };
        let version = || Ok::<_, anyhow::Error>(number(3)? as u64);
        Ok(match words.first().copied() {
            Some("try") => Self::Try { client: number(1)?, step: number(2)? },
            Some("durable") => Self::Durable { client: number(1)?, step: number(2)?, version: version()? },
            Some("relaxed") => Self::Relaxed { client: number(1)?, step: number(2)?, version: version()? },
            Some("kept") => Self::Kept { blob: number(1)?, id: (*words.get(2).context("no id")?).to_owned() },
            Some("named") => Self::Named { blob: number(1)? },
            Some("unnaming") => Self::Unnaming { blob: number(1)? },
            Some("unnamed") => Self::Unnamed { blob: number(1)? },
            _ => bail!("{line:?} is no line of a workload"),
        })
    }
}

/// One write each, so that it is seen at once and whole.
pub(crate) fn say(line: &Line) -> Result<()> {
    let mut out = stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())?;
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        let lines = [
            Line::Try { client: 1, step: 2 },
            Line::Durable { client: 1, step: 2, version: 3 },
            Line::Relaxed { client: 4, step: 5, version: 6 },
            Line::Kept { blob: 7, id: "ab".to_owned() },
            Line::Named { blob: 8 },
            Line::Unnaming { blob: 8 },
            Line::Unnamed { blob: 8 },
        ];
        for line in lines {
            assert_eq!(line.to_string().parse::<Line>().unwrap(), line);
        }
        assert!("ready".parse::<Line>().is_err());
    }
}
