"""Computational graphs of chapter 7: an expression is written down once, and its gradient follows by itself.

Arithmetic on a `Node` gives a new `Node` that remembers where it came from. Each gate knows its value and one local
derivative an input, both from one line of its operator. The pass forward follows an order in which
inputs come first, the pass back the same order reversed: every node hands its gradient, times the local derivative,
to its inputs, and a node that is used several times sums what arrives. That is all of backpropagation, for any graph.

A node holds a number or an array. Numbers stay Python's own floats, with numbers as local derivatives, since NumPy
would make a scalar graph several times slower; where an array is involved, a local derivative may also be a
`LinearMap`. The pass back is the same three lines for both: gradient += local derivative * gradient.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from functools import partial
from typing import Any, Union

import numpy as np
from numpy.typing import ArrayLike

from course_lib._shapes import as_float, require_shape

Operator = Callable[..., tuple[Any, tuple[Any, ...]]]
Axes = int | tuple[int, ...] | None
NodeLike = Union["Node", ArrayLike]


# ---- arithmetic: each gate from the values of its inputs to (its value, one local derivative an input) -----------


def _add(x: Any, y: Any) -> Any:
    return x + y, (1.0, 1.0)


def _subtract(x: Any, y: Any) -> Any:
    return x - y, (1.0, -1.0)


def _multiply(x: Any, y: Any) -> Any:
    return x * y, (y, x)


def _divide(x: Any, y: Any) -> Any:
    value = x / y
    return value, (1.0 / y, -value / y)


def _infix(operator: Operator) -> Callable[[Any, Any], "Node"]:
    """Return ``lambda x, y: gate(operator, x, y)``, written out for two inputs, which takes half of the time."""
    new = object.__new__

    def method(x: "Node", y: NodeLike) -> "Node":
        if not isinstance(y, Node):
            y = Constant(y)
        node: Node = new(Node)
        try:
            node.value, node.local = operator(x.value, y.value)
        except (ValueError, ArithmeticError):
            return gate(operator, x, y)  # says in a sentence what is wrong
        if node.value.__class__ is not float:  # an array is involved
            node.local = _to_shapes(node.local, (x, y), node.value)
        node.inputs = (x, y)
        node.operator = operator
        node.gradient = None
        node.mark = None
        node.name = ""
        return node

    return method


class Node:
    """A quantity in a graph: an input, or a gate that computed its value from other nodes.

    A gate is v = f(v₁, …, vₙ) of its inputs, Equation :eq:`graph-gate`. The signs ``+ - * / **``, Equation
    :eq:`gate-arithmetic`, ``@``, Equation :eq:`gate-matmul`, and the functions of this module make gates; what is not
    a node becomes a `Constant`. An exponent that is a node, or a base that is none, needs a positive base.

    Parameters
    ----------
    value : float or array_like
        The input's value; an array is copied.
    name : str
        What a picture shows; a gate may be given one later: ``q = x + y; q.name = "q"``.

    Attributes
    ----------
    value
        v, a float or an array. Give an input another one and call `forward`.
    gradient
        ∂f/∂v for the output f of the last call of `backward`, of the shape of v; before that None.
    inputs
        The nodes v was computed from; none for an input.
    local
        ∂v/∂vᵢ for each input: a number, an array, or a `LinearMap`.
    operator
        From the inputs' values to (value, local); None for an input.

    Raises
    ------
    ValueError
        If value does not hold real numbers.

    Examples
    --------
    >>> x, y, z = Node(1), Node(-3), Node(4)
    >>> f = (x + y) * z
    >>> backward(f)
    >>> f.value, x.gradient, y.gradient, z.gradient
    (-8.0, 4.0, 4.0, -2.0)
    """

    __slots__ = ("gradient", "inputs", "local", "mark", "name", "operator", "value")
    __array_ufunc__ = None  # an array leaves `array + node` to the node

    def __init__(self, value: ArrayLike, name: str = "") -> None:
        self.value: Any = float(value) if isinstance(value, (float, int)) else _number_or_array(value)
        self.name = name
        self.operator: Operator | None = None
        self.inputs: tuple[Node, ...] = ()
        self.local: tuple[Any, ...] = ()
        self.gradient: Any = None
        self.mark: object = None  # left by the last search that came here

    def evaluate(self) -> None:
        """Compute value and local derivatives anew from the inputs' values; an input keeps its value."""
        if self.operator is None:
            return
        values = [x.value for x in self.inputs]
        try:
            value, local = self.operator(*values)
        except (ValueError, ArithmeticError) as error:
            given = " and ".join(f"shape {np.shape(v)}" if np.ndim(v) else f"{v}" for v in values)
            raise ValueError(f"{self.symbol} cannot be applied to {given}: {error}") from None
        if value.__class__ is not float:  # an array is involved
            local = _to_shapes(local, self.inputs, value)
        self.value, self.local = value, local

    @property
    def symbol(self) -> str:
        """The sign of a gate's operator; of an input its name, or else its value or shape."""
        if self.operator is None:
            return self.name or (f"{np.shape(self.value)}" if np.ndim(self.value) else f"{self.value:g}")
        rule = self.operator.func if isinstance(self.operator, partial) else self.operator
        if rule is _power and isinstance(self.operator, partial):
            return f"^{self.operator.keywords['exponent']:g}"
        return SYMBOLS.get(rule, getattr(rule, "__name__", "gate"))

    def __repr__(self) -> str:
        return f"Node({self.value!r}, gradient={self.gradient!r})"

    __add__ = _infix(_add)
    __sub__ = _infix(_subtract)
    __mul__ = _infix(_multiply)
    __truediv__ = _infix(_divide)

    def __radd__(self, other: ArrayLike) -> "Node":
        return Constant(other) + self

    def __rsub__(self, other: ArrayLike) -> "Node":
        return Constant(other) - self

    def __rmul__(self, other: ArrayLike) -> "Node":
        return Constant(other) * self

    def __rtruediv__(self, other: ArrayLike) -> "Node":
        return Constant(other) / self

    def __neg__(self) -> "Node":
        return gate(_negate, self)

    def __pow__(self, exponent: NodeLike) -> "Node":
        if isinstance(exponent, (float, int)):
            return gate(partial(_power, exponent=float(exponent)), self)
        return exp(exponent * log(self))

    def __rpow__(self, base: ArrayLike) -> "Node":
        return Constant(base) ** self

    def __matmul__(self, other: NodeLike) -> "Node":
        return gate(_matmul, self, other)

    def __rmatmul__(self, other: ArrayLike) -> "Node":
        return gate(_matmul, other, self)

    def sum(self, axis: Axes = None, keepdims: bool = False) -> "Node":
        """Return the sum over all entries, or over some axes, as `numpy.sum`.  Equation :eq:`gate-sum`."""
        return gate(partial(_sum, axis=axis, keepdims=keepdims), self)

    def mean(self, axis: Axes = None, keepdims: bool = False) -> "Node":
        """Return the mean over all entries, or over some axes, as `numpy.mean`.  Equation :eq:`gate-mean`."""
        return gate(partial(_mean, axis=axis, keepdims=keepdims), self)

    def reshape(self, shape: int | tuple[int, ...]) -> "Node":
        """Return the same entries in another shape, as `numpy.reshape`.  Equation :eq:`gate-reshape`."""
        return gate(partial(_reshape, shape=shape), self)

    def transpose(self, axes: tuple[int, ...] | None = None) -> "Node":
        """Return the entries with the axes in another order, or reversed.  Equation :eq:`gate-reshape`."""
        return gate(partial(_transpose, axes=axes), self)

    @property
    def T(self) -> "Node":
        """The transpose."""
        return self.transpose()


