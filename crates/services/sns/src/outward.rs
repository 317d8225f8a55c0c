//! Under which URL the platform is reached by those who read what is delivered. What an operation answers names the platform
//! as its caller has reached it; what is kept or sent to others mustn't, for a function reaches it at an address that is
//! nobody else's.

/// Where readers of messages reach the platform.
#[derive(Clone, Debug, Default)]
pub struct Outward {
    /// What whoever runs it says; wins over all else.
    pub public: Option<String>,
    /// Where functions reach it, and nobody else does unless it listens there.
    pub inside: String,
    /// Where it listens.
    pub listens: String,
}

impl Outward {
    /// For what somebody publishes who has reached it so.
    pub(crate) fn of(&self, reached: &str) -> String {
        match &self.public {
            Some(public) => public.clone(),
            None if self.is_inside(reached) => self.listens.clone(),
            None => reached.to_owned(),
        }
    }

    fn is_inside(&self, reached: &str) -> bool {
        let by_name = self.inside.replacen("127.0.0.1", "localhost", 1);
        !self.inside.is_empty() && (reached == self.inside || reached == by_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_name_what_others_reach() {
        let outward = Outward {
            public: None,
            inside: "http://127.0.0.1:4566".to_owned(),
            listens: "http://127.0.0.1:5000".to_owned(),
        };
        for (reached, told) in [
            ("http://127.0.0.1:4566", "http://127.0.0.1:5000"),
            ("http://localhost:4566", "http://127.0.0.1:5000"),
            ("http://localhost:5000", "http://localhost:5000"),
            ("http://sns.example.com", "http://sns.example.com"),
        ] {
            assert_eq!(outward.of(reached), told);
        }
        let public = Outward { public: Some("https://cloud.example.com".to_owned()), ..outward };
        assert_eq!(public.of("http://127.0.0.1:4566"), "https://cloud.example.com");
        assert_eq!(Outward::default().of("http://127.0.0.1:4566"), "http://127.0.0.1:4566");
    }
}
