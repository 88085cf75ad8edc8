"""Graphs against the worked numbers, autograd, differences and backpropagation, for numbers and for arrays."""

import ast
import gc
import inspect
import math
import operator
import sys
import weakref

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from proof import assert_gradient, assert_slope_along_random_directions, no_warnings
from test_backprop import EVERY_PAIR, HIDDEN, flat, loss_by_formula, problem, problem_away_from_kinks

from course_lib import backprop, networks, plots
from course_lib.graph import (
    Constant,
    LinearMap,
    Node,
    as_data,
    backward,
    exp,
    forward,
    gate,
    log,
    maximum,
    pass_back,
    tanh,
    topological_order,
)

# the same formula with nodes and with autograd; x and y are positive and apart, so that every gate has a slope
BINARY = {
    "+": (lambda x, y: x + y, lambda x, y: x + y),
    "−": (lambda x, y: x - y, lambda x, y: x - y),
    "×": (lambda x, y: x * y, lambda x, y: x * y),
    "÷": (lambda x, y: x / y, lambda x, y: x / y),
    "max": (maximum, anp.maximum),
    "**": (lambda x, y: x**y, lambda x, y: x**y),
}
UNARY = {
    "neg": (lambda x: -x, lambda x: -x),
    "exp": (exp, anp.exp),
    "log": (log, anp.log),
    "tanh": (tanh, anp.tanh),
    "cube": (lambda x: x**3, lambda x: x**3),
    "root": (lambda x: x**0.5, lambda x: x**0.5),
    "inverse": (lambda x: x**-1, lambda x: x**-1),
    "zeroth": (lambda x: x**0, lambda x: x**0),
    "+1": (lambda x: x + 1, lambda x: x + 1),
    "1+": (lambda x: 1 + x, lambda x: 1 + x),
    "−1": (lambda x: x - 1, lambda x: x - 1),
    "1−": (lambda x: 1 - x, lambda x: 1 - x),
    "×2": (lambda x: x * 2, lambda x: x * 2),
    "2×": (lambda x: 2 * x, lambda x: 2 * x),
    "÷2": (lambda x: x / 2, lambda x: x / 2),
    "2÷": (lambda x: 2 / x, lambda x: 2 / x),
    "2**": (lambda x: 2**x, lambda x: 2**x),
    "max(1, x)": (lambda x: maximum(1, x), lambda x: anp.maximum(1.0, x)),
    "max(x, 1)": (lambda x: maximum(x, 1), lambda x: anp.maximum(x, 1.0)),
}
every_unary = pytest.mark.parametrize(("ours", "formula"), UNARY.values(), ids=UNARY)
every_binary = pytest.mark.parametrize(("ours", "formula"), BINARY.values(), ids=BINARY)
RNG = np.random.default_rng(0)


def gradients(function, *values):
    """Return value and gradients of function(nodes), its entries weighted unlike each other and summed."""
    nodes = [Node(value) for value in values]
    output = function(*nodes)
    weights = 1.0 + np.arange(np.size(output.value)).reshape(np.shape(output.value))
    backward(output, weights)
    return output.value, [node.gradient for node in nodes]


def assert_agrees_with_autograd(ours, formula, *values):
    value, found = gradients(ours, *values)
    expected = formula(*values)
    np.testing.assert_allclose(value, expected, rtol=1e-13)
    assert np.shape(value) == np.shape(expected)
    weights = 1.0 + np.arange(np.size(expected)).reshape(np.shape(expected))
    for i, gradient in enumerate(found):
        by_autograd = autograd.grad(lambda *v: anp.sum(weights * formula(*v)), i)(
            *map(anp.array, map(float_of, values))
        )
        assert np.shape(gradient) == np.shape(values[i])
        # the same local derivatives, summed in another order
        np.testing.assert_allclose(gradient, by_autograd, rtol=1e-12, atol=1e-13)


def float_of(value):
    return np.asarray(value, dtype=float)


# ---- worked numbers ---------------------------------------------------------------------------------------------


def test_a_sum_times_a_number_by_hand():
    x, y, z = Node(1), Node(-3), Node(4)
    q = x + y
    f = q * z
    backward(f)
    assert (q.value, f.value) == (-2.0, -8.0)
    assert (x.gradient, y.gradient, z.gradient) == (4.0, 4.0, -2.0)
    assert (q.gradient, f.gradient) == (4.0, 1.0)
    assert q.local == (1.0, 1.0)
    assert f.local == (4.0, -2.0)


def sigmoid_neuron():
    w, x = [Node(v, n) for v, n in ((2, "w₀"), (-3, "w₁"), (-3, "w₂"))], [Node(-1, "x₀"), Node(-2, "x₁")]
    z = w[0] * x[0] + w[1] * x[1] + w[2]
    steps = [z, -z]
    steps.append(exp(steps[-1]))
    steps.append(steps[-1] + 1)
    steps.append(1 / steps[-1])
    return w, x, steps


