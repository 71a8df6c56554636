use serde_json::{Value, json};
use waitwise_wire::operation::Operation;
use waitwise_wire::{platform, tutorial};

use super::*;

#[track_caller]
fn request(method: &str, path_and_query: &str, body: &Value, expected: &[&str]) {
    let (path, query) = path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""));
    let body = match body.is_null() {
        true => String::new(),
        false => body.to_string(),
    };
    let found = check_request(method, path, query, body.as_bytes());
    shown(found, expected);
}

#[track_caller]
fn answer(operation: &Operation, status: u16, body: &Value, expected: &[&str]) {
    shown(
        check_answer(operation, status, body.to_string().as_bytes()),
        expected,
    );
}

#[track_caller]
fn shown(found: Vec<Violation>, expected: &[&str]) {
    let found: Vec<String> = found
        .into_iter()
        .map(|violation| {
            format!("{} {}", violation.place, violation.problem)
                .trim()
                .to_owned()
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn both_contracts_have_each_of_their_operations_and_every_definition_that_these_lead_to() {
    let tables = Tables::get();
    for operation in platform::OPERATIONS.iter().chain(&tutorial::OPERATIONS) {
        let method = operation.method.as_str();
        let found = tables.of(method, operation.path);
        let found = found.unwrap_or_else(|| panic!("no table has {operation:?}"));
        assert_eq!(found.name, format!("{method} {}", operation.path));
    }
    assert_eq!(tables.undefined(), Vec::<String>::new());
}

#[test]
fn every_oddity_is_one() {
    let tables = Tables::get();
    for oddity in ODDITIES {
        let (Oddity::Member(definition, member) | Oddity::Value(definition, member, _)) = oddity;
        let members = tables.published_members(definition);
        let published = members.and_then(|members| members.get(*member));
        let odd = match oddity {
            Oddity::Member(..) => members.is_some() && published.is_none(),
            Oddity::Value(_, _, value) => {
                matches!(published, Some(Kind::Values(known)) if !known.iter().any(|one| one == value))
            }
        };
        assert!(odd, "{oddity:?}");
    }
}

#[test]
fn paths_methods_and_query_names_are_those_of_the_table() {
    let none = Value::Null;
    let ok = |path| request("GET", path, &none, &[]);
    ok("/api/v2/routing/skills?pageSize=500&pageNumber=2");
    ok("/api/v2/routing/queues/q%201/members?pageSize=100&expand=a&expand=b");
    ok("/api/v2/analytics/conversations/details/jobs/availability");
    ok("/api/v2/flows/datatables/t/rows/k?showbrief=false");
    ok("/api/v2/routing/rules?pageSize=25");
    for (method, path, problem) in [
        ("GET", "/api/v2/routing/skill", "is no path of the API"),
        ("PATCH", "/api/v2/routing/skills", "has no such method"),
        (
            "GET",
            "/api/v2/routing/skills?size=5",
            "?size is not taken by this operation",
        ),
        (
            "GET",
            "/api/v2/routing/skills?pageSize=x",
            "?pageSize must be a whole number, got \"x\"",
        ),
        (
            "GET",
            "/api/v2/routing/skills?pageSize=1&pageSize=1",
            "?pageSize is given twice",
        ),
        (
            "GET",
            "/api/v2/flows/datatables/t/rows?showbrief=no",
            "?showbrief must be true or false, got \"no\"",
        ),
    ] {
        request(method, path, &none, &[problem]);
    }
}

#[test]
fn bodies_have_published_members_and_values() {
    let path = "/api/v2/analytics/conversations/aggregates/query";
    let query = json!({
        "interval": "2026-03-01T00:00:00.000Z/2026-03-02T00:00:00.000Z",
        "groupBy": ["queueId"], "metrics": ["nOffered", "tWait"],
        "filter": {"type": "or", "predicates": [{"dimension": "queueId", "value": "q"}]}});
    request("POST", path, &query, &[]);
    request("POST", path, &Value::Null, &["lacks its body"]);
    let mut wrong = query.clone();
    wrong["groupBy"] = json!(["wrapupCodeId"]);
    wrong["pageSize"] = json!(100);
    wrong["filter"]["predicates"][0]["value"] = Value::Null;
    request(
        "POST",
        path,
        &wrong,
        &[
            "/filter/predicates/0/value must be a text, got null",
            "/groupBy/0 has the value `wrapupCodeId`, which is not published",
            "/pageSize is no published member of ConversationAggregationQuery",
        ],
    );
    request(
        "GET",
        "/api/v2/routing/skills",
        &query,
        &["has a body, and none is published"],
    );
    let form = |body: &str| check_request("POST", "/oauth/token", "", body.as_bytes());
    shown(form("grant_type=client_credentials"), &[]);
    shown(
        form("grant_type=x&b=1"),
        &[
            "grant_type must be one of client_credentials, got \"x\"",
            "b is not taken by this operation",
        ],
    );
}

#[test]
fn numbers_beyond_a_float_are_json() {
    let body = br#"{"id":"r","big":[1e999,{"a":-1E400}],"off":null}"#;
    let (method, path) = ("PUT", "/api/v2/routing/rules/r");
    assert_eq!(check_request(method, path, "", body), []);
    let cut = check_request(method, path, "", br#"{"big":1e999"#);
    assert!(cut[0].problem.starts_with("is not JSON"), "{cut:?}");
    assert_eq!(check_answer(&tutorial::PUT_RULE, 200, body), []);
}

#[test]
fn a_success_has_the_published_shape() {
    let page = json!({"entities": [{"id": "s", "name": "S", "state": "active"}], "pageSize": 25, "total": 1.0});
    answer(&platform::SKILLS, 200, &page, &[]);
    let wrong = json!({"entities": [{"id": 1, "state": "gone", "weight": 5}], "nextUri": null, "total": 1.5});
    answer(
        &platform::SKILLS,
        200,
        &wrong,
        &[
            "/entities/0/id must be a text, got 1",
            "/entities/0/state has the value `gone`, which is not published",
            "/entities/0/weight is no published member of RoutingSkill",
            "/nextUri must be a text, got null",
            "/total must be a whole number, got 1.5",
        ],
    );
    answer(
        &platform::ROW,
        200,
        &json!({"key": "a", "priority": null}),
        &[],
    );
    answer(
        &platform::ROW,
        200,
        &json!([]),
        &["must be an object, got a list"],
    );
    let no_json = check_answer(&platform::SKILLS, 200, b"<html>");
    assert!(
        no_json[0]
            .to_string()
            .starts_with("answer of GET /api/v2/routing/skills: is not JSON")
    );
    assert_eq!(check_answer(&platform::DELETE_ROW, 204, b""), []);
    answer(
        &platform::DELETE_ROW,
        200,
        &json!({}),
        &["has a body, and none is published"],
    );
}

#[test]
fn a_record_may_be_odd_where_that_is_listed_and_nowhere_else() {
    let record = |member: &str, purpose: &str| json!({"conversations": [{"conversationId": "c", "participants": [{"purpose": purpose, member: 1}]}]});
    answer(
        &platform::JOB_RESULTS,
        200,
        &record("tomorrowMember", "tomorrow"),
        &[],
    );
    let at = "/conversations/0/participants/0";
    answer(
        &platform::JOB_RESULTS,
        200,
        &record("surprise", "agents"),
        &[
            &format!("{at}/purpose has the value `agents`, which is not published"),
            &format!("{at}/surprise is no published member of AnalyticsParticipant"),
        ],
    );
}

#[test]
fn a_refusal_has_the_shape_of_errors() {
    let error = json!({"message": "m", "code": "not.found", "status": 404, "contextId": "c", "details": [], "errors": []});
    answer(&platform::QUEUE, 404, &error, &[]);
    answer(
        &platform::QUEUE,
        400,
        &error,
        &["/status is not 400, as the answer's"],
    );
    answer(
        &platform::QUEUE,
        404,
        &json!({"error": "not found"}),
        &[
            "/error is no published member of ErrorBody",
            "/message is missing in a refusal",
            "/code is missing in a refusal",
            "/status is missing in a refusal",
            "/contextId is missing in a refusal",
        ],
    );
    let oauth = json!({"error": "invalid_client", "description": "d", "error_description": "d"});
    answer(&platform::TOKEN, 400, &oauth, &[]);
    answer(
        &platform::TOKEN,
        400,
        &json!({"message": "m"}),
        &[
            "/message is no published member of OAuthError",
            "/error is missing in a refusal",
        ],
    );
}
