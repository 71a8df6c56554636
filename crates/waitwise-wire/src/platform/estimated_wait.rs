//! The platform's own estimate of a queue's wait. It is not per skill.

use crate::lenient::Object;

/// One estimate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EstimatedWait {
    /// The medium as the host writes it, such as `CALL`.
    pub media: Option<String>,
    /// How it was estimated, as the host writes it.
    pub formula: Option<String>,
    /// The estimate in seconds; `None` if the host cannot tell.
    pub wait_secs: Option<i64>,
}

/// Reads the estimates of an answer; an answer without any is empty.
///
/// # Errors
/// Not an object, as a fragment.
pub fn read_estimates(answer: &str) -> Result<Vec<EstimatedWait>, String> {
    let results = Object::read(answer)?.list("results");
    let read = |raw: &serde_json::value::RawValue| {
        let estimate = Object::read(raw.get())?;
        Ok(EstimatedWait {
            media: estimate.text("intent"),
            formula: estimate.text("formula"),
            wait_secs: estimate.whole("estimatedWaitTimeSeconds"),
        })
    };
    results.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_read() {
        let text = r#"{"results":[{"intent":"CALL","formula":"NEW","estimatedWaitTimeSeconds":95.0},{"intent":"CHAT"}]}"#;
        let estimates = read_estimates(text).unwrap();
        assert_eq!(estimates[0].wait_secs, Some(95));
        assert_eq!(estimates[1].wait_secs, None);
        assert_eq!(read_estimates("{}"), Ok(vec![]));
    }
}