def test_the_sigmoid_neuron_gate_by_gate_by_hand():
    w, x, steps = sigmoid_neuron()
    backward(steps[-1])
    assert [round(node.value, 2) for node in steps] == [1.0, -1.0, 0.37, 1.37, 0.73]
    # each gradient on the way back is the one after it times a local derivative: −1/1.37² = −0.53, 1, e⁻¹, −1
    assert [round(node.gradient, 2) for node in steps] == [0.2, -0.2, -0.53, -0.53, 1.0]
    a = 1 / (1 + math.exp(-1))
    slope = a * (1 - a)
    found = [node.gradient for node in (*w, *x)]
    assert found == pytest.approx([-1 * slope, -2 * slope, slope, 2 * slope, -3 * slope], rel=1e-14)


def test_local_derivatives_are_the_table_by_hand():
    x, y = Node(6.0), Node(2.0)
    assert (x + y).local == (1.0, 1.0)
    assert (x - y).local == (1.0, -1.0)
    assert (x * y).local == (2.0, 6.0)
    assert (x / y).local == (0.5, -1.5)
    assert (-x).local == (-1.0,)
    assert (x**3).local == (108.0,)
    assert log(y).local == (0.5,)
    assert exp(y).local == (math.exp(2),)
    assert tanh(Node(0.0)).local == (1.0,)
    assert maximum(x, y).local == (1.0, 0.0)
    assert maximum(y, x).local == (0.0, 1.0)


def test_at_a_tie_the_first_gets_the_gradient_so_that_the_rectifier_has_slope_0_at_0():
    x, y = Node(5.0), Node(5.0)
    backward(maximum(x, y))
    assert (x.gradient, y.gradient) == (1.0, 0.0)
    z = Node([-1.0, 0.0, 2.0])
    backward(maximum(0, z).sum())
    np.testing.assert_array_equal(z.gradient, [0.0, 0.0, 1.0])
    number = Node(0.0)
    backward(maximum(0, number))
    assert number.gradient == 0.0


def test_a_matrix_product_by_hand():
    x, y = Node([[1.0, 2.0]]), Node([[3.0], [5.0]])
    z = x @ y
    backward(z)
    assert z.value.tolist() == [[13.0]]
    assert x.gradient.tolist() == [[3.0, 5.0]]
    assert y.gradient.tolist() == [[1.0], [2.0]]


# ---- gates ------------------------------------------------------------------------------------------------------


@every_unary
@pytest.mark.parametrize("x", [1.7, np.array([0.3, 2.5, 1.1]), RNG.uniform(0.2, 3, (2, 3))], ids=["()", "(3)", "(2,3)"])
def test_gates_of_one_agree_with_autograd(ours, formula, x):
    assert_agrees_with_autograd(ours, formula, x)


@every_unary
def test_gates_of_one_agree_with_differences(ours, formula):
    for value in (np.array(1.7), np.array([0.7, 1.7])):
        assert_gradient(gradients(ours, value)[1][0], lambda v: weighted(ours(Node(v)).value), value)


def weighted(value):
    return np.sum((1.0 + np.arange(np.size(value)).reshape(np.shape(value))) * value)


@every_binary
@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), seed=st.integers(0, 999))
def test_gates_of_two_broadcast_as_autograd_does(ours, formula, shapes, seed):
    rng = np.random.default_rng(seed)
    x, y = (rng.uniform(0.5, 2.0, shape) for shape in shapes.input_shapes)
    assert_agrees_with_autograd(ours, formula, x, y)


@every_binary
@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), seed=st.integers(0, 999))
def test_a_broadcast_input_gets_the_sum_over_its_copies(ours, formula, shapes, seed):
    rng = np.random.default_rng(seed)
    values = [rng.uniform(0.5, 2.0, shape) for shape in shapes.input_shapes]
    copies = [np.broadcast_to(value, shapes.result_shape) for value in values]
    for gradient, apart, value in zip(gradients(ours, *values)[1], gradients(ours, *copies)[1], values, strict=True):
        expected = np.zeros(value.shape)
        places = np.broadcast_to(np.arange(value.size).reshape(value.shape), shapes.result_shape)
        np.add.at(expected.reshape(-1), places.reshape(-1), np.reshape(apart, -1))
        np.testing.assert_allclose(gradient, expected, rtol=1e-12)


@every_binary
def test_numbers_mix_with_arrays(ours, formula):
    assert_agrees_with_autograd(ours, formula, 1.5, np.array([[0.5, 2.0, 3.0]]))
    assert_agrees_with_autograd(ours, formula, np.array([[0.5, 2.0, 3.0]]), 1.5)
    node = Node(1.5)
    backward(ours(node, Node([0.5, 2.0])).sum())
    assert type(node.gradient) is float  # the gradient of a number is one


@every_binary
def test_an_array_on_the_left_leaves_the_gate_to_the_node(ours, formula):
    if ours is not maximum:
        left, right = np.array([1.5, 2.5]), Node([[0.5], [1.0]])
        output = ours(left, right)
        assert isinstance(output, Node)
        np.testing.assert_allclose(output.value, formula(left, right.value), rtol=1e-14)


