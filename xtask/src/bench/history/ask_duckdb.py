"""The question answered by DuckDB, with the columns given: nothing is inferred, and nothing else is kept of the records.

Arguments: the file of conversation details, the number of threads, the file for the answer.
"""
import sys

import duckdb

COLUMNS = """{
    conversationId: 'VARCHAR',
    participants: 'STRUCT(
        purpose VARCHAR,
        sessions STRUCT(
            metrics STRUCT("name" VARCHAR, "value" DOUBLE, "emitDate" VARCHAR)[],
            segments STRUCT("segmentType" VARCHAR, "segmentEnd" VARCHAR, "queueId" VARCHAR,
                "requestedRoutingSkillIds" VARCHAR[], "wrapUpCode" VARCHAR)[])[])[]'
}"""

# `records` spares DuckDB finding out whether lines are objects; without it reading takes up to three times as long.
# Where an agent's side does not tell the skills, the wait that ended with the answer does.
QUESTION = """
WITH participant AS (
    SELECT conversationId AS id, unnest(participants) AS p
    FROM read_json('{path}', format = 'newline_delimited', records = true, columns = {columns})
), session AS (
    SELECT id, p.purpose = 'acd' AS is_wait, unnest(p.sessions) AS s
    FROM participant WHERE p.purpose IN ('acd', 'agent', 'user')
), found AS (
    SELECT id, is_wait,
        CASE WHEN is_wait
            THEN list_filter(s.metrics, lambda m: m."name" IN ('tAbandon', 'tFlowOut'))[1]
            ELSE list_filter(s.metrics, lambda m: m."name" = 'tAnswered')[1] END AS metric,
        CASE WHEN is_wait
            THEN s.segments[1]
            ELSE list_filter(s.segments, lambda g: g."queueId" IS NOT NULL
                AND g."segmentType" IN ('alert', 'interact', 'hold'))[1] END AS asked,
        CASE WHEN NOT is_wait
            THEN list_filter(s.segments, lambda g: g."wrapUpCode" IS NOT NULL)[-1]."wrapUpCode" END AS code,
        CASE WHEN is_wait THEN s.segments[-1]."segmentEnd" END AS ended
    FROM session
), side AS MATERIALIZED (
    SELECT id, is_wait, asked."queueId" AS queue, asked."requestedRoutingSkillIds" AS skills,
        coalesce(code, '') AS wrap_up, metric."value" AS wait, metric."emitDate" AS answered, ended,
        metric."name" = 'tAbandon' AS gave_up
    FROM found
), visit AS (
    SELECT queue, skills, wrap_up, wait, gave_up
    FROM side WHERE wait IS NOT NULL AND (is_wait OR len(skills) > 0)
    UNION ALL
    SELECT agent.queue, acd.skills, agent.wrap_up, agent.wait, false
    FROM (FROM side WHERE NOT is_wait AND wait IS NOT NULL AND coalesce(len(skills), 0) = 0) AS agent
    LEFT JOIN (FROM side WHERE is_wait) AS acd
        ON agent.id = acd.id AND agent.queue = acd.queue AND agent.answered = acd.ended
), asked_for AS (
    SELECT queue, unnest(CASE WHEN len(skills) > 0 THEN list_distinct(skills) ELSE [''] END) AS skill,
        wrap_up, wait, gave_up
    FROM visit
), grouped AS (
    SELECT queue, skill, wrap_up, count(*) AS count, avg(wait) AS mean,
        quantile_cont(wait, [0.5, 0.9, 0.99]) AS q, avg(gave_up::INT) AS gave_up
    FROM asked_for GROUP BY ALL
)
SELECT queue, skill, wrap_up, count, mean AS mean_wait_ms,
    q[1] AS p50_wait_ms, q[2] AS p90_wait_ms, q[3] AS p99_wait_ms, gave_up AS abandon_share
FROM grouped ORDER BY ALL
"""


def main(path, threads, answer):
    database = duckdb.connect(config={"threads": int(threads)})
    question = QUESTION.format(path=path, columns=COLUMNS)
    database.execute(f"COPY ({question}) TO '{answer}' (HEADER, DELIMITER ',')")


main(*sys.argv[1:])
