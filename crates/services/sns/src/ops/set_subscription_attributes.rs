//! `SetSubscriptionAttributes`: one at a time.

use updraft_api_sns::types::{SetSubscriptionAttributesInput, SetSubscriptionAttributesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::invalid;
use crate::keys::{Numbered, Place, SubscriptionKey};
use crate::model::archive;
use crate::model::name::SubscriptionId;
use crate::model::subscription_settings::{About, can_be_set, checked};
use crate::{Sns, fanout, limits, table};

pub(crate) async fn set_subscription_attributes(
    svc: &Sns,
    cx: &Ctx,
    input: SetSubscriptionAttributesInput,
) -> Result<SetSubscriptionAttributesOutput, AwsError> {
    let id = SubscriptionId::parse(cx, &input.subscription_arn)?;
    let SetSubscriptionAttributesInput { attribute_name: name, attribute_value, .. } = input;
    if !can_be_set(&name) {
        return Err(invalid("AttributeName"));
    }
    let mut tx = svc.parts.store.write().await?;
    let (topic, mut row) = table::own_subscription(&mut tx, cx, &id).await?;
    let value = match attribute_value.filter(|value| !value.is_empty()) {
        Some(value) => {
            let about = About { protocol: &row.protocol, fifo: topic.is_fifo(), filters_body: row.filters_body() };
            Some(checked(about, &name, &value).map_err(invalid)?)
        }
        None => None,
    };
    let had = row.filters();
    match value.filter(|value| !value.is_empty()) {
        Some(value) => drop(row.attributes.insert(name.clone(), value)),
        None => drop(row.attributes.remove(&name)),
    }
    if name == "ReplayPolicy" {
        archive::end(&mut row.attributes);
        let place = Place::of(&id, topic.number);
        fanout::replay_later(svc, cx, &mut tx, (&place, &mut row)).await?;
    }
    let topic = Numbered { topic: &id.topic, number: topic.number };
    limits::count_filter(&mut tx, topic, had, row.filters()).await?;
    tx.put_row(&SubscriptionKey(topic, &id.id), &row)?;
    tx.commit().await?;
    Ok(SetSubscriptionAttributesOutput {})
}