@pytest.mark.parametrize("shapes", [((2, 3), (3, 4)), ((3,), (3, 4)), ((2, 3), (3,)), ((3,), (3,)), ((1, 1), (1, 1))])
def test_matrix_products_agree_with_autograd(shapes):
    x, y = (RNG.standard_normal(shape) for shape in shapes)
    assert_agrees_with_autograd(operator.matmul, anp.dot, x, y)
    assert_agrees_with_autograd(lambda x: x @ y, lambda x: anp.dot(x, y), x)
    assert_agrees_with_autograd(lambda y: x @ y, lambda y: anp.dot(x, y), y)


@given(
    hnp.array_shapes(max_dims=4, max_side=3).flatmap(
        lambda shape: st.tuples(st.just(shape), st.none() | hnp.valid_tuple_axes(len(shape)) | st.just(len(shape) - 1))
    ),
    st.booleans(),
    st.sampled_from(["sum", "mean"]),
)
def test_sums_and_means_agree_with_autograd(shape_and_axis, keepdims, name):
    shape, axis = shape_and_axis
    x = np.random.default_rng(0).standard_normal(shape)
    assert_agrees_with_autograd(
        lambda x: getattr(x, name)(axis, keepdims), lambda x: getattr(anp, name)(x, axis, keepdims=keepdims), x
    )


@given(st.permutations([2, 3, 4]), st.permutations([0, 1, 2]))
def test_reshape_and_transpose_agree_with_autograd(shape, axes):
    x = np.random.default_rng(0).standard_normal(shape)
    assert_agrees_with_autograd(lambda x: x.reshape((6, -1)), lambda x: anp.reshape(x, (6, -1)), x)
    assert_agrees_with_autograd(lambda x: x.reshape(-1), lambda x: anp.reshape(x, -1), x)
    assert_agrees_with_autograd(lambda x: x.transpose(tuple(axes)), lambda x: anp.transpose(x, axes), x)
    negative = tuple(axis - 3 if axis != shape[0] % 3 else axis for axis in axes)
    assert_agrees_with_autograd(lambda x: x.transpose(negative), lambda x: anp.transpose(x, axes), x)  # its own fails
    assert_agrees_with_autograd(lambda x: x.T, anp.transpose, x)


def test_sums_of_a_number_are_the_number():
    x = Node(3.0)
    for output in (x.sum(), x.mean(), x.reshape((1, 1)), x.T):
        backward(output)
        assert output.value == 3.0
        assert x.gradient == 1.0
        assert type(x.gradient) is float


expressions = st.recursive(
    st.sampled_from(["x", "y", 0.5, 2.0]),
    lambda part: st.tuples(st.sampled_from(["+", "−", "×", "max"]), part, part) | st.tuples(st.just("tanh"), part),
    max_leaves=12,
)


def written(expression, x, y, tables):
    """Return an expression's value with the operators of one of two kinds."""
    if not isinstance(expression, tuple):
        return {"x": x, "y": y}.get(expression, expression)
    parts = [written(part, x, y, tables) for part in expression[1:]]
    return tables[expression[0]](*parts)


@given(expressions, st.floats(-2, 2), st.floats(-2, 2))
def test_any_expression_agrees_with_the_chain_rule_written_out(expression, x, y):
    def derivative(e, name):
        if not isinstance(e, tuple):
            return float(e == name)
        sign, *parts = e
        slopes = [derivative(part, name) for part in parts]
        values = [written(part, x, y, numbers) for part in parts]
        if sign == "tanh":
            return (1 - math.tanh(values[0]) ** 2) * slopes[0]
        if sign == "×":
            return slopes[0] * values[1] + values[0] * slopes[1]
        if sign == "max":
            return slopes[0] if values[0] >= values[1] else slopes[1]
        return slopes[0] + (slopes[1] if sign == "+" else -slopes[1])

    numbers = {"+": operator.add, "−": operator.sub, "×": operator.mul, "max": max, "tanh": math.tanh}
    nodes = numbers | {"max": maximum, "tanh": tanh}
    a, b = Node(x), Node(y)
    output = written(expression, a, b, nodes)
    if not isinstance(output, Node):
        return
    backward(output)
    assert output.value == pytest.approx(written(expression, x, y, numbers), rel=1e-14)
    for node, name in ((a, "x"), (b, "y")):
        expected = derivative(expression, name)  # forward mode: one sweep an input
        found = node.gradient if node.gradient is not None else 0.0  # None: the output does not depend on it
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
def test_one_entry_of_an_array_graph_is_the_graph_of_numbers(shape):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.5, 2, shape), rng.uniform(0.5, 2, shape)

    def f(x, y):
        return log(x * y + 1) / maximum(x, y) - tanh(x) ** 2 * exp(-y) + x**y

    value, (dx, dy) = gradients(lambda x, y: f(x, y).sum(), x, y)
    singles = [gradients(f, float(a), float(b)) for a, b in zip(x.ravel(), y.ravel(), strict=True)]
    assert value == pytest.approx(sum(single[0] for single in singles), rel=1e-14)
    np.testing.assert_allclose(np.ravel(dx), [single[1][0] for single in singles], rtol=1e-13)
    np.testing.assert_allclose(np.ravel(dy), [single[1][1] for single in singles], rtol=1e-13)


