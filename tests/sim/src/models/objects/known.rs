//! What a client can know of a key.

use std::collections::BTreeSet;

use updraft_kernel::AwsError;

/// What it may hold: numbers, or nothing. What was asked for and never answered stays possible until something else is
/// acknowledged, for it may be on its way still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place(BTreeSet<Option<u64>>);

impl Default for Place {
    fn default() -> Self {
        Self(BTreeSet::from([None]))
    }
}

/// How a write went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Done,
    /// It lost against others, and did nothing.
    Refused,
    /// There is something already.
    Taken,
    Unknown,
}

/// # Errors
/// If that is no answer to a write.
pub(super) fn answer<T>(answer: &Result<T, AwsError>) -> Result<Answer, String> {
    match answer {
        Ok(_) => Ok(Answer::Done),
        Err(error) if error.code().name == "PreconditionFailed" => Ok(Answer::Taken),
        Err(error) if error.is_conflict() || error.code().status == 409 => Ok(Answer::Refused),
        Err(error) if error.code().status == 503 => Ok(Answer::Unknown),
        Err(error) => Err(format!("{error:?}")),
    }
}

impl Place {
    /// It is asked for.
    pub(super) fn may_become(&mut self, what: Option<u64>) {
        self.0.insert(what);
    }

    /// What came of it.
    ///
    /// # Errors
    /// If that can't be.
    pub(super) fn told(&mut self, answer: Answer, what: Option<u64>) -> Result<(), String> {
        match answer {
            Answer::Done => self.0 = BTreeSet::from([what]),
            Answer::Unknown | Answer::Refused => {}
            Answer::Taken => {
                self.0.remove(&what);
                if self.0.iter().all(Option::is_none) {
                    return Err("there is something, they say, and can't be".to_owned());
                }
            }
        }
        Ok(())
    }

    /// It was read.
    ///
    /// # Errors
    /// If it can't hold that.
    pub(super) fn is(&mut self, found: Option<u64>) -> Result<(), String> {
        if self.0.contains(&found) { Ok(()) } else { Err(format!("it holds {found:?}, and may hold {:?}", self.0)) }
    }

    /// # Errors
    /// If it must be otherwise.
    pub(super) fn is_listed(&self, listed: bool) -> Result<(), String> {
        if self.0.iter().any(|one| one.is_some() == listed) {
            Ok(())
        } else {
            Err(format!("listed: {listed}, but it may hold {:?}", self.0))
        }
    }
}
