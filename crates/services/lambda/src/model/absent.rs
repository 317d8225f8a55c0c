//! What AWS has and this platform hasn't yet. Asking for it is refused: a function that was made without it would fail
//! later and elsewhere.

use updraft_api_lambda::types::{
    CreateFunctionInput, InvokeInput, InvokeWithResponseStreamInput, LayerVersionContentInput, PackageType,
    S3ObjectStorageMode, UpdateFunctionCodeInput, UpdateFunctionConfigurationInput,
};
use updraft_kernel::AwsError;

use crate::errors::unsupported;

/// Whether a request asks for something, and what that is called.
type Asked = (bool, &'static str);

/// # Errors
/// If the request asks for any of it.
pub(crate) fn refuse_of_create(input: &CreateFunctionInput) -> Result<(), AwsError> {
    refuse(&[
        (input.package_type == Some(PackageType::Image), "Functions made of container images are"),
        (input.image_config.is_some(), "Image configurations are"),
        (input.tenancy_config.is_some(), "Tenant isolation is"),
        (input.capacity_provider_config.is_some(), "Capacity providers are"),
        (input.runtime_config.is_some(), "Chosen runtime versions are"),
        (input.accelerator_config.is_some(), "Accelerators are"),
        (input.publish_to.is_some(), "Publishing to $LATEST.PUBLISHED is"),
        (is_text(input.code.source_kms_key_arn.as_ref()), "Keys for code packages are"),
        referenced(input.code.s3_object_storage_mode.as_ref()),
    ])
}

/// # Errors
/// As [`refuse_of_create`].
pub(crate) fn refuse_of_update(input: &UpdateFunctionConfigurationInput) -> Result<(), AwsError> {
    refuse(&[
        (input.image_config.is_some(), "Image configurations are"),
        (input.capacity_provider_config.is_some(), "Capacity providers are"),
        (input.runtime_config.is_some(), "Chosen runtime versions are"),
        (input.accelerator_config.is_some(), "Accelerators are"),
    ])
}

/// # Errors
/// As [`refuse_of_create`].
pub(crate) fn refuse_of_code(input: &UpdateFunctionCodeInput) -> Result<(), AwsError> {
    refuse(&[
        (input.publish_to.is_some(), "Publishing to $LATEST.PUBLISHED is"),
        (is_text(input.source_kms_key_arn.as_ref()), "Keys for code packages are"),
        referenced(input.s3_object_storage_mode.as_ref()),
    ])
}

/// # Errors
/// As [`refuse_of_create`].
pub(crate) fn refuse_of_layer(content: &LayerVersionContentInput) -> Result<(), AwsError> {
    refuse(&[referenced(content.s3_object_storage_mode.as_ref())])
}

/// # Errors
/// As [`refuse_of_create`].
pub(crate) fn refuse_of_invoke(input: &InvokeInput) -> Result<(), AwsError> {
    refuse(&[(input.tenant_id.is_some(), "Tenant isolation is")])
}

/// # Errors
/// As [`refuse_of_create`].
pub(crate) fn refuse_of_stream(input: &InvokeWithResponseStreamInput) -> Result<(), AwsError> {
    refuse(&[(input.tenant_id.is_some(), "Tenant isolation is")])
}

fn refuse(asked: &[Asked]) -> Result<(), AwsError> {
    asked.iter().find(|(is_asked, _)| *is_asked).map_or(Ok(()), |(_, what)| Err(unsupported(what)))
}

/// Code that stays in its bucket.
fn referenced(mode: Option<&S3ObjectStorageMode>) -> Asked {
    (mode == Some(&S3ObjectStorageMode::Reference), "Packages that stay in their bucket are")
}

fn is_text(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use updraft_api_lambda::types::{
        AcceleratorConfig, CapacityProviderConfig, FunctionCode, FunctionRuntimeConfig, FunctionVersionLatestPublished,
        ImageConfig, TenancyConfig,
    };

    use super::*;

    fn creating(set: impl FnOnce(&mut CreateFunctionInput)) -> Result<(), AwsError> {
        let mut input = CreateFunctionInput::default();
        set(&mut input);
        refuse_of_create(&input)
    }

    fn updating(set: impl FnOnce(&mut UpdateFunctionConfigurationInput)) -> Result<(), AwsError> {
        let mut input = UpdateFunctionConfigurationInput::default();
        set(&mut input);
        refuse_of_update(&input)
    }

    #[test]
    fn what_isnt_there_is_refused_and_not_ignored() {
        let published = Some(FunctionVersionLatestPublished::LatestPublished);
        for refused in [
            creating(|input| input.package_type = Some(PackageType::Image)),
            creating(|input| input.image_config = Some(ImageConfig::default())),
            creating(|input| input.tenancy_config = Some(TenancyConfig::default())),
            creating(|input| input.capacity_provider_config = Some(CapacityProviderConfig::default())),
            updating(|input| input.runtime_config = Some(FunctionRuntimeConfig::default())),
            creating(|input| input.accelerator_config = Some(AcceleratorConfig::default())),
            creating(|input| input.publish_to = published.clone()),
            creating(|input| {
                input.code = FunctionCode { source_kms_key_arn: Some("arn".into()), ..FunctionCode::default() };
            }),
            creating(|input| input.code.s3_object_storage_mode = Some(S3ObjectStorageMode::Reference)),
            refuse_of_layer(&LayerVersionContentInput {
                s3_object_storage_mode: Some(S3ObjectStorageMode::Reference),
                ..Default::default()
            }),
            refuse_of_code(&UpdateFunctionCodeInput { publish_to: published.clone(), ..Default::default() }),
            refuse_of_invoke(&InvokeInput { tenant_id: Some("t".into()), ..Default::default() }),
            refuse_of_stream(&InvokeWithResponseStreamInput { tenant_id: Some("t".into()), ..Default::default() }),
        ] {
            assert!(refused.unwrap_err().message().ends_with("not supported by this platform yet."));
        }
    }

    #[test]
    fn what_is_empty_asks_for_nothing() {
        assert!(creating(|_| ()).is_ok());
    }
}
