//! How functions' own URLs are configured.

use serde::{Deserialize, Serialize};
use updraft_api_lambda::types::{Cors as AskedCors, FunctionUrlAuthType, InvokeMode};
use updraft_kernel::{Rng, RngExt, UnixMillis};
use updraft_store::Row;

/// As AWS's: 32 lower-case letters and digits.
const ID: (&str, usize) = ("abcdefghijklmnopqrstuvwxyz0123456789", 32);

pub(crate) fn new_id(rng: &dyn Rng) -> String {
    rng.text(ID.0, ID.1)
}

/// Who may call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Auth {
    /// Everybody.
    None,
    /// Who signs.
    Iam,
}

impl Auth {
    /// The tables have checked that it is one of them.
    pub(crate) fn of(asked: &FunctionUrlAuthType) -> Self {
        if *asked == FunctionUrlAuthType::None { Self::None } else { Self::Iam }
    }

    pub(crate) fn shown(self) -> FunctionUrlAuthType {
        match self {
            Self::None => FunctionUrlAuthType::None,
            Self::Iam => FunctionUrlAuthType::AwsIam,
        }
    }
}

/// How the function's answer is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mode {
    Buffered,
    Streamed,
}

impl Mode {
    pub(crate) fn of(asked: &InvokeMode) -> Self {
        if *asked == InvokeMode::ResponseStream { Self::Streamed } else { Self::Buffered }
    }

    pub(crate) fn shown(self) -> InvokeMode {
        match self {
            Self::Buffered => InvokeMode::Buffered,
            Self::Streamed => InvokeMode::ResponseStream,
        }
    }
}

/// What browsers of other origins may do. Kept as it was said, for that is how it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cors {
    pub(crate) credentials: Option<bool>,
    pub(crate) headers: Option<Vec<String>>,
    pub(crate) methods: Option<Vec<String>>,
    pub(crate) origins: Option<Vec<String>>,
    pub(crate) exposed: Option<Vec<String>>,
    /// In seconds.
    pub(crate) max_age: Option<i32>,
}

impl Cors {
    /// Nothing said means no configuration: so one is taken away.
    pub(crate) fn of(asked: AskedCors) -> Option<Self> {
        let cors = Self {
            credentials: asked.allow_credentials,
            headers: asked.allow_headers,
            methods: asked.allow_methods,
            origins: asked.allow_origins,
            exposed: asked.expose_headers,
            max_age: asked.max_age,
        };
        (cors != Self::default()).then_some(cors)
    }

    pub(crate) fn shown(&self) -> AskedCors {
        let Self { credentials, headers, methods, origins, exposed, max_age } = self.clone();
        AskedCors {
            allow_credentials: credentials,
            allow_headers: headers,
            allow_methods: methods,
            allow_origins: origins,
            expose_headers: exposed,
            max_age,
        }
    }
}

/// A function's own URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UrlRow {
    pub(crate) id: String,
    pub(crate) auth: Auth,
    pub(crate) mode: Mode,
    pub(crate) cors: Option<Cors>,
    pub(crate) created: UnixMillis,
    pub(crate) modified: UnixMillis,
}

impl Row for UrlRow {
    const VERSION: u8 = 1;
}
