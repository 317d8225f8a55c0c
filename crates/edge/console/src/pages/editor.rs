//! A definition, checked while it is written, with its graph beside it.

use maud::{Markup, html};
use serde_json::{Value, json};
use updraft_kernel::ports::HttpResponse;

use super::frame::{Frame, page};
use super::machine::plain;
use crate::api::{Api, Trouble, list, text};
use crate::asked::{Asked, link};
use crate::{reply, show};

const FIRST: &str = r#"{
  "Comment": "A first workflow",
  "QueryLanguage": "JSONata",
  "StartAt": "Greet",
  "States": {
    "Greet": {
      "Type": "Pass",
      "Output": "{% 'Hello, ' & ($states.input.name ? $states.input.name : 'world') & '!' %}",
      "End": true
    }
  }
}"#;

/// What is in the editor.
struct Draft {
    /// Of a machine that is there already.
    arn: Option<String>,
    name: String,
    kind: String,
    role: String,
    definition: String,
}

/// Of a new machine.
pub(crate) async fn new(api: &Api, asked: &Asked) -> Result<Markup, Trouble> {
    let draft = Draft {
        arn: None,
        name: String::new(),
        kind: "STANDARD".to_owned(),
        role: format!("arn:aws:iam::{}:role/workflow", api.cx.account),
        definition: FIRST.to_owned(),
    };
    shown(api, asked, &draft, None).await
}

pub(crate) async fn edit(api: &Api, asked: &Asked, arn: &str) -> Result<Markup, Trouble> {
    let machine = api.sfn("DescribeStateMachine", json!({ "StateMachineArn": arn })).await?;
    let member = |name: &str| text(&machine, name).to_owned();
    let draft = Draft {
        arn: Some(arn.to_owned()),
        name: member("Name"),
        kind: member("Type"),
        role: member("RoleArn"),
        definition: laid_out(&member("Definition")),
    };
    shown(api, asked, &draft, None).await
}

/// What was written on one line isn't to be read on one.
fn laid_out(definition: &str) -> String {
    if definition.contains('\n') { definition.to_owned() } else { show::pretty(definition) }
}

/// Checks what is written, or keeps it. `arn`: of a machine that is there already.
pub(crate) async fn sent(api: &Api, asked: &Asked, arn: Option<&str>) -> Result<HttpResponse, Trouble> {
    let field = |name: &str| asked.field(name).unwrap_or_default().to_owned();
    let draft = Draft {
        arn: arn.map(str::to_owned),
        name: field("name"),
        kind: field("type"),
        role: field("role"),
        definition: field("definition"),
    };
    if asked.field("do") != Some("save") {
        return Ok(reply::page(200, shown(api, asked, &draft, None).await?));
    }
    match saved(api, &draft).await {
        Ok(arn) => Ok(reply::see(&link(&["states", "machines", &arn], &[]))),
        Err(trouble) => Ok(reply::page(trouble.status, shown(api, asked, &draft, Some(&trouble)).await?)),
    }
}

async fn saved(api: &Api, draft: &Draft) -> Result<String, Trouble> {
    if let Some(arn) = &draft.arn {
        let wish = json!({ "StateMachineArn": arn, "Definition": draft.definition, "RoleArn": draft.role });
        api.sfn("UpdateStateMachine", wish).await?;
        return Ok(arn.clone());
    }
    let wish = json!({ "Name": draft.name, "Type": draft.kind, "RoleArn": draft.role, "Definition": draft.definition });
    let made = api.sfn("CreateStateMachine", wish).await?;
    Ok(text(&made, "StateMachineArn").to_owned())
}

async fn shown(api: &Api, asked: &Asked, draft: &Draft, trouble: Option<&Trouble>) -> Result<Markup, Trouble> {
    let found = checked(api, draft).await;
    let title = if draft.arn.is_some() { draft.name.as_str() } else { "New state machine" };
    let parts: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    Ok(page(
        api,
        asked,
        &Frame { title, room: "states/machines" },
        &html! {
            h1 { (title) }
            @if let Some(trouble) = trouble { p.trouble role="alert" { b { (trouble.what) } ": " (trouble.message) } }
            form.editor method="post" action=(api.link(&parts, &[])) data-editor {
                div.split {
                    div {
                        (fields(draft))
                        label { "Definition" textarea.definition name="definition" rows="34" spellcheck="false" { (draft.definition) } }
                    }
                    div {
                        div.actions {
                            button.main name="do" value="save" { "Save" }
                            button name="do" value="check" data-scriptless { "Check" }
                        }
                        section #part-found aria-live="polite" { (diagnostics(&found)) }
                        section #part-drawn { div.canvas data-keep="canvas" { (plain(&draft.definition, false)) } }
                    }
                }
            }
        },
    ))
}

fn fields(draft: &Draft) -> Markup {
    html! {
        div.fields {
            @if draft.arn.is_none() {
                label { "Name" input name="name" required maxlength="80" autocomplete="off" value=(draft.name); }
                label { "Type" select name="type" {
                    @for kind in ["STANDARD", "EXPRESS"] {
                        option value=(kind) selected[kind == draft.kind] { (kind.to_lowercase()) }
                    }
                } }
            } @else {
                input type="hidden" name="name" value=(draft.name);
                input type="hidden" name="type" value=(draft.kind);
            }
            label.long { "Role" input name="role" value=(draft.role) autocomplete="off"; }
        }
    }
}

/// What there is to say against it.
async fn checked(api: &Api, draft: &Draft) -> Result<Value, Trouble> {
    let kind = if draft.kind == "EXPRESS" { "EXPRESS" } else { "STANDARD" };
    api.sfn("ValidateStateMachineDefinition", json!({ "Definition": draft.definition, "Type": kind })).await
}

fn diagnostics(found: &Result<Value, Trouble>) -> Markup {
    let said = match found {
        Ok(said) => said,
        Err(trouble) => return html! { p.trouble { (trouble.message) } },
    };
    let all = list(said, "Diagnostics");
    html! {
        @if text(said, "Result") == "OK" {
            p.status.succeeded { span aria-hidden="true" { "✓" } " This is a valid definition." }
        } @else {
            p.status.failed { span aria-hidden="true" { "✕" } " This isn't a valid definition yet." }
        }
        ul.found {
            @for one in all {
                li class=(text(one, "Severity").to_lowercase()) {
                    b { (text(one, "Code")) } " " (text(one, "Message"))
                    @if !text(one, "Location").is_empty() { " " code { (text(one, "Location")) } }
                }
            }
        }
    }
}
