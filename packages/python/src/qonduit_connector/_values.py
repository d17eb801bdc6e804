"""How values of the contract are handed to the component and taken from it.

The runtime wants records as objects with names in kebab-case, and writes a variant without its case
where the type of the payload tells which one it is. Here they are dictionaries with names in
snake_case, and a variant is always ``{"tag": ..., "val": ...}``. Nothing here knows a function.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NewType

from wasmtime import Store, WasmtimeError
from wasmtime import component as wc

#: A resource of the component.
Handle = NewType("Handle", object)


class Failed(Exception):
    """What a function of the contract gives in place of its result."""

    def __init__(self, error: Any) -> None:
        said = "; ".join(error) if isinstance(error, list) else str(error)
        super().__init__(said)
        #: As the contract has it: a text, a list of texts, or a dictionary.
        self.error = error


class Trapped(Exception):
    """The component failed: a mistake in it, whatever it was given. Go on with another instance."""


class Kind:
    """A type whose values are the same on both sides."""

    def __init__(self, *classes: type) -> None:
        #: The Python types by which the runtime tells one case from another.
        self.classes: frozenset[type] = frozenset(classes)

    def lower(self, value: Any) -> Any:
        return value

    def lift(self, value: Any) -> Any:
        return value


class _Float(Kind):
    def lower(self, value: Any) -> float:
        return float(value)


class Record(Kind):
    def __init__(self, fields: Mapping[str, Kind]) -> None:
        super().__init__(wc.Record)
        self._fields = [(name, name.replace("-", "_"), kind) for name, kind in fields.items()]

    def lower(self, value: Any) -> Any:
        known = {key for _, key, _ in self._fields}
        if unknown := [key for key in value if key not in known]:
            raise TypeError(f"`{unknown[0]}` is no key of this record; it has {sorted(known)}")
        record = wc.Record()
        for name, key, kind in self._fields:
            if key not in value and not isinstance(kind, Option):
                raise TypeError(f"the record lacks `{key}`")
            setattr(record, name, kind.lower(value.get(key)))
        return record

    def lift(self, value: Any) -> dict[str, Any]:
        return {key: kind.lift(getattr(value, name)) for name, key, kind in self._fields}


class List(Kind):
    def __init__(self, kind: Kind) -> None:
        super().__init__(list)
        self._kind = kind

    def lower(self, value: Any) -> list[Any]:
        return [self._kind.lower(one) for one in value]

    def lift(self, value: Any) -> list[Any]:
        return [self._kind.lift(one) for one in value]


class Tuple(Kind):
    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        super().__init__(tuple)
        self._kinds = kinds

    def lower(self, value: Any) -> tuple[Any, ...]:
        return tuple(kind.lower(one) for kind, one in zip(self._kinds, value, strict=True))

    def lift(self, value: Any) -> tuple[Any, ...]:
        return tuple(kind.lift(one) for kind, one in zip(self._kinds, value, strict=True))


class Variant(Kind):
    def __init__(self, cases: Mapping[str, Kind | None]) -> None:
        self._cases = dict(cases)
        nothing = frozenset((object,))
        seen: set[type] = set()
        self._is_tagged = False
        for kind in self._cases.values():
            classes = kind.classes if kind else nothing
            self._is_tagged |= bool(classes & seen)
            seen |= classes
        super().__init__(*((wc.Variant,) if self._is_tagged else seen))

    def lower(self, value: Any) -> Any:
        tag = value["tag"]
        if tag not in self._cases:
            raise TypeError(f"`{tag}` is no case; there are {sorted(self._cases)}")
        kind = self._cases[tag]
        payload = kind.lower(value["val"]) if kind else None
        return wc.Variant(tag, payload) if self._is_tagged else payload

    def lift(self, value: Any) -> dict[str, Any]:
        if self._is_tagged:
            tag, payload = value.tag, value.payload
        else:
            tag, payload = self._case_of(value), value
        kind = self._cases[tag]
        return {"tag": tag, "val": kind.lift(payload)} if kind else {"tag": tag}

    def _case_of(self, value: Any) -> str:
        empty = None
        for tag, kind in self._cases.items():
            if kind is None:
                empty = tag
            elif type(value) in kind.classes:
                return tag
        if empty is None or value is not None:
            raise TypeError(f"no case holds a {type(value).__name__}")
        return empty


class Option(Kind):
    """Absent is None. (No option of an option is in the contract.)"""

    def __init__(self, kind: Kind) -> None:
        super().__init__(object, *kind.classes)
        self._kind = kind

    def lower(self, value: Any) -> Any:
        return None if value is None else self._kind.lower(value)

    def lift(self, value: Any) -> Any:
        return None if value is None else self._kind.lift(value)


class Result(Variant):
    """What a function gives: its value, or `Failed` is raised."""

    def __init__(self, ok: Kind | None, err: Kind | None) -> None:
        super().__init__({"ok": ok, "err": err})

    def lift(self, value: Any) -> Any:
        case = super().lift(value)
        if case["tag"] == "err":
            raise Failed(case.get("val"))
        return case.get("val")


BOOL = Kind(bool)
INT = Kind(int)
FLOAT = _Float(float)
STR = Kind(str)
HANDLE = Kind(wc.ResourceAny, wc.ResourceHost)


class Function:
    """One function of the contract."""

    def __init__(
        self, interface: str, name: str, params: tuple[Kind, ...], result: Kind | None
    ) -> None:
        self.interface = interface
        self.name = name
        self.params = params
        self.result = result


class Door:
    """An instance of the component, whose functions are called by it. Of one thread at a time."""

    def __init__(self, store: Store, instance: wc.Instance, interfaces: Mapping[str, str]) -> None:
        self._store = store
        self._instance = instance
        self._interfaces = interfaces
        self._found: dict[Function, wc.Func] = {}

    def call(self, function: Function, *values: Any) -> Any:
        found = self._found.get(function) or self._find(function)
        lowered = [kind.lower(one) for kind, one in zip(function.params, values, strict=True)]
        try:
            result = found(self._store, *lowered)
        except WasmtimeError as error:
            raise Trapped(f"the component failed in `{function.name}`") from error
        return function.result.lift(result) if function.result else None

    def drop(self, handle: Any) -> None:
        handle.drop(self._store)

    def _find(self, function: Function) -> wc.Func:
        interface = self._interfaces[function.interface]
        index = self._instance.get_export_index(self._store, interface)
        index = self._instance.get_export_index(self._store, function.name, index)
        found = self._instance.get_func(self._store, index) if index else None
        if found is None:
            raise Trapped(f"the component has no `{function.name}`; use the one of this package")
        self._found[function] = found
        return found
