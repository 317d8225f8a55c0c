use updraft_api_dynamodb::types::{DescribeEndpointsInput, DescribeEndpointsOutput, Endpoint};
use updraft_kernel::{AwsError, Ctx};

use crate::DynamoDb;

const CACHE_MINUTES: i64 = 1440;

/// Clients that discover endpoints are to stay here: the address is the one they came to.
pub(crate) async fn describe_endpoints(
    _svc: &DynamoDb,
    cx: &Ctx,
    _input: DescribeEndpointsInput,
) -> Result<DescribeEndpointsOutput, AwsError> {
    let address = cx.endpoint.split_once("://").map_or(&*cx.endpoint, |(_, host)| host).to_owned();
    Ok(DescribeEndpointsOutput { endpoints: vec![Endpoint { address, cache_period_in_minutes: CACHE_MINUTES }] })
}
