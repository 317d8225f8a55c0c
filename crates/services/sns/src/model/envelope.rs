//! The JSON that a message comes in: AWS's bytes, blanks and line breaks included.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::{AttributeContent, QueueAttribute};

use super::attribute::Attributes;
use super::message::Notification;
use super::name::TopicId;

/// Proof of who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    /// `1` (SHA-1) or `2` (SHA-256).
    pub(crate) version: String,
    /// Base 64.
    pub(crate) value: String,
    /// Where the certificate is.
    pub(crate) certificate: String,
}

/// A message as one protocol's subscriptions get it.
#[derive(Debug)]
pub(crate) struct Letter<'a> {
    pub(crate) topic: &'a TopicId,
    pub(crate) message: &'a Notification,
    /// What is meant for the protocol.
    pub(crate) text: &'a str,
    pub(crate) at: UnixMillis,
    /// `None`: messages of topics that are first-in-first-out aren't signed.
    pub(crate) signature: Option<Signature>,
    pub(crate) endpoint: &'a str,
}

impl Letter<'_> {
    /// What is signed: names and values, each on a line of its own.
    pub(crate) fn signed_text(&self) -> String {
        let subject = self.message.subject.as_deref().map(|subject| format!("Subject\n{subject}\n"));
        format!(
            "Message\n{}\nMessageId\n{}\n{}Timestamp\n{}\nTopicArn\n{}\nType\nNotification\n",
            self.text,
            self.message.id,
            subject.unwrap_or_default(),
            timestamp(self.at),
            self.topic.arn()
        )
    }

    /// For queues and HTTP endpoints: all before the subscription's ARN, and all behind it.
    pub(crate) fn notification(&self) -> (String, String) {
        let Notification { id, subject, attributes, sequence, .. } = self.message;
        let mut before = String::with_capacity(self.text.len() + 1024);
        before.push_str("{\n  \"Type\" : \"Notification\"");
        let mut field = |name: &str, value: &str| {
            before.push_str(",\n  \"");
            before.push_str(name);
            before.push_str("\" : ");
            before.push_str(&quoted(value));
        };
        field("MessageId", id);
        sequence.iter().for_each(|number| field("SequenceNumber", number));
        field("TopicArn", &self.topic.arn().to_string());
        subject.iter().for_each(|subject| field("Subject", subject));
        field("Message", self.text);
        field("Timestamp", &timestamp(self.at));
        if let Some(signature) = &self.signature {
            field("SignatureVersion", &signature.version);
            field("Signature", &signature.value);
            field("SigningCertURL", &signature.certificate);
        }
        before.push_str(",\n  \"UnsubscribeURL\" : \"");
        before.push_str(&unsubscribe_url(self.endpoint, ""));
        (before, format!("\"{}\n}}", written(attributes)))
    }

    /// For functions: the event's only record.
    pub(crate) fn event(&self, subscription: &str) -> Value {
        let Notification { id, subject, attributes, .. } = self.message;
        let of = |part: fn(&Signature) -> &String| self.signature.as_ref().map(part);
        let attributes: serde_json::Map<_, _> =
            attributes.iter().map(|(name, one)| (name.clone(), shown(one))).collect();
        json!({ "Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "Sns": {
                "Type": "Notification",
                "MessageId": id,
                "TopicArn": self.topic.arn().to_string(),
                "Subject": subject,
                "Message": self.text,
                "Timestamp": timestamp(self.at),
                "SignatureVersion": of(|signature| &signature.version),
                "Signature": of(|signature| &signature.value),
                "SigningCertUrl": of(|signature| &signature.certificate),
                "UnsubscribeUrl": unsubscribe_url(self.endpoint, subscription),
                "MessageAttributes": attributes,
            },
        }] })
    }
}

/// What takes a subscription away, for whoever follows it.
pub(crate) fn unsubscribe_url(endpoint: &str, subscription: &str) -> String {
    format!("{endpoint}/?Action=Unsubscribe&SubscriptionArn={subscription}")
}

/// `2012-04-25T21:49:25.719Z`.
pub(crate) fn timestamp(at: UnixMillis) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    format!("{at:.3}")
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn shown(attribute: &QueueAttribute) -> Value {
    let value = match &attribute.content {
        AttributeContent::Text(text) => text.clone(),
        AttributeContent::Binary(bytes) => STANDARD.encode(bytes),
    };
    json!({ "Type": attribute.data_type, "Value": value })
}

