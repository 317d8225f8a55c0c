//! What both formats of events say about a request to an API.

use std::collections::BTreeMap;

use updraft_proxy::Received;

use crate::invoke::router::{Variables, decode};

/// A request on its way to a function.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) received: Received<'a>,
    pub(crate) account: &'a str,
    pub(crate) route_key: &'a str,
    pub(crate) stage: &'a str,
    pub(crate) stage_variables: &'a BTreeMap<String, String>,
    pub(crate) variables: Variables,
    /// Such as `JKJaXmPLvHcESHA=`.
    pub(crate) request_id: &'a str,
}

impl Incoming<'_> {
    // AWS: HTTP APIs give the path decoded, also where it is called raw, and with the stage.
    pub(crate) fn path(&self) -> String {
        decode(&self.received.request.raw_path)
    }

    /// The path of the route's key; the key itself for `$default`.
    pub(crate) fn resource(&self) -> &str {
        self.route_key.split_once(' ').map_or(self.route_key, |(_, path)| path)
    }

    /// The name that the API was called by; its own, where its id is in the path and the name is another's.
    pub(crate) fn domain(&self) -> String {
        self.received.domain(format!("{}.execute-api.localhost", self.received.request.id))
    }

    pub(crate) fn domain_prefix(&self) -> String {
        self.domain().split('.').next().unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;
    use updraft_kernel::UnixMillis;
    use updraft_kernel::ports::{HttpRequest, Signer};

    use super::*;

    fn domain(id: &str, host: &str) -> String {
        let request = HttpRequest {
            id: id.to_owned(),
            method: http::Method::GET,
            raw_path: "/".to_owned(),
            raw_query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            source_ip: "127.0.0.1".parse().unwrap(),
            host: host.to_owned(),
            protocol: "HTTP/1.1",
            signer: Signer::Nobody,
        };
        let received = Received { request: &request, at: UnixMillis(0), trace_id: String::new(), counts_nothing: true };
        let incoming = Incoming {
            received,
            account: "",
            route_key: "$default",
            stage: "$default",
            stage_variables: &BTreeMap::new(),
            variables: Variables::default(),
            request_id: "",
        };
        incoming.domain()
    }

    #[test]
    fn an_api_called_by_path_has_its_own_domain() {
        let aws = "abc.execute-api.eu-west-1.amazonaws.com";
        assert_eq!(domain("abc", aws), aws);
        assert_eq!(domain("abc", &format!("{aws}:443")), aws);
        assert_eq!(domain("abc", "127.0.0.1"), "abc.execute-api.localhost");
        assert_eq!(domain("abc", ""), "abc.execute-api.localhost");
    }
}
