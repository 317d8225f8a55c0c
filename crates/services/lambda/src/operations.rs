//! One delegating line per operation.

use updraft_api_lambda::types as t;
use updraft_kernel::{AwsError, BoxFuture, Ctx};

use crate::{Lambda, ops};

impl updraft_api_lambda::Lambda for Lambda {
    fn add_permission<'a>(&'a self, cx: &'a Ctx, input: t::AddPermissionInput) -> BoxFuture<'a, Result<t::AddPermissionOutput, AwsError>> { Box::pin(ops::add_permission(self, cx, input)) }
    fn create_function<'a>(&'a self, cx: &'a Ctx, input: t::CreateFunctionInput) -> BoxFuture<'a, Result<t::CreateFunctionOutput, AwsError>> { Box::pin(ops::create_function(self, cx, input)) }
    fn delete_function<'a>(&'a self, cx: &'a Ctx, input: t::DeleteFunctionInput) -> BoxFuture<'a, Result<t::DeleteFunctionOutput, AwsError>> { Box::pin(ops::delete_function(self, cx, input)) }
    fn delete_function_concurrency<'a>(&'a self, cx: &'a Ctx, input: t::DeleteFunctionConcurrencyInput) -> BoxFuture<'a, Result<t::DeleteFunctionConcurrencyOutput, AwsError>> { Box::pin(ops::delete_function_concurrency(self, cx, input)) }
    fn get_account_settings<'a>(&'a self, cx: &'a Ctx, input: t::GetAccountSettingsInput) -> BoxFuture<'a, Result<t::GetAccountSettingsOutput, AwsError>> { Box::pin(ops::get_account_settings(self, cx, input)) }
    fn get_function<'a>(&'a self, cx: &'a Ctx, input: t::GetFunctionInput) -> BoxFuture<'a, Result<t::GetFunctionOutput, AwsError>> { Box::pin(ops::get_function(self, cx, input)) }
    fn get_function_concurrency<'a>(&'a self, cx: &'a Ctx, input: t::GetFunctionConcurrencyInput) -> BoxFuture<'a, Result<t::GetFunctionConcurrencyOutput, AwsError>> { Box::pin(ops::get_function_concurrency(self, cx, input)) }
    fn get_function_configuration<'a>(&'a self, cx: &'a Ctx, input: t::GetFunctionConfigurationInput) -> BoxFuture<'a, Result<t::GetFunctionConfigurationOutput, AwsError>> { Box::pin(ops::get_function_configuration(self, cx, input)) }
    fn get_policy<'a>(&'a self, cx: &'a Ctx, input: t::GetPolicyInput) -> BoxFuture<'a, Result<t::GetPolicyOutput, AwsError>> { Box::pin(ops::get_policy(self, cx, input)) }
    fn invoke<'a>(&'a self, cx: &'a Ctx, input: t::InvokeInput) -> BoxFuture<'a, Result<t::InvokeOutput, AwsError>> { Box::pin(ops::invoke(self, cx, input)) }
    fn list_functions<'a>(&'a self, cx: &'a Ctx, input: t::ListFunctionsInput) -> BoxFuture<'a, Result<t::ListFunctionsOutput, AwsError>> { Box::pin(ops::list_functions(self, cx, input)) }
    fn list_tags<'a>(&'a self, cx: &'a Ctx, input: t::ListTagsInput) -> BoxFuture<'a, Result<t::ListTagsOutput, AwsError>> { Box::pin(ops::list_tags(self, cx, input)) }
    fn list_versions_by_function<'a>(&'a self, cx: &'a Ctx, input: t::ListVersionsByFunctionInput) -> BoxFuture<'a, Result<t::ListVersionsByFunctionOutput, AwsError>> { Box::pin(ops::list_versions_by_function(self, cx, input)) }
    fn publish_version<'a>(&'a self, cx: &'a Ctx, input: t::PublishVersionInput) -> BoxFuture<'a, Result<t::PublishVersionOutput, AwsError>> { Box::pin(ops::publish_version(self, cx, input)) }
    fn put_function_concurrency<'a>(&'a self, cx: &'a Ctx, input: t::PutFunctionConcurrencyInput) -> BoxFuture<'a, Result<t::PutFunctionConcurrencyOutput, AwsError>> { Box::pin(ops::put_function_concurrency(self, cx, input)) }
    fn remove_permission<'a>(&'a self, cx: &'a Ctx, input: t::RemovePermissionInput) -> BoxFuture<'a, Result<t::RemovePermissionOutput, AwsError>> { Box::pin(ops::remove_permission(self, cx, input)) }
    fn tag_resource<'a>(&'a self, cx: &'a Ctx, input: t::TagResourceInput) -> BoxFuture<'a, Result<t::TagResourceOutput, AwsError>> { Box::pin(ops::tag_resource(self, cx, input)) }
    fn untag_resource<'a>(&'a self, cx: &'a Ctx, input: t::UntagResourceInput) -> BoxFuture<'a, Result<t::UntagResourceOutput, AwsError>> { Box::pin(ops::untag_resource(self, cx, input)) }
    fn update_function_code<'a>(&'a self, cx: &'a Ctx, input: t::UpdateFunctionCodeInput) -> BoxFuture<'a, Result<t::UpdateFunctionCodeOutput, AwsError>> { Box::pin(ops::update_function_code(self, cx, input)) }
    fn update_function_configuration<'a>(&'a self, cx: &'a Ctx, input: t::UpdateFunctionConfigurationInput) -> BoxFuture<'a, Result<t::UpdateFunctionConfigurationOutput, AwsError>> { Box::pin(ops::update_function_configuration(self, cx, input)) }
}
