//! `const` builders, so that a row of a generated table says only what is not usual.

use super::{Kind, Location, Member, Namespace, Pattern, Shape, TimestampFormat, Wording};

const fn shape(name: &'static str, kind: Kind, members: &'static [Member]) -> Shape {
    Shape {
        name,
        kind,
        members,
        min: None,
        max: None,
        pattern: None,
        values: &[],
        wording: None,
        payload: None,
        timestamp: None,
        xml_name: "",
        namespace: None,
        flattened: false,
        sensitive: false,
        union: false,
        event_stream: false,
    }
}

#[must_use]
pub const fn structure(name: &'static str, members: &'static [Member]) -> Shape {
    shape(name, Kind::Structure, members)
}
/// `element` holds one member.
#[must_use]
pub const fn list(name: &'static str, element: &'static [Member; 1]) -> Shape {
    shape(name, Kind::List, element)
}
/// `entry` holds key and value.
#[must_use]
pub const fn map(name: &'static str, entry: &'static [Member; 2]) -> Shape {
    shape(name, Kind::Map, entry)
}
#[must_use]
pub const fn string(name: &'static str) -> Shape {
    shape(name, Kind::Text, &[])
}
#[must_use]
pub const fn integer(name: &'static str) -> Shape {
    shape(name, Kind::Integer, &[])
}
#[must_use]
pub const fn long(name: &'static str) -> Shape {
    shape(name, Kind::Long, &[])
}
#[must_use]
pub const fn double(name: &'static str) -> Shape {
    shape(name, Kind::Double, &[])
}
#[must_use]
pub const fn boolean(name: &'static str) -> Shape {
    shape(name, Kind::Boolean, &[])
}
#[must_use]
pub const fn blob(name: &'static str) -> Shape {
    shape(name, Kind::Blob, &[])
}
#[must_use]
pub const fn timestamp(name: &'static str) -> Shape {
    shape(name, Kind::Timestamp, &[])
}
#[must_use]
pub const fn document(name: &'static str) -> Shape {
    shape(name, Kind::Document, &[])
}

impl Shape {
    #[must_use]
    pub const fn min(mut self, min: i64) -> Self {
        self.min = Some(min);
        self
    }
    #[must_use]
    pub const fn max(mut self, max: i64) -> Self {
        self.max = Some(max);
        self
    }
    #[must_use]
    pub const fn pattern(mut self, pattern: &'static Pattern) -> Self {
        self.pattern = Some(pattern);
        self
    }
    #[must_use]
    pub const fn values(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }
    #[must_use]
    pub const fn wording(mut self, wording: &'static Wording) -> Self {
        self.wording = Some(wording);
        self
    }
    #[must_use]
    pub const fn payload(mut self, member: u16) -> Self {
        self.payload = Some(member);
        self
    }
    #[must_use]
    pub const fn format(mut self, format: TimestampFormat) -> Self {
        self.timestamp = Some(format);
        self
    }
    #[must_use]
    pub const fn xml_name(mut self, name: &'static str) -> Self {
        self.xml_name = name;
        self
    }
    #[must_use]
    pub const fn namespace(mut self, prefix: &'static str, uri: &'static str) -> Self {
        self.namespace = Some(Namespace { prefix, uri });
        self
    }
    #[must_use]
    pub const fn flattened(mut self) -> Self {
        self.flattened = true;
        self
    }
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
    #[must_use]
    pub const fn union(mut self) -> Self {
        self.union = true;
        self
    }
    #[must_use]
    pub const fn event_stream(mut self) -> Self {
        self.event_stream = true;
        self
    }
}

/// A member that travels in the body under its own name.
#[must_use]
pub const fn member(name: &'static str, shape: &'static Shape) -> Member {
    Member {
        name,
        wire: name,
        shape,
        location: Location::Body,
        namespace: None,
        required: false,
        idempotency: false,
        flattened: false,
        attribute: false,
        streaming: false,
        host_label: false,
        event_payload: false,
        event_header: false,
    }
}

/// The element of a list.
#[must_use]
pub const fn element(shape: &'static Shape) -> Member {
    member("member", shape)
}

impl Member {
    #[must_use]
    pub const fn wire(mut self, name: &'static str) -> Self {
        self.wire = name;
        self
    }
    #[must_use]
    pub const fn at(mut self, location: Location) -> Self {
        self.location = location;
        self
    }
    #[must_use]
    pub const fn namespace(mut self, prefix: &'static str, uri: &'static str) -> Self {
        self.namespace = Some(Namespace { prefix, uri });
        self
    }
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }
    #[must_use]
    pub const fn idempotency(mut self) -> Self {
        self.idempotency = true;
        self
    }
    #[must_use]
    pub const fn flattened(mut self) -> Self {
        self.flattened = true;
        self
    }
    #[must_use]
    pub const fn attribute(mut self) -> Self {
        self.attribute = true;
        self
    }
    #[must_use]
    pub const fn streaming(mut self) -> Self {
        self.streaming = true;
        self
    }
    #[must_use]
    pub const fn host_label(mut self) -> Self {
        self.host_label = true;
        self
    }
    #[must_use]
    pub const fn event_payload(mut self) -> Self {
        self.event_payload = true;
        self
    }
    #[must_use]
    pub const fn event_header(mut self) -> Self {
        self.event_header = true;
        self
    }
}
