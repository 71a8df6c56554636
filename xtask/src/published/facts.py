"""Reads the facts of operations and definitions out of the vendor's Python package, without running it.

Usage: facts.py PACKAGE_FOLDER < OPERATIONS, where each line of OPERATIONS is `METHOD /path`.
Writes one JSON object: {"operations": {...}, "definitions": {...}, "absent": [...]}.
"""

import ast
import json
import pathlib
import re
import sys

NAMES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "object": "any"}
# These are no definitions: they have no members to look up.
PLAIN = set(NAMES.values()) | {"datetime", "date"}


def main():
    package = pathlib.Path(sys.argv[1])
    wanted = [line.strip() for line in sys.stdin if line.strip()]
    found = operations(package)
    table = {name: found[name] for name in wanted if name in found}
    models = Models(package / "models")
    starts = [fact[part] for fact in table.values() for part in ("body", "answer") if fact.get(part)]
    json.dump(
        {
            "operations": table,
            "definitions": models.closure(starts + ["ErrorBody"]),
            "absent": [name for name in wanted if name not in found],
        },
        sys.stdout,
    )


def operations(package):
    """Every operation of the package by `METHOD /path`."""
    found = {}
    for path in sorted((package / "apis").glob("*_api.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                fact = operation(node)
                if fact:
                    found.setdefault(*fact)
    return found


def operation(function):
    """The facts of one method of an API class; None for methods that send nothing."""
    path, query, answer, method, body = None, {}, None, None, None
    types = parameter_types(ast.get_docstring(function) or "")
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == "resource_path":
                path = node.value.func.value.value
            elif getattr(target, "id", "") == "body_params" and isinstance(node.value, ast.Subscript):
                body = node.value.slice.value
            elif is_item_of(target, "query_params"):
                query[target.slice.value] = types.get(node.value.slice.value, "string")
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "call_api":
            method = node.args[1].value
            answer = next(k.value.value for k in node.keywords if k.arg == "response_type")
    if not path or not method:
        return None
    # The function's own arguments behind `self` are what cannot be left out.
    required = [arg.arg for arg in function.args.args if arg.arg != "self"]
    wire_names = {snake(name): name for name in query}
    fact = {"query": query}
    needed = [wire_names[name] for name in required if name in wire_names]
    if needed:
        fact["required"] = needed
    if body:
        fact["body"] = types[body]
        fact["bodyRequired"] = body in required
    fact["answer"] = translated(answer) if answer else None
    return f"{method} {path}", fact


def parameter_types(text):
    found = re.findall(r"^\s*:param (\S+(?: \S+)*?) (\w+):", text, re.MULTILINE)
    return {name: translated(kind) for kind, name in found}


def is_item_of(target, name):
    return isinstance(target, ast.Subscript) and getattr(target.value, "id", "") == name


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def translated(kind):
    """The package's name of a type as the table writes it: `[T]` is a list of T, `{T}` an object whose values are T."""
    inner = re.fullmatch(r"list\[(.*)\]", kind)
    if inner:
        return f"[{translated(inner[1])}]"
    inner = re.fullmatch(r"dict\([^,]*, (.*)\)", kind)
    if inner:
        return f"{{{translated(inner[1])}}}"
    return NAMES.get(kind, kind)


class Models:
    """The package's definitions, each read when it is first asked for."""

    def __init__(self, folder):
        self.sources = {}
        for path in sorted(folder.glob("*.py")):
            text = path.read_text(encoding="utf-8")
            name = re.search(r"^class (\w+)\(object\)", text, re.MULTILINE)
            if name:
                self.sources[name[1]] = text

    def closure(self, starts):
        """The members of every definition that the starts lead to, by name."""
        found, waiting = {}, [self.bare(start) for start in starts]
        while waiting:
            name = waiting.pop()
            if name in found or name in PLAIN or name not in self.sources:
                continue
            found[name] = self.members(name)
            waiting += [self.bare(kind) for kind in found[name].values() if isinstance(kind, str)]
        return dict(sorted(found.items()))

    def members(self, name):
        """Each member's type; a list of texts for one that has known values."""
        types, names, values = {}, {}, {}
        for node in ast.walk(ast.parse(self.sources[name])):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
                if node.targets[0].attr == "swagger_types":
                    types = ast.literal_eval(node.value)
                elif node.targets[0].attr == "attribute_map":
                    names = ast.literal_eval(node.value)
            elif isinstance(node, ast.FunctionDef):
                allowed = allowed_values(node)
                if allowed:
                    values[node.name] = allowed
        return {names[key]: values.get(key, translated(kind)) for key, kind in types.items()}

    def bare(self, kind):
        return kind.strip("[]{}")


def allowed_values(function):
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "allowed_values":
            return ast.literal_eval(node.value)
    return None


main()
