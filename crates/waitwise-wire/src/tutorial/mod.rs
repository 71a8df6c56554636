//! The tutorial's contract: its operations, and the shapes of their bodies.
//!
//! The published platform has neither the summary query nor the routing rules; the sandbox serves them, and so
//! can a gateway.

use crate::operation::{Method, Needs, Operation, Paging, Repeat};

pub mod listing;
pub mod summary;
pub mod token;

/// Sign-in by client credentials.
pub const TOKEN: Operation = Operation {
    name: "sign in",
    method: Method::Post,
    path: "/oauth/token",
    needs: Needs::Credentials,
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// History grouped by wrap-up code.
pub const SUMMARY: Operation = Operation {
    name: "query the wrap-up history",
    method: Method::Post,
    path: "/api/v2/analytics/conversations/summary/query",
    needs: Needs::Scope("analytics:conversation:read"),
    repeat: Repeat::Safe,
    paging: Paging::Token,
};

/// The tenant's skills.
pub const SKILLS: Operation = Operation {
    name: "list routing skills",
    method: Method::Get,
    path: "/api/v2/routing/skills",
    needs: Needs::Scope("routing:skill:read"),
    repeat: Repeat::Safe,
    paging: Paging::Numbered,
};

/// The tenant's routing rules. There is no way to read a single one.
pub const RULES: Operation = Operation {
    name: "list routing rules",
    method: Method::Get,
    path: "/api/v2/routing/rules",
    needs: Needs::Scope("routing:rule:read"),
    repeat: Repeat::Safe,
    paging: Paging::Numbered,
};

/// Replaces one routing rule, whole.
pub const PUT_RULE: Operation = Operation {
    name: "write the routing rule",
    method: Method::Put,
    path: "/api/v2/routing/rules/{id}",
    needs: Needs::Scope("routing:rule:write"),
    repeat: Repeat::ReadFirst,
    paging: Paging::None,
};

/// Every operation of the contract.
pub const OPERATIONS: [Operation; 5] = [TOKEN, SUMMARY, SKILLS, RULES, PUT_RULE];
