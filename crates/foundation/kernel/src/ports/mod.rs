//! Where services meet. A port is a small trait named for what its caller wants; the binary's `compose` joins them.

pub mod certificates;
pub mod connections;
pub mod credentials;
pub mod debug;
pub mod dispatch;
pub mod downloads;
pub mod event_sources;
pub mod function;
pub mod http;
pub mod logs;
pub mod metrics;
pub mod objects;
pub mod postbox;
pub mod queues;
pub mod runner;
pub mod secrets;
pub mod sender;
pub mod targets;
pub mod web;

pub use certificates::CertificatesPort;
pub use connections::{Connected, ConnectionFailure, ConnectionsPort};
pub use credentials::{
    Authorizer, CredentialsPort, ResolvedKey, SecretKey, SessionCredentials, SessionRequest, UnknownKey,
};
pub use debug::{DebugHow, DebugPort, DebugRefusal, DebugRequest, Debugging};
pub use dispatch::{ApiCall, DispatchPort};
pub use downloads::DownloadsPort;
pub use event_sources::{EventSourcePort, GivenUp, Mapping, MappingsPort, Source, StartingPosition, StreamReading};
pub use function::{FunctionPort, InvocationType, InvokeOutcome, InvokeRequest};
pub use http::{HttpBody, HttpDataPlane, HttpRequest, HttpResponse, Signer};
pub use logs::{LogBatch, LogLine, LogPage, LogQuery, LogsPort, NoLogs};
pub use metrics::{Metric, MetricBatch, MetricsPort, NoMetrics, Unit};
pub use objects::{NoObjects, ObjectName, ObjectsPort};
pub use postbox::{PostboxPort, Posted};
pub use queues::{AttributeContent, QueueAttribute, QueueMessage, QueuePort};
pub use runner::{
    CodeLocation, Concurrency, FileSystem, FunctionErrorKind, FunctionSpec, Invocation, LayerSpec, LogSpec,
    Provisioned, RunOutcome, RunnerPort, RunnerRefusal, Streamed, Usage,
};
pub use secrets::SecretsPort;
pub use sender::Sender;
pub use targets::{
    Again, BusEvent, CallFailure, EventAttribute, EventTargetPort, EventTargets, ServerCall, TargetEvent,
};
pub use web::{WebFailure, WebPort, WebRequest, WebResponse};
