"""Reading YAML that people write: registers, catalogues, suites."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from commissioning.base.errors import CommissioningError


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Takes no key twice in one mapping. YAML itself keeps the last and says nothing of the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen: set[Hashable] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value} is there twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(file: Path, error: type[CommissioningError], what: str) -> Any:
    """What a YAML file holds. Raises `error`, saying `what` is wrong and where, for a file that is no YAML
    or has a key twice."""
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.YAMLError as fault:
        raise error(what, file=file, found=str(fault)) from fault
