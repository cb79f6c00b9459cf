"""What Stripe's OpenAPI description says of answers, checked on what the simulator answers.

RECHARGE_TEST_STRIPE_OPENAPI is the folder with spec3.json and fixtures3.json: what stripe-mock serves.
"""

import collections
import functools
import json
import os
import re
import urllib.parse

from jsonschema import Draft202012Validator

# Every field that the simulator ever gave an object, by the object's kind.
SEEN = collections.defaultdict(set)
CHECKED = collections.Counter()


def read(name):
    with open(os.path.join(os.environ["RECHARGE_TEST_STRIPE_OPENAPI"], name)) as file:
        return json.load(file)


def plain(schema):
    """OpenAPI 3.0 as JSON Schema: the one word that means something else is `nullable`."""
    if isinstance(schema, list):
        return [plain(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: plain(value) for key, value in schema.items() if key != "nullable"}
    return {"anyOf": [changed, {"type": "null"}]} if schema.get("nullable") is True else changed


@functools.cache
def spec():
    return plain(read("spec3.json"))


@functools.cache
def fixtures():
    return read("fixtures3.json")["resources"]


@functools.cache
def paths():
    """Every path of Stripe's API as a pattern, those without parameters first."""
    described = sorted(spec()["paths"].items(), key=lambda item: item[0].count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$"), operations) for path, operations in described]


def validator(schema):
    return Draft202012Validator({**schema, "components": spec()["components"]})


def check_answer(method, url, status, body):
    """Raises an AssertionError for an answer that Stripe would not give to that call."""
    path = urllib.parse.urlsplit(url).path.removeprefix("/stripe-sim")
    operations = next((operations for pattern, operations in paths() if pattern.match(path)), None)
    if status == 404 and operations is None:
        return check(body, "error", path)
    responses = operations[method.lower()]["responses"]
    named = str(status) if str(status) in responses else "default"
    schema = responses[named]["content"]["application/json"]["schema"]
    CHECKED[f"{method.upper()} {re.sub(r'(cs_test|pi|ch|re|du|dp|evt)_[^/]+', '{id}', path)} {named}"] += 1
    note(body)
    fail_at(f"{method} {path} {status}", schema, body)


def check_object(found):
    """The same for an object that came in an event or by a control."""
    note(found)
    check(found, found["object"], found["object"])


def check(found, name, what):
    fail_at(what, {"$ref": f"#/components/schemas/{name}"}, found)


def fail_at(what, schema, found):
    problems = [explain(problem) for problem in validator(schema).iter_errors(found)]
    if problems:
        raise AssertionError(f"{what} is not as Stripe describes it:\n" + "\n".join(problems))


def explain(problem):
    """Where and why; of several alternatives what each of them minds."""
    if problem.context:
        return " or ".join(explain(inner) for inner in problem.context)
    return f"{'/'.join(map(str, problem.absolute_path))}: {problem.message[:200]}"


def note(found):
    """Remembers the fields of every object in an answer."""
    if isinstance(found, dict):
        kind = found.get("object")
        if isinstance(kind, str):
            SEEN[kind].update(found)
        for inner in found.values():
            note(inner)
    elif isinstance(found, list):
        for inner in found:
            note(inner)
