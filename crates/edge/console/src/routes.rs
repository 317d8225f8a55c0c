//! Which page answers.

use http::Method;
use updraft_kernel::ports::{HttpRequest, HttpResponse, Signer};
use updraft_kernel::{AccountId, Ctx, Identity, Region};

use crate::api::{Api, Trouble};
use crate::asked::Asked;
use crate::live::Followed;
use crate::{Console, assets, guard, live, pages, reply};

pub(crate) async fn answer(console: &Console, cx: &Ctx, request: &HttpRequest) -> HttpResponse {
    let asked = Asked::of(request);
    let parts: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    if let ["static", name] = parts.as_slice() {
        let found = assets::serve(name, &asked.headers, asked.get("v"));
        return found.unwrap_or_else(|| reply::of(404, "text/plain", "There is no such file."));
    }
    let api = match caller(console, cx, request, &asked) {
        Ok(api) => api,
        Err(trouble) => return reply::page(trouble.status, pages::refusal(&trouble)),
    };
    let outcome = match asked.method {
        Method::GET | Method::HEAD => shown(console, &api, &asked, &parts).await,
        Method::POST if guard::is_own(&asked.headers, &asked.host) => done(&api, &asked, &parts).await,
        Method::POST => Err(Trouble::new(403, "Not from here", "This was sent by a page of another site.")),
        _ => Err(Trouble::new(405, "Not like this", "Pages are read with GET, and forms sent with POST.")),
    };
    outcome.unwrap_or_else(|trouble| reply::page(trouble.status, pages::trouble(&api, &asked, &trouble)))
}

/// Whose resources are shown: the signer's, or, unsigned, any account's of this machine.
fn caller(console: &Console, cx: &Ctx, request: &HttpRequest, asked: &Asked) -> Result<Api, Trouble> {
    let wrong = |what: &str| Trouble::new(400, "No such place", format!("That is no {what}."));
    let arn = asked.path.get(2).filter(|id| id.starts_with("arn:"));
    let named = |query: &str, part: usize| {
        let of_arn = arn.and_then(|arn| arn.split(':').nth(part)).filter(|part| !part.is_empty());
        of_arn.or_else(|| asked.get(query)).map(str::to_owned)
    };
    let region = named("region", 3).map(|raw| Region::parse(&raw).map_err(|_| wrong("region"))).transpose()?;
    let (identity, region) = match &request.signer {
        Signer::Known { identity, region: signed } => {
            (identity.as_ref().clone(), region.unwrap_or_else(|| signed.clone()))
        }
        Signer::Nobody if guard::is_this_machine(&asked.host) => {
            let account = named("account", 4).map_or_else(|| Ok(AccountId::local()), |raw| AccountId::parse(&raw));
            let account = account.map_err(|_| wrong("account"))?;
            (Identity::root(account), region.unwrap_or_else(Region::default_region))
        }
        Signer::Nobody => {
            let why = "Unsigned, the console is shown to this machine only, by one of its own names: http://localhost…";
            return Err(Trouble::new(403, "Not by this name", why));
        }
        Signer::Refused(error) => return Err(Trouble::from(&**error)),
    };
    let cx = Ctx { account: identity.account.clone(), identity: identity.into(), region, ..cx.clone() };
    Ok(Api { cx, dispatch: console.dispatch.clone(), known: console.known.clone() })
}

async fn shown(console: &Console, api: &Api, asked: &Asked, parts: &[&str]) -> Result<HttpResponse, Trouble> {
    let markup = match parts {
        [] => pages::overview(api, asked).await?,
        ["states", "machines"] => pages::machines(api, asked).await?,
        ["states", "machines", arn] => pages::machine(api, asked, arn).await?,
        ["states", "editor"] => pages::new_machine(api, asked).await?,
        ["states", "machines", arn, "edit"] => pages::edit(api, asked, arn).await?,
        ["lambda", "functions"] => pages::functions(api, asked).await?,
        ["lambda", "functions", name] => pages::function(api, asked, name).await?,
        ["states", "machines", arn, "graph.svg"] => return pages::graph_file(api, asked, arn).await,
        ["states", "machines", arn, "graph.mmd"] => return pages::mermaid_file(api, arn).await,
        ["states", "executions"] => pages::executions(api, asked).await?,
        ["states", "executions", arn] => return pages::execution(api, asked, arn).await,
        ["states", "executions", arn, "graph.svg"] => return pages::drawn(api, asked, arn).await,
        ["states", "executions", arn, "live"] => {
            return live::follow(console, api, asked, Followed::Execution((*arn).to_owned())).await;
        }
        ["states", "map-runs", arn] => pages::map_run(api, asked, arn).await?,
        ["states", "map-runs", arn, "live"] => {
            return live::follow(console, api, asked, Followed::MapRun((*arn).to_owned())).await;
        }
        ["states", "activities"] => pages::activities(api, asked).await?,
        ["states", "activities", arn] => pages::activity(api, asked, arn).await?,
        ["sqs", "queues", name] => pages::queue(api, asked, name).await?,
        ["dynamodb", "tables", name] => pages::table(api, asked, name).await?,
        ["s3", "buckets", name] => pages::bucket(api, asked, name).await?,
        [service, collection] => {
            let room = format!("{service}/{collection}");
            pages::plain(api, asked, &room).await?.ok_or_else(Trouble::nothing_here)?
        }
        _ => return Err(Trouble::nothing_here()),
    };
    Ok(reply::page(200, markup))
}

/// What forms ask for.
async fn done(api: &Api, asked: &Asked, parts: &[&str]) -> Result<HttpResponse, Trouble> {
    match parts {
        ["states", "machines", arn, "start"] => pages::started(api, asked, arn).await,
        ["states", "editor"] => pages::sent(api, asked, None).await,
        ["states", "machines", arn, "edit"] => pages::sent(api, asked, Some(arn)).await,
        ["states", "executions", arn, "stop"] => pages::stopped(api, asked, arn).await,
        ["states", "executions", arn, "redrive"] => pages::redriven(api, asked, arn).await,
        ["states", "executions", arn, "task"] => pages::told(api, asked, arn).await,
        _ => Err(Trouble::nothing_here()),
    }
}
