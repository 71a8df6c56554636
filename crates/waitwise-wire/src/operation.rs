//! One operation of a contract: what it is called, how it is asked for, what it needs, whether it may be sent twice.

/// An HTTP method that a contract uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Reads.
    Get,
    /// Asks a question in a body, signs in, or makes something new.
    Post,
    /// Replaces an object.
    Put,
    /// Removes an object.
    Delete,
}

impl Method {
    /// Returns the method's name as it stands in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// Whether a request may be sent again when nobody knows what became of the first one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeat {
    /// It changes nothing, so it may.
    Safe,
    /// It starts work of its own each time, such as a job: only if the host certainly did not take the first one.
    IfNotTaken,
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
    /// `paging` with a size and a number in the request's body; `totalHits` in the answer, approximate.
    Body,
    /// `cursor` in the answer goes into the next request's query; absent on the last page.
    Cursor,
}

/// What a client must have been given before an operation is open to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// No token: sign-in itself.
    Credentials,
    /// A token, whoever it belongs to.
    Token,
    /// A token with this OAuth scope.
    Scope(&'static str),
    /// A token whose roles hold at least one of these permissions.
    AnyPermission(&'static [&'static str]),
}

/// One operation of a contract.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operation {
    /// How messages call it: "read routing skills".
    pub name: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path; each `{…}` stands for an object's id.
    pub path: &'static str,
    /// What it needs.
    pub needs: Needs,
    /// Whether it may be sent twice.
    pub repeat: Repeat,
    /// How its answer is cut.
    pub paging: Paging,
}

impl Operation {
    /// Returns whether this is the sign-in itself, which shows the client's secret instead of a token.
    pub fn signs_in(&self) -> bool {
        self.needs == Needs::Credentials
    }

    /// Returns the scope it needs, if it is a scope that it needs.
    pub fn scope(&self) -> Option<&'static str> {
        match self.needs {
            Needs::Scope(scope) => Some(scope),
            Needs::Credentials | Needs::Token | Needs::AnyPermission(_) => None,
        }
    }

    /// Returns the path for people: `ids` stand in it as they are.
    pub fn path_with(&self, ids: &[String]) -> String {
        let mut ids = ids.iter();
        let segment = |segment: &str| match segment.starts_with('{') {
            true => ids.next().cloned().unwrap_or_default(),
            false => segment.to_owned(),
        };
        let segments: Vec<String> = self.path.split('/').map(segment).collect();
        segments.join("/")
    }
}
