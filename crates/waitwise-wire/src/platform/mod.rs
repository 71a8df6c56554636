//! The published platform's contract: the operations that Waitwise uses.
//!
//! Paths, methods and permissions are those of the published API description; `docs/real-organisation.md` says how sure each is.
//! Tokens come from `login.{region}`, everything else from `api.{region}`.

pub mod activity;
pub mod aggregates;
pub mod conversation;
pub mod data_table;
pub mod details;
pub mod estimated_wait;
pub mod filter;
pub mod limits;
pub mod observations;
pub mod queue;
pub mod totals;

use crate::operation::{Method, Needs, Operation, Paging, Repeat};
pub use crate::tutorial::TOKEN;

/// Says whose token it is.
pub const TOKENS_ME: Operation = Operation {
    name: "check the token",
    method: Method::Get,
    path: "/api/v2/tokens/me",
    needs: Needs::Token,
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// The organisation's skills.
pub const SKILLS: Operation = Operation {
    name: "list routing skills",
    method: Method::Get,
    path: "/api/v2/routing/skills",
    needs: Needs::AnyPermission(&["routing:skill:view"]),
    repeat: Repeat::Safe,
    paging: Paging::Numbered,
};

/// The organisation's wrap-up codes.
pub const WRAP_UP_CODES: Operation = Operation {
    name: "list wrap-up codes",
    method: Method::Get,
    path: "/api/v2/routing/wrapupcodes",
    needs: Needs::AnyPermission(&["routing:wrapupCode:view"]),
    repeat: Repeat::Safe,
    paging: Paging::Numbered,
};

/// The wrap-up codes that agents of one queue choose from.
pub const QUEUE_WRAP_UP_CODES: Operation = Operation {
    name: "list a queue's wrap-up codes",
    method: Method::Get,
    path: "/api/v2/routing/queues/{queueId}/wrapupcodes",
    needs: Needs::AnyPermission(&["routing:queue:view"]),
    repeat: Repeat::Safe,
    paging: Paging::Numbered,
};

/// The organisation's queues.
pub const QUEUES: Operation = Operation {
    name: "list queues",
    method: Method::Get,
    path: "/api/v2/routing/queues",
    needs: Needs::AnyPermission(&["routing:queue:view"]),
    repeat: Repeat::Safe,
    paging: Paging::Numbered,
};

/// One queue with its settings.
pub const QUEUE: Operation = Operation {
    name: "read the queue",
    method: Method::Get,
    path: "/api/v2/routing/queues/{queueId}",
    needs: Needs::AnyPermission(&["routing:queue:view"]),
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// Who serves a queue. The answer has no totals.
pub const QUEUE_MEMBERS: Operation = Operation {
    name: "list queue members",
    method: Method::Get,
    path: "/api/v2/routing/queues/{queueId}/members",
    needs: Needs::AnyPermission(&[
        "routing:queue:view",
        "routing:queue:edit",
        "routing:queue:readonly",
        "routing:queueMember:manage",
    ]),
    repeat: Repeat::Safe,
    paging: Paging::Numbered,
};

/// One agent's skills with their proficiency.
pub const USER_SKILLS: Operation = Operation {
    name: "list an agent's skills",
    method: Method::Get,
    path: "/api/v2/users/{userId}/routingskills",
    needs: Needs::Token,
    repeat: Repeat::Safe,
    paging: Paging::Numbered,
};

/// Which queues are on predictive routing.
pub const PREDICTORS: Operation = Operation {
    name: "list predictors",
    method: Method::Get,
    path: "/api/v2/routing/predictors",
    needs: Needs::AnyPermission(&["routing:predictor:view"]),
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// The platform's own estimate for a queue.
pub const ESTIMATED_WAIT: Operation = Operation {
    name: "read the estimated wait",
    method: Method::Get,
    path: "/api/v2/routing/queues/{queueId}/estimatedwaittime",
    needs: Needs::AnyPermission(&["routing:queue:view"]),
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// The organisation's limits, by namespace.
pub const LIMITS: Operation = Operation {
    name: "read a namespace's limits",
    method: Method::Get,
    path: "/api/v2/organizations/limits/namespaces/{namespaceName}",
    needs: Needs::Token,
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// The organisation's Architect data tables.
pub const DATA_TABLES: Operation = Operation {
    name: "list data tables",
    method: Method::Get,
    path: "/api/v2/flows/datatables",
    needs: Needs::AnyPermission(&["architect:datatable:view"]),
    repeat: Repeat::Safe,
    paging: Paging::Numbered,
};

/// One data table; its columns only with `expand=schema`.
pub const DATA_TABLE: Operation = Operation {
    name: "read the data table",
    method: Method::Get,
    path: "/api/v2/flows/datatables/{datatableId}",
    needs: Needs::AnyPermission(&["architect:datatable:view"]),
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// Makes a data table.
pub const CREATE_DATA_TABLE: Operation = Operation {
    name: "create the data table",
    method: Method::Post,
    path: "/api/v2/flows/datatables",
    needs: Needs::AnyPermission(&["architect:datatable:add"]),
    repeat: Repeat::ReadFirst,
    paging: Paging::None,
};

/// A data table's rows; only their keys without `showbrief=false`.
pub const ROWS: Operation = Operation {
    name: "list the data table's rows",
    method: Method::Get,
    path: "/api/v2/flows/datatables/{datatableId}/rows",
    needs: Needs::AnyPermission(&["architect:datatable:view", "architect:datatableRow:view"]),
    repeat: Repeat::Safe,
    paging: Paging::Numbered,
};

/// One row, by its key; only the key without `showbrief=false`.
pub const ROW: Operation = Operation {
    name: "read the data table's row",
    method: Method::Get,
    path: "/api/v2/flows/datatables/{datatableId}/rows/{rowId}",
    needs: Needs::AnyPermission(&["architect:datatable:view", "architect:datatableRow:view"]),
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// Makes a row; 409 if its key is there already.
pub const CREATE_ROW: Operation = Operation {
    name: "create the data table's row",
    method: Method::Post,
    path: "/api/v2/flows/datatables/{datatableId}/rows",
    needs: Needs::AnyPermission(&["architect:datatable:add", "architect:datatableRow:add"]),
    repeat: Repeat::ReadFirst,
    paging: Paging::None,
};

/// Replaces a row, whole.
pub const PUT_ROW: Operation = Operation {
    name: "write the data table's row",
    method: Method::Put,
    path: "/api/v2/flows/datatables/{datatableId}/rows/{rowId}",
    needs: Needs::AnyPermission(&["architect:datatable:edit", "architect:datatableRow:edit"]),
    repeat: Repeat::ReadFirst,
    paging: Paging::None,
};

/// Removes a row.
pub const DELETE_ROW: Operation = Operation {
    name: "remove the data table's row",
    method: Method::Delete,
    path: "/api/v2/flows/datatables/{datatableId}/rows/{rowId}",
    needs: Needs::AnyPermission(&[
        "architect:datatable:delete",
        "architect:datatableRow:delete",
    ]),
    repeat: Repeat::ReadFirst,
    paging: Paging::None,
};

/// Counts and times by dimension.
pub const AGGREGATES: Operation = Operation {
    name: "query conversation aggregates",
    method: Method::Post,
    path: "/api/v2/analytics/conversations/aggregates/query",
    needs: Needs::AnyPermission(&["analytics:conversationAggregate:view"]),
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// Conversation records, the newest included; at most 100,000 of one query.
pub const DETAILS: Operation = Operation {
    name: "query conversation details",
    method: Method::Post,
    path: "/api/v2/analytics/conversations/details/query",
    needs: Needs::AnyPermission(&[
        "analytics:conversationDetail:view",
        "analytics:agentConversationDetail:view",
    ]),
    repeat: Repeat::Safe,
    paging: Paging::Body,
};

/// Asks for conversation records of the job store, which lags behind.
pub const SUBMIT_JOB: Operation = Operation {
    name: "submit a details job",
    method: Method::Post,
    path: "/api/v2/analytics/conversations/details/jobs",
    needs: Needs::AnyPermission(&[
        "analytics:conversationDetail:view",
        "analytics:agentConversationDetail:view",
    ]),
    repeat: Repeat::IfNotTaken,
    paging: Paging::None,
};

/// How far a job is.
pub const JOB: Operation = Operation {
    name: "read the details job's state",
    method: Method::Get,
    path: "/api/v2/analytics/conversations/details/jobs/{jobId}",
    needs: Needs::AnyPermission(&[
        "analytics:conversationDetail:view",
        "analytics:agentConversationDetail:view",
    ]),
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// A finished job's records.
pub const JOB_RESULTS: Operation = Operation {
    name: "read the details job's results",
    method: Method::Get,
    path: "/api/v2/analytics/conversations/details/jobs/{jobId}/results",
    needs: Needs::AnyPermission(&[
        "analytics:conversationDetail:view",
        "analytics:agentConversationDetail:view",
    ]),
    repeat: Repeat::Safe,
    paging: Paging::Cursor,
};

/// Ends a job; doing it twice changes nothing.
pub const DELETE_JOB: Operation = Operation {
    name: "cancel the details job",
    method: Method::Delete,
    path: "/api/v2/analytics/conversations/details/jobs/{jobId}",
    needs: Needs::AnyPermission(&[
        "analytics:conversationDetail:view",
        "analytics:agentConversationDetail:view",
    ]),
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// Up to when the job store has data.
pub const JOB_AVAILABILITY: Operation = Operation {
    name: "read the details jobs' availability",
    method: Method::Get,
    path: "/api/v2/analytics/conversations/details/jobs/availability",
    needs: Needs::AnyPermission(&["analytics:conversationDetail:view"]),
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// Who waits now, by queue and requested skill.
pub const ACTIVITY: Operation = Operation {
    name: "query conversation activity",
    method: Method::Post,
    path: "/api/v2/analytics/conversations/activity/query",
    needs: Needs::AnyPermission(&["analytics:queueObservation:view"]),
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// Who waits and who serves now, by queue.
pub const OBSERVATIONS: Operation = Operation {
    name: "query queue observations",
    method: Method::Post,
    path: "/api/v2/analytics/queues/observations/query",
    needs: Needs::AnyPermission(&["analytics:queueObservation:view"]),
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// How long agents were on queue.
pub const USER_AGGREGATES: Operation = Operation {
    name: "query user aggregates",
    method: Method::Post,
    path: "/api/v2/analytics/users/aggregates/query",
    needs: Needs::AnyPermission(&["analytics:userAggregate:view"]),
    repeat: Repeat::Safe,
    paging: Paging::None,
};

/// Every operation of the contract, [`TOKEN`] included.
pub const OPERATIONS: [Operation; 30] = [
    TOKEN,
    TOKENS_ME,
    SKILLS,
    WRAP_UP_CODES,
    QUEUE_WRAP_UP_CODES,
    QUEUES,
    QUEUE,
    QUEUE_MEMBERS,
    USER_SKILLS,
    PREDICTORS,
    ESTIMATED_WAIT,
    LIMITS,
    DATA_TABLES,
    DATA_TABLE,
    CREATE_DATA_TABLE,
    ROWS,
    ROW,
    CREATE_ROW,
    PUT_ROW,
    DELETE_ROW,
    AGGREGATES,
    DETAILS,
    SUBMIT_JOB,
    JOB,
    JOB_RESULTS,
    DELETE_JOB,
    JOB_AVAILABILITY,
    ACTIVITY,
    OBSERVATIONS,
    USER_AGGREGATES,
];
