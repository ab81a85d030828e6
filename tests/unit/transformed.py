"""template.yaml as CloudFormation gets it: after the SAM transform, with given parameters."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]  # it has no types
from samtranslator.translator.translator import (  # type: ignore[import-untyped]  # it has no types
    Translator,
)
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # it has no types

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
IN_A_SUB = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")
# Uploaded by `sam deploy` before the transform, which takes no paths of this machine.
UPLOADED = "s3://bucket/uploaded"

Resource = Mapping[str, Any]


@cache
def resources(**parameters: str) -> Mapping[str, Resource]:
    """Every resource by logical id."""
    return whole(**parameters)["Resources"]  # type: ignore[no-any-return]  # parsed


@cache
def whole(**parameters: str) -> Mapping[str, Any]:
    """The template that comes out."""
    return transformed(written(), **parameters)


def transformed(template: dict[str, Any], **parameters: str) -> Mapping[str, Any]:
    """What comes out of this template, which is changed."""
    template["Globals"]["Function"]["CodeUri"] = UPLOADED
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = UPLOADED
    # The region is asked for the partition alone; of managed policies the names will do.
    session = boto3.Session(region_name="af-south-1")
    translator = Translator({}, Parser(), boto_session=session)
    done: Mapping[str, Any] = translator.translate(template, parameters)
    return done


def written() -> dict[str, Any]:
    """The template as it stands, before the transform."""
    template: dict[str, Any] = yaml_parse(TEMPLATE.read_text())
    return template


def of_type(kind: str, **parameters: str) -> dict[str, Resource]:
    """The resources of a type, by logical id."""
    every = resources(**parameters)
    return {name: resource for name, resource in every.items() if resource["Type"] == kind}


def named_in(part: object) -> Iterator[str]:
    """Whatever a part of the template refers to: resources, parameters, pseudo parameters."""
    if isinstance(part, list):
        for one in part:
            yield from named_in(one)
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from _named_by(key, value)


def _named_by(key: str, value: Any) -> Iterator[str]:  # noqa: ANN401  # JSON is anything
    if key == "Ref":
        yield value
    elif key == "Fn::GetAtt":
        yield value[0] if isinstance(value, list) else value.partition(".")[0]
    elif key == "Fn::Sub":
        text, given = value if isinstance(value, list) else (value, {})
        yield from (name for name in IN_A_SUB.findall(text) if name not in given)
        yield from named_in(given)
    else:
        yield from named_in(value)
