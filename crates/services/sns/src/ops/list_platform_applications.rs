//! `ListPlatformApplications`: by platform and name.

use updraft_api_sns::types::{ListPlatformApplicationsInput, ListPlatformApplicationsOutput, PlatformApplication};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging::{PAGE, read_token, token};
use crate::Sns;
use crate::keys::people::{App, AppKey};
use crate::people::apps::{self, AppId};

pub(crate) async fn list_platform_applications(
    svc: &Sns,
    cx: &Ctx,
    input: ListPlatformApplicationsInput,
) -> Result<ListPlatformApplicationsOutput, AwsError> {
    let (account, region) = (&cx.account, &cx.region);
    let mut range = AppKey::all(account, region);
    if let Some(given) = input.next_token.filter(|token| !token.is_empty()) {
        let last = read_token(&given)?;
        let (platform, name) = last.split_once('/').unwrap_or((&last, ""));
        range = range.after(&AppKey { account, region, platform, name }.encode());
    }
    let page = svc.parts.store.read().await?.rows::<AppKey<'_>>(range, ScanOptions::limit(PAGE)).await?;
    let last = page.rows.last().filter(|_| page.more);
    let next_token = last.map(|(_, app)| token(&format!("{}/{}", app.platform, app.name)));
    let one = |(_, app): (bytes::Bytes, App)| PlatformApplication {
        platform_application_arn: Some(AppId::of(cx, &app.platform, &app.name).arn()),
        attributes: Some(apps::shown(app)),
    };
    let applications = page.rows.into_iter().map(one).collect();
    Ok(ListPlatformApplicationsOutput { platform_applications: Some(applications), next_token })
}