/// AWS: the member is there only where there are attributes.
fn written(attributes: &Attributes) -> String {
    if attributes.is_empty() {
        return String::new();
    }
    let one = |(name, attribute): (&String, &QueueAttribute)| format!("    {} : {}", quoted(name), shown(attribute));
    let all: Vec<_> = attributes.iter().map(one).collect();
    format!(",\n  \"MessageAttributes\" : {{\n{}\n  }}", all.join(",\n"))
}

#[cfg(test)]
mod tests {
    use updraft_kernel::{AccountId, Region};

    use super::*;

    fn topic() -> TopicId {
        TopicId { account: AccountId::local(), region: Region::default_region(), name: "t".to_owned() }
    }

    fn letter<'a>(topic: &'a TopicId, message: &'a Notification) -> Letter<'a> {
        let signature = Signature { version: "1".into(), value: "c2ln".into(), certificate: "http://e/c.pem".into() };
        let at = UnixMillis(1_335_390_565_719);
        Letter { topic, message, text: &message.text, at, signature: Some(signature), endpoint: "http://e" }
    }

    fn message() -> Notification {
        let number = QueueAttribute { data_type: "Number".into(), content: AttributeContent::Text("99.12".into()) };
        let bytes = QueueAttribute { data_type: "Binary".into(), content: AttributeContent::Binary(vec![2, 3, 4]) };
        Notification {
            id: "m".into(),
            text: "say \"\u{e9}\"\n".into(),
            subject: Some("s".into()),
            attributes: [("a".to_owned(), number), ("b".to_owned(), bytes)].into(),
            ..Notification::default()
        }
    }

    #[test]
    fn the_envelope_is_laid_out_as_aws_does() {
        let (topic, message) = (topic(), message());
        let (before, behind) = letter(&topic, &message).notification();
        let expected = "{\n  \"Type\" : \"Notification\",\n  \"MessageId\" : \"m\",\n  \"TopicArn\" : \
            \"arn:aws:sns:us-east-1:000000000000:t\",\n  \"Subject\" : \"s\",\n  \"Message\" : \"say \\\"\u{e9}\\\"\\n\",\n  \
            \"Timestamp\" : \"2012-04-25T21:49:25.719Z\",\n  \"SignatureVersion\" : \"1\",\n  \"Signature\" : \"c2ln\",\n  \
            \"SigningCertURL\" : \"http://e/c.pem\",\n  \"UnsubscribeURL\" : \
            \"http://e/?Action=Unsubscribe&SubscriptionArn=SUB\",\n  \"MessageAttributes\" : {\n    \"a\" : \
            {\"Type\":\"Number\",\"Value\":\"99.12\"},\n    \"b\" : {\"Type\":\"Binary\",\"Value\":\"AgME\"}\n  }\n}";
        assert_eq!(format!("{before}SUB{behind}"), expected);
    }

    #[test]
    fn what_isnt_there_has_no_member() {
        let (topic, message) = (topic(), Notification { id: "m".into(), text: "x".into(), ..Notification::default() });
        let (before, behind) = Letter { signature: None, ..letter(&topic, &message) }.notification();
        let whole: Value = serde_json::from_str(&format!("{before}{behind}")).unwrap();
        let names: Vec<_> = whole.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["Type", "MessageId", "TopicArn", "Message", "Timestamp", "UnsubscribeURL"]);
    }

    #[test]
    fn an_event_says_so_where_there_is_no_subject() {
        let (topic, message) = (topic(), Notification { id: "m".into(), text: "x".into(), ..Notification::default() });
        let event = letter(&topic, &message).event("arn");
        let sns = &event["Records"][0]["Sns"];
        assert_eq!((&sns["Subject"], &sns["MessageAttributes"]), (&Value::Null, &json!({})));
        assert_eq!(event["Records"][0]["EventSubscriptionArn"], "arn");
    }

    #[test]
    fn what_is_signed_has_a_line_for_each_name_and_value() {
        let (topic, message) = (topic(), Notification { id: "m".into(), text: "x".into(), ..Notification::default() });
        let expected = "Message\nx\nMessageId\nm\nTimestamp\n2012-04-25T21:49:25.719Z\nTopicArn\n\
                        arn:aws:sns:us-east-1:000000000000:t\nType\nNotification\n";
        assert_eq!(letter(&topic, &message).signed_text(), expected);
    }
}
