//! The names of buses and rules, and the ARNs they are read from.

use updraft_kernel::{AccountId, Arn, Ctx, Region};

/// The bus that every account has in every region.
pub(crate) const DEFAULT: &str = "default";

const BUS: &str = "event-bus/";
const RULE: &str = "rule/";

/// A bus, by what it is found by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BusId {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

/// A rule of a bus.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RuleId {
    pub(crate) bus: BusId,
    pub(crate) name: String,
}

impl BusId {
    /// `given`: a name, or the ARN of a bus anywhere; nothing is the default bus.
    pub(crate) fn given(cx: &Ctx, given: Option<&str>) -> Self {
        let given = given.unwrap_or(DEFAULT);
        let named = || Self { account: cx.account.clone(), region: cx.region.clone(), name: given.to_owned() };
        Arn::parse(given).ok().and_then(|arn| Self::of_arn(&arn)).unwrap_or_else(named)
    }

    pub(crate) fn of_arn(arn: &Arn) -> Option<Self> {
        let (account, region) = (AccountId::parse(&arn.account).ok()?, Region::parse(&arn.region).ok()?);
        let name = arn.resource.strip_prefix(BUS).filter(|_| arn.service == "events")?.to_owned();
        Some(Self { account, region, name })
    }

    pub(crate) fn arn(&self) -> Arn {
        Arn::new("events", &self.region, &self.account, format!("{BUS}{}", self.name))
    }

    pub(crate) fn is_default(&self) -> bool {
        self.name == DEFAULT
    }

    pub(crate) fn rule(self, name: impl Into<String>) -> RuleId {
        RuleId { bus: self, name: name.into() }
    }
}

impl RuleId {
    /// AWS: the default bus isn't named in its rules' ARNs.
    pub(crate) fn arn(&self) -> Arn {
        let BusId { account, region, name: bus } = &self.bus;
        let name = &self.name;
        let resource = if self.bus.is_default() { format!("{RULE}{name}") } else { format!("{RULE}{bus}/{name}") };
        Arn::new("events", region, account, resource)
    }

    pub(crate) fn of_arn(arn: &Arn) -> Option<Self> {
        let (account, region) = (AccountId::parse(&arn.account).ok()?, Region::parse(&arn.region).ok()?);
        let rest = arn.resource.strip_prefix(RULE).filter(|_| arn.service == "events")?;
        let (bus, rule) = rest.rsplit_once('/').unwrap_or((DEFAULT, rest));
        Some(BusId { account, region, name: bus.to_owned() }.rule(rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_the_default_bus_dont_name_it() {
        for (text, bus, rule) in [
            ("arn:aws:events:us-east-1:000000000000:rule/r", "default", "r"),
            ("arn:aws:events:us-east-1:000000000000:rule/b/r", "b", "r"),
            ("arn:aws:events:us-east-1:000000000000:rule/aws.partner/x.com/b/r", "aws.partner/x.com/b", "r"),
        ] {
            let id = RuleId::of_arn(&Arn::parse(text).unwrap()).unwrap();
            assert_eq!((id.bus.name.as_str(), id.name.as_str()), (bus, rule));
            assert_eq!(id.arn().to_string(), text);
        }
        assert!(RuleId::of_arn(&Arn::parse("arn:aws:events:us-east-1:000000000000:event-bus/b").unwrap()).is_none());
    }

    #[test]
    fn a_bus_of_another_account_goes_by_its_arn() {
        let arn = Arn::parse("arn:aws:events:eu-west-1:123456789012:event-bus/b").unwrap();
        let id = BusId::of_arn(&arn).unwrap();
        assert_eq!((id.account.as_str(), id.region.as_str(), id.name.as_str()), ("123456789012", "eu-west-1", "b"));
        assert_eq!(id.arn(), arn);
        assert!(BusId::of_arn(&Arn::parse("arn:aws:events:eu-west-1:123456789012:rule/b").unwrap()).is_none());
    }
}
