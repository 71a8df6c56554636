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

/// Returns all values of `key`, whether it stands several times or its values are parted by commas.
pub(crate) fn values(text: &str, key: &str) -> Vec<String> {
    let of_key = pairs(text).filter(|(own, _)| own == key);
    let parts = of_key.flat_map(|(_, value)| {
        let parts: Vec<String> = value
            .split(',')
            .map(|part| part.trim().to_owned())
            .collect();
        parts
    });
    parts.filter(|part| !part.is_empty()).collect()
}

/// Returns the query string as it is written without these keys, each part with an `&` before it.
pub(crate) fn without(text: &str, keys: &[&str]) -> String {
    let kept = text.split('&').filter(|part| {
        let key = decode(part.split('=').next().unwrap_or_default());
        !part.is_empty() && !keys.contains(&key.as_str())
    });
    kept.map(|part| format!("&{part}")).collect()
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
        assert_eq!(values("p=1,%202&q=3&p=4,", "p"), ["1", "2", "4"]);
        assert_eq!(without("a=1&p%61ge=2&&b", &["page"]), "&a=1&b");
    }
}
