//! What tasks fail with where services answer with an error: AWS names it after the exception of the SDK that it calls with.

use updraft_asl::run::Failed;
use updraft_kernel::error::code;
use updraft_kernel::{AwsError, Ctx};

use crate::StepFunctions;

/// Who was called, as the task's resource names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Called<'a> {
    pub(super) service: &'a str,
    /// `aws-sdk:`.
    pub(super) sdk: bool,
}

impl StepFunctions {
    /// `DynamoDB.ResourceNotFoundException`, and why.
    pub(super) fn failed(&self, cx: &Ctx, called: Called<'_>, error: &AwsError) -> Failed {
        let (service, code) = (super::call::called(called.service), error.code());
        let ours = [code::NOT_IMPLEMENTED.name, code::UNKNOWN_OPERATION.name].contains(&code.name);
        let known = ours || (self.parts.modelled.0)(service, code.name);
        let names = Names::of(service, called.sdk);
        let name = match known {
            true if code.name.ends_with("Exception") => code.name.to_owned(),
            true => format!("{}Exception", code.name),
            false => names.unforeseen,
        };
        let (message, status, id) = (error.message(), code.status, &cx.request_id);
        let cause = if called.sdk {
            let extended = if service == "s3" { format!(", Extended Request ID: {id}") } else { String::new() };
            format!("{message} (Service: {}, Status Code: {status}, Request ID: {id}{extended})", names.told)
        } else {
            let code = code.query_code.unwrap_or(code.name);
            let told = format!("Service: {}; Status Code: {status}; Error Code: {code}", names.told);
            format!("{message} ({told}; Request ID: {id}; Proxy: null)")
        };
        Failed { error: Some(format!("{}.{name}", names.prefix)), cause: Some(cause) }
    }
}

/// A service's names in errors.
#[derive(Debug, PartialEq, Eq)]
struct Names {
    /// Before the dot.
    prefix: String,
    /// In causes.
    told: String,
    /// The exception that stands for all that the service's model doesn't have.
    unforeseen: String,
}

impl Names {
    /// `service`: as SDKs name it.
    fn of(service: &str, sdk: bool) -> Self {
        let own = |prefix: &str, told: &str| Self {
            prefix: prefix.to_owned(),
            told: told.to_owned(),
            unforeseen: format!("{told}Exception"),
        };
        // AWS: optimised integrations are of the older SDK.
        match (service, sdk) {
            ("dynamodb", false) => {
                Self { unforeseen: "AmazonDynamoDBException".to_owned(), ..own("DynamoDB", "AmazonDynamoDBv2") }
            }
            ("lambda", false) => own("Lambda", "AWSLambda"),
            ("sqs", false) => own("SQS", "AmazonSQS"),
            ("sns", false) => own("SNS", "AmazonSNS"),
            ("eventbridge", false) => own("EventBridge", "AmazonEventBridge"),
            ("sfn", false) => own("StepFunctions", "AWSStepFunctions"),
            _ => {
                let name = of_sdk(service);
                own(&name, &name)
            }
        }
    }
}

/// As the newer SDK names its client: `DynamoDb`, `Sqs`.
fn of_sdk(service: &str) -> String {
    let known = match service {
        "apigateway" => "ApiGateway",
        "apigatewayv2" => "ApiGatewayV2",
        "cloudformation" => "CloudFormation",
        "cloudwatch" => "CloudWatch",
        "cloudwatchlogs" => "CloudWatchLogs",
        "dynamodb" => "DynamoDb",
        "dynamodbstreams" => "DynamoDbStreams",
        "eventbridge" => "EventBridge",
        "secretsmanager" => "SecretsManager",
        other => {
            let mut letters = other.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            return first.into_iter().chain(letters).collect();
        }
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_have_other_names_in_either_sdk() {
        let names = |service, sdk| {
            let Names { prefix, told, unforeseen } = Names::of(service, sdk);
            [prefix, told, unforeseen].join(" ")
        };
        assert_eq!(names("dynamodb", false), "DynamoDB AmazonDynamoDBv2 AmazonDynamoDBException");
        assert_eq!(names("dynamodb", true), "DynamoDb DynamoDb DynamoDbException");
        assert_eq!(names("lambda", false), "Lambda AWSLambda AWSLambdaException");
        assert_eq!(names("sqs", true), "Sqs Sqs SqsException");
        assert_eq!(names("sfn", true), "Sfn Sfn SfnException");
        assert_eq!(names("cloudwatchlogs", true), "CloudWatchLogs CloudWatchLogs CloudWatchLogsException");
    }
}
