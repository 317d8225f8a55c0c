//! DynamoDB: tables, items, secondary indexes, transactions.
//!
//! It must never know the wire's bytes, an engine or another service. Start reading at `model::table` for what there
//! is, `keys` for where it lies, `table::apply` for how an item changes, then any file of `ops`.

mod background;
mod errors;
mod keys;
mod model;
mod ops;
mod reads;
mod table;

use std::sync::Arc;

use updraft_api_dynamodb::types::*;
use updraft_kernel::{AwsError, BoxFuture, Ctx, Tasks};
use updraft_store::Store;

/// The service.
#[derive(Debug)]
pub struct DynamoDb {
    store: Arc<dyn Store>,
    tasks: Tasks,
}

impl DynamoDb {
    /// `tasks` run what outlives a request: emptying deleted tables, filling new indexes.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, tasks: Tasks) -> Self {
        Self { store, tasks }
    }

    /// Takes up what a stop or a crash has left undone. To be called once, after a start.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn resume(&self) -> Result<(), AwsError> {
        for job in background::unfinished(&*self.store).await? {
            background::start(&self.store, &self.tasks, job);
        }
        Ok(())
    }
}

macro_rules! delegate {
    ($($op:ident($input:ident) -> $output:ident;)*) => {
        impl updraft_api_dynamodb::DynamoDb for DynamoDb {
            $(fn $op<'a>(&'a self, cx: &'a Ctx, input: $input) -> BoxFuture<'a, Result<$output, AwsError>> {
                Box::pin(ops::$op::$op(self, cx, input))
            })*
        }
    };
}

delegate! {
    batch_get_item(BatchGetItemInput) -> BatchGetItemOutput;
    batch_write_item(BatchWriteItemInput) -> BatchWriteItemOutput;
    create_table(CreateTableInput) -> CreateTableOutput;
    delete_item(DeleteItemInput) -> DeleteItemOutput;
    delete_table(DeleteTableInput) -> DeleteTableOutput;
    describe_continuous_backups(DescribeContinuousBackupsInput) -> DescribeContinuousBackupsOutput;
    describe_endpoints(DescribeEndpointsInput) -> DescribeEndpointsOutput;
    describe_limits(DescribeLimitsInput) -> DescribeLimitsOutput;
    describe_table(DescribeTableInput) -> DescribeTableOutput;
    describe_time_to_live(DescribeTimeToLiveInput) -> DescribeTimeToLiveOutput;
    get_item(GetItemInput) -> GetItemOutput;
    list_tables(ListTablesInput) -> ListTablesOutput;
    list_tags_of_resource(ListTagsOfResourceInput) -> ListTagsOfResourceOutput;
    put_item(PutItemInput) -> PutItemOutput;
    query(QueryInput) -> QueryOutput;
    scan(ScanInput) -> ScanOutput;
    tag_resource(TagResourceInput) -> TagResourceOutput;
    transact_get_items(TransactGetItemsInput) -> TransactGetItemsOutput;
    transact_write_items(TransactWriteItemsInput) -> TransactWriteItemsOutput;
    untag_resource(UntagResourceInput) -> UntagResourceOutput;
    update_item(UpdateItemInput) -> UpdateItemOutput;
    update_table(UpdateTableInput) -> UpdateTableOutput;
    update_time_to_live(UpdateTimeToLiveInput) -> UpdateTimeToLiveOutput;
}