class Constant(Node):
    """An input that is not asked for its gradient, such as the samples of a data set.

    Whatever is not a node where a node is wanted becomes one. Where arrays are involved, a constant spares the pass
    back its part of Equation :eq:`graph-backward`: its gradient stays 0.

    Parameters
    ----------
    value : float or array_like
        The value.
    name : str
        What a picture shows.

    Raises
    ------
    ValueError
        If value does not hold real numbers.

    Examples
    --------
    >>> x, w = Constant([[1.0, 2.0]]), Node([[3.0], [4.0]])
    >>> backward(x @ w)
    >>> w.gradient.ravel(), x.gradient
    (array([1., 2.]), 0.0)
    """

    __slots__ = ()


def gate(operator: Operator, *inputs: NodeLike) -> Node:
    """Return a new gate, of an operator of the table or of your own.

    v = f(v₁, …, vₙ), together with ∂v/∂v₁, …, ∂v/∂vₙ. Equation :eq:`graph-gate`.

    Parameters
    ----------
    operator : callable
        From the inputs' values to ``(value, (local derivative for each input))``. The local derivatives of an
        entrywise operator have the shape of its value; others are `LinearMap`.
    *inputs : Node, or array_like
        What the operator is applied to; numbers and arrays become a `Constant`.

    Returns
    -------
    Node
        The gate, with its value.

    Raises
    ------
    ValueError
        If the operator is not defined for these values, or their shapes do not fit together.

    References
    ----------
    Baydin, Pearlmutter, Radul and Siskind, "Automatic differentiation in machine learning: a survey", JMLR 18, 2018.

    Examples
    --------
    >>> def squash(x):  # a whole sigmoid as one gate
    ...     a = 0.5 + 0.5 * math.tanh(0.5 * x)
    ...     return a, (a * (1 - a),)
    >>> a = gate(squash, Node(1.0))
    >>> round(a.value, 2), round(a.local[0], 2)
    (0.73, 0.2)
    """
    node: Node = object.__new__(Node)
    node.inputs = tuple([x if isinstance(x, Node) else Constant(x) for x in inputs])
    node.operator, node.gradient, node.mark, node.name = operator, None, None, ""
    node.evaluate()
    return node


