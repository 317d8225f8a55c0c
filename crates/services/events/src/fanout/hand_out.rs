//! The first attempt: to everybody.

use futures_util::stream::{self, StreamExt};
use updraft_delivery::{Delivery, Verdict};
use updraft_kernel::{AwsError, BoxFuture};

use super::retry;
use crate::EventBridge;
use crate::archives;
use crate::measure::{self, Tally};
use crate::model::event::Event;
use crate::model::parcel::Shipment;
use crate::model::publication::{Publication, To};
use crate::model::rule_set::{Loaded, RuleSet};
use crate::send::{self, Sent};

/// Handed to at once.
const AT_ONCE: usize = 64;
/// Of what follows, in one transaction.
const MOST_BYTES: usize = 4 << 20;

impl EventBridge {
    /// What follows from it is what some couldn't take.
    pub(super) async fn hand_out(&self, publication: &Publication) -> Result<Verdict, AwsError> {
        let rules = self.rules_of(&publication.bus_id()).await?;
        if !rules.keeps_nothing() {
            archives::keep(self, publication, &rules).await?;
        }
        let mut shipments = Vec::new();
        for event in &publication.events {
            for rule in wanting(&rules, publication, event) {
                let id = publication.bus_id().rule(&rule.name);
                measure::matched(self, &id, rule.targets.len());
                let all = rule.targets.iter();
                shipments.extend(all.filter_map(|target| Shipment::new(publication, &rule.name, target, event)));
            }
        }
        let follow = self.hand_to_all(shipments).await?;
        self.follow(follow).await
    }

    /// With the end of this, or each by itself where they are too much for one transaction.
    async fn follow(&self, follow: Vec<Delivery>) -> Result<Verdict, AwsError> {
        let bytes: usize = follow.iter().map(|delivery| delivery.payload.len()).sum();
        if bytes <= MOST_BYTES {
            return Ok(if follow.is_empty() { Verdict::Done } else { Verdict::Then(follow) });
        }
        for delivery in &follow {
            self.enqueue(delivery).await?;
        }
        Ok(Verdict::Done)
    }

    async fn hand_to_all(&self, shipments: Vec<Shipment>) -> Result<Vec<Delivery>, AwsError> {
        let all: Vec<_> = together(shipments).into_iter().map(|some| self.hand_to(some)).collect();
        let mut under_way = stream::iter(all).buffer_unordered(AT_ONCE);
        let mut follow = Vec::new();
        while let Some(settled) = under_way.next().await {
            for (shipment, sent) in settled {
                let tally = Tally { attempts: 1, ..Tally::default() };
                match sent {
                    Ok(()) => measure::sent(self, &shipment.rule, Tally { delivered: 1, ..tally }),
                    Err(trouble) => {
                        if !trouble.early {
                            measure::sent(self, &shipment.rule, tally);
                        }
                        follow.extend(retry::first(self, &shipment, trouble)?);
                    }
                }
            }
        }
        Ok(follow)
    }

    fn hand_to(&self, shipments: Vec<Shipment>) -> BoxFuture<'_, Vec<(Shipment, Sent)>> {
        Box::pin(async move {
            let sent = send::all(self, &shipments).await;
            shipments.into_iter().zip(sent).collect()
        })
    }
}

/// The rules that an event goes through.
fn wanting<'a>(rules: &'a RuleSet, publication: &Publication, event: &Event) -> Vec<&'a Loaded> {
    match &publication.to {
        To::Scheduled(name) => rules.named(name).into_iter().collect(),
        To::All => rules.matching(&event.value()).collect(),
        To::Some(names) => rules.matching(&event.value()).filter(|rule| names.contains(&rule.name)).collect(),
    }
}

/// What one target gets of one rule goes together.
fn together(shipments: Vec<Shipment>) -> Vec<Vec<Shipment>> {
    let mut groups: Vec<Vec<Shipment>> = Vec::new();
    for shipment in shipments {
        let same = |group: &&mut Vec<Shipment>| {
            group.first().is_some_and(|first| first.rule == shipment.rule && first.target.id == shipment.target.id)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(shipment),
            None => groups.push(vec![shipment]),
        }
    }
    groups
}
