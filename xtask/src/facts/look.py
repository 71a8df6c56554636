"""Looks through a folder of facts with DuckDB alone. Prints a JSON list of what is not as it should be.

Argument: the folder of the history.
"""
import json
import sys

import duckdb

# What a stranger needs of each column. More columns are welcome.
TYPES = {
    "conversation_key": "BLOB",
    "leg": "INTEGER",
    "queue_id": "VARCHAR",
    "media_type": "VARCHAR",
    "skills": "VARCHAR[]",
    "offered_at": "TIMESTAMP WITH TIME ZONE",
    "conversation_start": "TIMESTAMP WITH TIME ZONE",
    "outcome": "VARCHAR",
    "wait_ms": "BIGINT",
    "wrap_up_code": "VARCHAR",
    "reserved_code": "VARCHAR",
    "handle_ms": "BIGINT",
    "talk_ms": "BIGINT",
    "acw_ms": "BIGINT",
    "agent_key": "VARCHAR",
    "is_offered": "BOOLEAN",
    "priority": "INTEGER",
    "routing_used": "VARCHAR",
}

findings = []
(folder,) = sys.argv[1:]
# Queue and date are columns by their folders' names alone: `hive_partitioning` finds out by itself.
duckdb.execute(
    f"CREATE VIEW facts AS FROM read_parquet('{folder}/facts/*/*/*.parquet', hive_partitioning = true)"
)
types = {name: kind for name, kind, *_ in duckdb.execute("DESCRIBE facts").fetchall()}
for name, expected in TYPES.items():
    if types.get(name) != expected:
        findings.append(f"column {name} is {types.get(name)}, not {expected}")
if not {"queue", "date"} <= types.keys():
    findings.append(f"there is no queue or date by the folders' names: {sorted(types)}")


def one_row(question):
    return duckdb.execute(question).fetchone()


def none(what, condition):
    n, of = one_row(f"SELECT count(*) FILTER ({condition}), count(*) FROM facts")
    if of < 5_000:
        findings.append(f"{what}: there are {of} rows only")
    if n:
        findings.append(f"{what}: {n} of {of} rows")


none("a row lies in another queue's folder", "queue::VARCHAR <> queue_id")
none(
    "a row lies in another day's folder",
    "date::DATE <> (conversation_start AT TIME ZONE 'UTC')::DATE",
)
none("an answered visit has no wait", "outcome = 'answered' AND wait_ms IS NULL")
none("a visit enters before its conversation starts", "offered_at < conversation_start")
n, n_visits = one_row("SELECT count(*), count(DISTINCT (conversation_key, leg)) FROM facts")
if n != n_visits:
    findings.append(f"{n} rows are {n_visits} visits")
# Every invented customer is recognisable, whichever field it would have come by.
if one_row("SELECT count(*) FROM facts WHERE contains(facts::VARCHAR, 'Canary')")[0]:
    findings.append("a row tells about a customer")
print(json.dumps(findings))
