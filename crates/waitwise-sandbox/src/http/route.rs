//! Which of the contract's operations a request means.

use waitwise_wire::operation::Operation;
use waitwise_wire::tutorial::OPERATIONS;

use super::query;
use super::reply::Refusal;

/// An operation, and the id that stands in the path where the operation has one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    pub(crate) operation: &'static Operation,
    pub(crate) id: Option<String>,
}

impl Route {
    /// Finds the operation of a method and path.
    ///
    /// # Errors
    /// 404 if no operation has the path, 405 if one has it with another method.
    pub(crate) fn find(method: &str, path: &str) -> Result<Route, Refusal> {
        const SERVED: &[Operation] = &OPERATIONS;
        let on_path: Vec<Route> = SERVED
            .iter()
            .filter_map(|operation| on_path(operation, path))
            .collect();
        if on_path.is_empty() {
            return Err(Refusal::no_such_path(path));
        }
        let allowed = on_path
            .iter()
            .map(|route| route.operation.method.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        let found = on_path
            .into_iter()
            .find(|route| route.operation.method.as_str() == method);
        found.ok_or_else(|| Refusal::method_not_allowed(method, path, &allowed))
    }
}

fn on_path(operation: &'static Operation, path: &str) -> Option<Route> {
    let Some(prefix) = operation.path.strip_suffix("{id}") else {
        return (operation.path == path).then_some(Route {
            operation,
            id: None,
        });
    };
    let id = path
        .strip_prefix(prefix)
        .filter(|id| !id.is_empty() && !id.contains('/'))?;
    Some(Route {
        operation,
        id: Some(query::decode(id)),
    })
}

#[cfg(test)]
mod tests {
    use waitwise_wire::tutorial::{PUT_RULE, RULES};

    use super::*;

    #[test]
    fn paths_and_methods_are_told_apart() {
        let found = |method, path| Route::find(method, path).ok();
        assert_eq!(
            found("GET", "/api/v2/routing/rules"),
            Some(Route {
                operation: &RULES,
                id: None
            })
        );
        let id = Some("a b".to_owned());
        assert_eq!(
            found("PUT", "/api/v2/routing/rules/a%20b"),
            Some(Route {
                operation: &PUT_RULE,
                id
            })
        );
        for (method, path, status) in [
            ("PUT", "/api/v2/routing/rules", 405),
            ("GET", "/api/v2/routing/rules/a", 405),
            ("PUT", "/api/v2/routing/rules/", 404),
            ("PUT", "/api/v2/routing/rules/a/b", 404),
            ("GET", "/", 404),
        ] {
            let reply = Route::find(method, path).unwrap_err().reply("c");
            assert_eq!(reply.status, status, "{method} {path}");
        }
    }
}