# ---- the two passes ---------------------------------------------------------------------------------------------


def topological_order(output: Node) -> list[Node]:
    """Return all nodes the output depends on, each after its inputs; the output is the last.

    If vᵢ is an input of vₖ, then vᵢ stands before vₖ. Equation :eq:`graph-order`. Depth first, with a stack of its
    own: None on it says that the inputs of the node below are done. So depth costs memory, not Python's recursion.

    Parameters
    ----------
    output : Node
        The node that is asked for.

    Returns
    -------
    list of Node
        The order, each node once.

    Raises
    ------
    ValueError
        If output is not a Node.

    References
    ----------
    Tarjan, "Edge-disjoint spanning trees and depth-first search", Acta Informatica 6, 1976.

    Examples
    --------
    >>> x = Node(2.0, "x")
    >>> [node.symbol for node in topological_order(x * x + 1)]
    ['x', '×', '1', '+']
    """
    if not isinstance(output, Node):
        raise ValueError(f"output must be a Node, but is of type {type(output).__name__}")
    order: list[Node] = []
    stack: list[Any] = [output]
    pop, push, extend, finish = stack.pop, stack.append, stack.extend, order.append  # looked up once, for speed
    search = object()  # marks what this search has entered; a set would say the same, more slowly
    while stack:
        node = pop()
        if node is None:
            finish(pop())
        elif node.mark is not search:
            node.mark = search
            inputs = node.inputs
            if inputs:
                push(node)
                push(None)
                extend(inputs[::-1])  # the first input is to be popped first
            else:
                finish(node)
    return order


def forward(order: Iterable[Node]) -> Any:
    """Compute the values of nodes anew, each from those before it, after an input was given another value.

    vₖ = fₖ(vᵢ : i input of k) for k = 1, 2, …, with the local derivatives. Equation :eq:`graph-forward`. The graph
    itself stays: branches that Python took while it was built are not taken again.

    Parameters
    ----------
    order : iterable of Node
        A `topological_order`, or a part of one, to go step by step.

    Returns
    -------
    float or ndarray
        The value of the last node.

    Raises
    ------
    ValueError
        If order is empty, or an operator is not defined for the new values.

    References
    ----------
    Baydin, Pearlmutter, Radul and Siskind, "Automatic differentiation in machine learning: a survey", JMLR 18, 2018.

    Examples
    --------
    >>> x, y = Node(2.0), Node(3.0)
    >>> f = x * y
    >>> x.value = 10.0
    >>> forward(topological_order(f))
    30.0
    """
    node = None
    for node in order:
        node.evaluate()
    if node is None:
        raise ValueError("order is empty; at least one node is needed")
    return node.value


def backward(output: Node, seed: ArrayLike | None = None) -> None:
    """Set the gradient of every node the output depends on.

    v̄ₖ = ∂f/∂vₖ, from v̄ = 1 at the output f back to the inputs: v̄ᵢ = Σ over the gates k that use vᵢ of v̄ₖ ∂vₖ/∂vᵢ.
    Equation :eq:`graph-backward`. One pass gives all gradients, for about the price of the pass forward.

    Parameters
    ----------
    output : Node
        f. Gradients of an earlier call are forgotten.
    seed : float or array_like, of the shape of the output's value, optional
        f̄ to start with instead of 1, required where the output has several entries: the gradients are then those of
        the sum of its entries, each times the seed's.

    Raises
    ------
    ValueError
        If output is not a Node, or has several entries and there is no seed, or the seed has another shape.

    Returns
    -------
    None
        The gradients are at the nodes.

    References
    ----------
    Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT 16, 1976.

    Examples
    --------
    >>> w = Node([1.0, 2.0])
    >>> loss = (w * w).sum()
    >>> backward(loss)
    >>> w.gradient
    array([2., 4.])
    """
    order = topological_order(output)
    start = _seed(output.value, seed)
    for node in order:
        node.gradient = 0.0
    output.gradient = start
    pass_back(reversed(order))


