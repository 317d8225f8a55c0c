//! What an enrichment makes of a batch.

use serde_json::Value;
use updraft_kernel::ports::{InvocationType, InvokeRequest};
use updraft_kernel::{Arn, AwsError};

use super::Work;
use crate::model::target::Kind;
use crate::model::template::apply;

#[derive(Debug)]
pub(super) enum Enriched {
    Events(Vec<Value>),
    /// AWS: an empty answer is how an enrichment keeps events from the target.
    Nothing,
    Failed,
}

impl Work<'_> {
    /// Without an enrichment the records are the events.
    pub(super) async fn enrich(&self, records: Vec<Value>) -> Result<Enriched, AwsError> {
        let Some(enrichment) = &self.config.enrichment else { return Ok(Enriched::Events(records)) };
        let function = Arn::parse(enrichment).map_err(AwsError::internal)?;
        let parameters = self.config.enrichment_parameters.as_ref();
        let template = parameters.and_then(|given| given.input_template.as_deref());
        if Kind::of(&function) == Kind::Server {
            return self.enrich_with(&function, template, records).await;
        }
        let inputs: Vec<Value> = records.iter().map(|record| apply(template, record, &self.names)).collect();
        if Kind::of(&function) == Kind::StateMachine {
            return Ok(self.ended(&function, &inputs).await?.map_or(Enriched::Failed, |output| read(&output)));
        }
        let request = InvokeRequest {
            function,
            kind: InvocationType::RequestResponse,
            payload: Value::Array(inputs).to_string().into(),
            client_context: None,
            tail: false,
            source: None,
        };
        let outcome = self.svc.parts.functions.invoke(&self.cx, request).await?;
        if outcome.function_error.is_some() {
            return Ok(Enriched::Failed);
        }
        Ok(read(&outcome.payload))
    }

    /// A batch of it is one event.
    async fn enrich_with(
        &self,
        server: &Arn,
        template: Option<&str>,
        records: Vec<Value>,
    ) -> Result<Enriched, AwsError> {
        let asked = self.config.enrichment_parameters.as_ref().and_then(|given| given.http_parameters.clone());
        let mut all = Vec::new();
        for record in &records {
            let input = apply(template, record, &self.names);
            let asked = asked.clone().unwrap_or_default().into();
            match self.ask(server, asked, (record, &input)).await {
                Ok(answer) => match read(&answer) {
                    Enriched::Events(events) => all.extend(events),
                    Enriched::Nothing => {}
                    Enriched::Failed => return Ok(Enriched::Failed),
                },
                Err(error) if matches!(error.code().status, 429 | 500..) => return Err(error),
                Err(error) => {
                    tracing::debug!(pipe = %self.arn, %error, "an enrichment was refused");
                    return Ok(Enriched::Failed);
                }
            }
        }
        Ok(if all.is_empty() { Enriched::Nothing } else { Enriched::Events(all) })
    }
}

fn read(payload: &[u8]) -> Enriched {
    match serde_json::from_slice(payload) {
        Ok(Value::Null) => Enriched::Nothing,
        Ok(Value::String(text)) if text.is_empty() => Enriched::Nothing,
        Ok(Value::Object(members)) if members.is_empty() => Enriched::Nothing,
        Ok(Value::Array(list)) if list.is_empty() => Enriched::Nothing,
        Ok(Value::Array(list)) => Enriched::Events(list),
        Ok(event) => Enriched::Events(vec![event]),
        Err(_) if payload.is_empty() => Enriched::Nothing,
        Err(_) => Enriched::Failed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_answer_ends_it_and_a_list_is_of_events() {
        for nothing in ["", "null", "\"\"", "{}", "[]"] {
            assert!(matches!(read(nothing.as_bytes()), Enriched::Nothing), "{nothing}");
        }
        let events = |payload: &str| match read(payload.as_bytes()) {
            Enriched::Events(events) => events,
            other => panic!("{other:?}"),
        };
        assert_eq!(events("[{},1]"), [json!({}), json!(1)]);
        assert_eq!(events("{\"a\":1}"), [json!({"a": 1})]);
        assert_eq!(events("\"x\""), [json!("x")]);
        assert!(matches!(read(b"{"), Enriched::Failed));
    }
}
