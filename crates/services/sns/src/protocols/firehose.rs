//! Delivery streams: there are none here, so that what is subscribed to one is kept and told of, and gets nothing.

use updraft_kernel::{Arn, AwsError};

use super::{Answer, Sent};
use crate::errors::invalid;
use crate::fanout::Parcel;

pub(super) fn check_endpoint(endpoint: &str) -> Result<(), AwsError> {
    match Arn::parse(endpoint) {
        Ok(arn) if arn.service == "firehose" && arn.resource.starts_with("deliverystream/") => Ok(()),
        _ => Err(invalid("Firehose endpoint ARN")),
    }
}

pub(super) fn send(parcel: &Parcel<'_>) -> Vec<Sent> {
    let answer = Answer { status: 404, response: format!("{} isn't there", parcel.row.endpoint) };
    vec![Sent::Never(answer); parcel.messages.len()]
}
