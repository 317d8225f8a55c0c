//! The rules of HTTP APIs: pure, no transaction and no I/O.

mod cors;
mod endpoint;
mod integration;
mod older;
mod page;
mod route_key;
mod rows;
mod service;
mod settings;
mod shapes;
mod stage;
mod websocket;

pub(crate) use endpoint::{api_endpoint, new_id};
pub(crate) use integration::{Draft, IntegrationUri, substitute};
pub(crate) use page::page;
pub(crate) use route_key::{PathPart, RouteKey, check_against};
pub(crate) use rows::{
    ApiRow, CorsRow, DeploymentRow, IntegrationRow, Limits, Logs, RouteRow, ServiceRow, Snapshot, StageRow,
};
pub(crate) use service::service_of;
pub(crate) use settings::{limits_of, logs_of, merge_limits, merge_variables, restore_limits, restore_logs};
pub(crate) use shapes::*;
pub(crate) use stage::{DEFAULT, check_stage_name};
pub(crate) use websocket::{check_selection, refuse_websocket};
