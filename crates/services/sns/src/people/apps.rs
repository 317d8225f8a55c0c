//! Apps on platforms for push notifications, and the devices they are on.

use std::collections::BTreeMap;

use updraft_kernel::ports::Posted;
use updraft_kernel::{AccountId, Arn, AwsError, Ctx, Region, UnixMillis};
use updraft_store::Tx;

use super::post;
use crate::Sns;
use crate::errors::{invalid, not_found};
use crate::keys::people::{App, AppKey, Device, DeviceKey};
use crate::model::message::Notification;

pub(crate) const PLATFORMS: [&str; 8] =
    ["ADM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "GCM", "WNS"];
const APP_ATTRIBUTES: [&str; 15] = [
    "PlatformCredential",
    "PlatformPrincipal",
    "EventEndpointCreated",
    "EventEndpointDeleted",
    "EventEndpointUpdated",
    "EventDeliveryFailure",
    "SuccessFeedbackRoleArn",
    "FailureFeedbackRoleArn",
    "SuccessFeedbackSampleRate",
    "ApplePlatformTeamID",
    "ApplePlatformBundleID",
    "AppleCertificateExpiryDate",
    "AuthenticationMethod",
    "Enabled",
    "GCMAuthenticationType",
];
const DEVICE_ATTRIBUTES: [&str; 3] = ["CustomUserData", "Enabled", "Token"];
/// AWS never shows these again.
const SECRET: [&str; 2] = ["PlatformCredential", "PlatformPrincipal"];

type Attributes = BTreeMap<String, String>;

/// An app, or one of its devices, by its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AppId {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) platform: String,
    pub(crate) name: String,
}

impl AppId {
    /// # Errors
    /// If `raw` is no app's ARN.
    pub(crate) fn parse(cx: &Ctx, raw: &str) -> Result<Self, AwsError> {
        let member = "PlatformApplicationArn";
        match parts(cx, raw, member)?.as_slice() {
            ["app", platform, name] => Ok(Self::of(cx, platform, name)),
            _ => Err(invalid(format_args!("{member} Reason: Wrong number of slashes in relative portion of the ARN."))),
        }
    }

    pub(crate) fn of(cx: &Ctx, platform: &str, name: &str) -> Self {
        let (account, region) = (cx.account.clone(), cx.region.clone());
        Self { account, region, platform: platform.to_owned(), name: name.to_owned() }
    }

    pub(crate) fn key(&self) -> AppKey<'_> {
        AppKey { account: &self.account, region: &self.region, platform: &self.platform, name: &self.name }
    }

    pub(crate) fn arn(&self) -> String {
        self.named("app", "")
    }

    pub(crate) fn device_arn(&self, device: &str) -> String {
        self.named("endpoint", &format!("/{device}"))
    }

    fn named(&self, kind: &str, rest: &str) -> String {
        let resource = format!("{kind}/{}/{}{rest}", self.platform, self.name);
        Arn::new("sns", &self.region, &self.account, resource).to_string()
    }
}

/// A device's app, and its UUID.
///
/// # Errors
/// If `raw` is no device's ARN.
pub(crate) fn device_id(cx: &Ctx, raw: &str, member: &str) -> Result<(AppId, String), AwsError> {
    match parts(cx, raw, member)?.as_slice() {
        ["endpoint", platform, name, device] => Ok((AppId::of(cx, platform, name), (*device).to_owned())),
        _ => Err(invalid(format_args!("{member} Reason: Wrong number of slashes in relative portion of the ARN."))),
    }
}

/// What the ARN names, at its slashes.
fn parts<'a>(cx: &Ctx, raw: &'a str, member: &str) -> Result<Vec<&'a str>, AwsError> {
    let elements: Vec<_> = raw.splitn(6, ':').collect();
    match elements.as_slice() {
        ["arn", _, "sns", region, account, resource] => {
            if *region != cx.region.as_str() || *account != cx.account.as_str() {
                return Err(invalid(member));
            }
            Ok(resource.split('/').collect())
        }
        other if other.len() < 6 => {
            let count = other.len();
            Err(invalid(format_args!("{member} Reason: An ARN must have at least 6 elements, not {count}")))
        }
        _ => Err(invalid(member)),
    }
}

