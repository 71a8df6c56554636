"""The question answered by Polars, with the schema given, lazily and streaming.

Lines are read as text and decoded: `scan_ndjson` with the same schema takes six times as long for nested records.

Arguments: the file of conversation details, the file for the answer. POLARS_MAX_THREADS says how many threads.
"""
import sys

import polars as pl

SEGMENT = pl.Struct({
    "segmentType": pl.String, "segmentEnd": pl.String, "queueId": pl.String,
    "requestedRoutingSkillIds": pl.List(pl.String), "wrapUpCode": pl.String,
})
METRIC = pl.Struct({"name": pl.String, "value": pl.Float64, "emitDate": pl.String})
SESSION = pl.Struct({"metrics": pl.List(METRIC), "segments": pl.List(SEGMENT)})
RECORD = pl.Struct({
    "conversationId": pl.String,
    "participants": pl.List(pl.Struct({"purpose": pl.String, "sessions": pl.List(SESSION)})),
})


def first(items, condition):
    return pl.col(items).list.eval(pl.element().filter(condition)).list.first()


def field(name):
    return pl.element().struct.field(name)


def main(path, answer):
    session = (
        pl.scan_lines(path, name="line")
        .select(pl.col("line").str.json_decode(RECORD))
        .unnest("line")
        .explode("participants")
        .unnest("participants")
        .filter(pl.col("purpose").is_in(["acd", "agent", "user"]))
        .explode("sessions")
        .unnest("sessions")
    )
    side = session.select(
        "conversationId",
        is_answer=pl.col("purpose") != "acd",
        answer=first("metrics", field("name") == "tAnswered"),
        gone=first("metrics", field("name").is_in(["tAbandon", "tFlowOut"])),
        asked=first("segments", field("queueId").is_not_null()),
        last=pl.col("segments").list.last(),
        code=pl.col("segments").list.eval(field("wrapUpCode").drop_nulls()).list.last(),
    ).select(
        "conversationId",
        "is_answer",
        gave_up=pl.col("gone").struct.field("name").eq_missing("tAbandon"),
        queue=pl.col("asked").struct.field("queueId"),
        skills=pl.col("asked").struct.field("requestedRoutingSkillIds"),
        wrap_up=pl.col("code").fill_null(""),
        wait=pl.coalesce("answer", "gone").struct.field("value"),
        answered_at=pl.col("answer").struct.field("emitDate"),
        ended=pl.col("last").struct.field("segmentEnd"),
    ).collect(engine="streaming").lazy()
    told = pl.col("skills").list.len() > 0
    waited = side.filter(~pl.col("is_answer")).select(
        "conversationId", "queue", "ended", skills_of_wait="skills"
    )
    untold = side.filter(pl.col("is_answer"), pl.col("wait").is_not_null(), ~told.fill_null(False))
    untold = untold.join(
        waited,
        left_on=["conversationId", "queue", "answered_at"],
        right_on=["conversationId", "queue", "ended"],
        how="left",
    ).with_columns(skills="skills_of_wait")
    leg = pl.concat([
        side.filter(pl.col("wait").is_not_null(), ~pl.col("is_answer") | told).select("queue", "skills", "wrap_up", "wait", "gave_up"),
        untold.select("queue", "skills", "wrap_up", "wait", "gave_up"),
    ])
    wait = pl.col("wait")
    (
        leg.with_columns(skill=pl.col("skills").list.unique())
        .explode("skill")
        .with_columns(pl.col("skill").fill_null(""))
        .group_by("queue", "skill", "wrap_up")
        .agg(
            count=pl.len(),
            mean_wait_ms=wait.mean(),
            p50_wait_ms=wait.quantile(0.5, "linear"),
            p90_wait_ms=wait.quantile(0.9, "linear"),
            p99_wait_ms=wait.quantile(0.99, "linear"),
            abandon_share=pl.col("gave_up").mean(),
        )
        .sort("queue", "skill", "wrap_up")
        .collect()
        .write_csv(answer)
    )


main(*sys.argv[1:])
