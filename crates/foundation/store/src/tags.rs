//! The first byte of every key: who owns it. Tags are forever; a retired one is listed here and never given again.

/// The store's own rows: format, last commit version.
pub const META: u8 = 0x01;
/// Timers and leases.
pub const TIMERS: u8 = 0x02;
/// The outbox.
pub const DELIVERY: u8 = 0x03;
/// Named settings of the platform, such as the clock's offset.
pub const PLATFORM: u8 = 0x04;
/// Which blobs are about to be named.
pub const BLOBS: u8 = 0x05;

pub const DYNAMODB: u8 = 0x10;
pub const LAMBDA: u8 = 0x11;
pub const APIGATEWAYV2: u8 = 0x12;
pub const APIGATEWAY: u8 = 0x13;
pub const STS: u8 = 0x14;
pub const IAM: u8 = 0x15;
pub const S3: u8 = 0x16;
pub const SQS: u8 = 0x17;
pub const SNS: u8 = 0x18;
pub const EVENTS: u8 = 0x19;
pub const PIPES: u8 = 0x1A;
pub const SCHEDULER: u8 = 0x1B;
pub const STATES: u8 = 0x1C;
pub const LOGS: u8 = 0x1D;
pub const CLOUDWATCH: u8 = 0x1E;
pub const CLOUDFORMATION: u8 = 0x1F;
pub const SSM: u8 = 0x20;
pub const SECRETSMANAGER: u8 = 0x21;
pub const KMS: u8 = 0x22;

/// The services: what an account's rows begin with, and so what emptying an account deletes.
pub const SERVICES: &[u8] = &[
    DYNAMODB,
    LAMBDA,
    APIGATEWAYV2,
    APIGATEWAY,
    STS,
    IAM,
    S3,
    SQS,
    SNS,
    EVENTS,
    PIPES,
    SCHEDULER,
    STATES,
    LOGS,
    CLOUDWATCH,
    CLOUDFORMATION,
    SSM,
    SECRETSMANAGER,
    KMS,
];

/// For tests of stores and of what is built on them; never in a product's data.
pub const TEST: u8 = 0xF0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tag_is_given_twice() {
        let all: Vec<u8> = [META, TIMERS, DELIVERY, PLATFORM, BLOBS, TEST].iter().chain(SERVICES).copied().collect();
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), all.len());
    }
}