@every_binary
def test_the_quick_way_for_two_numbers_is_the_general_one(ours, formula):
    node = ours(Node(1.5), Node(2.5))
    again = gate(node.operator, *node.inputs)
    assert all(
        getattr(node, slot) == getattr(again, slot)
        for slot in ("value", "local", "inputs", "operator", "name", "gradient")
    )


def test_numbers_stay_numbers():
    _, _, steps = sigmoid_neuron()
    output = maximum(tanh(steps[-1] * np.float64(2)), 0) ** 2 - log(7) + np.array(3)
    backward(output)
    for node in topological_order(output):
        assert type(node.value) is float
        assert type(node.gradient) is float
        assert all(type(local) is float for local in node.local)


def test_a_gate_of_ones_own():
    def squash(x):
        a = 1 / (1 + np.exp(-x))
        return a, (a * (1 - a),)

    def total(x):
        return x.sum(axis=0), (LinearMap(lambda g: np.tile(g, (len(x), 1))),)

    x = np.array([[0.5, -1.0], [2.0, 0.0]])
    assert_agrees_with_autograd(
        lambda x: gate(total, gate(squash, x)), lambda x: anp.sum(1 / (1 + anp.exp(-x)), axis=0), x
    )
    assert gate(squash, Node(x)).symbol == "squash"


