//! The `const` builder of an operation's row.

use super::{OpMeta, Operation, Shape};

/// An operation answered with 200 to `POST /`.
#[must_use]
pub const fn operation(index: u16, name: &'static str, action: &'static str) -> Operation {
    Operation {
        name,
        index,
        meta: OpMeta { action, read_only: false },
        implemented: false,
        method: "POST",
        uri: "/",
        status: 200,
        input: None,
        output: None,
        errors: &[],
        result_wrapper: "",
        input_wrapper: "",
        host_prefix: "",
        payload_type: "application/octet-stream",
        unsigned: false,
        deprecated: false,
        event_stream: None,
    }
}

impl Operation {
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.meta.read_only = true;
        self
    }
    #[must_use]
    pub const fn implemented(mut self) -> Self {
        self.implemented = true;
        self
    }
    #[must_use]
    pub const fn http(mut self, method: &'static str, uri: &'static str, status: u16) -> Self {
        self.method = method;
        self.uri = uri;
        self.status = status;
        self
    }
    #[must_use]
    pub const fn input(mut self, shape: &'static Shape) -> Self {
        self.input = Some(shape);
        self
    }
    #[must_use]
    pub const fn output(mut self, shape: &'static Shape) -> Self {
        self.output = Some(shape);
        self
    }
    #[must_use]
    pub const fn errors(mut self, shapes: &'static [&'static Shape]) -> Self {
        self.errors = shapes;
        self
    }
    #[must_use]
    pub const fn result_wrapper(mut self, element: &'static str) -> Self {
        self.result_wrapper = element;
        self
    }
    #[must_use]
    pub const fn input_wrapper(mut self, element: &'static str) -> Self {
        self.input_wrapper = element;
        self
    }
    #[must_use]
    pub const fn host_prefix(mut self, prefix: &'static str) -> Self {
        self.host_prefix = prefix;
        self
    }
    #[must_use]
    pub const fn payload_type(mut self, content_type: &'static str) -> Self {
        self.payload_type = content_type;
        self
    }
    #[must_use]
    pub const fn unsigned(mut self) -> Self {
        self.unsigned = true;
        self
    }
    #[must_use]
    pub const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }
    /// Answered in events: `member` of the output is what they are of.
    #[must_use]
    pub const fn event_stream(mut self, member: u16) -> Self {
        self.event_stream = Some(member);
        self
    }
}
