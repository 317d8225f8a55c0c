//! Phones: their numbers, what they are sent, and how.

use std::collections::BTreeMap;

use updraft_kernel::ports::{AttributeContent, Posted};
use updraft_kernel::{AccountId, AwsError, Region, UnixMillis};
use updraft_store::Tx;

use super::post;
use crate::Sns;
use crate::errors::{as_it_is, invalid};
use crate::keys::people::{OptedOutKey, SmsKey, SmsSettings};
use crate::model::message::Notification;

/// What can be set, and what is said where nothing was. AWS: all accounts begin with one dollar a month.
pub(crate) const SETTINGS: [&str; 6] = [
    "MonthlySpendLimit",
    "DeliveryStatusIAMRole",
    "DeliveryStatusSuccessSamplingRate",
    "DefaultSenderID",
    "DefaultSMSType",
    "UsageReportS3Bucket",
];
pub(crate) const SPEND_LIMIT: (&str, &str) = ("MonthlySpendLimit", "1");

/// # Errors
/// If it is no phone's number, in E.164.
pub(crate) fn check(number: &str) -> Result<(), AwsError> {
    let reason = || invalid(format_args!("PhoneNumber Reason: {number} is not valid to publish to"));
    let digits = number.strip_prefix('+').unwrap_or(number);
    let legal = (2..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if legal { Ok(()) } else { Err(reason()) }
}

/// # Errors
/// If there is no such setting, or it can't be that.
pub(crate) fn check_setting(name: &str, value: &str) -> Result<(), AwsError> {
    if !SETTINGS.contains(&name) {
        return Err(as_it_is(format!("{name} is not a valid attribute")));
    }
    let number = || value.parse::<u32>().ok();
    let legal = match name {
        "MonthlySpendLimit" => number().is_some(),
        "DeliveryStatusSuccessSamplingRate" => number().is_some_and(|rate| rate <= 100),
        "DefaultSMSType" => matches!(value, "Promotional" | "Transactional"),
        "DefaultSenderID" => {
            let letters = value.bytes().any(|byte| byte.is_ascii_alphabetic());
            let all = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            value.is_empty() || (value.len() <= 11 && letters && all)
        }
        _ => true,
    };
    if legal { Ok(()) } else { Err(invalid(format_args!("{name} Reason: {value} is not a valid value"))) }
}

/// Where a phone is, and which.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phone<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) number: &'a str,
}

/// Keeps what it would have been sent. `false`: its owner wants nothing.
///
/// # Errors
/// If the store fails.
pub(crate) async fn send(
    svc: &Sns,
    tx: &mut Tx,
    Phone { account, region, number }: Phone<'_>,
    (message, id, topic, at): (&Notification, String, String, UnixMillis),
) -> Result<bool, AwsError> {
    if tx.row(&OptedOutKey { account, region, number }).await?.is_some() {
        return Ok(false);
    }
    let settings = tx.row(&SmsKey { account, region }).await?.unwrap_or_default();
    let posted = Posted {
        id,
        at,
        region: region.as_str().to_owned(),
        channel: "sms".to_owned(),
        to: number.to_owned(),
        subject: message.subject.clone(),
        text: message.text_for("sms").to_owned(),
        topic,
        links: BTreeMap::new(),
        details: details(message, &settings),
    };
    post(svc, tx, account, posted).await.map(|()| true)
}

/// The message's own, then the account's.
fn details(message: &Notification, settings: &SmsSettings) -> BTreeMap<String, String> {
    let own = |name: &str| match message.attributes.get(name).map(|attribute| &attribute.content) {
        Some(AttributeContent::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let usual = |name: &str| settings.0.get(name).cloned();
    let sender = own("AWS.SNS.SMS.SenderID").or_else(|| usual("DefaultSenderID"));
    let kind =
        own("AWS.SNS.SMS.SMSType").or_else(|| usual("DefaultSMSType")).unwrap_or_else(|| "Promotional".to_owned());
    let sender = sender.filter(|sender| !sender.is_empty()).map(|sender| ("SenderID".to_owned(), sender));
    sender.into_iter().chain([("SMSType".to_owned(), kind)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_digits() {
        assert!(["+15550100", "15550100", "+4930123456"].into_iter().all(|number| check(number).is_ok()));
        for number in ["+1a234", "NAA+15551234567", "", "+1", "+1234567890123456"] {
            let error = check(number).unwrap_err();
            assert!(error.message().ends_with(&format!("{number} is not valid to publish to")), "{error:?}");
        }
    }

    #[test]
    fn settings_are_of_their_kinds() {
        for (name, value) in
            [("DefaultSMSType", "Promotional"), ("DefaultSenderID", "LSTest"), ("MonthlySpendLimit", "1")]
        {
            assert!(check_setting(name, value).is_ok(), "{name}");
        }
        for (name, value) in [("DefaultSMSType", "x"), ("DefaultSenderID", "123"), ("DefaultSenderID", "abcdefghijkl")]
        {
            assert!(check_setting(name, value).is_err(), "{name} {value}");
        }
        assert_eq!(
            check_setting("DefaultSendID", "1").unwrap_err().message(),
            "DefaultSendID is not a valid attribute"
        );
    }
}