# ---- order, passes ----------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=40))
def test_inputs_come_first_and_every_node_once(choices):
    nodes = [Node(1.0), Node(2.0)]
    for i, j in choices:
        nodes.append(nodes[i % len(nodes)] + nodes[j % len(nodes)])
    order = topological_order(nodes[-1])
    place = {node: k for k, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is nodes[-1]
    assert all(place[source] < place[node] for node in order for source in node.inputs)
    reached = {nodes[-1]}
    for node in reversed(nodes):
        if node in reached:
            reached.update(node.inputs)
    assert set(order) == reached


def test_a_constant_array_is_not_asked_for_its_gradient():
    x, w = np.ones((2, 3)), Node(np.ones((3, 2)))
    for output in ((x @ w).sum(), (x.T * w).sum(), (Constant(x) @ w).sum()):
        backward(output)
        (constant,) = [node for node in topological_order(output) if isinstance(node, Constant)]
        assert constant.gradient == 0.0
        np.testing.assert_array_equal(w.gradient, np.full((3, 2), 2.0) if "@" in names(output) else np.ones((3, 2)))


def test_a_constant_number_among_arrays_is_not_asked_either():
    z = Node(np.array([-1.0, 2.0]))
    output = (maximum(1, z) * 2).sum()
    backward(output)
    one, two = [node for node in topological_order(output) if isinstance(node, Constant)]
    assert (one.gradient, two.gradient) == (0.0, 0.0)
    asked = Node(1.0)
    backward(maximum(asked, z).sum())
    assert asked.gradient == 1.0


def names(output):
    return [node.symbol for node in topological_order(output)]


def test_the_gradient_of_a_matrix_lies_in_memory_as_the_matrix_does():
    w = Node(np.ones((4, 3)))
    for product in (np.ones((2, 3)) @ w.T, np.ones((2, 4)) @ w):
        backward(product.sum())
        assert w.gradient.flags.c_contiguous


def test_the_order_reads_as_the_expression_does():
    x, y, z = Node(1, "x"), Node(-3, "y"), Node(4, "z")
    assert [node.symbol for node in topological_order((x + y) * z)] == ["x", "y", "+", "z", "×"]


def test_a_node_used_several_times_sums_over_the_paths():
    x = Node(3.0)
    f = x * x + x + 2 * x
    backward(f)
    assert x.gradient == 2 * 3.0 + 1 + 2
    array = Node([1.0, 2.0])
    backward((array * array + array).sum())
    np.testing.assert_array_equal(array.gradient, [3.0, 5.0])


def test_the_number_of_paths_does_not_matter():
    x = node = Node(1.0)
    for _ in range(60):
        node = node + node  # 2⁶⁰ paths, 61 nodes
    assert len(topological_order(node)) == 61
    backward(node)
    assert x.gradient == 2.0**60


def chain(x, length):
    node = x
    for _ in range(length):
        node = node * 1.0
    return node


@pytest.mark.parametrize(("value", "length"), [(2.0, 100_000), (np.array([2.0, 3.0]), 20_000)], ids=["number", "array"])
def test_a_long_chain_works_from_building_to_the_end_of_it(value, length):
    x = Node(value)
    last = chain(x, length)
    assert length > 10 * sys.getrecursionlimit()
    order = topological_order(last)
    assert len(order) == 2 * length + 1
    x.value = value * 5
    np.testing.assert_array_equal(forward(order), value * 5)
    backward(last, np.ones(np.shape(value)))
    np.testing.assert_array_equal(x.gradient, np.ones(np.shape(value)))
    del order, last  # frees the nodes from the last to the first
    x.gradient = None
    gc.collect()


def test_a_graph_is_freed_with_its_output():
    class Watched(Node):
        __slots__ = ("__weakref__",)

    x = Watched(1.0)
    output = chain(x, 1000)
    backward(output)
    watch = weakref.ref(x)
    gc.disable()
    try:
        del x, output
        assert watch() is None  # no cycles: nothing waits for the garbage collector
    finally:
        gc.enable()


def test_forward_after_a_change_is_the_graph_built_anew():
    def f(x, w):
        return (tanh(x @ w) * maximum(x, 0.5)).mean() + exp(-w).sum() / 3 + (x.T.reshape(-1) ** 2).sum()

    rng = np.random.default_rng(1)
    (x1, x2), (w1, w2) = rng.uniform(0.1, 1, (2, 3, 3)), rng.standard_normal((2, 3, 3))
    x, w = Node(x1), Node(w1)
    output = f(x, w)
    order = topological_order(output)
    backward(output)
    x.value, w.value = x2, w2
    assert forward(order) == output.value
    backward(output)
    value, (dx, dw) = gradients(f, x2, w2)
    assert output.value == value
    np.testing.assert_array_equal(x.gradient, dx)
    np.testing.assert_array_equal(w.gradient, dw)


def test_forward_goes_step_by_step_too():
    w, _, steps = sigmoid_neuron()
    order = topological_order(steps[-1])
    w[2].value = -2.0
    for node in order:
        before = node.value
        assert forward([node]) == node.value
        assert (node.value != before) == (node in steps)  # from the last sum on, all change; before it, nothing
    assert steps[-1].value == pytest.approx(1 / (1 + math.exp(-2)), rel=1e-15)


def test_a_changed_shape_goes_through():
    x, w = Node(np.ones((2, 3))), Node(np.full(3, 2.0))
    output = (x * w).mean()
    x.value = np.full((5, 3), 4.0)
    assert forward(topological_order(output)) == 8.0
    backward(output)
    np.testing.assert_allclose(x.gradient, np.full((5, 3), 2 / 15), rtol=1e-15)
    np.testing.assert_allclose(w.gradient, np.full(3, 4 / 3), rtol=1e-15)


def test_a_second_pass_back_starts_from_nothing():
    w, x, steps = sigmoid_neuron()
    backward(steps[-1])
    first = [node.gradient for node in (*w, *x)]
    backward(steps[-1])
    assert [node.gradient for node in (*w, *x)] == first
    backward(steps[0])
    assert [node.gradient for node in w] == [-1.0, -2.0, 1.0]
    assert steps[-1].gradient == 1.0  # not part of what steps[0] depends on: it keeps what it had


def test_single_steps_back_are_the_pass_back():
    _, _, steps = sigmoid_neuron()
    order = topological_order(steps[-1])
    backward(steps[-1])
    expected = [node.gradient for node in order]
    for node in order:
        node.gradient = 0.0
    steps[-1].gradient = 1.0
    for count, node in enumerate(reversed(order), start=1):
        pass_back([node])
        done = order[-count:]
        assert [n.gradient for n in done] == expected[-count:]  # a node is complete when its turn comes
    assert [node.gradient for node in order] == expected


def test_an_output_that_is_an_input_has_gradient_1():
    x = Node(3.0)
    backward(x)
    assert x.gradient == 1.0


def test_a_seed_weighs_the_entries_of_the_output():
    x = Node([1.0, 2.0, 3.0])
    output = x * x
    backward(output, [1, 0, 10])
    np.testing.assert_array_equal(x.gradient, [2.0, 0.0, 60.0])
    rows = []
    for row in np.eye(3):  # one pass a row of the Jacobian
        backward(output, row)
        rows.append(x.gradient)
    np.testing.assert_array_equal(rows, np.diag([2.0, 4.0, 6.0]))
    number = Node(2.0)
    backward(number * 3, 5)
    assert number.gradient == 15.0


# ---- networks ---------------------------------------------------------------------------------------------------


def softmax(z):
    powers = exp(z)
    return powers / powers.sum(axis=1, keepdims=True)


ACTIVATIONS = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + exp(-z)),
    "tanh": tanh,
    "relu": lambda z: maximum(0, z),
    "leaky_relu": lambda z: maximum(0, z) - 0.01 * maximum(0, -z),
    "shifted_relu": lambda z: maximum(-1, z),
    "elu": lambda z: maximum(0, z) + exp(-maximum(0, -z)) - 1,
    "softplus": lambda z: log(1 + exp(z)),
    "softmax": softmax,
}
LOSSES = {
    "half_squared": lambda a, y: ((a - y) ** 2).sum() / 2 / len(y),
    "squared": lambda a, y: ((a - y) ** 2).sum() / len(y),
    "mean_squared_error": lambda a, y: ((a - y) ** 2).mean(),
    "l1": lambda a, y: maximum(a - y, y - a).sum() / len(y),
    "binary_cross_entropy": lambda a, y: -(y * log(a) + (1 - y) * log(1 - a)).sum() / len(y),
    "cross_entropy": lambda a, y: -(np.eye(a.value.shape[1])[y] * log(a)).sum() / len(y),
}


