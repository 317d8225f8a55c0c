//! An extension with AWS's crate for extensions in Rust: it tells what it hears of.

use lambda_extension::{
    Error, Extension, LambdaEvent, LambdaTelemetry, LambdaTelemetryRecord, NextEvent, SharedService, service_fn,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = SharedService::new(service_fn(telemetry));
    Extension::new().with_events_processor(service_fn(events)).with_telemetry_processor(telemetry).run().await
}

async fn events(event: LambdaEvent) -> Result<(), Error> {
    match event.next {
        NextEvent::Invoke(call) => println!("extension: invoke {}", call.request_id),
        NextEvent::Shutdown(end) => println!("extension: shutdown {}", end.shutdown_reason),
    }
    Ok(())
}

async fn telemetry(events: Vec<LambdaTelemetry>) -> Result<(), Error> {
    for event in events {
        match event.record {
            LambdaTelemetryRecord::Function(line) => println!("extension: heard {}", line.trim_end()),
            LambdaTelemetryRecord::PlatformReport { request_id, .. } => println!("extension: report {request_id}"),
            LambdaTelemetryRecord::PlatformInitStart { .. } => println!("extension: start"),
            _ => {}
        }
    }
    Ok(())
}
