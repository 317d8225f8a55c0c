//! What the sides of a decision come to: who the caller is allowed to be, and whom the resource lets in.

use crate::document::Verdict;

/// What a side says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    Allow,
    Deny,
    Nothing,
}

/// Who has a say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The policies of the caller.
    Identity,
    /// The policy of the resource, or its list of grants.
    Resource,
    /// A boundary, a session's policy, or an organisation's: what no other can go beyond.
    Ceiling,
}

/// What all sides say.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// The caller is of the account that owns the resource.
    pub own: bool,
    /// Where nobody has policies of their own yet, and of callers who can't have any: `Allow`.
    pub identity: Spoken,
    pub resource: Spoken,
    /// Each must allow.
    pub ceilings: &'a [Spoken],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Allowed,
    /// Somebody said so.
    Denied(Side),
    /// Nobody said otherwise.
    NotAllowed(Side),
}

impl Outcome {
    #[must_use]
    pub fn is_allowed(self) -> bool {
        self == Self::Allowed
    }
}

impl From<Verdict<'_>> for Spoken {
    fn from(verdict: Verdict<'_>) -> Self {
        match verdict {
            Verdict::Allow(_) => Self::Allow,
            Verdict::Deny(_) => Self::Deny,
            Verdict::Nothing => Self::Nothing,
        }
    }
}

impl Spoken {
    /// The two as one side's: a denial goes before all.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Deny, _) | (_, Self::Deny) => Self::Deny,
            (Self::Allow, _) | (_, Self::Allow) => Self::Allow,
            _ => Self::Nothing,
        }
    }
}

/// Denials first, then ceilings. Within an account it is enough that one side allows; between accounts both must.
#[must_use]
pub fn decide(sides: Sides<'_>) -> Outcome {
    let Sides { own, identity, resource, ceilings } = sides;
    let denied = [(identity, Side::Identity), (resource, Side::Resource)].into_iter();
    let denied = denied.chain(ceilings.iter().map(|said| (*said, Side::Ceiling)));
    for (said, side) in denied {
        if said == Spoken::Deny {
            return Outcome::Denied(side);
        }
    }
    if ceilings.iter().any(|said| *said != Spoken::Allow) {
        return Outcome::NotAllowed(Side::Ceiling);
    }
    match (identity == Spoken::Allow, resource == Spoken::Allow) {
        (true, true) => Outcome::Allowed,
        (true, false) | (false, true) if own => Outcome::Allowed,
        (false, _) => Outcome::NotAllowed(Side::Identity),
        (true, false) => Outcome::NotAllowed(Side::Resource),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_come_to() {
        use Outcome::{Allowed, Denied, NotAllowed};
        use Spoken::{Allow, Deny, Nothing};
        let of = |own, identity, resource| decide(Sides { own, identity, resource, ceilings: &[] });
        let table = [
            (true, Allow, Nothing, Allowed),
            (true, Nothing, Allow, Allowed),
            (true, Nothing, Nothing, NotAllowed(Side::Identity)),
            (true, Allow, Deny, Denied(Side::Resource)),
            (true, Deny, Allow, Denied(Side::Identity)),
            (false, Allow, Nothing, NotAllowed(Side::Resource)),
            (false, Nothing, Allow, NotAllowed(Side::Identity)),
            (false, Allow, Allow, Allowed),
            (false, Allow, Deny, Denied(Side::Resource)),
        ];
        for (own, identity, resource, expected) in table {
            assert_eq!(of(own, identity, resource), expected, "{own} {identity:?} {resource:?}");
        }
        let under = |ceilings: &[Spoken]| decide(Sides { own: true, identity: Allow, resource: Allow, ceilings });
        assert_eq!(under(&[Allow, Allow]), Allowed);
        assert_eq!(under(&[Allow, Nothing]), NotAllowed(Side::Ceiling));
        assert_eq!(under(&[Nothing, Deny]), Denied(Side::Ceiling));
    }

    #[test]
    fn denials_go_before_all() {
        assert_eq!(Spoken::Allow.or(Spoken::Deny), Spoken::Deny);
        assert_eq!(Spoken::Nothing.or(Spoken::Allow), Spoken::Allow);
        assert_eq!(Spoken::Nothing.or(Spoken::Nothing), Spoken::Nothing);
    }
}