def network_graph(layers, x, y, loss):
    """Return the loss of a network as a graph, and the nodes of its parameters."""
    parameters = [(Node(w), Node(b)) for w, b, _ in layers]
    a = Node(x)
    for (w, b), (_, _, name) in zip(parameters, layers, strict=True):
        a = ACTIVATIONS[name](a @ w.T + b)
    return LOSSES[loss](a, y), parameters


def network_gradient(layers, x, y, loss):
    output, parameters = network_graph(layers, x, y, loss)
    backward(output)
    return float(output.value), flat([(w.gradient, b.gradient) for w, b in parameters])


@pytest.mark.parametrize(("output", "loss"), EVERY_PAIR)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_network_agrees_with_backpropagation_and_autograd(hidden, output, loss):
    layers, x, y = problem(hidden, output, loss, seed=1)
    value, gradient = network_gradient(layers, x, y, loss)
    expected, by_backprop = backprop.backpropagate(x, y, layers, loss)
    by_backprop = flat(by_backprop)
    by_autograd = flat(autograd.grad(lambda p: loss_by_formula(p, layers, x, y, loss))([(w, b) for w, b, _ in layers]))
    assert value == pytest.approx(expected, rel=1e-13)
    # the same products and sums in another order: rounding of terms of size 1 only
    for other in (by_backprop, by_autograd):
        assert np.linalg.norm(gradient - other) <= 1e-12 * np.linalg.norm(other) + 1e-14


@pytest.mark.parametrize(("output", "loss"), EVERY_PAIR)
@pytest.mark.parametrize("hidden", ["tanh", "elu", "relu"])
def test_a_network_agrees_with_differences(hidden, output, loss):
    layers, x, y = problem_away_from_kinks(hidden, output, loss, sizes=(2, 3, 3, 2), n=2)
    theta = networks.flatten_parameters(layers)

    def f(theta):
        return network_graph(networks.unflatten_parameters(theta, layers), x, y, loss)[0].value

    gradient = network_gradient(layers, x, y, loss)[1]
    assert_slope_along_random_directions(gradient, f, theta, np.random.default_rng(0))
    if hidden == "tanh":
        assert_gradient(gradient, f, theta)


def test_a_network_of_numbers_agrees_with_the_network_of_arrays():
    layers, x, y = problem("tanh", "linear", "squared", seed=3)
    _, expected = network_gradient(layers, x, y, "squared")
    weights = [[[Node(v) for v in row] for row in w] for w, _, _ in layers]
    biases = [[Node(v) for v in b] for _, b, _ in layers]
    total = Node(0.0)
    for sample, target in zip(x.tolist(), y.tolist(), strict=True):
        a = sample
        for w, b, (_, _, name) in zip(weights, biases, layers, strict=True):
            z = [
                bias + sum(weight * v for weight, v in zip(row, a, strict=True)) for row, bias in zip(w, b, strict=True)
            ]
            a = [ACTIVATIONS[name](unit) for unit in z]
        for unit, goal in zip(a, target, strict=True):
            total = total + (unit - goal) ** 2
    backward(total / len(x))
    found = [node.gradient for w, b in zip(weights, biases, strict=True) for row in (*w, b) for node in row]
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-14)


# ---- manners ----------------------------------------------------------------------------------------------------


def test_float32_stays_float32():
    layers, x, y = problem("relu", "softmax", "half_squared", seed=5, dtype=np.float32)
    output, parameters = network_graph(layers, x, y, "half_squared")
    backward(output)
    for node in topological_order(output):
        if type(node.value) is not float:
            assert node.value.dtype == np.float32
            assert isinstance(node, Constant) or node.gradient.dtype == np.float32
    for w, b in parameters:
        assert (w.gradient.shape, b.gradient.shape) == (w.value.shape, b.value.shape)
    assert Node(np.float32(2)).value.dtype == np.float32
    assert Node([1, 2]).value.dtype == np.float64


def test_arrays_are_copied_and_left_alone():
    x, w, seed = np.ones((2, 3)), np.ones((3, 2)), np.ones((2, 2))
    before = [array.copy() for array in (x, w, seed)]
    a, b = Node(x), Node(w)
    output = maximum(a @ b, 0) * 1
    backward(output, seed)
    a.gradient += 1
    output.gradient += 1
    for array, copy in zip((x, w, seed), before, strict=True):
        np.testing.assert_array_equal(array, copy)
    assert not np.shares_memory(a.value, x)
    assert not np.shares_memory(output.gradient, seed)


def test_no_gradient_shares_memory_with_another_or_a_value():
    x, y = Node(np.ones((2, 2))), Node(np.ones((2, 2)))
    output = ((x + y).T.reshape(4) * 1.0 - y.reshape(4)).sum()
    backward(output)
    order = topological_order(output)
    arrays = [n.gradient for n in order if np.ndim(n.gradient)]
    for i, one in enumerate(arrays):
        assert not any(np.shares_memory(one, other) for other in arrays[i + 1 :])
        assert not any(np.shares_memory(one, n.value) for n in order if np.ndim(n.value))


