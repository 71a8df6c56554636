//! What a client may do: scopes for the tutorial's operations, permissions for the platform's.

use std::collections::BTreeSet;

use waitwise_wire::operation::{Needs, Operation};
use waitwise_wire::tutorial;

use super::api::{Api, all_operations};
use super::reply::Refusal;

/// The client's scopes and permissions.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) permissions: BTreeSet<String>,
}

impl Access {
    /// Everything that an operation asks for.
    pub(crate) fn all() -> Access {
        Access {
            scopes: all_scopes(),
            permissions: all_permissions(),
        }
    }

    /// Checks that the client may do an operation; its token has been checked before.
    ///
    /// # Errors
    /// 403 naming what it lacks.
    pub(crate) fn check(&self, api: Api, operation: &Operation) -> Result<(), Refusal> {
        match operation.needs {
            Needs::Credentials | Needs::Token => Ok(()),
            Needs::Scope(scope) if self.scopes.contains(scope) => Ok(()),
            Needs::Scope(scope) => Err(Refusal::missing_scope(scope)),
            Needs::AnyPermission(any) if any.iter().any(|one| self.permissions.contains(*one)) => {
                Ok(())
            }
            // What both contracts have is refused as the tutorial does.
            Needs::AnyPermission(any) => match api.scope_beside(operation) {
                Some(scope) if self.scopes.contains(scope) => Ok(()),
                Some(scope) => Err(Refusal::missing_scope(scope)),
                None => Err(Refusal::missing_any_permission(any)),
            },
        }
    }
}

/// Every scope that an operation of the tutorial asks for.
pub(crate) fn all_scopes() -> BTreeSet<String> {
    let scopes = tutorial::OPERATIONS.iter().filter_map(Operation::scope);
    scopes.map(str::to_owned).collect()
}

/// Every permission that lets a client do an operation.
pub(crate) fn all_permissions() -> BTreeSet<String> {
    let permissions = |operation: &'static Operation| match operation.needs {
        Needs::AnyPermission(any) => any,
        Needs::Credentials | Needs::Token | Needs::Scope(_) => &[],
    };
    let all = all_operations().flat_map(permissions);
    all.map(|permission| (*permission).to_owned()).collect()
}