/// # Errors
/// If there is no such app.
pub(crate) async fn app(tx: &mut Tx, id: &AppId) -> Result<App, AwsError> {
    tx.row(&id.key()).await?.ok_or_else(|| not_found("PlatformApplication does not exist"))
}

/// # Errors
/// If there is no such device.
pub(crate) async fn device(tx: &mut Tx, (app, id): &(AppId, String)) -> Result<Device, AwsError> {
    tx.row(&DeviceKey(app.key(), id)).await?.ok_or_else(|| not_found("Endpoint does not exist"))
}

/// # Errors
/// If it has one that isn't an app's, or not all it takes.
pub(crate) fn check_app(attributes: &Attributes) -> Result<(), AwsError> {
    check(attributes, &APP_ATTRIBUTES)?;
    let has = |name: &str| attributes.get(name).is_some_and(|value| !value.is_empty());
    if has("PlatformCredential") && !has("PlatformPrincipal") {
        return Err(reason("PlatformCredential attribute provided without PlatformPrincipal"));
    }
    if has("PlatformPrincipal") && !has("PlatformCredential") {
        return Err(reason("PlatformPrincipal attribute provided without PlatformCredential"));
    }
    Ok(())
}

/// # Errors
/// If it has one that isn't a device's.
pub(crate) fn check_device(attributes: &Attributes) -> Result<(), AwsError> {
    check(attributes, &DEVICE_ATTRIBUTES)?;
    match attributes.get("Enabled").map(String::as_str) {
        None | Some("true" | "false") => Ok(()),
        Some(_) => Err(reason("Invalid value for attribute: Enabled: Must be true or false")),
    }
}

fn check(attributes: &Attributes, known: &[&str]) -> Result<(), AwsError> {
    match attributes.keys().find(|name| !known.contains(&name.as_str())) {
        Some(other) => Err(reason(&format!("Invalid attribute name: {other}"))),
        None => Ok(()),
    }
}

fn reason(why: &str) -> AwsError {
    invalid(format_args!("Attributes Reason: {why}"))
}

/// As an app is shown.
pub(crate) fn shown(app: App) -> Attributes {
    let mut shown = app.attributes;
    shown.retain(|name, _| !SECRET.contains(&name.as_str()));
    shown.entry("Enabled".to_owned()).or_insert_with(|| "true".to_owned());
    shown
}

/// Keeps what it would have been sent. `false`: it takes nothing.
///
/// # Errors
/// If the store fails, or there is no such device.
pub(crate) async fn send(
    svc: &Sns,
    tx: &mut Tx,
    at: &(AppId, String),
    (message, id, topic, time): (&Notification, String, String, UnixMillis),
) -> Result<bool, AwsError> {
    let device = device(tx, at).await?;
    if device.attributes.get("Enabled").is_some_and(|enabled| enabled == "false") {
        return Ok(false);
    }
    let (app, name) = at;
    let own = message.by_protocol.get(&app.platform);
    let text = own.map_or_else(|| message.text_for("application"), String::as_str);
    let token = device.attributes.get("Token").cloned().unwrap_or_default();
    let posted = Posted {
        id,
        at: time,
        region: app.region.as_str().to_owned(),
        channel: "application".to_owned(),
        to: app.device_arn(name),
        subject: message.subject.clone(),
        text: text.to_owned(),
        topic,
        links: BTreeMap::new(),
        details: [("Platform".to_owned(), app.platform.clone()), ("Token".to_owned(), token)].into(),
    };
    post(svc, tx, &app.account, posted).await.map(|()| true)
}
