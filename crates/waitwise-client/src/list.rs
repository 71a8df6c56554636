//! Numbered lists, read to their end.

use waitwise_model::Pull;
use waitwise_wire::json::JsonError;
use waitwise_wire::operation::Operation;
use waitwise_wire::tutorial::listing::{ListPage, entity_id};

use crate::error::ClientError;
use crate::pages::{PageGuard, page_query};
use crate::read::{Listing, ReadClient};
use crate::request::Request;

/// Which list, from where.
pub(crate) struct List {
    pub(crate) operation: &'static Operation,
    /// What stands in the path's places.
    pub(crate) ids: Vec<String>,
    /// How a page's place is asked for.
    pub(crate) paging: Paging,
    /// What else stands in every page's query, without an `&` around it; empty: nothing.
    pub(crate) also: String,
    /// Finds what tells entities apart.
    pub(crate) id_of: fn(&str) -> Option<String>,
}

/// How a list's pages are asked for.
#[derive(Clone, Copy)]
pub(crate) enum Paging {
    /// A size and a number, from 1.
    Numbered {
        /// Entities on a page.
        size: u32,
    },
    /// The first with a size, the others where the host says.
    Sized {
        /// Entities on a page.
        size: u32,
    },
    /// The first without anything, the others where the host says.
    Plain,
}

impl List {
    /// A list of the whole tenant, in pages of this size.
    pub(crate) fn of(operation: &'static Operation, size: u32) -> List {
        List {
            operation,
            ids: Vec::new(),
            paging: Paging::Numbered { size },
            also: String::new(),
            id_of: entity_id,
        }
    }

    /// The same list of one object.
    pub(crate) fn at(self, id: &str) -> List {
        List {
            ids: vec![id.to_owned()],
            ..self
        }
    }

    fn query(&self, page: u32) -> String {
        let place = match self.paging {
            Paging::Numbered { size } => page_query(size, page),
            Paging::Sized { size } => format!("pageSize={size}"),
            Paging::Plain => String::new(),
        };
        with(place, &self.also)
    }

    /// Returns the query of the page after `page`; a host may leave out of its address what was asked for.
    fn next(
        &self,
        guard: &PageGuard,
        page: &ListPage<'_>,
        client: &ReadClient,
    ) -> Result<Option<String>, ClientError> {
        if let Some(address) = page.next_uri.as_deref().filter(|uri| !uri.is_empty()) {
            let host = client.base_url();
            let path = host.join(self.operation.path, &self.ids, None);
            let query = guard.followed(address, path.path(), host)?;
            return Ok(Some(match query.contains(&self.also) {
                true => query,
                false => with(query, &self.also),
            }));
        }
        let more = page.page_count.is_some_and(|count| guard.page() < count);
        Ok(more.then(|| self.query(guard.page() + 1)))
    }
}

fn with(query: String, also: &str) -> String {
    match (query.is_empty(), also.is_empty()) {
        (_, true) => query,
        (true, false) => also.to_owned(),
        (false, false) => format!("{query}&{also}"),
    }
}

impl ReadClient {
    /// Reads a list to its end and hands each entity with its place, from 1, to `take`.
    pub(crate) async fn list(
        &self,
        list: &List,
        mut take: impl FnMut(usize, &str) -> Result<(), ClientError> + Send,
    ) -> Result<Pull, ClientError> {
        let operation = list.operation;
        let mut guard = PageGuard::new(operation, self.pages_max());
        let mut query = list.query(1);
        let mut claimed = None;
        loop {
            guard.turn(&query)?;
            let request = Request::get(operation, list.ids.clone(), query);
            let answer = self.transport().call(&request).await?;
            let page =
                ListPage::read(&answer).map_err(|error| shape(operation, guard.page(), error))?;
            guard.size(page.entities.len())?;
            for entity in &page.entities {
                guard.entity((list.id_of)(entity.get()).as_deref())?;
                take(guard.pull().entities, entity.get())?;
            }
            claimed = page.total.or(claimed);
            match list.next(&guard, &page, self)? {
                Some(next) => query = next,
                None => {
                    let pull = guard.end(claimed)?;
                    self.tell_read(list, &pull);
                    return Ok(pull);
                }
            }
        }
    }

    fn tell_read(&self, list: &List, pull: &Pull) {
        let host = self.base_url();
        let url = host.join(list.operation.path, &list.ids, None);
        let Pull {
            pages, entities, ..
        } = *pull;
        tracing::info!(path = url.path(), pages, entities, "read whole");
    }

    /// Reads a list to its end; what `read` cannot read is named and left out.
    pub(crate) async fn listing<T: Send>(
        &self,
        list: &List,
        read: fn(&str) -> Result<T, String>,
    ) -> Result<Listing<T>, ClientError> {
        let (mut items, mut rejected) = (Vec::new(), Vec::new());
        let pull = self
            .list(list, |place, entity| {
                match read(entity) {
                    Ok(item) => items.push(item),
                    Err(reason) => {
                        let name = name_of((list.id_of)(entity), place);
                        rejected.push(format!("{name} {reason}"));
                    }
                }
                Ok(())
            })
            .await?;
        Ok(Listing {
            items,
            rejected,
            pull,
        })
    }
}

fn name_of(id: Option<String>, place: usize) -> String {
    match id {
        Some(id) => format!("`{id}`"),
        None => format!("entry {place} of the list"),
    }
}

/// Says that a page is not of the contract's shape.
pub(crate) fn shape(operation: &'static Operation, page: u32, error: JsonError) -> ClientError {
    // A syntax error's own text may quote the host's.
    let place = if let JsonError::Syntax(error) = error {
        format!("at line {} column {}", error.line(), error.column())
    } else {
        format!("because it is {error}")
    };
    ClientError::Shape {
        operation,
        page,
        place,
    }
}

#[cfg(test)]
mod tests {
    use waitwise_wire::platform::ROWS;
    use waitwise_wire::tutorial::SKILLS;

    use super::*;

    #[test]
    fn each_way_of_paging_asks_in_its_own_words() {
        let mut list = List::of(&SKILLS, 25);
        assert_eq!(list.query(2), "pageSize=25&pageNumber=2");
        list.also = "showbrief=false".to_owned();
        assert_eq!(list.query(1), "pageSize=25&pageNumber=1&showbrief=false");
        list.paging = Paging::Sized { size: 7 };
        assert_eq!(list.query(1), "pageSize=7&showbrief=false");
        list.paging = Paging::Plain;
        assert_eq!(list.query(1), "showbrief=false");
        list.also = String::new();
        assert_eq!(list.query(1), "");
        assert_eq!(List::of(&ROWS, 1).at("t1").ids, ["t1"]);
    }
}
