//! What stands behind a chore's name: words, and `--flag VALUE` pairs.

use std::str::FromStr;

use anyhow::{Context, Result, bail, ensure};

/// The words and flags of one call, to be taken one by one.
#[derive(Debug)]
pub(crate) struct Flags {
    rest: Vec<String>,
}

impl Flags {
    pub(crate) fn new(rest: &[&str]) -> Flags {
        let rest = rest.iter().map(|word| (*word).to_owned()).collect();
        Flags { rest }
    }

    /// Takes `--name VALUE` out, wherever it stands; `None` if it is not there.
    ///
    /// # Errors
    ///
    /// Fails if no value follows, or one that cannot be read as `T`.
    pub(crate) fn take<T: FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        let Some(place) = self.rest.iter().position(|word| word == name) else {
            return Ok(None);
        };
        ensure!(place + 1 < self.rest.len(), "a value has to follow {name}");
        let value = self.rest.drain(place..place + 2).nth(1);
        let value = value.unwrap_or_default();
        match value.parse() {
            Ok(parsed) => Ok(Some(parsed)),
            Err(_) => bail!("{name} cannot be `{value}`"),
        }
    }

    /// Takes `--name` out, which has no value, and returns whether it was there.
    pub(crate) fn has(&mut self, name: &str) -> bool {
        let place = self.rest.iter().position(|word| word == name);
        place.map(|place| self.rest.remove(place)).is_some()
    }

    /// Takes the first word that is left; `None` if there is none.
    pub(crate) fn word(&mut self) -> Option<String> {
        let is_word = |word: &String| !word.starts_with('-');
        let place = self.rest.iter().position(is_word)?;
        Some(self.rest.remove(place))
    }

    /// Ends the taking.
    ///
    /// # Errors
    ///
    /// Fails if something is left that nobody has asked for.
    pub(crate) fn end(self) -> Result<()> {
        match self.rest.first() {
            None => Ok(()),
            Some(word) => Err(anyhow::anyhow!("nothing is known of `{word}`"))
                .context("cannot understand the command line"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Flags;

    #[test]
    fn words_and_pairs_are_taken_in_any_order() {
        let mut flags = Flags::new(&["rule", "--seconds", "5"]);
        assert_eq!(flags.take::<u64>("--seconds").unwrap(), Some(5));
        assert_eq!(flags.take::<u64>("--runs").unwrap(), None);
        assert_eq!(flags.word().as_deref(), Some("rule"));
        assert_eq!(flags.word(), None);
        assert!(flags.end().is_ok());
        let mut flags = Flags::new(&["--quick", "history"]);
        assert!(flags.has("--quick") && !flags.has("--quick"));
        assert_eq!(flags.word().as_deref(), Some("history"));
    }

    #[test]
    fn what_is_unknown_or_incomplete_is_refused() {
        assert!(Flags::new(&["--seconds"]).take::<u64>("--seconds").is_err());
        let no_number = Flags::new(&["--seconds", "x"]).take::<u64>("--seconds");
        assert_eq!(
            no_number.unwrap_err().to_string(),
            "--seconds cannot be `x`"
        );
        assert!(Flags::new(&["--fast"]).end().is_err());
    }
}
