//! The `key=value&…` notation of query strings and forms.

/// Returns the decoded pairs of a query string or form, in order; a part without `=` has an empty value.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split('&').filter(|part| !part.is_empty()).map(|part| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        (
            decode(&key.replace('+', " ")),
            decode(&value.replace('+', " ")),
        )
    })
}

/// Returns the first value of `key`.
pub(crate) fn value(text: &str, key: &str) -> Option<String> {
    pairs(text).find(|(k, _)| k == key).map(|(_, value)| value)
}

/// Replaces `%XX` by the byte it stands for; what is no such escape stays, what is no UTF-8 becomes U+FFFD.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        match escape(rest) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &rest[3..];
            }
            None => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn escape(rest: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = rest else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_oddities_are_decoded() {
        let read: Vec<_> = pairs("a=1%3A2&b&c=x+y%zz%4&&=e").collect();
        let text = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        assert_eq!(
            read,
            [("a", "1:2"), ("b", ""), ("c", "x y%zz%4"), ("", "e")].map(text)
        );
        assert_eq!(value("p=1&p=2", "p").as_deref(), Some("1"));
        assert_eq!(value("p=1", "q"), None);
    }
}
