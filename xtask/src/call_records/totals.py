"""Totals of call records by queue, from DuckDB alone: calls, answered, abandoned, seconds waited.

Arguments: the folder of the packed files, a folder for the unpacked ones. One line of JSON for each set.
"""
import json
import lzma
import pathlib
import shutil
import sys

import duckdb

VANAD = """
SELECT queue_name AS queue, answered IS NOT NULL AS is_answered,
    date_diff('second', date_received, coalesce(answered, hangup)) AS wait_secs
FROM read_csv('{path}', header = true, types = {{
    'queue_name': 'VARCHAR', 'date_received': 'TIMESTAMP', 'answered': 'TIMESTAMP', 'hangup': 'TIMESTAMP'}})
"""

# A caller who was answered at once never was in the queue and has no q_start, nor has one who hung up in the menu.
BANK = """
SELECT type AS queue, outcome = 'AGENT' AS is_answered, q_time AS wait_secs
FROM read_csv('{path}', header = true, delim = '\\t', types = {{
    'type': 'VARCHAR', 'outcome': 'VARCHAR', 'q_start': 'VARCHAR', 'q_time': 'BIGINT'}})
WHERE outcome = 'AGENT' OR (outcome = 'HANG' AND q_start <> '0:00:00')
"""

SIMULATED = """
SELECT 'calls' AS queue, true AS is_answered,
    date_diff('second', strptime(call_started, '%I:%M:%S %p'), strptime(call_answered, '%I:%M:%S %p')) AS wait_secs
FROM read_csv('{path}', header = true, all_varchar = true)
"""

TOTALS = """
SELECT queue, count(*), count(*) FILTER (is_answered), count(*) FILTER (NOT is_answered), sum(wait_secs)::BIGINT
FROM ({calls}) GROUP BY queue ORDER BY queue
"""

SETS = [
    ("vanad_2014_h1_calls.csv", VANAD),
    ("anonymous_bank_1999_01.tsv", BANK),
    ("anonymous_bank_1999_02.tsv", BANK),
    ("simulated_call_centre_2021.csv", SIMULATED),
]

packed, unpacked = (pathlib.Path(argument) for argument in sys.argv[1:])
for name, calls in SETS:
    path = unpacked / name
    with lzma.open(packed / f"{name}.xz") as text, open(path, "wb") as file:
        shutil.copyfileobj(text, file)
    rows = duckdb.sql(TOTALS.format(calls=calls.format(path=path))).fetchall()
    print(json.dumps({"name": name, "version": duckdb.__version__, "queues": rows}))
