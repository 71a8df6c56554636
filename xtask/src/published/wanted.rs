//! Which operations the table has to have: those of the wire crate's platform contract.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// The sources in which the contract's operations are written. They are read as text, since this package uses no other
/// of the workspace; the sandbox's tests hold the table against the constants themselves.
const FOLDER: &str = "crates/waitwise-wire/src/platform";

/// What the sandbox serves beyond them: method, path, permission.
const ALSO: [(&str, &str, &str); 1] = [(
    "PUT",
    "/api/v2/routing/queues/{queueId}",
    "routing:queue:edit",
)];

/// An operation as the wire crate writes it.
#[derive(Debug, PartialEq)]
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) path: String,
    /// Any of these opens it; empty if none is needed.
    pub(super) permissions: Vec<String>,
}

impl Operation {
    /// Returns the operation's name in the table: `GET /api/v2/tokens/me`.
    pub(super) fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Returns the operations, in the order of the source.
///
/// # Errors
///
/// Fails if the source cannot be read, or none is found in it.
pub(super) fn operations(root: &Path) -> Result<Vec<Operation>> {
    let folder = root.join(FOLDER);
    let shown = folder.display();
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read `{shown}`"))? {
        paths.push(entry?.path());
    }
    paths.sort();
    let mut found = Vec::new();
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
    {
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("cannot read `{}`", path.display()))?;
        found.extend(operations_in(&text));
    }
    ensure!(!found.is_empty(), "no operation is written in `{shown}`");
    found.extend(ALSO.map(|(method, path, permission)| Operation {
        method: method.to_owned(),
        path: path.to_owned(),
        permissions: vec![permission.to_owned()],
    }));
    Ok(found)
}

fn operations_in(source: &str) -> Vec<Operation> {
    let constants = source.split(": Operation = Operation {").skip(1);
    constants.filter_map(operation_in).collect()
}

fn operation_in(constant: &str) -> Option<Operation> {
    let between = |start, end| {
        constant
            .split_once(start)?
            .1
            .split_once(end)
            .map(|both| both.0)
    };
    let permissions = between("needs:", "repeat:")?.split('"').skip(1).step_by(2);
    Some(Operation {
        method: between("method: Method::", ",")?.to_uppercase(),
        path: between("path: \"", "\"")?.to_owned(),
        permissions: permissions.map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Operation, operations_in};

    #[test]
    fn constants_are_read_and_lists_of_them_are_not() {
        let source = r#"
            pub const ROW: Operation = Operation {
                name: "a row", method: Method::Delete, path: "/rows/{id}",
                needs: Needs::AnyPermission(&["a:b:view", "a:c:view"]), repeat: Repeat::Safe,
            };
            pub const OPERATIONS: [Operation; 1] = [ROW];"#;
        let expected = Operation {
            method: "DELETE".to_owned(),
            path: "/rows/{id}".to_owned(),
            permissions: vec!["a:b:view".to_owned(), "a:c:view".to_owned()],
        };
        assert_eq!(operations_in(source), [expected]);
    }
}
