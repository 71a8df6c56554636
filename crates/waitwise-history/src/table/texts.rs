//! Each text once, and each list of texts.

use std::collections::HashMap;
use std::sync::Arc;

use super::Unfit;
use super::stored::NO_TEXT;

/// No id of any platform is as long; a text that is would make a dictionary of megabytes.
const TEXT_LEN_MAX: usize = 1024;

/// Texts by number.
#[derive(Debug, Default)]
pub(super) struct Texts {
    numbers: HashMap<Arc<str>, u32>,
    all: Vec<Arc<str>>,
    n_bytes: usize,
}

impl Texts {
    pub(super) fn number(&mut self, text: &str) -> Result<u32, Unfit> {
        if let Some(number) = self.numbers.get(text) {
            return Ok(*number);
        }
        if text.len() > TEXT_LEN_MAX {
            return Err(Unfit("an id is longer than 1024 bytes"));
        }
        let number = u32::try_from(self.all.len()).ok();
        let number = number.filter(|number| *number != NO_TEXT);
        let number = number.ok_or(Unfit("there are too many different ids"))?;
        let text: Arc<str> = text.into();
        self.n_bytes += text.len();
        self.all.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        Ok(number)
    }

    pub(super) fn get(&self, number: u32) -> &str {
        self.all.get(at(number)).map_or("", |text| text)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// About how many bytes of memory they take.
    pub(super) fn size(&self) -> usize {
        // Two pointers to each text, its counts, and the map's room.
        self.n_bytes + self.all.len() * 80
    }
}

/// Lists of texts by number.
#[derive(Debug, Default)]
pub(super) struct Lists {
    numbers: HashMap<Arc<[u32]>, u32>,
    all: Vec<Arc<[u32]>>,
    n_elements: usize,
    room: Vec<u32>,
}

impl Lists {
    pub(super) fn number(&mut self, list: &[&str], texts: &mut Texts) -> Result<u32, Unfit> {
        let mut room = std::mem::take(&mut self.room);
        room.clear();
        for text in list {
            room.push(texts.number(text)?);
        }
        let number = self.of_numbers(&room);
        self.room = room;
        number
    }

    pub(super) fn of_numbers(&mut self, list: &[u32]) -> Result<u32, Unfit> {
        if let Some(number) = self.numbers.get(list) {
            return Ok(*number);
        }
        let number = u32::try_from(self.all.len());
        let number = number.map_err(|_| Unfit("there are too many different sets of skills"))?;
        let list: Arc<[u32]> = list.into();
        self.n_elements += list.len();
        self.all.push(Arc::clone(&list));
        self.numbers.insert(list, number);
        Ok(number)
    }

    pub(super) fn get(&self, number: u32) -> &[u32] {
        self.all.get(at(number)).map_or(&[], |list| list)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn size(&self) -> usize {
        self.n_elements * 4 + self.all.len() * 80
    }
}

/// The place in memory of what has a number.
pub(super) fn at(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
