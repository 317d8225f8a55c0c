//! `PutMetricData`.

use updraft_api_cloudwatch::types::{MetricDatum, PutMetricDataInput, PutMetricDataOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::CloudWatch;
use crate::model::additions::Additions;
use crate::model::datum;
use crate::model::series::Scope;
use crate::table;

pub(crate) async fn put_metric_data(
    svc: &CloudWatch,
    cx: &Ctx,
    input: PutMetricDataInput,
) -> Result<PutMetricDataOutput, AwsError> {
    let PutMetricDataInput { namespace, metric_data, entity_metric_data, .. } = input;
    let mut data = named("MetricData", metric_data.unwrap_or_default());
    // Whom metrics are about is told to a part of CloudWatch that isn't here; the metrics themselves are as any.
    for (n, about) in (1..).zip(entity_metric_data.unwrap_or_default()) {
        data.extend(named(&format!("EntityMetricData.member.{n}.MetricData"), about.metric_data.unwrap_or_default()));
    }
    datum::check_all(&namespace, &data)?;
    let (scope, mut sums) = (Scope::of(cx), Additions::default());
    for (path, datum) in data {
        sums.add(&scope, datum::sample(&namespace, &path, datum, cx.now())?);
    }
    let mut tx = svc.store.write().await?;
    table::add(&mut tx, &svc.timers, svc.shard, &sums.take()).await?;
    tx.commit().await?;
    Ok(PutMetricDataOutput {})
}

/// Each with how the caller knows it.
fn named(list: &str, data: Vec<MetricDatum>) -> Vec<(String, MetricDatum)> {
    (1..).zip(data).map(|(n, datum)| (format!("{list}.member.{n}"), datum)).collect()
}