def pass_back(nodes: Iterable[Node]) -> None:
    """Let each node hand its gradient back to its inputs, times the local derivative; sums grow over the paths.

    v̄ᵢ ← v̄ᵢ + v̄ₖ ∂vₖ/∂vᵢ for every input i of k. Equation :eq:`graph-backward`. This is `backward` for single steps:
    set the output's gradient to 1 and all others to 0, then call it with one node after the other.

    Parameters
    ----------
    nodes : iterable of Node
        Nodes whose gradients are complete, in reversed topological order.

    Returns
    -------
    None
        The gradients of the inputs have grown.

    Raises
    ------
    ValueError
        If a node has no gradient to start from.

    References
    ----------
    Griewank and Walther, Evaluating Derivatives, 2008, section 3.2.

    Examples
    --------
    >>> x = Node(3.0)
    >>> f = x * x
    >>> x.gradient, f.gradient = 0.0, 1.0
    >>> pass_back([f])
    >>> x.gradient
    6.0
    """
    try:
        for node in nodes:
            inputs, gradient = node.inputs, node.gradient
            if len(inputs) == 2:  # as below, written out: most gates have two inputs, and this takes a third less time
                x, y = inputs
                to_x, to_y = node.local
                x.gradient += to_x * gradient
                y.gradient += to_y * gradient
            elif inputs:
                for x, local in zip(inputs, node.local, strict=True):
                    x.gradient += local * gradient
    except TypeError:
        if any(x.gradient is None for x in (node, *node.inputs)):
            raise ValueError("a node has no gradient yet: set the output's to 1 and all others to 0 first") from None
        raise


# ---- more gates -------------------------------------------------------------------------------------------------


def _negate(x: Any) -> Any:
    return -x, (-1.0,)


def _power(x: Any, exponent: float) -> Any:
    power = math.pow if x.__class__ is float else np.power
    return power(x, exponent), (exponent * power(x, exponent - 1.0) if exponent else 0.0 * x,)


def _exp(x: Any) -> Any:
    if x.__class__ is float:
        try:
            value = math.exp(x)
        except OverflowError:
            value = math.inf  # as NumPy has it
    else:
        with np.errstate(over="ignore"):
            value = np.exp(x)
    return value, (value,)


def _log(x: Any) -> Any:
    return (math.log if x.__class__ is float else np.log)(x), (1.0 / x,)


def _tanh(x: Any) -> Any:
    value = (math.tanh if x.__class__ is float else np.tanh)(x)
    return value, (1.0 - value * value,)


def _maximum(x: Any, y: Any) -> Any:
    if x.__class__ is float is y.__class__:
        first = x >= y
        return x if first or x != x else y, (float(first), float(not first))  # x != x: NaN passes
    larger = np.greater_equal(x, y)
    return np.maximum(x, y), (larger, ~larger)


_larger = _infix(_maximum)


def exp(x: NodeLike) -> Node:
    """Return eˣ as a gate; its local derivative is its own value.  Equation :eq:`gate-exp`.

    Parameters
    ----------
    x : Node, or array_like
        Any shape.

    Returns
    -------
    Node
        eˣ, same shape; infinite, without a warning, where it is too large for the type.

    Raises
    ------
    ValueError
        If x does not hold real numbers.

    References
    ----------
    Griewank and Walther, Evaluating Derivatives, 2008, section 2.1.

    Examples
    --------
    >>> exp(0).value, exp(0).local
    (1.0, (1.0,))
    """
    return gate(_exp, x)


def log(x: NodeLike) -> Node:
    """Return ln x as a gate; its local derivative is 1/x.  Equation :eq:`gate-log`.

    Parameters
    ----------
    x : Node, or array_like
        Any shape.

    Returns
    -------
    Node
        ln x, same shape.

    Raises
    ------
    ValueError
        If x is a number and not positive; in an array such entries give what NumPy gives, with its warning.

    References
    ----------
    Griewank and Walther, Evaluating Derivatives, 2008, section 2.1.

    Examples
    --------
    >>> log(2).local
    (0.5,)
    """
    return gate(_log, x)


