"""What of the template costs money by the call: memory, architecture, tracing, the access log.

As it deploys with the parameters' defaults on AWS.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # it has no types

TEMPLATE = Path(__file__).parents[3] / "template.yaml"
TRUE = frozenset({"True", "true"})
MACHINES = {"Watch": "WatchAttempt", "Deliver": "DeliverWebhook"}
"""The machines, by the names that the simulation gives them."""
TYPICAL = {
    "requestId": "00000000-0000-0000-0000-000000000000",
    "requestTime": "21/Nov/2026:14:30:00 +0000",
    "httpMethod": "POST",
    "status": "200",
    "responseLatency": "123",
    "integration.status": "200",
}
"""What stands in a line of the access log, by the names that API Gateway knows."""


@dataclass(frozen=True)
class DeployedSettings:
    """The template with its parameters' defaults, and some of them otherwise."""

    template: Mapping[str, Any]
    parameters: Mapping[str, Any]

    @property
    def architecture(self) -> str:
        """arm64 or x86_64."""
        (named,) = self.value(self.template["Globals"]["Function"]["Architectures"])
        return str(named)

    def gigabytes(self, function: str) -> float:
        """The memory of a function."""
        return int(self._of(function, "MemorySize")) / 1024

    def is_traced(self, function: str) -> bool:
        """Whether a function begins traces by itself."""
        return bool(self._of(function, "Tracing") == "Active")

    def is_machine_traced(self, machine: str) -> bool:
        """Whether a machine's runs are traced."""
        properties = self.template["Resources"][MACHINES[machine]]["Properties"]
        return str(self.value(properties.get("Tracing", {}).get("Enabled", False))) in TRUE

    def access_line(self, route: str) -> int:
        """The bytes of a request's line in the access log."""
        form: str = self.template["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Format"]
        known = {**TYPICAL, "resourcePath": route}
        return len(re.sub(r"\$context\.([A-Za-z.]*[A-Za-z])", lambda m: known[m[1]], form).strip())

    def with_tracing(self, *, is_on: bool) -> "DeployedSettings":
        """The same, with every function and machine traced, or none."""
        function = self.template["Globals"]["Function"]
        mode = "Active" if is_on else "PassThrough"
        return replace(
            self,
            template={
                **self.template,
                "Globals": {"Function": {**function, "Tracing": mode}},
                "Resources": {
                    name: with_property(told, "Tracing", {"Enabled": is_on})
                    if name in MACHINES.values()
                    else told
                    for name, told in self.template["Resources"].items()
                },
            },
        )

    def with_memory(self, megabytes: int) -> "DeployedSettings":
        """The same, with other memory for every function that has no size of its own."""
        function = {**self.template["Globals"]["Function"], "MemorySize": megabytes}
        return replace(self, template={**self.template, "Globals": {"Function": function}})

    def _of(self, function: str, name: str) -> Any:  # noqa: ANN401  # a template's value
        own = self.template["Resources"][function]["Properties"]
        return self.value(own.get(name, self.template["Globals"]["Function"][name]))

    def value(self, told: Any) -> Any:  # noqa: ANN401  # a template's value
        """A value with its references and conditions in their place."""
        match told:
            case {"Ref": name}:
                return self.parameters[name]
            case {"Fn::If": [condition, then, otherwise]}:
                return self.value(then if self.holds(condition) else otherwise)
            case list():
                return [self.value(one) for one in told]
        return told

    def holds(self, condition: Any) -> bool:  # noqa: ANN401  # as above
        """Whether a condition of the template is met. Raises LookupError for an unknown kind."""
        match condition:
            case str():
                return self.holds(self.template["Conditions"][condition])
            case {"Condition": name}:
                return self.holds(name)
            case {"Fn::Not": [one]}:
                return not self.holds(one)
            case {"Fn::And": several}:
                return all(map(self.holds, several))
            case {"Fn::Equals": [one, other]}:
                return bool(self.value(one) == self.value(other))
        raise LookupError(f"no such condition is read: {condition}")


def with_property(told: Mapping[str, Any], name: str, value: object) -> dict[str, Any]:
    """A resource with one property otherwise."""
    return {**told, "Properties": {**told["Properties"], name: value}}


def deployed_settings(**otherwise: str) -> DeployedSettings:
    """The template's, with its defaults, or with other parameters."""
    template = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    defaults = {name: told.get("Default", "") for name, told in template["Parameters"].items()}
    return DeployedSettings(template, {**defaults, **otherwise})
