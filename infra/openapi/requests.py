"""Request bodies, from the models that read them."""

from typing import Any

from pydantic import BaseModel

from infra.openapi.described import field_descriptions, first_paragraph, one_line
from infra.openapi.shapes import Schema, Shapes

POINTER = "#/components/schemas/{model}"


def body_schema(model: type[BaseModel], shapes: Shapes) -> Schema:
    """A pointer to the schema of a model, which is put among those that have a name."""
    schema = model.model_json_schema(ref_template=POINTER)
    if not model.model_fields:
        return {"type": "object", "additionalProperties": False}
    parts = schema.pop("$defs", {}) | {model.__name__: schema}
    models = {kind.__name__: kind for kind in models_in(model)}
    for name, part in parts.items():
        told = tidy(part)
        if name in models:
            describe(models[name], told)
        shapes.name(name, told)
    return {"$ref": POINTER.format(model=model.__name__)}


def models_in(model: type[BaseModel]) -> list[type[BaseModel]]:
    """A model and those that its fields hold."""
    found = [model]
    for field in model.model_fields.values():
        for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found += models_in(kind)
    return found


def query_parameters(model: type[BaseModel], shapes: Shapes) -> list[Schema]:
    """The parameters of a query, from the model that reads it."""
    schema = model.model_json_schema(ref_template=POINTER)
    for name, part in schema.pop("$defs", {}).items():
        shapes.name(name, tidy(part))
    told = tidy(schema)
    describe(model, told)
    return [
        {
            "name": name,
            "in": "query",
            "required": name in told.get("required", ()),
            "description": part.pop("description", ""),
            "schema": without_null(part),
        }
        for name, part in told["properties"].items()
    ]


def without_null(schema: Schema) -> Schema:
    """What a text in a query can be: never null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else schema


def describe(model: type[BaseModel], schema: Schema) -> None:
    """Give every field the text that stands under it."""
    schema["description"] = first_paragraph(model)
    described = field_descriptions(model)
    for name, field in model.model_fields.items():
        if name in described:
            schema["properties"][field.alias or name]["description"] = described[name]


def tidy(schema: Any) -> Any:  # noqa: ANN401  # JSON is anything
    """Without pydantic's titles, and without saying that what may be left out is null by default.

    A field may be called "title" or "description" as well: only a text is pydantic's.
    """
    if isinstance(schema, list):
        return [tidy(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    told = {
        name: tidy(part)
        for name, part in schema.items()
        if not (name == "title" and isinstance(part, str))
        and not (name == "default" and part is None)
    }
    if isinstance(told.get("description"), str):
        told["description"] = one_line(told["description"].split("\n\n")[0])
    return told
