"""Reading YAML that people write: registers, catalogues, suites."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from pathlib import Path
from typing import Any

import yaml

from commissioning.base.counting import counted
from commissioning.base.errors import CommissioningError

MEND = "mend the file, or restore it from git"
SHOWN = 200
"""How many letters of what stands in a file a message shows."""
DEEPEST = 50
"""How many entries may lie within each other."""


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
                raise _wrong(key, f"the key {shortened(key.value)} is there twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, TypeError, OverflowError) as fault:
            found = node.value if isinstance(node, yaml.ScalarNode) else "an entry"
            raise _wrong(
                node, f"{shortened(found)}, which is no such date or number as it is written like"
            ) from fault


class _Dumper(yaml.SafeDumper):
    """Writes an entry out wherever it stands, as `read_yaml` asks of a user's file. The library writes one
    that stands twice as an alias, dates among them."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def written(content: dict[str, Any], width: int = 110) -> str:
    """Keys and their values as YAML, in their order."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=width)


def _wrong(node: yaml.Node, found: str) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, found, node.start_mark)


# `on:` is a key of people's files and no truth: as in YAML 1.2, only true and false are.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in known if first in "tTfF" or not tag.endswith(":bool")]
    for first, known in _Loader.yaml_implicit_resolvers.items()
}


def read_yaml(
    file: Path,
    error: type[CommissioningError],
    what: str,
    *,
    needs: Collection[str] = (),
    todo: str = MEND,
    anchors: bool = False,
) -> dict[str, Any]:
    """What a YAML file holds: keys, those of `needs` among them.

    Raises `error`, saying `what` the file should be and where it is not, for one that is missing, no text, no
    YAML, has a key twice, or lacks one. `anchors` allows anchors and aliases, for files of the package's own.
    In a user's they are refused: a few within each other would fill any memory.
    """
    try:
        text = file.read_text(encoding="utf-8")
        if not anchors and (fault := not_written_out(text)):
            line, found, about = fault
            raise error(
                f"{what} is not as it should be.",
                file=file,
                where=f"line {line}",
                expected="every entry written out where it belongs",
                found=found,
                todo=f"{about}; {todo}",
            )
        content = yaml.load(text, Loader=_Loader)
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
            found=shortened(", ".join(map(str, content))) if isinstance(content, dict) else kind,
            todo=todo,
        )
    return content


def not_written_out(text: str) -> tuple[int, str, str] | None:
    """The line of the first anchor, alias or entry within too many others, what it is and what to do. Nothing
    is walked twice for it. Raises what YAML raises for a text that is none."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1
        if getattr(event, "anchor", None):
            is_alias = isinstance(event, yaml.AliasEvent)
            found = f"the alias *{event.anchor}" if is_alias else f"the anchor &{event.anchor}"
            todo = "write out what it stands for; a text that begins with & or * stands in quotes"
            return line, shortened(found), todo
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return line, f"more than {DEEPEST} entries within each other", "take the brackets or blanks out"
    return None


def shortened(text: str) -> str:
    """A text as a message shows it: cut where it is long."""
    more = len(text) - SHOWN
    return text if more <= 0 else f"{text[:SHOWN]}… and {counted(more, 'letter')} more"


def _fault(fault: yaml.YAMLError | UnicodeDecodeError, file: Path) -> tuple[int, str]:
    """The line of a fault, and what was found there."""
    if mark := getattr(fault, "problem_mark", None):
        return mark.line + 1, fault.problem
    is_text = isinstance(fault, yaml.YAMLError)
    at = getattr(fault, "position", 0) if is_text else fault.start
    found = "a sign that YAML does not allow" if is_text else "a sign that no text in UTF-8 has"
    return file.read_bytes()[:at].count(b"\n") + 1, found
