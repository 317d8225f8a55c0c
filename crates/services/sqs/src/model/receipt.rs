//! Receipt handles: which message was received, and the how manieth time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::message::Address;

/// AWS: every handle begins with `AQEB`.
const HEAD: [u8; 3] = [1, 1, 1];

/// With clients, so its encoding never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// The queue's.
    pub(crate) number: u64,
    pub(crate) address: Address,
    /// The message's, this one counted.
    pub(crate) receives: u32,
}

impl Receipt {
    pub(crate) fn encode(self) -> String {
        let Address { major, minor } = self.address;
        let mut out = HEAD.to_vec();
        for part in [self.number, major, minor] {
            out.extend(part.to_be_bytes());
        }
        out.extend(self.receives.to_be_bytes());
        STANDARD.encode(out)
    }

    /// `None`: it was never given to anybody.
    pub(crate) fn parse(handle: &str) -> Option<Self> {
        let bytes = STANDARD.decode(handle).ok()?;
        let (number, rest) = bytes.strip_prefix(&HEAD)?.split_first_chunk()?;
        let (major, rest) = rest.split_first_chunk()?;
        let (minor, rest) = rest.split_first_chunk()?;
        let receives = u32::from_be_bytes(rest.try_into().ok()?);
        let address = Address { major: u64::from_be_bytes(*major), minor: u64::from_be_bytes(*minor) };
        Some(Self { number: u64::from_be_bytes(*number), address, receives })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_goes_there_and_back() {
        let receipt = Receipt { number: 7, address: Address { major: 1 << 40, minor: u64::MAX }, receives: 3 };
        let handle = receipt.encode();
        assert!(handle.starts_with("AQEB"), "{handle}");
        assert_eq!(Receipt::parse(&handle), Some(receipt));
    }

    #[test]
    fn anything_else_is_none() {
        let whole = Receipt { number: 7, address: Address { major: 1, minor: 2 }, receives: 3 }.encode();
        let longer = STANDARD.encode([STANDARD.decode(&whole).unwrap(), vec![0]].concat());
        for bad in ["", "garbage", "AQEB", "AQEB!", &whole[..40], &longer] {
            assert_eq!(Receipt::parse(bad), None, "{bad}");
        }
    }
}
