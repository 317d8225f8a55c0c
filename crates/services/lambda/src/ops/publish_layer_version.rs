//! `PublishLayerVersion`.

use updraft_api_lambda::types::{LayerVersionContentInput, PublishLayerVersionInput, PublishLayerVersionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::code::{self, CodeSource};
use crate::keys::{CodeRow, LayerCodeKey, LayerKey, LayerVersionKey, LayerVersionRow};
use crate::model::absent;
use crate::model::layer::{LayerId, LayerVersion};
use crate::view::layers::whole;
use crate::{Lambda, layers};

pub(crate) async fn publish_layer_version(
    svc: &Lambda,
    cx: &Ctx,
    input: PublishLayerVersionInput,
) -> Result<PublishLayerVersionOutput, AwsError> {
    let layer = LayerId::parse(cx, &input.layer_name);
    layers::own(cx, &layer, "PublishLayerVersion")?;
    absent::refuse_of_layer(&input.content)?;
    let package = source(input.content).package(svc, cx).await?;

    let mut tx = svc.store.write().await?;
    let mut shared = tx.row(&LayerKey(&layer)).await?.unwrap_or_default();
    shared.last_version += 1;
    let row = LayerVersionRow {
        created: cx.now(),
        description: input.description.unwrap_or_default(),
        license: input.license_info,
        runtimes: input.compatible_runtimes.map(|names| names.iter().map(|name| name.as_str().to_owned()).collect()),
        architectures: input
            .compatible_architectures
            .map(|names| names.iter().map(|name| name.as_str().to_owned()).collect()),
        code: code::keep(svc, package.zip).await?,
        unpacked: package.unpacked,
    };
    tx.put_row(&LayerKey(&layer), &shared)?;
    let version = LayerVersion { layer, number: shared.last_version };
    tx.put_row(&LayerVersionKey(&version), &row)?;
    tx.put_row(&LayerCodeKey(&row.code.blob, &version), &CodeRow)?;
    tx.commit().await?;

    let shown = whole(svc, cx, &version, &row);
    Ok(PublishLayerVersionOutput {
        content: shown.content,
        layer_arn: shown.layer_arn,
        layer_version_arn: shown.layer_version_arn,
        description: shown.description,
        created_date: shown.created_date,
        version: shown.version,
        compatible_architectures: shown.compatible_architectures,
        compatible_runtimes: shown.compatible_runtimes,
        license_info: shown.license_info,
    })
}

fn source(content: LayerVersionContentInput) -> CodeSource {
    CodeSource {
        operation: "PublishLayerVersion",
        zip: content.zip_file,
        bucket: content.s3_bucket,
        key: content.s3_key,
        object_version: content.s3_object_version,
        image: None,
    }
}
