"""The question answered by DuckDB from facts in Parquet.

Arguments: the folder of a history, the number of threads, the file for the answer.
"""
import sys

import duckdb

QUESTION = """
WITH visit AS (
    SELECT queue_id AS queue,
        unnest(CASE WHEN len(skills) > 0 THEN skills ELSE [''] END) AS skill,
        CASE WHEN outcome = 'answered' THEN coalesce(wrap_up_code, reserved_code, '') ELSE '' END AS wrap_up,
        wait_ms AS wait,
        outcome IN ('abandoned', 'short_abandoned') AS gave_up
    FROM read_parquet('{path}/facts/*/*/*.parquet', hive_partitioning = false)
    WHERE wait_ms IS NOT NULL
), grouped AS (
    SELECT queue, skill, wrap_up, count(*) AS count, avg(wait) AS mean,
        quantile_cont(wait, [0.5, 0.9, 0.99]) AS q, avg(gave_up::INT) AS gave_up
    FROM visit GROUP BY ALL
)
SELECT queue, skill, wrap_up, count, mean AS mean_wait_ms,
    q[1] AS p50_wait_ms, q[2] AS p90_wait_ms, q[3] AS p99_wait_ms, gave_up AS abandon_share
FROM grouped ORDER BY ALL
"""


def main(path, threads, answer):
    database = duckdb.connect(config={"threads": int(threads)})
    database.execute(f"COPY ({QUESTION.format(path=path)}) TO '{answer}' (HEADER, DELIMITER ',')")


main(*sys.argv[1:])
