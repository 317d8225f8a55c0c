//! `ListPipes`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use updraft_api_pipes::types::{self, ListPipesInput, ListPipesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, StoreExt};

use crate::errors::invalid;
use crate::keys::{PipeKey, name};
use crate::{Pipes, table, view};

/// AWS: more can't be asked for.
const PAGE: usize = 100;

pub(crate) async fn list_pipes(svc: &Pipes, cx: &Ctx, input: ListPipesInput) -> Result<ListPipesOutput, AwsError> {
    let mut range = table::key(cx, input.name_prefix.as_deref().unwrap_or_default()).starting();
    if let Some(token) = &input.next_token {
        range = range.after(&table::key(cx, &read(token)?).encode());
    }
    let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
    let mut tx = svc.parts.store.read().await?;
    let mut shown: Vec<types::Pipe> = Vec::new();
    for (key, pipe) in table::all::<PipeKey<'_>>(&mut tx, range).await? {
        let pipe = view::listed(cx, &name(&key)?, &pipe)?;
        if !is_wanted(&input, &pipe) {
            continue;
        }
        if shown.len() == limit {
            let next_token = shown.last().and_then(|last| last.name.as_ref()).map(|name| URL_SAFE_NO_PAD.encode(name));
            return Ok(ListPipesOutput { pipes: Some(shown), next_token });
        }
        shown.push(pipe);
    }
    Ok(ListPipesOutput { pipes: Some(shown), next_token: None })
}

fn read(token: &str) -> Result<String, AwsError> {
    let name = URL_SAFE_NO_PAD.decode(token).ok().and_then(|name| String::from_utf8(name).ok());
    name.ok_or_else(|| invalid("The provided next token is not valid."))
}

fn is_wanted(input: &ListPipesInput, pipe: &types::Pipe) -> bool {
    let begins = |value: &Option<String>, prefix: &Option<String>| {
        prefix.as_ref().is_none_or(|prefix| value.as_ref().is_some_and(|value| value.starts_with(prefix)))
    };
    begins(&pipe.source, &input.source_prefix)
        && begins(&pipe.target, &input.target_prefix)
        && (input.desired_state.is_none() || input.desired_state == pipe.desired_state)
        && (input.current_state.is_none() || input.current_state == pipe.current_state)
}
