//! Where events can go, and how many at once.

use updraft_kernel::Arn;

/// What kind of target, or enrichment, an ARN names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Function,
    Queue,
    Topic,
    Bus,
    LogGroup,
    StateMachine,
    /// An API destination, or an API of API Gateway.
    Server,
    /// Kept, and run by nobody here.
    Other,
}

impl Kind {
    pub(crate) fn of(arn: &Arn) -> Self {
        match (arn.service.as_str(), arn.resource.as_str()) {
            ("lambda", resource) if resource.starts_with("function:") => Self::Function,
            ("sqs", _) => Self::Queue,
            ("sns", _) => Self::Topic,
            ("events", resource) if resource.starts_with("event-bus/") => Self::Bus,
            ("events", resource) if resource.starts_with("api-destination/") => Self::Server,
            ("execute-api", _) => Self::Server,
            ("states", resource) if resource.starts_with("stateMachine:") => Self::StateMachine,
            ("logs", resource) if resource.starts_with("log-group:") => Self::LogGroup,
            _ => Self::Other,
        }
    }

    /// AWS: events of one call at most.
    pub(crate) fn most(self) -> usize {
        match self {
            // AWS: these take no batches.
            Self::Server => 1,
            Self::Queue | Self::Topic | Self::Bus => 10,
            Self::Function | Self::LogGroup | Self::StateMachine | Self::Other => 10_000,
        }
    }

    /// Whether an enrichment can be such.
    pub(crate) fn enriches(self) -> bool {
        matches!(self, Self::Function | Self::StateMachine | Self::Server)
    }

    /// Whether its parameters, of this name in `TargetParameters`, are such a target's.
    pub(crate) fn has(self, parameters: &str) -> bool {
        match self {
            Self::Function => parameters == "LambdaFunctionParameters",
            Self::Queue => parameters == "SqsQueueParameters",
            Self::Bus => parameters == "EventBridgeEventBusParameters",
            Self::LogGroup => parameters == "CloudWatchLogsParameters",
            Self::StateMachine => parameters == "StepFunctionStateMachineParameters",
            Self::Server => parameters == "HttpParameters",
            Self::Topic => false,
            Self::Other => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(arn: &str) -> Kind {
        Kind::of(&Arn::parse(&format!("arn:aws:{arn}")).unwrap())
    }

    #[test]
    fn arns_say_what_they_name() {
        assert_eq!(kind("lambda:us-east-1:000000000000:function:f:live"), Kind::Function);
        assert_eq!(kind("sqs:us-east-1:000000000000:q"), Kind::Queue);
        assert_eq!(kind("sns:us-east-1:000000000000:t"), Kind::Topic);
        assert_eq!(kind("events:us-east-1:000000000000:event-bus/b"), Kind::Bus);
        assert_eq!(kind("logs:us-east-1:000000000000:log-group:g:*"), Kind::LogGroup);
        assert_eq!(kind("events:us-east-1:000000000000:api-destination/a/b"), Kind::Server);
        assert_eq!(kind("execute-api:us-east-1:000000000000:a/stage/GET/path"), Kind::Server);
        assert_eq!(kind("states:us-east-1:000000000000:stateMachine:s"), Kind::StateMachine);
        for other in ["states:us-east-1:000000000000:activity:a", "events:us-east-1:000000000000:rule/a"] {
            assert_eq!(kind(other), Kind::Other);
        }
    }
}
