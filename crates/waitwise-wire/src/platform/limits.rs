//! The organisation's limits.

use crate::lenient::Object;

/// The largest row count, request size or rate that the organisation grants under one name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Such as `client.credentials.token.rate.per.minute`.
    pub key: String,
    /// The limit, in the unit that its key names.
    pub value: i64,
}

/// Reads a limit.
///
/// # Errors
/// It has no key or no whole number, as a fragment.
pub fn read_limit(entity: &str) -> Result<Limit, String> {
    let limit = Object::read(entity)?;
    let value = limit.whole("value");
    Ok(Limit {
        key: limit.need("key")?,
        value: value.ok_or_else(|| "has no whole number `value`".to_owned())?,
    })
}

/// Who a token belongs to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TokenOwner {
    /// The organisation's id.
    pub organisation_id: Option<String>,
    /// The organisation's name.
    pub organisation: Option<String>,
}

/// Reads whose a token is; whatever the host leaves out stays unknown.
///
/// # Errors
/// The answer is not an object, as a fragment.
pub fn read_token_owner(answer: &str) -> Result<TokenOwner, String> {
    let organisation = Object::read(answer)?.object("organization");
    Ok(TokenOwner {
        organisation_id: organisation.as_ref().and_then(|o| o.text("id")),
        organisation: organisation.as_ref().and_then(|o| o.text("name")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_owners_are_read() {
        let limit = read_limit(r#"{"namespace":"platform.api","key":"k","value":3.0E2}"#);
        assert_eq!(limit.unwrap().value, 300);
        assert!(read_limit(r#"{"key":"k"}"#).is_err());
        let owner = read_token_owner(r#"{"organization":{"id":"o1","name":"Acme"}}"#).unwrap();
        assert_eq!(owner.organisation.as_deref(), Some("Acme"));
        assert_eq!(read_token_owner("{}"), Ok(TokenOwner::default()));
        assert!(read_token_owner("null").is_err());
    }
}
