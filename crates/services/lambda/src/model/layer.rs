//! How layers are named: a name or an ARN, and a version's number.

use updraft_kernel::{AccountId, Arn, AwsError, Ctx, Region};

use crate::errors::{access_denied, invalid_parameter};

/// Which layer: unique in the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LayerId {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl LayerId {
    /// Of a name or an ARN. The tables have checked the form.
    pub(crate) fn parse(cx: &Ctx, name_or_arn: &str) -> Self {
        Self::of_arn(name_or_arn).unwrap_or_else(|| Self {
            account: cx.account.clone(),
            region: cx.region.clone(),
            name: name_or_arn.to_owned(),
        })
    }

    fn of_arn(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).ok()?;
        let name = arn.resource.strip_prefix("layer:")?.to_owned();
        Some(Self { account: AccountId::parse(&arn.account).ok()?, region: Region::parse(&arn.region).ok()?, name })
    }

    pub(crate) fn arn(&self) -> Arn {
        Arn::new("lambda", &self.region, &self.account, format!("layer:{}", self.name))
    }
}

/// A version of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LayerVersion {
    pub(crate) layer: LayerId,
    pub(crate) number: u64,
}

impl LayerVersion {
    /// Of the two parts that most operations take.
    ///
    /// # Errors
    /// If there can be no such version.
    pub(crate) fn parse(cx: &Ctx, layer: &str, number: i64) -> Result<Self, AwsError> {
        let number = u64::try_from(number).ok().filter(|number| *number > 0);
        let number = number.ok_or_else(|| invalid_parameter("Layer Version Cannot be less than 1"))?;
        Ok(Self { layer: LayerId::parse(cx, layer), number })
    }

    /// Of an ARN with a version. `None`: it is one of AWS's own layers, or its number is too large for one.
    pub(crate) fn of_arn(arn: &str) -> Option<Self> {
        let (layer, number) = arn.rsplit_once(':')?;
        Some(Self { layer: LayerId::of_arn(layer)?, number: number.parse().ok()? })
    }

    pub(crate) fn arn(&self) -> Arn {
        let mut arn = self.layer.arn();
        arn.resource = format!("{}:{}", arn.resource, self.number);
        arn
    }
}

/// Who isn't let do something with the layer of another account.
pub(crate) fn denied(cx: &Ctx, action: &str, resource: &Arn) -> AwsError {
    let who = cx.identity.arn(cx.region.partition());
    access_denied(format!(
        "User: {who} is not authorized to perform: lambda:{action} on resource: {resource} because no resource-based \
         policy allows the lambda:{action} action"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_a_version() {
        let arn = "arn:aws:lambda:eu-west-1:111111111111:layer:my-layer:12";
        let version = LayerVersion::of_arn(arn).unwrap();
        assert_eq!((version.layer.name.as_str(), version.number), ("my-layer", 12));
        assert_eq!(version.arn().to_string(), arn);
        assert_eq!(LayerVersion::of_arn("arn:aws:lambda:::awslayer:AmazonLinux1803"), None);
        assert_eq!(LayerVersion::of_arn("arn:aws:lambda:eu-west-1:111111111111:layer:l:99999999999999999999"), None);
    }
}
