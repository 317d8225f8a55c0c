use updraft_api_dynamodb::types::{DescribeLimitsInput, DescribeLimitsOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::DynamoDb;

/// AWS's initial quotas in most regions. Nothing here is limited by them.
const ACCOUNT: i64 = 80_000;
const TABLE: i64 = 40_000;

pub(crate) async fn describe_limits(
    _svc: &DynamoDb,
    _cx: &Ctx,
    _input: DescribeLimitsInput,
) -> Result<DescribeLimitsOutput, AwsError> {
    Ok(DescribeLimitsOutput {
        account_max_read_capacity_units: Some(ACCOUNT),
        account_max_write_capacity_units: Some(ACCOUNT),
        table_max_read_capacity_units: Some(TABLE),
        table_max_write_capacity_units: Some(TABLE),
    })
}
