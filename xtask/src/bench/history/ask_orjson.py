"""The question answered by a plain loop: Python's fastest JSON parser, dictionaries, and lists of waits.

Arguments: the file of conversation details, the file for the answer.
"""
import gc
import sys
from array import array

import orjson


def legs(conversation):
    """Each visit to a queue whose wait has ended: queue, skills, wrap-up code, wait, whether the customer gave up."""
    waited = []
    for participant in conversation.get("participants") or ():
        purpose = participant.get("purpose")
        if purpose == "acd":
            for session in participant.get("sessions") or ():
                for metric in session["metrics"]:
                    if metric["name"] in ("tAbandon", "tFlowOut"):
                        segment = session["segments"][0]
                        skills = segment.get("requestedRoutingSkillIds") or ()
                        gave_up = metric["name"] == "tAbandon"
                        yield segment["queueId"], skills, "", int(metric["value"]), gave_up
                waited.append(session["segments"])
        elif purpose in ("agent", "user"):
            for session in participant.get("sessions") or ():
                for metric in session["metrics"]:
                    if metric["name"] == "tAnswered":
                        yield answered(session["segments"], metric, waited)


def answered(segments, metric, waited):
    asked, code = None, ""
    for segment in segments:
        kind = segment["segmentType"]
        if kind == "wrapup":
            code = segment.get("wrapUpCode") or code
        elif asked is None and kind in ("alert", "interact", "hold") and "queueId" in segment:
            asked = segment
    queue = asked["queueId"]
    skills = asked.get("requestedRoutingSkillIds")
    if not skills:
        skills = skills_of_wait(waited, queue, metric["emitDate"])
    return queue, skills, code, int(metric["value"]), False


def skills_of_wait(waited, queue, answered_at):
    """Where the agent's side does not tell the skills, the wait that ended with the answer does."""
    for segments in waited:
        last = segments[-1]
        if last.get("queueId") == queue and last.get("segmentEnd") == answered_at:
            return last.get("requestedRoutingSkillIds") or ()
    return ()


def percentile(ordered, share):
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def main(path, answer):
    gc.disable()  # Nothing here has cycles.
    groups = {}
    with open(path, "rb", buffering=1 << 20) as lines:
        for line in lines:
            for queue, skills, code, wait, gave_up in legs(orjson.loads(line)):
                for skill in set(skills) or ("",):
                    key = (queue, skill, code)
                    group = groups.get(key)
                    if group is None:
                        group = groups[key] = [array("q"), 0]
                    group[0].append(wait)
                    group[1] += gave_up
    with open(answer, "w") as out:
        out.write("queue,skill,wrap_up,count,mean_wait_ms,p50_wait_ms,p90_wait_ms,p99_wait_ms,abandon_share\n")
        for key in sorted(groups):
            waits, gave_up = groups[key]
            ordered = sorted(waits)
            count = len(ordered)
            numbers = [count, sum(ordered) / count]
            numbers += [percentile(ordered, share) for share in (0.5, 0.9, 0.99)]
            out.write(",".join([*key, *map(repr, numbers), repr(gave_up / count)]) + "\n")


main(*sys.argv[1:])
