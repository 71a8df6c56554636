//! Reading to the end, and noticing when the pages contradict each other or do not end.

use std::collections::HashSet;
use std::sync::Arc;

use reqwest::Url;
use waitwise_model::Pull;
use waitwise_wire::operation::Operation;

use crate::base_url::BaseUrl;
use crate::error::ClientError;

/// A host may skip over what the client may not see, so some pages may be empty; ten in a row are a host that
/// counts wrongly.
const EMPTY_PAGES_MAX: u32 = 10;

/// Counts one pull, and stops it when something is wrong.
pub(crate) struct PageGuard {
    operation: &'static Operation,
    pages_max: u32,
    page: u32,
    empty_in_a_row: u32,
    asked: HashSet<String>,
    ids: HashSet<Arc<str>>,
    without_id: usize,
}

impl PageGuard {
    pub(crate) fn new(operation: &'static Operation, pages_max: u32) -> PageGuard {
        PageGuard {
            operation,
            pages_max,
            page: 0,
            empty_in_a_row: 0,
            asked: HashSet::new(),
            ids: HashSet::new(),
            without_id: 0,
        }
    }

    /// Notes that the page named `key` (its token or its query) will be asked for.
    pub(crate) fn turn(&mut self, key: &str) -> Result<(), ClientError> {
        if !self.asked.insert(key.to_owned()) {
            return Err(self.incomplete("it leads back to a page that was read already".to_owned()));
        }
        if self.page == self.pages_max {
            let max = self.pages_max;
            return Err(self.incomplete(format!(
                "there is still another one, and {max} pages are read at most"
            )));
        }
        self.page += 1;
        Ok(())
    }

    /// Notes how many entities the page has.
    pub(crate) fn size(&mut self, entities: usize) -> Result<(), ClientError> {
        self.empty_in_a_row = if entities == 0 {
            self.empty_in_a_row + 1
        } else {
            0
        };
        match self.empty_in_a_row < EMPTY_PAGES_MAX {
            true => Ok(()),
            false => {
                Err(self.incomplete(format!("it is the {EMPTY_PAGES_MAX}th empty page in a row")))
            }
        }
    }

    /// Notes one entity; those whose id cannot be read are counted only.
    pub(crate) fn entity(&mut self, id: Option<impl Into<Arc<str>>>) -> Result<(), ClientError> {
        let Some(id) = id.map(Into::into) else {
            self.without_id += 1;
            return Ok(());
        };
        match self.ids.insert(Arc::clone(&id)) {
            true => Ok(()),
            false => Err(self.incomplete(format!("`{id}` was listed before"))),
        }
    }

    /// Ends the pull, if it has as many entities as the host claims.
    pub(crate) fn end(&self, claimed: Option<usize>) -> Result<Pull, ClientError> {
        let pull = Pull {
            claimed,
            ..self.pull()
        };
        match claimed {
            Some(total) if total != pull.unique => Err(self.incomplete(format!(
                "it is the last one, with {} entities in all, but the host claims {total}",
                pull.unique
            ))),
            _ => Ok(pull),
        }
    }

    /// Returns what was counted so far.
    pub(crate) fn pull(&self) -> Pull {
        let read = self.ids.len() + self.without_id;
        Pull {
            pages: self.page,
            entities: read,
            unique: read,
            claimed: None,
        }
    }

    /// Returns the number of the page that is being read, from 1.
    pub(crate) fn page(&self) -> u32 {
        self.page
    }

    fn incomplete(&self, seen: String) -> ClientError {
        ClientError::Incomplete {
            operation: self.operation,
            page: self.page,
            seen,
        }
    }

    /// Returns the query of the page that the host's `address` leads to, which must be of the same host and `path`.
    pub(crate) fn followed(
        &self,
        address: &str,
        path: &str,
        base_url: &BaseUrl,
    ) -> Result<String, ClientError> {
        let url = base_url.resolve(address).filter(|url| url.path() == path);
        let Some(url) = url else {
            return Err(self.incomplete("its nextUri leads to another host or path".to_owned()));
        };
        if page_number(&url).is_some_and(|number| number <= self.page) {
            return Err(self.incomplete("its nextUri does not move on".to_owned()));
        }
        Ok(url.query().unwrap_or_default().to_owned())
    }
}

/// Returns the query that asks for a page of a numbered list, pages counted from 1.
pub(crate) fn page_query(page_size: u32, page_number: u32) -> String {
    format!("pageSize={page_size}&pageNumber={page_number}")
}

fn page_number(url: &Url) -> Option<u32> {
    let number = url.query_pairs().find(|(key, _)| key == "pageNumber")?;
    number.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use waitwise_wire::tutorial::SKILLS;

    use super::*;

    fn next(address: &str) -> Result<String, String> {
        let base_url = BaseUrl::parse("127.0.0.1:1", false).unwrap();
        let mut guard = PageGuard::new(&SKILLS, 9);
        guard.turn("1").unwrap();
        guard.turn("2").unwrap();
        guard
            .followed(address, SKILLS.path, &base_url)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_next_page_is_where_the_host_says() {
        for (address, expected) in [
            (
                "/api/v2/routing/skills?pageNumber=3&x=%20",
                "pageNumber=3&x=%20",
            ),
            (
                "http://127.0.0.1:1/api/v2/routing/skills?cursor=b",
                "cursor=b",
            ),
        ] {
            assert_eq!(next(address), Ok(expected.to_owned()), "{address}");
        }
    }

    #[test]
    fn a_next_page_elsewhere_or_behind_is_refused() {
        for (address, seen) in [
            (
                "http://evil.example/api/v2/routing/skills?pageNumber=3",
                "its nextUri leads to another host or path",
            ),
            (
                "/api/v2/users?pageNumber=3",
                "its nextUri leads to another host or path",
            ),
            (
                "/api/v2/routing/skills?pageNumber=2",
                "its nextUri does not move on",
            ),
        ] {
            let expected = format!(
                "cannot list routing skills completely (GET /api/v2/routing/skills): page 2: {seen}"
            );
            assert_eq!(next(address), Err(expected));
        }
    }

    #[test]
    fn pages_that_contradict_each_other_stop_the_pull() {
        let seen = |outcome: Result<(), ClientError>| outcome.unwrap_err().to_string();
        let mut guard = PageGuard::new(&SKILLS, 2);
        guard.turn("a").unwrap();
        assert!(
            seen(guard.turn("a"))
                .ends_with("page 1: it leads back to a page that was read already")
        );
        guard.turn("b").unwrap();
        assert!(
            seen(guard.turn("c"))
                .ends_with("there is still another one, and 2 pages are read at most")
        );
        guard.entity(Some("s1")).unwrap();
        guard.entity(None::<&str>).unwrap();
        guard.entity(None::<&str>).unwrap();
        assert!(seen(guard.entity(Some("s1"))).ends_with("`s1` was listed before"));
        assert!(
            seen(guard.end(Some(4)).map(drop))
                .ends_with("with 3 entities in all, but the host claims 4")
        );
        assert_eq!(guard.end(Some(3)).unwrap().unique, 3);
    }

    #[test]
    fn only_many_empty_pages_in_a_row_stop_the_pull() {
        let mut guard = PageGuard::new(&SKILLS, 100);
        for _ in 0..9 {
            guard.size(0).unwrap();
        }
        guard.size(1).unwrap();
        for _ in 0..9 {
            guard.size(0).unwrap();
        }
        assert!(guard.size(0).is_err());
    }
}
