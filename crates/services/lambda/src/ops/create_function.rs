//! `CreateFunction`.

use updraft_api_lambda::types::{CreateFunctionInput, CreateFunctionOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use super::put_function_event_invoke_config::check_dead_letter_target;
use crate::attach::Wanted;
use crate::code::{self, CodeSource};
use crate::errors::{conflict, invalid_parameter, no_such_signing_config};
use crate::keys::{FunctionKey, FunctionRow, VersionRow};
use crate::model::attached::Attached;
use crate::model::config::{Changes, Config};
use crate::model::name::{Target, Version};
use crate::model::{snap_start, tags};
use crate::publish::publish;
use crate::view::{Ending, Moment, Shown, configuration};
use crate::{Lambda, signing, table};

const NAME_LIMIT: usize = 64;

pub(crate) async fn create_function(
    svc: &Lambda,
    cx: &Ctx,
    mut input: CreateFunctionInput,
) -> Result<CreateFunctionOutput, AwsError> {
    let Target { id, .. } = Target::parse(cx, &input.function_name, None)?;
    check_name(&id.name)?;
    let architecture = input.architectures.iter().flatten().next().map(|name| name.as_str().to_owned());
    let changes = Changes::of_create(&input)?;
    check_dead_letter_target(svc, changes.dead_letter_target()?.as_ref()).await?;
    let mut config = Config::new(&id.name, architecture, changes)?;
    let mut function = FunctionRow::default();
    tags::add(&mut function.tags, input.tags.take().unwrap_or_default())?;
    let package = source(&mut input).package(svc, cx).await?;
    let wanted = wanted(&mut input);

    let mut tx = svc.store.write().await?;
    if tx.row(&FunctionKey(&id)).await?.is_some() {
        return Err(conflict(format!("Function already exist: {}", id.name)));
    }
    let mut attached = Attached::default();
    wanted.apply(svc, cx, &mut tx, &mut attached).await?;
    snap_start::check(&config, &attached)?;
    attached.check_size(package.unpacked)?;
    config.code = code::keep(svc, package.zip).await?;
    let (revision, deployment) = (cx.rng.uuid(), cx.rng.uuid());
    let row = VersionRow { revision, deployment, modified: cx.now(), config };
    tx.put_row(&FunctionKey(&id), &function)?;
    if let Some(arn) = input.code_signing_config_arn.as_deref().filter(|arn| !arn.is_empty()) {
        let found = signing::find(cx, &mut tx, arn).await;
        let (config, _) = found.map_err(|error| no_such_signing_config(arn, error))?;
        signing::give(&mut tx, &id, Some(config)).await?;
        signing::admit(&mut tx, &id).await?;
    }
    table::put_version(&mut tx, &id, Version::LATEST, &row, None)?;
    table::attach(&mut tx, (&id, Version::LATEST), &attached, &Attached::default())?;
    let mut version = Version::LATEST;
    if input.publish == Some(true) {
        (version, _) = publish(cx, &mut tx, &id, &mut function, (&row, &attached)).await?;
    }
    tx.commit().await?;
    svc.expect(&id).await;

    // AWS: the revision answered here is gone as soon as the function is active (recorded: `test_function_lifecycle`).
    let row = VersionRow { revision: cx.rng.uuid(), ..row };
    let (row, attached, moment) = (&row, &attached, Moment::Created);
    Ok(configuration(Shown { id: &id, version, row, moment, ending: Ending::Name, attached }))
}

fn check_name(name: &str) -> Result<(), AwsError> {
    if name.len() <= NAME_LIMIT {
        return Ok(());
    }
    Err(invalid_parameter(format!(
        "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: Member must have \
         length less than or equal to {NAME_LIMIT}"
    )))
}

fn wanted(input: &mut CreateFunctionInput) -> Wanted {
    Wanted {
        layers: input.layers.take(),
        file_systems: input.file_system_configs.take(),
        network: input.vpc_config.take(),
    }
}

fn source(input: &mut CreateFunctionInput) -> CodeSource {
    CodeSource {
        operation: "CreateFunction",
        zip: input.code.zip_file.take(),
        bucket: input.code.s3_bucket.take(),
        key: input.code.s3_key.take(),
        object_version: input.code.s3_object_version.take(),
        image: input.code.image_uri.take(),
    }
}
