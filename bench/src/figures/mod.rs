//! What is measured. Each group makes its figures beside their floors and peers.

use anyhow::Result;

use crate::report::Figure;
use crate::world::World;

mod dynamodb;
mod floor;
mod growth;
mod http_api;
mod items;
mod lambda;
mod more;
mod objects;
mod patterns;
mod postgres;
mod queues;
mod start;
mod workflows;

pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) measure: fn(&mut World) -> Result<Vec<Figure>>,
}

pub(crate) static ALL: &[Group] = &[
    Group { name: "floors", about: "the machine by itself", measure: floor::measure },
    Group { name: "start", about: "start to first answer, idle memory", measure: start::measure },
    Group { name: "put", about: "durable PutItem", measure: dynamodb::put },
    Group { name: "get", about: "GetItem", measure: dynamodb::get },
    Group { name: "query", about: "Query of 100 items of 1 KiB", measure: dynamodb::query },
    Group { name: "more", about: "transactions, a hot key, scans", measure: more::measure },
    Group { name: "invoke", about: "warm Invoke", measure: lambda::warm },
    Group { name: "cold", about: "cold starts", measure: lambda::cold },
    Group { name: "wasm", about: "WebAssembly components, warm and cold", measure: lambda::components },
    Group { name: "functions", about: "many instances, and many functions", measure: lambda::many },
    Group { name: "http-api", about: "HTTP API → Lambda → PutItem", measure: http_api::measure },
    Group { name: "send", about: "SendMessage", measure: queues::send },
    Group { name: "cycle", about: "send, receive and delete", measure: queues::cycles },
    Group { name: "waiting", about: "a thousand empty long polls", measure: queues::waiting },
    Group { name: "depth", about: "deep queues, and many", measure: queues::depth },
    Group { name: "fan-out", about: "one topic, a hundred queues", measure: queues::fan_out },
    Group { name: "objects", about: "PutObject and GetObject", measure: objects::measure },
    Group { name: "list", about: "ListObjectsV2 in a large bucket", measure: objects::list },
    Group { name: "uploads", about: "memory of a large upload and download", measure: objects::large },
    Group { name: "events", about: "S3 event to function, bus to queue", measure: objects::events },
    Group { name: "patterns", about: "events against the rules of a bus", measure: patterns::measure },
    Group { name: "workflows", about: "state machines", measure: workflows::measure },
    Group { name: "postgres", about: "the store on PostgreSQL, two nodes", measure: postgres::measure },
    Group { name: "growth", about: "PutItem and GetItem in a large table", measure: growth::measure },
];
