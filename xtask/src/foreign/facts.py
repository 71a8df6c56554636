"""DuckDB looks at a history's facts as they lie there: python facts.py FACTS RECORDS ANSWER

Prints one line for each thing that is not as docs/facts-format.md says, then the number of visits."""

import csv
import hashlib
import json
import pathlib
import sys

import duckdb

facts, records, answer = sys.argv[1:]
findings = []


def expect(what, found, expected):
    if found != expected:
        findings.append(f"{what}: {found!r}, expected {expected!r}")


TYPES = {
    "conversation_key": "BLOB",
    "leg": "INTEGER",
    "queue_id": "VARCHAR",
    "media_type": "VARCHAR",
    "skills": "VARCHAR[]",
    "offered_at": "TIMESTAMP WITH TIME ZONE",
    "conversation_start": "TIMESTAMP WITH TIME ZONE",
    "conversation_end": "TIMESTAMP WITH TIME ZONE",
    "decided_at": "TIMESTAMP WITH TIME ZONE",
    "outcome": "VARCHAR",
    "wait_ms": "BIGINT",
    "wrap_up_code": "VARCHAR",
    "reserved_code": "VARCHAR",
    "agent_key": "VARCHAR",
    "talk_ms": "BIGINT",
    "hold_ms": "BIGINT",
    "acw_ms": "BIGINT",
    "handle_ms": "BIGINT",
    "is_offered": "BOOLEAN",
    "is_transferred": "BOOLEAN",
    "missed_alerts": "INTEGER",
    "priority": "INTEGER",
    "routing_used": "VARCHAR",
    "recorded_at": "TIMESTAMP WITH TIME ZONE",
    "date": "DATE",
    "queue": "VARCHAR",
}
db = duckdb.connect()
# The folders' names are columns without being asked for.
db.execute(f"create view facts as from '{facts}/*/*/*.parquet'")
described = db.execute("describe facts").fetchall()
expect("columns", {name: kind for name, kind, *_ in described}, TYPES)
expect("queues by folder", db.execute("select count(*) from facts where queue <> queue_id").fetchone(), (0,))
expect(
    "days by folder",
    db.execute("select count(*) from facts where epoch_ms(conversation_start) // 86400000 <> date - date '1970-01-01'").fetchone(),
    (0,),
)

# The question of the benchmark, by SQL.
rows = db.execute(
    """
    select queue_id, skill, coalesce(code, ''), count(*), sum(wait_ms)
    from (
        select queue_id, wait_ms, unnest(case when len(skills) = 0 then [null] else skills end) as skill,
            case when outcome = 'answered' then coalesce(wrap_up_code, reserved_code) end as code
        from facts where wait_ms is not null
    ) group by all
    """
).fetchall()
by_duckdb = {(queue, skill or "", code): (count, total) for queue, skill, code, count, total in rows}
with open(answer, newline="") as file:
    by_waitwise = {
        (row["queue"], row["skill"], row["wrap_up"]): (int(row["count"]), round(float(row["mean_wait_ms"]) * int(row["count"])))
        for row in csv.DictReader(file)
        if row["count"] != "0"
    }
expect("groups", by_duckdb, by_waitwise)

# Anyone can find a conversation whose id they have, and nobody its id.
with open(records) as file:
    conversation = json.loads(file.readline())["conversationId"]
key = hashlib.sha256(conversation.encode()).digest()[:16]
found = db.execute("select count(*) from facts where conversation_key = ?", [key]).fetchone()
expect("visits of the first conversation", found[0] > 0, True)

n_visits = 0
for path in pathlib.Path(facts).rglob("facts.parquet"):
    manifest = json.loads(path.with_name("_manifest.json").read_text())
    expect(f"{path}: digest", hashlib.sha256(path.read_bytes()).hexdigest(), manifest["sha256"])
    visits = db.execute(f"select count(*) from '{path}'").fetchone()[0]
    expect(f"{path}: visits", visits, manifest["visits"])
    n_visits += visits

print(json.dumps({"version": duckdb.__version__, "groups": len(by_duckdb), "visits": n_visits, "findings": findings}))
