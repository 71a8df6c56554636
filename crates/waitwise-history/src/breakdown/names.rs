//! Texts as numbers: a few hundred ids come again in millions of visits.

use super::hash::Map;

/// The texts seen so far, each with its number. 0 stands for no text.
#[derive(Debug, Default)]
pub(crate) struct Names {
    numbers: Map<Box<str>, u32>,
    names: Vec<Box<str>>,
}

impl Names {
    /// Returns a text's number; the empty text is none.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        if name.is_empty() {
            return 0;
        }
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.names.push(name.into());
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.into(), number);
        number
    }

    /// Returns the text of a number.
    pub(crate) fn name(&self, number: u32) -> Option<&str> {
        let place = (number as usize).checked_sub(1)?;
        self.names.get(place).map(|name| &**name)
    }
}
