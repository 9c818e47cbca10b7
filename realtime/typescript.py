"""TypeScript types of the socket's messages, written from the structs that Python checks."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import inspect

from realtime.messages import Ack, Incoming, Lossless, Ping, Pong, Presence, Ready, Refusal, Reset, kind_of
from realtime.table import Table

HEADER = "// Written by `manage.py generate_types` from the message structs. Do not edit.\n"
OWN = (Ack, Refusal, Pong, Ready, Reset, Presence)

SCALARS: dict[type[inspect.Type], str] = {
    inspect.AnyType: "unknown",
    inspect.NoneType: "null",
    inspect.BoolType: "boolean",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.StrType: "string",
    inspect.UUIDType: "string",
    inspect.DecimalType: "string",
    inspect.DateTimeType: "string",
    inspect.DateType: "string",
    inspect.RawType: "unknown",
}
# Members that the stream adds to every sequenced message.
SEQUENCED = ['  s: number;\n  on?: "me";\n']
# A stream's start carries the cursor with it.
STARTS = ['  s: number;\n  epoch: string;\n  on?: "me" | "office" | "room";\n']


def render(table: Table) -> str:
    """The whole of `messages.gen.ts`."""
    outgoing = _by_kind([*OWN, *table.outgoing])
    incoming = _by_kind([Ping, *(entry.struct for entry in (*table.room.values(), *table.office.values()))])
    nested = _nested([*outgoing.values(), *incoming.values()])
    parts = [HEADER]
    parts += [_interface(struct, _extra(struct)) for struct in outgoing.values()]
    parts += [_interface(struct, [], is_incoming=True) for struct in incoming.values()]
    parts += [_interface(struct, []) for struct in nested]
    parts += [_index("OutgoingByKind", outgoing), _index("IncomingByKind", incoming, suffix="Message")]
    return "\n".join(parts)


def _by_kind(structs: Iterable[type[msgspec.Struct]]) -> dict[str, type[msgspec.Struct]]:
    return {kind_of(struct): struct for struct in dict.fromkeys(structs)}


def _extra(struct: type[msgspec.Struct]) -> list[str]:
    if struct is Reset or kind_of(struct) == "snapshot":
        return STARTS
    return SEQUENCED if issubclass(struct, Lossless) else []


def _interface(struct: type[msgspec.Struct], extra: list[str], *, is_incoming: bool = False) -> str:
    info = inspect.type_info(struct)
    if not isinstance(info, inspect.StructType):
        raise TypeError(struct)
    suffix = "Message" if is_incoming else ""
    lines = [f"export interface {struct.__name__}{suffix} {{\n"]
    if info.tag is not None:
        lines.append(f'  k: "{info.tag}";\n')
    lines += extra
    for field in info.fields:
        if is_incoming and field.name == "ref":
            continue  # the socket's own business
        mark = "?" if not field.required and (is_incoming or struct.__struct_config__.omit_defaults) else ""
        lines.append(f"  {field.encode_name}{mark}: {_type(field.type)};\n")
    return "".join([*lines, "}\n"])


def _type(info: inspect.Type) -> str:
    scalar = SCALARS.get(type(info))
    if scalar is not None:
        return scalar
    match info:
        case inspect.LiteralType(values=values):
            return " | ".join(_literal(value) for value in values)
        case inspect.EnumType(cls=cls):
            return " | ".join(_literal(member.value) for member in cls)
        case inspect.UnionType(types=types):
            return " | ".join(dict.fromkeys(_type(kind) for kind in types))
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item) | inspect.SetType(item_type=item):
            return f"Array<{_type(item)}>"
        case inspect.TupleType(item_types=items):
            return f"[{', '.join(_type(item) for item in items)}]"
        case inspect.DictType(value_type=value):
            return f"Record<string, {_type(value)}>"
        case inspect.StructType(cls=cls):
            return cls.__name__
        case inspect.Metadata(type=inner):
            return _type(inner)
    raise TypeError(f"no TypeScript for {info}")


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _index(name: str, structs: dict[str, type[msgspec.Struct]], suffix: str = "") -> str:
    rows = "".join(f'  "{kind}": {struct.__name__}{suffix};\n' for kind, struct in structs.items())
    return f"export interface {name} {{\n{rows}}}\n"


def _nested(structs: Iterable[type[msgspec.Struct]]) -> list[type[msgspec.Struct]]:
    """Structs that only occur inside others, in the order of their first mention."""
    tops = list(structs)
    found: dict[type[msgspec.Struct], None] = {}
    for struct in tops:
        for inner in _mentioned(inspect.type_info(struct)):
            if inner not in tops and not issubclass(inner, Incoming):
                found[inner] = None
    return list(found)


def _mentioned(info: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(info, inspect.StructType):
        for field in info.fields:
            inner = field.type
            yield from _mentioned(inner)
            if isinstance(inner, inspect.StructType):
                yield inner.cls
        return
    for member in ("item_type", "value_type", "type"):
        part = getattr(info, member, None)
        if isinstance(part, inspect.Type):
            yield from _inside(part)
    for member in ("types", "item_types"):
        for part in getattr(info, member, ()) or ():
            yield from _inside(part)


def _inside(info: inspect.Type) -> Iterator[type[msgspec.Struct]]:
    yield from _mentioned(info)
    if isinstance(info, inspect.StructType):
        yield info.cls
