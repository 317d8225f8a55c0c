//! API Gateway's HTTP APIs: their configuration, and the requests to them.
//!
//! It must never know how a request came in, nor what a function is beyond its ARN. Start reading at [`ApiGatewayV2`]
//! for the operations, and at [`HttpApis`] for the requests.

mod errors;
#[doc(hidden)]
pub mod fuzz;
mod invoke;
mod keys;
mod model;
mod ops;
mod ports;
mod table;

use std::sync::Arc;

use updraft_store::Store;

pub use invoke::HttpApis;

/// The operations.
#[derive(Clone, Debug)]
pub struct ApiGatewayV2 {
    store: Arc<dyn Store>,
}

impl ApiGatewayV2 {
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }
}

updraft_api_apigatewayv2::delegate!(ApiGatewayV2, ops);
