"""Which texts can reach a node of a TensorFlow graph: through others, and into functions.

What a name is made of is followed backwards: constants, files of the model itself, what whoever
runs the graph feeds, and, for all else, that it is computed.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from ..facts import Operation
from ..graph_operators import reaching
from ..record import field, record, replace
from .tensorflow_nodes import (
    BRANCHES,
    CALLS,
    CONSTANTS,
    DATASETS,
    FED,
    JOIN,
    MOST_TEXTS,
    SAME,
    TEXT,
    UNKNOWN,
    VARIABLES,
    Node,
    Nodes,
    Scope,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..graph_operators import Reaching
    from ..limits import Budget

STEPS = 2000  # nodes that are followed for one name
ALL_STEPS = 200_000  # and for all names of a file
MOST_JOINED = 16  # texts that one StringJoin can give
MOST_NESTED = 50  # StringJoins one in another
MOST_CALLS = 256  # of one function that are followed
INITIALISING = "InitializeTable"  # begins the names of what runs while the loader feeds assets
GIVEN = 16  # texts of one node that a fact keeps
BRANCHING = frozenset({"If", "StatelessIf", "Case", "StatelessCase"})  # input 0 is no argument

Place: TypeAlias = "tuple[Scope, str]"  # where, and the name of a node or an argument


@record(frozen=False)
class Given:
    """What reaches a name."""

    texts: dict[str, None] = field(default_factory=dict[str, None])
    fed: dict[str, None] = field(default_factory=dict[str, None])  # while initialising only
    assets: dict[str, None] = field(default_factory=dict[str, None])
    is_fed: bool = False
    is_computed: bool = False

    def add(self, other: Given) -> None:
        """Take in what reaches another name, too."""
        self.texts |= other.texts
        self.fed |= other.fed
        self.assets |= other.assets
        self.is_fed |= other.is_fed
        self.is_computed |= other.is_computed


@record
class _Call:
    """A node that calls a function: its arguments in order, or all of them for each."""

    scope: Scope
    inputs: tuple[str, ...]
    in_order: bool


class Flow:
    """Follows names through one graph and its functions."""

    def __init__(
        self,
        nodes: Nodes,
        graph: Scope,
        functions: dict[str, Scope],
        budget: Budget,
    ) -> None:
        """Look at a graph that was read whole."""
        self._nodes, self._graph, self._functions, self._budget = nodes, graph, functions, budget
        self.assets: dict[str, str] = {}  # node of the graph -> file that the loader feeds
        self.bound: dict[str, dict[int, str]] = {}  # function -> argument from the end on -> file
        self._calls: dict[str, list[_Call]] = {}
        self._joins: dict[tuple[str, str], Given] = {}
        self._steps = ALL_STEPS
        for scope in (graph, *functions.values()):
            for node in scope.nodes.values():
                self._note_calls(scope, node)

    def _note_calls(self, scope: Scope, node: Node) -> None:
        if node.op in self._functions:
            self._note(node.op, _Call(scope, node.inputs, in_order=True))
        elif node.op in CALLS or node.op in BRANCHES:
            inputs = node.inputs[1:] if node.op in BRANCHING else node.inputs
            for name in self._nodes.functions(node):
                self._note(name, _Call(scope, inputs, in_order=True))
        elif node.op.endswith(DATASETS):
            for name in self._nodes.functions(node):
                self._note(name, _Call(scope, node.inputs, in_order=False))

    def _note(self, function: str, call: _Call) -> None:
        self._calls.setdefault(function, []).append(call)

    def operations(self, kind: str) -> Iterator[Operation]:
        """Yield what reaches beyond the graph; equal ones once, with their count."""
        found: dict[tuple[object, ...], tuple[Operation, int]] = {}
        for scope in (self._graph, *self._functions.values()):
            for node in scope.acting:
                known = reaching(node.op)
                if known is None:
                    continue
                given = self.given(scope, node, known)
                texts, assets = tuple(given.texts)[:GIVEN], tuple(given.assets)[:GIVEN]
                flags = given.is_fed, given.is_computed or len(given.texts) > GIVEN
                key = node.op, texts, assets, flags
                if key in found:
                    found[key] = found[key][0], found[key][1] + 1
                    continue
                found[key] = (
                    Operation(
                        at=node.at,
                        graph=kind,
                        operator=node.op,
                        given=texts,
                        assets=assets,
                        is_fed=flags[0],
                        is_computed=flags[1],
                        function=scope.name,
                    ),
                    1,
                )
        for operation, count in found.values():
            yield replace(operation, count=count) if count > 1 else operation

    def given(self, scope: Scope, node: Node, known: Reaching) -> Given:
        """Return what reaches the names of files, and the like, of a node."""
        found = Given()
        for attribute in known.attributes:
            found.texts |= dict.fromkeys(
                text for text in self._nodes.texts(node, attribute) if text
            )
        places = [(scope, node.inputs[each]) for each in known.inputs if each < len(node.inputs)]
        found.add(self._reaching(places))
        if not node.op.startswith(INITIALISING):
            found.texts |= found.fed
        return found

    def _reaching(self, places: list[Place], nested: int = 0) -> Given:
        """Return everything that can reach one of the places."""
        found = Given()
        seen = {(scope.name, name) for scope, name in places}
        pending = list(places)
        steps = 0
        while pending:
            scope, name = pending.pop()
            steps += 1
            if steps > min(STEPS, self._steps) or len(found.texts) > MOST_TEXTS:
                found.is_computed = True
                break
            for further in self._before(scope, name, found, nested):
                key = further[0].name, further[1]
                if key not in seen:
                    seen.add(key)
                    pending.append(further)
        self._steps -= steps
        self._budget.check_time()
        return found

    def _before(self, scope: Scope, name: str, found: Given, nested: int) -> list[Place]:
        """Return what a node or argument hands on; note in `found` what begins there."""
        if scope is self._graph and name in self.assets:
            self._asset(scope, name, found)
            return []
        if name in scope.nodes:
            return self._before_node(scope, scope.nodes[name], found, nested)
        if name in scope.arguments:
            return self._arguments(scope, scope.arguments.index(name), found)
        found.is_computed = True
        return []

    def _asset(self, scope: Scope, name: str, found: Given) -> None:
        """Note a file that the loader feeds; when it only initialises, the constant holds after.

        Writers keep the path that the file had before, whose last part is the name of the asset.
        """
        file, node = self.assets[name], scope.nodes.get(name)
        found.assets[file] = None
        if node and node.op in CONSTANTS:
            texts = self._nodes.texts(node, "value")
            found.texts |= dict.fromkeys(t for t in texts if t.rpartition("/")[2] != file)
            found.fed |= dict.fromkeys(texts)

    def _before_node(self, scope: Scope, node: Node, found: Given, nested: int) -> list[Place]:
        inputs = node.inputs
        if node.op in FED:
            found.is_fed = True
        if node.op in CONSTANTS:
            found.texts |= dict.fromkeys(self._nodes.texts(node, "value"))
        elif node.op == JOIN:
            found.add(self._joined(scope, node, nested))
        elif node.op in VARIABLES:
            inputs = tuple(scope.assigned.get(node.name, ()))
            found.is_computed |= not inputs
        elif node.op in SAME:
            inputs = inputs[SAME[node.op]]
        elif node.op in CALLS or node.op in BRANCHES or node.op in self._functions:
            return self._returned(node)
        elif not node.op.endswith(DATASETS):
            found.is_computed |= node.op not in FED
            return []
        if node.op in CONSTANTS or node.op == JOIN:
            return []
        return [(scope, each) for each in inputs]

    def _joined(self, scope: Scope, node: Node, nested: int) -> Given:
        """Return the texts that a StringJoin can give, with `UNKNOWN` for each unknown piece."""
        key = scope.name, node.name
        if key not in self._joins:
            self._joins[key] = Given(is_computed=True)  # what it is to itself, in a ring
            if nested < MOST_NESTED:
                self._joins[key] = self._join(scope, node, nested)
        return self._joins[key]

    def _join(self, scope: Scope, node: Node, nested: int) -> Given:
        found = Given()
        pieces: list[list[str]] = []
        for each in node.inputs[:MOST_TEXTS]:
            piece = self._reaching([(scope, each)], nested + 1)
            is_open = piece.is_fed or piece.is_computed or piece.assets or not piece.texts
            pieces.append([*piece.texts, *([UNKNOWN] if is_open else [])])
            found.is_fed |= piece.is_fed
            found.is_computed |= piece.is_computed
        between = "".join(self._nodes.texts(node, "separator")[:1])
        for number, joined in enumerate(product(*pieces)):
            if number == MOST_JOINED or len(node.inputs) > MOST_TEXTS:
                found.is_computed = True
                break
            found.texts[between.join(joined)[:TEXT]] = None
        return found

    def _arguments(self, scope: Scope, index: int, found: Given) -> list[Place]:
        """Return what the callers of a function give for one argument."""
        bound = self.bound.get(scope.name, {}).get(index - len(scope.arguments))
        calls = self._calls.get(scope.name, ())
        if bound is not None:
            found.assets[bound] = None
        elif not calls:
            found.is_fed = True
        found.is_computed |= len(calls) > MOST_CALLS
        places: list[Place] = []
        for call in calls[:MOST_CALLS]:
            inputs = call.inputs[index : index + 1] if call.in_order else call.inputs
            found.is_computed |= not inputs
            places += [(call.scope, each) for each in inputs]
        return places

    def _returned(self, node: Node) -> list[Place]:
        """Return what the functions that a node calls may give back."""
        names = self._nodes.functions(node)
        called = [self._functions[name] for name in (node.op, *names) if name in self._functions]
        return [(scope, each) for scope in called[:MOST_CALLS] for each in scope.returned]
