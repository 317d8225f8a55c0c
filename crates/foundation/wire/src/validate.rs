//! To be written.

use updraft_kernel::AwsError;

use crate::Value;
use crate::model::{Operation, ServiceModel};

pub(crate) fn check(_model: &ServiceModel, _op: &Operation, _input: &Value) -> Result<(), AwsError> {
    Ok(())
}
