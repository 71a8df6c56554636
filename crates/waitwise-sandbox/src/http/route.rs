//! Which of the served operations a request means.

use waitwise_wire::operation::Operation;

use super::api::Api;
use super::query;
use super::reply::Refusal;

/// An operation, and the ids that stand in the path, decoded, in its order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    pub(crate) operation: &'static Operation,
    pub(crate) ids: Vec<String>,
}

impl Route {
    /// Finds the operation of a method and path.
    ///
    /// # Errors
    /// 404 if no operation has the path, 405 if one has it with another method.
    pub(crate) fn find(api: Api, method: &str, path: &str) -> Result<Route, Refusal> {
        let on_path = api
            .operations()
            .filter_map(|operation| on_path(operation, path));
        let mut on_path: Vec<Route> = on_path.collect();
        if on_path.is_empty() {
            return Err(Refusal::no_such_path(path));
        }
        // `…/jobs/availability` is no job: a path's own word goes before an id.
        on_path.sort_by_key(|route| route.ids.len());
        let mut allowed: Vec<&str> = on_path
            .iter()
            .map(|route| route.operation.method.as_str())
            .collect();
        allowed.dedup();
        let allowed = allowed.join(", ");
        let found = on_path
            .into_iter()
            .find(|route| route.operation.method.as_str() == method);
        found.ok_or_else(|| Refusal::method_not_allowed(method, path, &allowed))
    }

    /// Returns the `place`th id of the path, from 0; nothing if the operation has fewer.
    pub(crate) fn id(&self, place: usize) -> &str {
        self.ids.get(place).map_or("", String::as_str)
    }
}

fn on_path(operation: &'static Operation, path: &str) -> Option<Route> {
    let (own, asked) = (operation.path.split('/'), path.split('/'));
    if own.clone().count() != asked.clone().count() {
        return None;
    }
    let mut ids = Vec::new();
    for (own, asked) in own.zip(asked) {
        match own.starts_with('{') {
            true if asked.is_empty() => return None,
            true => ids.push(query::decode(asked)),
            false if own != asked => return None,
            false => {}
        }
    }
    Some(Route { operation, ids })
}

#[cfg(test)]
mod tests {
    use waitwise_wire::platform::{JOB, JOB_AVAILABILITY, QUEUES, ROW};
    use waitwise_wire::tutorial::{PUT_RULE, RULES};

    use super::*;

    fn check(api: Api, method: &str, path: &str, expected: Option<(&'static Operation, &[&str])>) {
        let expected = expected.map(|(operation, ids)| Route {
            operation,
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        });
        let found = Route::find(api, method, path).ok();
        assert_eq!(found, expected, "{api:?} {method} {path}");
    }

    #[test]
    fn paths_and_methods_are_told_apart() {
        let jobs = "/api/v2/analytics/conversations/details/jobs";
        for api in [Api::Tutorial, Api::Both] {
            check(api, "GET", "/api/v2/routing/rules", Some((&RULES, &[])));
            check(
                api,
                "PUT",
                "/api/v2/routing/rules/a%20b",
                Some((&PUT_RULE, &["a b"])),
            );
        }
        for api in [Api::Platform, Api::Both] {
            check(
                api,
                "GET",
                "/api/v2/flows/datatables/t/rows/a%2Fb+c",
                Some((&ROW, &["t", "a/b+c"])),
            );
            check(
                api,
                "GET",
                &format!("{jobs}/availability"),
                Some((&JOB_AVAILABILITY, &[])),
            );
            check(api, "GET", &format!("{jobs}/j"), Some((&JOB, &["j"])));
        }
        check(Api::Both, "GET", QUEUES.path, Some((&QUEUES, &[])));
        check(Api::Tutorial, "GET", QUEUES.path, None);
        check(Api::Platform, "GET", RULES.path, None);
    }

    #[test]
    fn what_is_not_there_and_what_is_not_done_differ() {
        for (method, path, status) in [
            ("PUT", "/api/v2/routing/rules", 405),
            ("GET", "/api/v2/routing/rules/a", 405),
            ("PUT", "/api/v2/routing/rules/", 404),
            ("PUT", "/api/v2/routing/rules/a/b", 404),
            ("GET", "/", 404),
        ] {
            let refusal = Route::find(Api::Both, method, path).unwrap_err();
            assert_eq!(refusal.reply("c").status, status, "{method} {path}");
        }
    }
}
