"""Drives a sandbox by the vendor's Python package, and tells what it saw.

Usage: neighbour.py PLAN_FILE < CONNECTION, the line of `waitwise sandbox --output=json`.
Writes one JSON object: {"sdk", "sent": [...], "absent": [...], "losses": [...], "counts": {...}}.
"""

import copy
import importlib.metadata
import json
import re
import sys

import PureCloudPlatformClientV2 as sdk
from dateutil.parser import isoparse
from PureCloudPlatformClientV2.rest import ApiException

POLLS_MAX = 50
PAGES_MAX = 10_000
# What the sandbox sends on purpose though no package knows it; a package cannot keep that.
TOMORROW = "tomorrow"


class Neighbour:
    def __init__(self, connection, plan):
        self.client = sdk.api_client.ApiClient(host=connection["api_url"])
        # Sign-in goes to the API's host with `login` for `api`; on loopback the two are one.
        self.client.get_client_credentials_token(connection["client_id"], connection["client_secret"])
        self.known = {"queue": connection["queue_id"], "interval": plan["interval"], "sdk": "python"}
        self.sent, self.absent, self.losses, self.counts = [["POST", "/oauth/token"]], [], [], {}
        self.record_requests(connection["api_url"])

    def record_requests(self, origin):
        http = self.client.get_http_client()
        request = http.request

        def recording(options):
            self.sent.append([options.method, options.url.removeprefix(origin)])
            return request(options)

        http.request = recording

    def run(self, step):
        ids, body = self.filled(step.get("ids", [])), self.filled(step.get("body"))
        options = self.filled(step.get("options", {}))
        if "size" in step:
            options["page_size"] = step["size"]
        seen, began = set(), set()
        for number in range(1, PAGES_MAX):
            if step.get("pages") == "number":
                options["page_number"] = number
            elif step.get("pages") == "body":
                body["paging"]["pageNumber"] = number
            answer = self.call(step, ids, body, options)
            for name, pointer in step.get("keep", {}).items():
                self.known.setdefault(name, at(answer, pointer))
            entities = answer.get("entities", answer.get("conversations", [])) if answer else []
            seen.update(identity(entity) for entity in entities)
            day = self.known["interval"][:10]
            began.update(identity(entity) for entity in entities if entity.get("conversationStart", "")[:10] == day)
            if self.ended(step, answer, entities, number, options):
                break
        if "count" in step:
            self.counts[step["count"]] = len(seen)
        if "began" in step:
            self.counts[step["began"]] = len(began)

    def ended(self, step, answer, entities, number, options):
        if "until" in step:
            pointer, wanted = step["until"]
            return at(answer, pointer) == wanted or number >= POLLS_MAX
        if step.get("pages") == "number":
            return not answer.get("nextUri")
        if step.get("pages") == "body":
            return not entities
        if step.get("pages") == "cursor":
            options["cursor"] = answer.get("cursor")
            return not answer.get("cursor")
        return True

    def call(self, step, ids, body, options):
        api = getattr(sdk, step["api"])(self.client)
        args = ids + ([body] if body is not None else [])
        answer = getattr(api, step["call"])(*args, **options)
        text = self.client.last_response.data
        raw = json.loads(text) if text else None
        again = json.loads(json.dumps(self.client.sanitize_for_serialization(answer)))
        for loss in losses(raw, again, ""):
            self.losses.append(f"{step['call']} {loss}")
        return raw

    def filled(self, value):
        return filled(value, self.known)


def filled(value, known):
    if isinstance(value, str):
        return re.sub(r"\$([a-z]+)\b", lambda m: str(known[m[1]]) if m[1] in known else m[0], value)
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    if isinstance(value, dict):
        return {key: filled(item, known) for key, item in value.items()}
    return copy.copy(value)


def at(value, pointer):
    for name in pointer.split("/")[1:]:
        value = value[int(name)] if isinstance(value, list) else value.get(name)
    return value


def identity(entity):
    return entity.get("id") or entity.get("conversationId") or entity.get("key") or json.dumps(entity, sort_keys=True)


def losses(raw, again, place):
    """Every place where an answer is no longer what it was after being read and written by the package."""
    if isinstance(raw, dict) and isinstance(again, dict):
        for name, value in raw.items():
            if name not in again and not name.startswith(TOMORROW):
                yield f"{place}/{name} is lost"
            elif name in again:
                yield from losses(value, again[name], f"{place}/{name}")
        for name in again.keys() - raw.keys():
            yield f"{place}/{name} is new"
    elif isinstance(raw, list) and isinstance(again, list) and len(raw) == len(again):
        for index, (one, other) in enumerate(zip(raw, again)):
            yield from losses(one, other, f"{place}/{index}")
    elif not same(raw, again):
        yield f"{place} is {type(again).__name__} {again!r:.60} instead of {type(raw).__name__}"


def same(raw, again):
    if raw == again and isinstance(raw, bool) == isinstance(again, bool):
        return True
    if isinstance(raw, str) and isinstance(again, str):
        if raw.startswith(TOMORROW):
            return True
        try:
            return isoparse(raw) == isoparse(again)
        except ValueError:
            return False
    return False


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    neighbour = Neighbour(json.loads(sys.stdin.readline()), plan)
    for step in plan["steps"]:
        try:
            neighbour.run(step)
        except ApiException as error:
            if error.status != 404:
                raise
            neighbour.absent.append(step["call"])
        except KeyError as error:
            neighbour.losses.append(f"{step['call']} has no {error}")
    name = f"PureCloudPlatformClientV2 {importlib.metadata.version('PureCloudPlatformClientV2')}"
    told = {"sdk": name, "sent": neighbour.sent, "absent": neighbour.absent}
    json.dump({**told, "losses": neighbour.losses, "counts": neighbour.counts}, sys.stdout)


main()
