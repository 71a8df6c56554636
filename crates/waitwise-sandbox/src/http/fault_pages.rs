//! Pages that lead back, do not end, or repeat an entity: made of true answers.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::answer::Request;
use super::query;
use super::reply::Reply;

/// The outermost members of a page or of a request for one; what is in them is kept as it was written.
type Page = BTreeMap<String, Box<RawValue>>;

/// Returns the request for the first page of what `request` asks a page of.
pub(crate) fn first_page(request: &Request) -> Request {
    let size = query::value(&request.query, "pageSize").map(|size| format!("pageSize={size}"));
    let mut body = read(&request.body);
    if let Some(body) = &mut body {
        body.remove("nextPageToken");
        let first = body.get("paging").and_then(|paging| first_of(paging));
        if let Some(first) = first {
            body.insert("paging".to_owned(), first);
        }
    }
    let more = query::without(&request.query, &["pageSize", "pageNumber", "cursor"]);
    Request {
        query: size.unwrap_or_default() + &more,
        body: body.map_or_else(|| request.body.clone(), |body| written(&body).into()),
        ..request.clone()
    }
}

/// `paging` of a body for its first page.
fn first_of(paging: &RawValue) -> Option<Box<RawValue>> {
    with_paging(paging, "pageNumber", 1)
}

fn with_paging(paging: &RawValue, name: &str, value: u32) -> Option<Box<RawValue>> {
    let mut paging: Page = serde_json::from_str(paging.get()).ok()?;
    paging.insert(name.to_owned(), raw(&value));
    Some(raw(&paging))
}

/// Returns the request asking for at most `size` entities on its page.
pub(crate) fn shorter(request: &Request, size: u32) -> Request {
    let is_more = |asked: &str| asked.parse::<u32>().is_ok_and(|asked| asked > size);
    let mut query = request.query.clone();
    if query::value(&query, "pageSize").is_some_and(|asked| is_more(&asked)) {
        query = format!("pageSize={size}") + &query::without(&query, &["pageSize"]);
    }
    let mut body = read(&request.body);
    if let Some(body) = &mut body {
        if body
            .get("pageSize")
            .is_some_and(|asked| is_more(asked.get()))
        {
            body.insert("pageSize".to_owned(), raw(&size));
        }
        let of_paging = body.get("paging").filter(|paging| {
            let paging = serde_json::from_str::<Page>(paging.get()).unwrap_or_default();
            paging
                .get("pageSize")
                .is_some_and(|asked| is_more(asked.get()))
        });
        let of_paging = of_paging.and_then(|paging| with_paging(paging, "pageSize", size));
        body.extend(of_paging.map(|paging| ("paging".to_owned(), paging)));
    }
    Request {
        query,
        body: body.map_or_else(|| request.body.clone(), |body| written(&body).into()),
        ..request.clone()
    }
}

/// Returns the page that leads on to the page that was asked for; the first one of a summary or a job leads on truly.
pub(crate) fn leading_back(request: &Request, reply: Reply) -> Reply {
    edited(reply, |page| {
        if let Some(token) = asked_token(request) {
            page.insert("nextPageToken".to_owned(), raw(&token));
        }
        if let Some(cursor) = query::value(&request.query, "cursor") {
            page.insert("cursor".to_owned(), raw(&cursor));
        }
        if let Some(own) = page.get("selfUri").cloned() {
            page.insert("nextUri".to_owned(), own);
        }
    })
}

/// Returns the page leading on to a further one, as the `n`th request of all: its token is fresh.
pub(crate) fn leading_on(request: &Request, reply: Reply, n: u64) -> Reply {
    let number = page_number(request);
    let more = query::without(&request.query, &["pageNumber"]);
    edited(reply, |page| {
        if page.contains_key("selfUri") {
            let next = format!("{}?pageNumber={}{more}", request.path, number + 1);
            page.insert("nextUri".to_owned(), raw(&next));
        } else if list_of(page) == CONVERSATIONS {
            page.insert("cursor".to_owned(), raw(&format!("further-{n}")));
        } else {
            page.insert("nextPageToken".to_owned(), raw(&format!("further-{n}")));
        }
    })
}

/// Returns the page without its entities.
pub(crate) fn emptied(reply: Reply) -> Reply {
    edited(reply, |page| {
        page.insert(list_of(page).to_owned(), raw(&[(); 0]));
    })
}

/// Returns the page with the first entity of `first` once more at its end.
pub(crate) fn repeating(reply: Reply, first: &Reply) -> Reply {
    let entity = read(&first.body).and_then(|first| entities(&first).into_iter().next());
    edited(reply, |page| {
        let mut all = entities(page);
        all.extend(entity);
        page.insert(list_of(page).to_owned(), raw(&all));
    })
}

/// Returns the page without its last `n` entities.
pub(crate) fn without_last(reply: Reply, n: usize) -> Reply {
    edited(reply, |page| {
        let mut all = entities(page);
        all.truncate(all.len().saturating_sub(n));
        page.insert(list_of(page).to_owned(), raw(&all));
    })
}

/// Returns the page with another count of all entities, where it has one.
pub(crate) fn claiming(reply: Reply, off_by: i64) -> Reply {
    edited(reply, |page| {
        for name in ["total", "totalHits"] {
            let total = page
                .get(name)
                .and_then(|total| total.get().parse::<i64>().ok());
            let claimed = total.map(|total| std::cmp::max(total.saturating_add(off_by), 0));
            page.extend(claimed.map(|claimed| (name.to_owned(), raw(&claimed))));
        }
    })
}

/// Returns whether the request asks for a page after the first.
pub(crate) fn is_further(request: &Request) -> bool {
    asked_token(request).is_some()
        || query::value(&request.query, "cursor").is_some()
        || page_number(request) > 1
}

/// What a page of conversation records has in the place of `entities`.
const CONVERSATIONS: &str = "conversations";

fn list_of(page: &Page) -> &'static str {
    match page.contains_key(CONVERSATIONS) {
        true => CONVERSATIONS,
        false => "entities",
    }
}

fn asked_token(request: &Request) -> Option<String> {
    let token = read(&request.body)?.remove("nextPageToken")?;
    serde_json::from_str(token.get()).ok()
}

fn page_number(request: &Request) -> u64 {
    let in_body = || {
        let paging = read(&request.body)?.remove("paging")?;
        let number = serde_json::from_str::<Page>(paging.get()).ok()?;
        Some(number.get("pageNumber")?.get().to_owned())
    };
    let number = query::value(&request.query, "pageNumber").or_else(in_body);
    number.and_then(|number| number.parse().ok()).unwrap_or(1)
}

fn entities(page: &Page) -> Vec<Box<RawValue>> {
    let read = page
        .get(list_of(page))
        .map(|list| serde_json::from_str(list.get()));
    read.and_then(Result::ok).unwrap_or_default()
}

/// Edits an answer that is a page; any other is left as it is.
fn edited(reply: Reply, edit: impl FnOnce(&mut Page)) -> Reply {
    match read(&reply.body).filter(|page| page.contains_key(list_of(page))) {
        None => reply,
        Some(mut page) => {
            edit(&mut page);
            let body = written(&page).into();
            Reply { body, ..reply }
        }
    }
}

fn read(body: &[u8]) -> Option<Page> {
    serde_json::from_slice(body).ok()
}

fn written(page: &Page) -> Vec<u8> {
    serde_json::to_vec(page).expect("what was read as JSON can be written")
}

fn raw(value: &(impl Serialize + ?Sized)) -> Box<RawValue> {
    to_raw_value(value).expect("texts and lists can be written as JSON")
}