def tanh(x: NodeLike) -> Node:
    """Return tanh x as a gate; its local derivative is 1 − tanh² x.  Equation :eq:`gate-tanh`.

    The sigmoid is ½ + ½ tanh(x/2). Written with gates for exp, its way back has ∞ · 0 for x below −355; this way
    it has not.

    Parameters
    ----------
    x : Node, or array_like
        Any shape.

    Returns
    -------
    Node
        tanh x, same shape.

    Raises
    ------
    ValueError
        If x does not hold real numbers.

    References
    ----------
    Griewank and Walther, Evaluating Derivatives, 2008, section 2.1.

    Examples
    --------
    >>> tanh(0).value, tanh(0).local
    (0.0, (1.0,))
    """
    return gate(_tanh, x)


def maximum(x: NodeLike, y: NodeLike) -> Node:
    """Return the larger of x and y as a gate: all of the gradient goes to the larger.  Equation :eq:`gate-maximum`.

    Where both are equal it goes to the first. So ``maximum(0, z)`` is the rectifier with slope 0 at 0, as in chapter 2.

    Parameters
    ----------
    x, y : Node, or array_like
        Shapes that broadcast.

    Returns
    -------
    Node
        max(x, y), of the common shape.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.

    References
    ----------
    Griewank and Walther, Evaluating Derivatives, 2008, chapter 14, on operators with a kink.

    Examples
    --------
    >>> maximum(0, Node(-2.0)).local, maximum(0, Node(3.0)).local
    ((1.0, 0.0), (0.0, 1.0))
    """
    return _larger(x if isinstance(x, Node) else Constant(x), y)


# ---- gates of arrays ---------------------------------------------------------------------------------------------


class LinearMap:
    """A local derivative that is no number: it turns the gradient of a gate into its input's share.

    ``linear_map * g`` is Jᵀ g, written as a function since J itself would be far too large: for a product of two
    100×100 matrices it has 10⁸ entries. Equation :eq:`graph-linear-map`.

    Parameters
    ----------
    function : callable
        From an array of the shape of the gate's value to one of the shape of the input's.

    Examples
    --------
    >>> total = LinearMap(lambda g: g.sum(axis=0))  # of x, where x + y has added x to each row of y
    >>> total * np.array([[1.0, 2.0], [3.0, 4.0]])
    array([4., 6.])
    """

    __slots__ = ("function",)

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def __mul__(self, gradient: Any) -> Any:
        return self.function(gradient)


def _matmul(x: Any, y: Any) -> Any:
    if not {np.ndim(x), np.ndim(y)} <= {1, 2}:
        raise ValueError("it multiplies matrices and vectors")
    if x.shape[-1] != y.shape[0]:
        raise ValueError("the last length of the first must be the first length of the second")
    left, right = np.atleast_2d(x), y if y.ndim == 2 else y[:, None]  # a vector is one row on the left, one column here

    def to_x(g: Any) -> Any:
        return (np.reshape(g, (left.shape[0], right.shape[1])) @ right.T).reshape(x.shape)

    def to_y(g: Any) -> Any:
        g = np.reshape(g, (left.shape[0], right.shape[1]))
        product = (g.T @ left).T if right.flags.f_contiguous else left.T @ g  # in memory as y lies, which W.T turns
        return product.reshape(y.shape)

    return x @ y, (LinearMap(to_x), LinearMap(to_y))


def _sum(x: Any, axis: Axes, keepdims: bool) -> Any:
    def spread(g: Any) -> Any:
        return np.broadcast_to(g if axis is None or keepdims else np.expand_dims(g, axis), np.shape(x))

    return np.sum(x, axis=axis, keepdims=keepdims), (LinearMap(spread),)


def _mean(x: Any, axis: Axes, keepdims: bool) -> Any:
    total, (spread,) = _sum(x, axis, keepdims)
    if np.size(x) == 0:
        raise ValueError("the mean of nothing is undefined")
    count = np.size(x) / np.size(total)
    return total / count, (LinearMap(lambda g: spread * (g / count)),)


def _reshape(x: Any, shape: int | tuple[int, ...]) -> Any:
    return np.reshape(x, shape), (LinearMap(lambda g: np.reshape(g, np.shape(x))),)


