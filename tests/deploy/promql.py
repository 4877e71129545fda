"""As much of PromQL as says whether an alert would fire now: a whole parser, and an evaluation of instants."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping

import promql_parser as promql

type Labels = frozenset[tuple[str, str]]
type Vector = dict[Labels, float]
type Samples = Mapping[str, Vector]

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {">": operator.gt, "<": operator.lt, "==": operator.eq}
_FOLD: Mapping[str, Callable[[list[float]], float]] = {"max": max, "min": min, "sum": sum}
SCALAR: Labels = frozenset()


def used(expression: str) -> list[tuple[str, dict[str, str]]]:
    """Every metric that it names, with the labels that it asks for."""
    found: list[tuple[str, dict[str, str]]] = []
    for node in _nodes(promql.parse(expression)):
        if isinstance(node, promql.VectorSelector):
            assert node.name
            found.append((node.name, {matcher.name: matcher.value for matcher in node.matchers.matchers}))
    return found


def grouped(expression: str) -> set[str]:
    """Every label that it groups by."""
    return {label for node in _nodes(promql.parse(expression)) if isinstance(node, promql.AggregateExpr)
            and node.modifier for label in node.modifier.labels}  # fmt: skip


def fires(expression: str, samples: Samples, now: float) -> bool:
    """Does it give any series? Raises `NotImplementedError` where it asks for a span of time."""
    return bool(_value(promql.parse(expression), samples, now))


def _nodes(node: object) -> Iterator[object]:
    yield node
    match node:
        case promql.BinaryExpr():
            inner = [node.lhs, node.rhs]
        case promql.AggregateExpr() | promql.ParenExpr():
            inner = [node.expr]
        case promql.Call():
            inner = list(node.args)
        case promql.MatrixSelector():
            inner = [node.vector_selector]
        case _:
            inner = []
    for one in inner:
        yield from _nodes(one)


def _value(node: object, samples: Samples, now: float) -> Vector:
    match node:
        case promql.NumberLiteral():
            return {SCALAR: float(node.val)}
        case promql.ParenExpr():
            return _value(node.expr, samples, now)
        case promql.VectorSelector():
            wanted = {(matcher.name, matcher.value) for matcher in node.matchers.matchers}
            return {labels: value for labels, value in samples.get(str(node.name), {}).items() if wanted <= labels}
        case promql.Call():
            return _call(node, samples, now)
        case promql.AggregateExpr():
            return _aggregate(node, samples, now)
        case promql.BinaryExpr():
            return _binary(node, samples, now)
    raise NotImplementedError(type(node).__name__)


def _call(node: promql.Call, samples: Samples, now: float) -> Vector:
    if node.func.name == "time":
        return {SCALAR: now}
    if node.func.name not in {"abs", "absent"}:
        raise NotImplementedError(node.func.name)
    inner = _value(node.args[0], samples, now)
    if node.func.name == "absent":
        return {} if inner else {SCALAR: 1.0}
    return {labels: abs(value) for labels, value in inner.items()}


def _aggregate(node: promql.AggregateExpr, samples: Samples, now: float) -> Vector:
    keep = set(node.modifier.labels) if node.modifier else set()
    groups: dict[Labels, list[float]] = {}
    for labels, value in _value(node.expr, samples, now).items():
        groups.setdefault(frozenset(pair for pair in labels if pair[0] in keep), []).append(value)
    return {labels: _FOLD[re.sub(r"\W", "", str(node.op))](values) for labels, values in groups.items()}


def _binary(node: promql.BinaryExpr, samples: Samples, now: float) -> Vector:
    left, right = _value(node.lhs, samples, now), _value(node.rhs, samples, now)
    sign = str(node.op)
    if sign == "or":
        return {**right, **left}
    if sign == "-":
        (start,) = left.values()
        return {labels: start - value for labels, value in right.items()}
    (bound,) = right.values()
    return {labels: value for labels, value in left.items() if _COMPARE[sign](value, bound)}