def test_not_a_number_passes():
    nan = math.nan
    for function in (lambda x: x + 1, lambda x: 2 / x, exp, log, tanh, lambda x: x**2, lambda x: maximum(x, 1)):
        with no_warnings():
            assert math.isnan(function(Node(nan)).value)
            assert np.isnan(function(Node([nan, 1.0])).value).tolist() == [True, False]
    assert math.isnan(maximum(1, Node(nan)).value)


def test_large_arguments_give_limits_without_warnings():
    z = [-1000.0, 0.0, 1000.0]
    with no_warnings():
        arrays = exp(Node(z)).value
        sigmoid = 0.5 + 0.5 * tanh(0.5 * Node(z))
        backward(sigmoid, np.ones(3))
    np.testing.assert_array_equal(arrays, [0.0, 1.0, np.inf])
    assert [exp(v).value for v in z] == [0.0, 1.0, math.inf]
    np.testing.assert_array_equal(sigmoid.value, [0.0, 0.5, 1.0])
    node = Node(-1000.0)
    a = 1 / (1 + exp(-node))
    assert a.value == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Node("one"), "value must hold real numbers"),
        (lambda: Node([[1.0], [1.0, 2.0]]), "value has rows of different lengths"),
        (lambda: Node(Node(1.0)), "value must hold real numbers"),
        (lambda: Node([1.0, 2.0]) + Node([1.0, 2.0, 3.0]), r"\+ cannot be applied to shape \(2,\) and shape \(3,\)"),
        (lambda: maximum([1.0, 2.0], [1.0, 2.0, 3.0]), r"max cannot be applied to shape \(2,\) and shape \(3,\)"),
        (
            lambda: Node(np.ones((2, 3))) @ np.ones((2, 3)),
            r"@ cannot be applied to shape \(2, 3\) and shape \(2, 3\): the last length",
        ),
        (lambda: Node(np.ones((2, 3))) @ 2, r"@ cannot be applied to shape \(2, 3\) and 2\.0: it multiplies"),
        (lambda: Node(1.0) / 0, r"÷ cannot be applied to 1\.0 and 0\.0: float division by zero"),
        (lambda: log(-1), r"log cannot be applied to -1\.0"),
        (lambda: Node(-2.0) ** 0.5, r"\^0\.5 cannot be applied to -2\.0"),
        (lambda: Node(1e200) ** 2, r"\^2 cannot be applied to 1e\+200"),
        (lambda: Node(np.ones(3)).reshape((2, 2)), r"reshape cannot be applied to shape \(3,\)"),
        (lambda: Node(np.ones(3)).sum(axis=1), r"sum cannot be applied to shape \(3,\)"),
        (lambda: Node(np.ones((2, 3))).transpose((0, 0)), r"T cannot be applied to shape \(2, 3\)"),
        (lambda: Node(np.ones((0, 3))).mean(), "mean cannot be applied to shape .*: the mean of nothing"),
        (lambda: backward(Node([1.0, 2.0])), r"output has shape \(2,\), expected \(\), or a seed of shape \(2,\)"),
        (lambda: backward(Node([1.0, 2.0]), [1.0]), r"seed has shape \(1,\), expected \(2,\)"),
        (lambda: backward(3.0), "output must be a Node, but is of type float"),
        (lambda: topological_order([Node(1.0)]), "output must be a Node, but is of type list"),
        (lambda: forward([]), "order is empty"),
        (lambda: pass_back([Node(1.0) + 1]), "a node has no gradient yet"),
        (lambda: as_data(2.0), "output must be a Node"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_new_value_that_does_not_fit_is_named_too():
    x = Node([1.0, 2.0])
    output = x + np.array([1.0, 2.0])
    x.value = np.ones(3)
    with pytest.raises(ValueError, match=r"\+ cannot be applied to shape \(3,\) and shape \(2,\)"):
        forward(topological_order(output))


# ---- pictures ---------------------------------------------------------------------------------------------------


def test_what_flows_along_the_edges_adds_up_to_the_gradients():
    u, v = Node(3.0, "u"), Node(0.5, "v")
    f = u * u + tanh(u * v) - v
    assert all(edge["share"] is None for edge in as_data(f)[1])
    backward(f)
    nodes, edges = as_data(f)
    assert len(nodes) == len(topological_order(f))
    for name, node in nodes.items():
        shares = [edge["share"] for edge in edges if edge["from"] == name]
        assert sum(shares) == pytest.approx(node["gradient"] if shares else 0.0)
    assert nodes["u"] == {"name": "u", "symbol": "u", "value": 3.0, "gradient": u.gradient}
    assert {name for name in nodes if name.startswith("×")} == {"×", "× 2"}


def test_plain_data_are_copies():
    x = Node([1.0, 2.0], "x")
    f = (x * x).sum()
    backward(f)
    nodes, _ = as_data(f)
    nodes["x"]["value"] += 1
    nodes["x"]["gradient"] += 1
    assert (x.value.tolist(), x.gradient.tolist()) == ([1.0, 2.0], [2.0, 4.0])


def drawn(output, places=None):
    """Return what is drawn, and all texts of the picture."""
    figure, axes = plots.new_axes()
    nodes, edges = plots.arrange_graph(*as_data(output), places)
    plots.draw_graph(axes, nodes, edges)
    figure.canvas.draw()
    texts = [text.get_text().strip() for text in axes.texts if text.get_text().strip()]
    plots.plt.close(figure)
    return nodes, edges, texts


def test_the_picture_of_the_product_shows_values_and_gradients():
    x, y, z = Node(1, "x"), Node(-3, "y"), Node(4, "z")
    f = (x + y) * z
    backward(f)
    nodes, edges, texts = drawn(f)
    assert edges == [("x", "+", "1", "4"), ("y", "+", "−3", "4"), ("+", "×", "−2", "4"), ("z", "×", "4", "−2")]
    assert nodes["×"][2:] == ("−8", "×", "1")
    assert sorted(texts) == sorted(["x", "y", "z", "+", "×", "−8", "1", *(t for edge in edges for t in edge[2:])])
    assert nodes["x"][0] < nodes["+"][0] < nodes["×"][0]
    assert nodes["x"][1] > nodes["y"][1] > nodes["z"][1]


def test_the_picture_of_the_sigmoid_neuron_shows_the_decks_gates():
    *_, steps = sigmoid_neuron()
    backward(steps[-1])
    nodes, edges, texts = drawn(steps[-1])
    gates = [node[3] for name, node in nodes.items() if name[0] not in "wx"]
    assert gates == ["×", "×", "+", "+", "×(−1)", "exp", "+1", "1÷"]
    assert edges[-2:] == [("exp", "+ 3", "0.37", "−0.53"), ("+ 3", "÷", "1.37", "−0.53")]
    assert nodes["÷"][2] == "0.73"
    assert "×(−1)" in texts


def test_a_number_that_has_a_name_or_two_uses_is_drawn_as_a_node():
    one = Node(1.0)
    x = Node(2.0, "x")
    nodes, _, _ = drawn((x + one) * (x - one))
    assert [node[3] for node in nodes.values()] == ["x", "1", "+", "−", "×"]
    nodes, _, _ = drawn(x - Node(1.0, "b"))
    assert [node[3] for node in nodes.values()] == ["x", "b", "−"]
    nodes, _, _ = drawn((3 - x) * 2 + np.ones(2))
    assert [node[3] for node in nodes.values()] == ["x", "3−", "×2", "(2,)", "+"]


def test_a_node_used_twice_shows_its_paths_and_their_sum():
    x = Node(3.0, "x")
    f = x * x - x
    backward(f)
    nodes, edges, _ = drawn(f)
    assert edges == [("x", "×", "3", "3 + 3"), ("×", "−", "9", "1"), ("x", "−", "3", "−1")]
    assert nodes["x"][2:] == ("", "x", "Σ 5")


@example([(0, 0), (0, 2), (0, 0), (0, 0), (0, 0), (58, 164), (7, 1)])  # an input that stands where a gate does
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=12))
def test_no_two_nodes_stand_in_one_place_and_edges_lead_to_the_right(choices):
    nodes = [Node(1.0, "x"), Node(2.0, "y")]
    for i, j in choices:
        nodes.append(nodes[i % len(nodes)] + nodes[j % len(nodes)])
    places, edges = plots.arrange_graph(*as_data(nodes[-1]))
    spots = [place[:2] for place in places.values()]
    assert all(max(abs(a - c), abs(b - d)) >= 0.5 for i, (a, b) in enumerate(spots) for c, d in spots[i + 1 :])
    assert all(places[start][0] < places[end][0] for start, end, *_ in edges)