def _transpose(x: Any, axes: tuple[int, ...] | None) -> Any:
    back = None if axes is None else tuple(np.argsort(np.arange(np.ndim(x))[list(axes)]))
    return np.transpose(x, axes), (LinearMap(lambda g: np.transpose(g, back)),)


def _to_shapes(local: tuple[Any, ...], inputs: Sequence[Node], value: Any) -> tuple[Any, ...]:
    """Return the local derivatives so that each, times a gradient, has the shape of its input.

    Broadcasting copies an input along some axes. Each copy reaches the output on a path of its own, so the gradients
    are summed over these axes. Equation :eq:`gate-broadcast`.
    """
    return tuple([_to_shape_of(x, slope, value) for x, slope in zip(inputs, local, strict=True)])


def _to_shape_of(x: Node, local: Any, value: Any) -> Any:
    if isinstance(x, Constant):
        return LinearMap(lambda g: 0.0)
    if x.value.__class__ is float:
        return LinearMap(lambda g: float(np.sum(local * g)))
    shape = np.shape(x.value)
    if isinstance(local, LinearMap) or shape == np.shape(value):
        return local
    new_axes = np.ndim(value) - len(shape)
    copied = (*range(new_axes), *(i + new_axes for i, length in enumerate(shape) if length == 1))
    return LinearMap(lambda g: np.reshape(np.sum(local * g, axis=copied), shape))


def _number_or_array(value: ArrayLike) -> Any:
    """Return an input's value: a float64 number as Python's float, everything else as an array of our own."""
    array = as_float("value", value)
    return float(array) if array.ndim == 0 and array.dtype == np.float64 else array.copy()


def _seed(value: Any, seed: ArrayLike | None) -> Any:
    """Return the gradient a pass back starts with."""
    shape = np.shape(value)
    if seed is None:
        if np.size(value) != 1:
            raise ValueError(f"output has shape {shape}, expected (), or a seed of shape {shape}")
        seed = np.ones(shape)
    array = as_float("seed", seed)
    require_shape("seed", array, shape)
    return float(array) if value.__class__ is float else np.array(array, dtype=np.asarray(value).dtype)[()]


SYMBOLS: dict[Any, str] = {
    _add: "+", _subtract: "−", _multiply: "×", _divide: "÷", _negate: "×(−1)", _power: "^", _exp: "exp", _log: "log",
    _tanh: "tanh", _maximum: "max", _matmul: "@", _sum: "sum", _mean: "mean", _reshape: "reshape", _transpose: "T",
}  # fmt: skip


# ---- to look at a graph -----------------------------------------------------------------------------------------


def as_data(output: Node) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """Return a graph as plain data, with values, gradients, and what flows back along each edge.

    Along the edge from vᵢ to vₖ flows v̄ₖ ∂vₖ/∂vᵢ; what flows into vᵢ adds up to v̄ᵢ. Equation :eq:`graph-backward`.

    Parameters
    ----------
    output : Node
        The node whose graph is wanted.

    Returns
    -------
    nodes : dict
        In topological order, by unique names (a node's own, or its symbol): name ("" where it has none), symbol, value,
        gradient.
    edges : list of dict
        ``from``, ``to`` by those names, and ``share``: what flows back, None before `backward`.

    Raises
    ------
    ValueError
        If output is not a Node.

    References
    ----------
    Bauer, "Computational graphs and rounding error", SIAM Journal on Numerical Analysis 11, 1974.

    Examples
    --------
    >>> x = Node(3.0, "x")
    >>> f = x * x
    >>> backward(f)
    >>> nodes, edges = as_data(f)
    >>> nodes["x"]
    {'name': 'x', 'symbol': 'x', 'value': 3.0, 'gradient': 6.0}
    >>> edges
    [{'from': 'x', 'to': '×', 'share': 3.0}, {'from': 'x', 'to': '×', 'share': 3.0}]
    """
    names: dict[Node, str] = {}
    taken: set[str] = set()
    order = topological_order(output)
    for node in order:
        wanted = name = node.name or node.symbol
        number = 2
        while name in taken:
            name, number = f"{wanted} {number}", number + 1
        taken.add(name)
        names[node] = name
    nodes = {
        names[node]: {
            "name": node.name,
            "symbol": node.symbol,
            "value": copy(node.value),
            "gradient": copy(node.gradient),
        }
        for node in order
    }
    edges = [
        {"from": names[source], "to": names[node], "share": None if node.gradient is None else local * node.gradient}
        for node in order
        for source, local in zip(node.inputs, node.local, strict=True)
    ]
    return nodes, edges
