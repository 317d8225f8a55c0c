//! What carries messages: queues, topics, buses, schedules and pipes.

use std::sync::Arc;

use updraft_cloudwatch::CloudWatch;
use updraft_dynamodb::PolledStreams;
use updraft_events::EventBridge;
use updraft_gateway::Dispatcher;
use updraft_kernel::ports::{DispatchPort, EventTargets, FunctionPort, LogsPort, MappingsPort, MetricsPort, QueuePort};
use updraft_lambda::Lambda;
use updraft_pipes::Pipes;
use updraft_polling::Pollers;
use updraft_scheduler::Scheduler;
use updraft_sns::Sns;
use updraft_sqs::{PolledQueues, Sqs};

use super::{Base, Config, Vault, web};

pub(super) fn sqs(config: &Config, base: &Base, cloudwatch: &CloudWatch, targets: &EventTargets) -> Arc<Sqs> {
    let sqs = Sqs::new(updraft_sqs::Parts {
        store: Arc::clone(&base.store),
        clock: base.time(),
        rng: Arc::clone(&base.rng),
        metrics: cloudwatch.port(),
        timers: base.timers.clone(),
        strict: config.strict_policies,
    });
    targets.register("sqs", sqs.event_target());
    sqs
}

/// Calls functions, and gives pipes, what comes to queues.
pub(super) fn poll_queues(
    base: &Base,
    cloudwatch: &CloudWatch,
    (lambda, sqs): (&Arc<Lambda>, &Arc<Sqs>),
    logs: Arc<dyn LogsPort>,
    (targets, dispatcher): (EventTargets, &Arc<Dispatcher>),
) -> (Arc<Pipes>, [Arc<Pollers>; 2]) {
    let pipes = Pipes::new(updraft_pipes::Parts {
        store: Arc::clone(&base.store),
        clock: base.time(),
        rng: Arc::clone(&base.rng),
        functions: lambda.clone(),
        queues: sqs.queue_port(),
        logs,
        targets,
        dispatch: dispatcher.clone(),
    });
    let for_functions = pollers(base, cloudwatch, "sqs", (lambda.clone(), lambda.clone()));
    lambda.poll_with("sqs", Arc::new(PolledQueues::new(Arc::clone(sqs), Arc::clone(&for_functions))));
    let for_pipes = pollers(base, cloudwatch, "pipes", (pipes.clone(), pipes.clone()));
    pipes.poll_with("sqs", Arc::new(PolledQueues::new(Arc::clone(sqs), Arc::clone(&for_pipes))));
    (pipes, [for_functions, for_pipes])
}

/// Calls functions, and gives pipes, what happens to tables.
pub(super) fn poll_streams(
    base: &Base,
    cloudwatch: &CloudWatch,
    lambda: &Arc<Lambda>,
    pipes: &Arc<Pipes>,
) -> [Arc<Pollers>; 2] {
    let polled = |pollers: &Arc<Pollers>| {
        Arc::new(PolledStreams::new(Arc::clone(&base.store), base.time(), Arc::clone(pollers)))
    };
    let for_functions = pollers(base, cloudwatch, "dynamodb", (lambda.clone(), lambda.clone()));
    lambda.poll_with("dynamodb", polled(&for_functions));
    let for_pipes = pollers(base, cloudwatch, "dynamodb pipes", (pipes.clone(), pipes.clone()));
    pipes.poll_with("dynamodb", polled(&for_pipes));
    [for_functions, for_pipes]
}

/// Polls for those who are called with what comes, and told how that goes.
fn pollers(
    base: &Base,
    cloudwatch: &CloudWatch,
    service: &'static str,
    (functions, mappings): (Arc<dyn FunctionPort>, Arc<dyn MappingsPort>),
) -> Arc<Pollers> {
    let parts = updraft_polling::Parts {
        functions: Arc::downgrade(&functions),
        mappings: Arc::downgrade(&mappings),
        metrics: cloudwatch.port(),
        clock: base.time(),
        rng: Arc::clone(&base.rng),
        tasks: base.tasks.clone(),
    };
    Arc::new(Pollers::new(service, parts, &base.nodes))
}

pub(super) fn sns(
    config: &Config,
    base: &Base,
    (metrics, logs): (Arc<dyn MetricsPort>, Arc<dyn LogsPort>),
    (queues, functions): (Arc<dyn QueuePort>, Arc<dyn FunctionPort>),
) -> Arc<Sns> {
    Sns::new(updraft_sns::Parts {
        store: Arc::clone(&base.store),
        clock: base.time(),
        rng: Arc::clone(&base.rng),
        metrics,
        logs,
        outbox: base.outbox.clone(),
        timers: base.timers.clone(),
        strict: config.strict_policies,
        queues,
        functions,
        web: Arc::new(web(config, base)),
        secrets: Arc::new(Vault::of_secrets(Arc::clone(&base.store))),
        outward: updraft_sns::Outward {
            public: config.public_url.clone(),
            // Each sandbox has a loopback of its own, where the platform is at the port that tools expect.
            inside: format!("http://127.0.0.1:{}", crate::config::PORT),
            listens: format!("http://{}", config.listen),
        },
    })
}

pub(super) fn events(
    config: &Config,
    base: &Base,
    (metrics, logs): (Arc<dyn MetricsPort>, Arc<dyn LogsPort>),
    (sqs, lambda): (&Arc<Sqs>, &Arc<Lambda>),
    targets: &EventTargets,
) -> Arc<EventBridge> {
    EventBridge::new(updraft_events::Parts {
        store: Arc::clone(&base.store),
        clock: base.time(),
        rng: Arc::clone(&base.rng),
        metrics,
        logs,
        outbox: base.outbox.clone(),
        timers: base.timers.clone(),
        queues: sqs.queue_port(),
        functions: lambda.clone(),
        web: Arc::new(web(config, base)),
        secrets: Arc::new(Vault::of_keys(Arc::clone(&base.store))),
        targets: targets.clone(),
    })
}

pub(super) fn scheduler(
    config: &Config,
    base: &Base,
    metrics: Arc<dyn MetricsPort>,
    (targets, queues): (EventTargets, Arc<dyn QueuePort>),
    dispatcher: &Arc<Dispatcher>,
) -> Arc<Scheduler> {
    let dispatch: Arc<dyn DispatchPort> = dispatcher.clone();
    Scheduler::new(updraft_scheduler::Parts {
        store: Arc::clone(&base.store),
        clock: base.time(),
        rng: Arc::clone(&base.rng),
        metrics,
        outbox: base.outbox.clone(),
        timers: base.timers.clone(),
        targets,
        queues,
        dispatch,
        endpoint: format!("http://{}", config.listen).into(),
    })
}
