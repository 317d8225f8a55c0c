//! `GetMetricData`.

use updraft_api_cloudwatch::types::{
    GetMetricDataInput, GetMetricDataOutput, MessageData, MetricDataResult, ScanBy, StatusCode,
};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::StoreExt;

use crate::CloudWatch;
use crate::data::{self, Answered, Request};
use crate::model::token;

/// AWS: in one page, at most and if nothing is said.
const MOST_POINTS: usize = 100_800;

pub(crate) async fn get_metric_data(
    svc: &CloudWatch,
    cx: &Ctx,
    input: GetMetricDataInput,
) -> Result<GetMetricDataOutput, AwsError> {
    let most = input.max_datapoints.and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST_POINTS);
    let page = Page {
        after: input.next_token.as_deref().map(token::point).transpose()?,
        ascending: input.scan_by == Some(ScanBy::TimestampAscending),
        most: most.clamp(1, MOST_POINTS),
    };
    let request = Request::parse(cx, input)?;
    svc.settled().await?;
    let mut tx = svc.store.read().await?;
    let all = data::answer(&mut tx, cx, &request).await?;
    Ok(page.of(all))
}

struct Page {
    /// The result that the last page ended in, and the last time told of it.
    after: Option<(usize, i64)>,
    ascending: bool,
    most: usize,
}

impl Page {
    fn of(&self, all: Vec<Answered>) -> GetMetricDataOutput {
        let mut room = self.most;
        let mut out = GetMetricDataOutput { messages: Some(Vec::new()), ..GetMetricDataOutput::default() };
        let results = out.metric_data_results.get_or_insert_default();
        let begin = self.after.map_or(0, |(result, _)| result);
        for (place, one) in all.into_iter().enumerate().skip(begin) {
            let mut points: Vec<_> = one.line.points.iter().map(|(at, value)| (*at, *value)).collect();
            if !self.ascending {
                points.reverse();
            }
            if let Some((_, last)) = self.after.filter(|(result, _)| *result == place) {
                points.retain(|(at, _)| if self.ascending { *at > last } else { *at < last });
            }
            let full = points.len() > room;
            points.truncate(room);
            room -= points.len();
            let last = points.last().map(|(at, _)| *at);
            results.push(told(one, points, full));
            if full {
                let edge = if self.ascending { i64::MIN } else { i64::MAX };
                out.next_token = Some(token::of_point(place, last.unwrap_or(edge)));
                break;
            }
        }
        out
    }
}

fn told(one: Answered, points: Vec<(i64, f64)>, partly: bool) -> MetricDataResult {
    let (timestamps, values) = points.into_iter().map(|(at, value)| (UnixMillis(at * 1000), value)).unzip();
    let message = |(code, value): (&str, String)| MessageData { code: Some(code.to_owned()), value: Some(value) };
    MetricDataResult {
        id: Some(one.id),
        label: Some(one.line.label),
        timestamps: Some(timestamps),
        values: Some(values),
        status_code: Some(if partly { StatusCode::PartialData } else { StatusCode::Complete }),
        messages: one.message.map(message).map(|message| vec![message]),
    }
}
