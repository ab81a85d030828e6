"""What the docs page tells of each operation, drawn out of the document."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

Schema = Mapping[str, Any]
JSON = "application/json"
# What a schema says beyond a field's kind, in words. Patterns are for programs.
BOUNDS = {
    "minimum": "from {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "to {}",
    "maxLength": "up to {} characters",
    "format": "{}",
    "default": "{} unless you say",
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field or a parameter as a row of a table."""

    name: str
    """Dotted where it lies in another: `customer.phone`."""
    kind: str
    is_needed: bool
    told: str


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: its status with what it means, its fields, and what it looks like."""

    status: str
    told: str
    codes: list[str] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    example: str = ""


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """An operation."""

    name: str
    method: str
    path: str
    summary: str
    told: str
    keys: str
    parameters: list[Field]
    fields: list[Field]
    curl: str
    replies: list[Reply]


class Reader:
    """The document, read for people."""

    def __init__(self, document: Schema) -> None:
        self._document = document

    def chapters(self, tag: str) -> list[Chapter]:
        """The operations of a tag, in the document's order."""
        return [
            self._chapter(method.upper(), path, operation)
            for path, methods in self._document["paths"].items()
            for method, operation in methods.items()
            if operation["tags"] == [tag]
        ]

    def letter(self) -> list[Field]:
        """The fields of a webhook's body: the same for every event."""
        letter = next(iter(self._document["webhooks"].values()))["post"]
        return list(self.fields(letter["requestBody"]["content"][JSON]["schema"]["allOf"][0]))

    def _chapter(self, method: str, path: str, operation: Schema) -> Chapter:
        body = operation.get("requestBody", {}).get("content", {}).get(JSON, {})
        return Chapter(
            name=operation["operationId"],
            method=method,
            path=path,
            summary=operation["summary"],
            told=operation["description"],
            keys=keys_of(operation),
            parameters=[self._parameter(one) for one in operation["parameters"]],
            fields=list(self.fields(body.get("schema", {}))),
            curl=self._curl(method, path, operation, body.get("example")),
            replies=[self._reply(*reply) for reply in operation["responses"].items()],
        )

    def _parameter(self, one: Schema) -> Field:
        return Field(
            name=one["name"],
            kind=f"{one['in']}, {self.kind(one['schema'])}",
            is_needed=one["required"],
            told=one["description"],
        )

    def _reply(self, status: str, answer: Schema) -> Reply:
        if "$ref" in answer:
            answer = self._document["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
        content = answer.get("content", {}).get(JSON, {})
        meaning = f"{status} {HTTPStatus(int(status)).phrase}"
        if "examples" in content:
            return Reply(status=meaning, told="", codes=sorted(content["examples"]))
        example = content.get("example")
        return Reply(
            status=meaning,
            told=answer["description"],
            fields=list(self.fields(content.get("schema", {}))),
            example=written(example) if example is not None else "",
        )

    def _curl(self, method: str, path: str, operation: Schema, body: object) -> str:
        asked = []
        for one in operation["parameters"]:
            if one["in"] == "path":
                path = path.replace(f"{{{one['name']}}}", str(one["example"]))
            if one["in"] == "query" and "example" in one:
                asked.append(f"{one['name']}={one['example']}")
        base_url = self._document["servers"][0]["url"]
        address = f"{base_url}{path}{'?' if asked else ''}{'&'.join(asked)}"
        lines = [f"curl -X {method} {shlex.quote(address)}"]
        if keys_of(operation) == "both":
            lines.append('-H "X-Public-Key: $PUBLIC_KEY" -H "X-Secret-Key: $SECRET_KEY"')
        if body is not None:
            lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(written(body))}"]
        return " \\\n  ".join(lines)

    # ------------------------------------------------------------ schemas
    def fields(self, schema: Schema, within: str = "") -> Iterator[Field]:
        """The fields of an object, and of the objects in it."""
        schema = self.whole(schema)
        needed = schema.get("required", ())
        for name, part in schema.get("properties", {}).items():
            whole = self.whole(part)
            yield Field(
                name=f"{within}{name}",
                kind=self.kind(part),
                is_needed=name in needed,
                told=part.get("description") or whole.get("description", ""),
            )
            yield from self.fields(part, f"{within}{name}.")
            if "items" in whole:
                yield from self.fields(whole["items"], f"{within}{name}[].")

    def whole(self, schema: Schema) -> Schema:
        """A schema that is no pointer, and of a choice the part that is an object."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return self.whole(self._document["components"]["schemas"][name])
        for part in schema.get("anyOf", ()):
            if self.whole(part).get("type") == "object":
                return self.whole(part)
        return schema

    def kind(self, schema: Schema) -> str:
        """What a value is, in a few words."""
        if "anyOf" in schema or "oneOf" in schema:
            return " or ".join(self.kind(part) for part in schema.get("anyOf") or schema["oneOf"])
        schema = self.whole(schema)
        if "const" in schema:
            return json.dumps(schema["const"])
        if "enum" in schema:
            return " | ".join(str(word) for word in schema["enum"])
        kinds = schema.get("type", "any")
        kind = " or ".join(kinds) if isinstance(kinds, list) else kinds
        if "items" in schema:
            kind = f"{kind} of {self.kind(schema['items'])}"
        bounds = [words.format(schema[name]) for name, words in BOUNDS.items() if name in schema]
        return ", ".join([kind, *bounds])


def keys_of(operation: Schema) -> str:
    """Which keys an operation asks for: "both", "optional" or "none"."""
    choices = operation["security"]
    if not choices:
        return "none"
    return "optional" if {} in choices else "both"


def written(example: object) -> str:
    """JSON for people."""
    return json.dumps(example, ensure_ascii=False, indent=2)
