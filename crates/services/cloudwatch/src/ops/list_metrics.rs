//! `ListMetrics`.

use updraft_api_cloudwatch::types::{Dimension, DimensionFilter, ListMetricsInput, ListMetricsOutput, Metric};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{ScanOptions, StoreExt};

use crate::CloudWatch;
use crate::keys::{MetricKey, MetricRow};
use crate::model::series::Scope;
use crate::model::token;
use crate::table::LAST_STEP;

/// AWS: in one answer.
const PAGE: usize = 500;

const HOUR: i64 = 3_600;
/// AWS: metrics are listed for two weeks after their last value, and are active for three hours.
const LISTED: i64 = 14 * 24 * HOUR;
const ACTIVE: i64 = 3 * HOUR;

pub(crate) async fn list_metrics(
    svc: &CloudWatch,
    cx: &Ctx,
    input: ListMetricsInput,
) -> Result<ListMetricsOutput, AwsError> {
    svc.settled().await?;
    let scope = Scope::of(cx);
    let mut range = MetricKey::range(&scope, input.namespace.as_deref(), input.metric_name.as_deref());
    if let Some(given) = &input.next_token {
        let last = token::key(given, &range)?;
        range = range.after(&last);
    }
    let within = if input.recently_active.is_some() { ACTIVE } else { LISTED };
    let since = cx.now().secs() - within - LAST_STEP;
    let mut found = Listing::default();
    if input.owning_account.as_ref().is_none_or(|owner| *owner == cx.account.as_str()) {
        let mut tx = svc.store.read().await?;
        loop {
            let page = tx.rows::<MetricKey<'_>>(range.clone(), ScanOptions::limit(PAGE)).await?;
            for (key, row) in &page.rows {
                let (namespace, name) = MetricKey::names(key)?;
                if row.last.secs() > since && is_wanted(&input, &name, row) {
                    found.take(namespace, name, row);
                }
                if found.metrics.len() == PAGE {
                    found.next = Some(token::of_key(key));
                    break;
                }
            }
            match page.resume() {
                Some(last) if found.next.is_none() => range = range.after(last),
                _ => break,
            }
        }
    }
    Ok(found.answer(cx, input.include_linked_accounts == Some(true)))
}

fn is_wanted(input: &ListMetricsInput, name: &str, row: &MetricRow) -> bool {
    let has = |filter: &DimensionFilter| {
        let fits = |(name, value): &(String, String)| {
            *name == filter.name && filter.value.as_ref().is_none_or(|wanted| wanted == value)
        };
        row.dimensions.iter().any(fits)
    };
    input.metric_name.as_ref().is_none_or(|wanted| wanted == name) && input.dimensions.iter().flatten().all(has)
}

#[derive(Default)]
struct Listing {
    metrics: Vec<Metric>,
    next: Option<String>,
}

impl Listing {
    fn take(&mut self, namespace: String, name: String, row: &MetricRow) {
        let dimension = |(name, value): &(String, String)| Dimension { name: name.clone(), value: value.clone() };
        let dimensions = Some(row.dimensions.iter().map(dimension).collect());
        self.metrics.push(Metric { namespace: Some(namespace), metric_name: Some(name), dimensions });
    }

    fn answer(self, cx: &Ctx, owners: bool) -> ListMetricsOutput {
        let owning_accounts = owners.then(|| self.metrics.iter().map(|_| cx.account.to_string()).collect());
        ListMetricsOutput { metrics: Some(self.metrics), next_token: self.next, owning_accounts }
    }
}
