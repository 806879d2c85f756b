"""Reading YAML that people write: registers, catalogues, suites."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from pathlib import Path
from typing import Any

import yaml

from commissioning.base.errors import CommissioningError

MEND = "mend the file, or restore it from git"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Takes no key twice in one mapping. YAML itself keeps the last and says nothing of the first.

    What the library leaves with an error of Python, such as 31 February, is an error of YAML with its line.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen: set[Hashable] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _wrong(key, "a list or a mapping as a key")
            if key.value in seen:
                raise _wrong(key, f"the key {key.value} is there twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, TypeError, OverflowError) as fault:
            found = node.value if isinstance(node, yaml.ScalarNode) else "an entry"
            raise _wrong(node, f"{found}, which is no such date or number as it is written like") from fault


def _wrong(node: yaml.Node, found: str) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, found, node.start_mark)


# `on:` is a key of people's files and no truth: as in YAML 1.2, only true and false are.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in known if first in "tTfF" or not tag.endswith(":bool")]
    for first, known in _Loader.yaml_implicit_resolvers.items()
}


def read_yaml(
    file: Path, error: type[CommissioningError], what: str, *, needs: Collection[str] = (), todo: str = MEND
) -> dict[str, Any]:
    """What a YAML file holds: keys, those of `needs` among them.

    Raises `error`, saying `what` the file should be and where it is not, for one that is missing, no text, no
    YAML, has a key twice, or lacks one.
    """
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError:
        raise error(f"{what} is missing.", file=file, todo=todo) from None
    except IsADirectoryError:
        raise error(f"{what} is not a file.", file=file, found="a folder", todo="move it away") from None
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        line, found = _fault(fault, file)
        raise error(
            f"{what} is not YAML.", file=file, where=f"line {line}", found=found, todo=todo
        ) from fault
    if not isinstance(content, dict) or not set(needs) <= set(content):
        kind = "a list" if isinstance(content, list) else "text" if content else "nothing"
        raise error(
            f"{what} is not as it should be.",
            file=file,
            where=None if isinstance(content, dict) else "line 1",
            expected="the keys " + ", ".join(needs) if needs else "keys with their values",
            found=", ".join(map(str, content)) if isinstance(content, dict) else kind,
            todo=todo,
        )
    return content


def _fault(fault: yaml.YAMLError | UnicodeDecodeError, file: Path) -> tuple[int, str]:
    """The line of a fault, and what was found there."""
    if mark := getattr(fault, "problem_mark", None):
        return mark.line + 1, fault.problem
    is_text = isinstance(fault, yaml.YAMLError)
    at = getattr(fault, "position", 0) if is_text else fault.start
    found = "a sign that YAML does not allow" if is_text else "a sign that no text in UTF-8 has"
    return file.read_bytes()[:at].count(b"\n") + 1, found
