//! What a host says when it refuses.

use serde::Deserialize;

/// What could be understood of a refusal's body. Every part may be absent: gateways answer in HTML.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Refusal {
    /// The host's sentence for people.
    pub message: Option<String>,
    /// The host's stable word for programs, such as `bad.request` or `invalid_client`.
    pub code: Option<String>,
    /// The id under which the host logged the request.
    pub context_id: Option<String>,
}

/// The two shapes at once: the API's (`message`, `code`, `contextId`) and OAuth's (`error`, `error_description`).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shapes {
    message: Option<String>,
    code: Option<String>,
    context_id: Option<String>,
    error: Option<String>,
    description: Option<String>,
    #[serde(rename = "error_description")]
    error_description: Option<String>,
}

impl Refusal {
    /// Reads a refusal's body; what is not JSON of a known shape gives an empty refusal.
    pub fn read(body: &[u8]) -> Refusal {
        let Ok(shapes) = serde_json::from_slice::<Shapes>(body) else {
            return Refusal::default();
        };
        Refusal {
            message: shapes
                .message
                .or(shapes.error_description)
                .or(shapes.description),
            code: shapes.code.or(shapes.error),
            context_id: shapes.context_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_are_read_and_noise_is_not_fatal() {
        let api = Refusal::read(
            br#"{"message":"no","code":"bad.request","contextId":"c1","status":400,"new":{}}"#,
        );
        assert_eq!(api.message.as_deref(), Some("no"));
        assert_eq!(api.code.as_deref(), Some("bad.request"));
        assert_eq!(api.context_id.as_deref(), Some("c1"));
        let oauth =
            Refusal::read(br#"{"error":"invalid_client","error_description":"client not found"}"#);
        assert_eq!(oauth.message.as_deref(), Some("client not found"));
        assert_eq!(oauth.code.as_deref(), Some("invalid_client"));
        assert_eq!(Refusal::read(b"<html>502</html>"), Refusal::default());
        assert_eq!(Refusal::read(br#"{"message":5}"#), Refusal::default());
    }
}