def test_nodes_can_be_moved():
    x, y = Node(1.0, "x"), Node(2.0, "y")
    nodes, _, _ = drawn(x * y, {"x": (5.0, 7.0)})
    assert nodes["x"][:2] == (5.0, 7.0)
    with pytest.raises(ValueError, match=r"places names \['z'\], but the nodes drawn are \['x', 'y', '×'\]"):
        drawn(x * y, {"z": (0.0, 0.0)})


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-8.0, "−8"), (0.3678, "0.37"), (-0.5, "−0.5"), (100.0, "100"), (1e-7, "1.0e−07"), (2.5e6, "2.5e+06"),
     (math.inf, "inf"), (np.ones((2, 3)), "(2, 3)"), (None, "")],
)  # fmt: skip
def test_numbers_are_short(value, text):
    assert plots.short(value) == text


def test_a_node_shows_value_and_gradient():
    x = Node(2.0)
    assert repr(x) == "Node(2.0, gradient=None)"
    backward(x * 3)
    assert repr(x) == "Node(2.0, gradient=3.0)"


def test_the_class_reads_in_less_than_100_lines_of_code():
    body = ast.parse(inspect.getsource(Node)).body[0]
    for part in ast.walk(body):
        if isinstance(part, (ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(part) is not None:
            part.body = part.body[1:]
    lines = [line for line in ast.unparse(body).splitlines() if line.strip()]
    assert len(lines) < 100
