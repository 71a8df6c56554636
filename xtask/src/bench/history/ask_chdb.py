"""The question answered by chDB (ClickHouse in this process), with the structure given.

Lines are read as text and extracted from: reading them as JSONEachRow of the same structure takes half as long again.

Arguments: the file of conversation details, the number of threads, the file for the answer.
"""
import sys

import chdb

STRUCTURE = """Array(Tuple(
    purpose LowCardinality(String),
    sessions Array(Tuple(
        metrics Array(Tuple(name LowCardinality(String), value Float64, emitDate String)),
        segments Array(Tuple(segmentType LowCardinality(String), segmentEnd String, queueId String,
            requestedRoutingSkillIds Array(String), wrapUpCode String))))))"""

QUESTION = """
WITH
    arrayFlatten(arrayMap(p -> p.sessions, arrayFilter(p -> p.purpose = 'acd', participants))) AS waited,
    arrayFlatten(arrayMap(p -> p.sessions, arrayFilter(p -> p.purpose IN ('agent', 'user'), participants))) AS served,
    arrayMap(s -> (
        arrayFirst(m -> m.name = 'tAnswered', s.metrics),
        arrayFirst(g -> g.queueId != '' AND g.segmentType IN ('alert', 'interact', 'hold'), s.segments),
        arrayLast(g -> g.wrapUpCode != '', s.segments).wrapUpCode,
        false
    ), arrayFilter(s -> arrayExists(m -> m.name = 'tAnswered', s.metrics), served)) AS answered,
    arrayMap(s -> (
        arrayFirst(m -> m.name IN ('tAbandon', 'tFlowOut'), s.metrics),
        arrayFirst(g -> g.queueId != '', s.segments),
        '',
        arrayExists(m -> m.name = 'tAbandon', s.metrics)
    ), arrayFilter(s -> arrayExists(m -> m.name IN ('tAbandon', 'tFlowOut'), s.metrics), waited)) AS left,
    arrayJoin(arrayConcat(answered, left)) AS leg,
    leg.2.requestedRoutingSkillIds AS told,
    arrayFirst(s -> s.segments[-1].queueId = leg.2.queueId AND s.segments[-1].segmentEnd = leg.1.emitDate, waited) AS wait_of,
    if(empty(told), wait_of.segments[-1].requestedRoutingSkillIds, told) AS skills
SELECT
    leg.2.queueId AS queue,
    arrayJoin(if(empty(skills), [''], arrayDistinct(skills))) AS skill,
    leg.3 AS wrap_up,
    count() AS count,
    avg(leg.1.value) AS mean_wait_ms,
    quantilesExactInclusive(0.5, 0.9, 0.99)(leg.1.value) AS q,
    q[1] AS p50_wait_ms, q[2] AS p90_wait_ms, q[3] AS p99_wait_ms,
    avg(leg.4) AS abandon_share
FROM (
    SELECT JSONExtract(line, 'participants', '{structure}') AS participants
    FROM file('{path}', LineAsString, 'line String')
)
GROUP BY queue, skill, wrap_up
ORDER BY queue, skill, wrap_up
"""

ANSWER = """
SELECT queue, skill, wrap_up, count, mean_wait_ms, p50_wait_ms, p90_wait_ms, p99_wait_ms, abandon_share FROM ({question})
INTO OUTFILE '{answer}' TRUNCATE FORMAT CSVWithNames SETTINGS max_threads = {threads}
"""


def main(path, threads, answer):
    question = QUESTION.format(path=path, structure=STRUCTURE)
    chdb.query(ANSWER.format(question=question, answer=answer, threads=int(threads)))


main(*sys.argv[1:])
