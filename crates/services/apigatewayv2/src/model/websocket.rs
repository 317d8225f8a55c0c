//! What only WebSocket APIs have, and HTTP APIs refuse.

use updraft_kernel::AwsError;

use crate::errors::bad_request;

/// The only way in which HTTP APIs choose routes.
const SELECTION: &str = "$request.method $request.path";

/// # Errors
/// If an HTTP API is to choose its routes by anything but method and path.
pub(crate) fn check_selection(expression: Option<&str>) -> Result<(), AwsError> {
    match expression {
        Some(other) if other != SELECTION => {
            Err(bad_request(format!("The RouteSelectionExpression of an HTTP API must be {SELECTION}")))
        }
        _ => Ok(()),
    }
}

/// Each of `asked` is whether a member is set, and its name.
///
/// # Errors
/// If any of them is.
pub(crate) fn refuse_websocket(asked: &[(bool, &str)]) -> Result<(), AwsError> {
    let set = asked.iter().find(|(is_set, _)| *is_set);
    set.map_or(Ok(()), |(_, name)| Err(bad_request(format!("{name} is only supported for WebSocket APIs"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_apis_choose_by_method_and_path() {
        assert!(check_selection(None).is_ok());
        assert!(check_selection(Some("$request.method $request.path")).is_ok());
        assert!(check_selection(Some("$request.body.action")).is_err());
    }

    #[test]
    fn what_is_set_is_named() {
        assert!(refuse_websocket(&[(false, "A"), (false, "B")]).is_ok());
        let refused = refuse_websocket(&[(false, "A"), (true, "B")]).unwrap_err();
        assert_eq!(refused.message(), "B is only supported for WebSocket APIs");
    }
}
