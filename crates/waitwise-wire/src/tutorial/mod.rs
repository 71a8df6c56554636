//! The tutorial's contract: its operations, and the shapes of their bodies.
//!
//! The published platform has neither the summary query nor the routing rules; the sandbox serves them, and so
//! can a gateway.

pub mod listing;
pub mod summary;
pub mod token;

/// An HTTP method that the contract uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Reads.
    Get,
    /// Asks a question in a body, or signs in.
    Post,
    /// Replaces an object.
    Put,
}

impl Method {
    /// Returns the method's name as it stands in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
        }
    }
}

/// Whether a request may be sent again when nobody knows what became of the first one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeat {
    /// It changes nothing, so it may.
    Safe,
    /// It writes: only after reading what the object is now.
    ReadFirst,
}

/// How an operation hands out long answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paging {
    /// One answer.
    None,
    /// `nextPageToken` in the answer goes into the next request's body.
    Token,
    /// `pageSize` and `pageNumber` in the query; `nextUri` and `total` in the answer.
    Numbered,
}

/// One operation of the contract.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operation {
    /// How messages call it: "read routing skills".
    pub name: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path; `{id}` stands for an object's id.
    pub path: &'static str,
    /// The OAuth scope it needs; `None` for sign-in itself.
    pub scope: Option<&'static str>,
    /// Whether it may be sent twice.
    pub repeat: Repeat,
    /// How its answer is cut.
    pub paging: Paging,
}

/// Sign-in by client credentials.
pub const TOKEN: Operation = Operation {
    name: "sign in",
    method: Method::Post,
    path: "/oauth/token",
    scope: None,
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// History grouped by wrap-up code.
pub const SUMMARY: Operation = Operation {
    name: "query the wrap-up history",
    method: Method::Post,
    path: "/api/v2/analytics/conversations/summary/query",
    scope: Some("analytics:conversation:read"),
    repeat: Repeat::Safe,
    paging: Paging::Token,
};

/// The tenant's skills.
pub const SKILLS: Operation = Operation {
    name: "list routing skills",
    method: Method::Get,
    path: "/api/v2/routing/skills",
    scope: Some("routing:skill:read"),
    repeat: Repeat::Safe,
    paging: Paging::Numbered,
};

/// The tenant's routing rules. There is no way to read a single one.
pub const RULES: Operation = Operation {
    name: "list routing rules",
    method: Method::Get,
    path: "/api/v2/routing/rules",
    scope: Some("routing:rule:read"),
    repeat: Repeat::Safe,
    paging: Paging::Numbered,
};

/// Replaces one routing rule, whole.
pub const PUT_RULE: Operation = Operation {
    name: "write the routing rule",
    method: Method::Put,
    path: "/api/v2/routing/rules/{id}",
    scope: Some("routing:rule:write"),
    repeat: Repeat::ReadFirst,
    paging: Paging::None,
};

/// Every operation of the contract.
pub const OPERATIONS: [Operation; 5] = [TOKEN, SUMMARY, SKILLS, RULES, PUT_RULE];
