"""Backpropagation against differences, the complex step, autograd and numbers worked out by hand."""

from itertools import pairwise, product

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from proof import (
    assert_gradient,
    assert_slope_along_random_directions,
    call_and_compare_arguments,
    complex_gradient,
    no_warnings,
)

from course_lib import activations, backprop, losses, networks
from course_lib.checks import call_unchanged
from course_lib.finite_differences import central_difference, directional_check, relative_error
from course_lib.networks import Layer

SMOOTH = ["linear", "sigmoid", "tanh", "elu", "softplus"]
KINKED = ["relu", "leaky_relu", "shifted_relu"]
OUTPUTS = [
    ("linear", "half_squared"),
    ("linear", "squared"),
    ("tanh", "mean_squared_error"),
    ("sigmoid", "half_squared"),
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "cross_entropy"),
    ("softmax", "half_squared"),
    ("softplus", "l1"),
]
# Every output function that gives what a loss wants; the tables above and below know them all.
EVERY_PAIR = [
    *product(
        ("linear", "relu", "tanh", "sigmoid", "softplus", "softmax"),
        ("half_squared", "squared", "mean_squared_error", "l1"),
    ),
    *product(("sigmoid", "softmax"), ("binary_cross_entropy", "cross_entropy")),
]
HIDDEN = [*SMOOTH, *KINKED, "softmax"]
# autograd's own versions of the functions, written independently of the library.
AUTOGRAD = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.maximum(z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "shifted_relu": lambda z: anp.maximum(z, -1.0),
    "elu": lambda z: anp.where(z > 0, z, anp.exp(z) - 1),
    "softplus": lambda z: anp.log(1 + anp.exp(z)),
    "softmax": lambda z: anp.exp(z) / anp.sum(anp.exp(z), axis=1, keepdims=True),
}
AUTOGRAD_LOSSES = {
    "half_squared": lambda a, y: anp.sum((a - y) ** 2) / 2 / len(y),
    "squared": lambda a, y: anp.sum((a - y) ** 2) / len(y),
    "mean_squared_error": lambda a, y: anp.mean((a - y) ** 2),
    "l1": lambda a, y: anp.sum(anp.abs(a - y)) / len(y),
    "binary_cross_entropy": lambda a, y: -anp.sum(y * anp.log(a) + (1 - y) * anp.log(1 - a)) / len(y),
    "cross_entropy": lambda a, y: -anp.sum(anp.log(a[anp.arange(len(y)), y])) / len(y),
}


def problem(hidden, output, loss, seed, n=4, sizes=(3, 5, 4, 3), dtype=float):
    """Return a network with two hidden layers of one kind, a batch and targets that suit the loss."""
    rng = np.random.default_rng(seed)
    names = [hidden, hidden, output]
    layers = [
        Layer((rng.standard_normal((m, d)) / np.sqrt(d)).astype(dtype), 0.3 * rng.standard_normal(m).astype(dtype), f)
        for d, m, f in zip(sizes[:-1], sizes[1:], names, strict=True)
    ]
    x = rng.standard_normal((n, sizes[0])).astype(dtype)
    y = targets(loss, n, sizes[-1], rng)
    return layers, x, y if loss == "cross_entropy" else y.astype(dtype)


def problem_away_from_kinks(hidden, output, loss, margin=0.03, **arguments):
    """Return a problem none of whose units lies within `margin` of a bend, so that a difference measures one side."""
    for seed in range(1000):
        layers, x, y = problem(hidden, output, loss, seed, **arguments)
        zs, kept = backprop.forward_pass(x, layers)
        gaps = [z - kink for z in zs for kink in (0, -1)] + ([kept[-1] - y] if loss == "l1" else [])
        if min(np.abs(gap).min() for gap in gaps) > margin:
            return layers, x, y
    raise AssertionError("no problem without a unit at a bend")


def targets(loss, n, m, rng):
    """Return targets of the kind the loss wants, for n samples and m outputs."""
    if loss == "cross_entropy":
        return rng.integers(0, m, n)
    return rng.integers(0, 2, (n, m)).astype(float) if loss == "binary_cross_entropy" else rng.standard_normal((n, m))


def flat(gradients):
    return np.concatenate([part.ravel() for pair in gradients for part in pair])


def loss_by_formula(parameters, layers, x, y, loss):
    """Return the loss by the textbook formulas alone; takes autograd's boxes and complex numbers."""
    a = x
    for (w, b), (_, _, name) in zip(parameters, layers, strict=True):
        a = AUTOGRAD[name](anp.dot(a, w.T) + b)
    return AUTOGRAD_LOSSES[loss](a, y)


def in_pairs(theta, layers):
    """Return the parameters (w, b) of each layer from one vector, which may be complex."""
    shapes = [part.shape for layer in layers for part in layer[:2]]
    ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
    parts = [part.reshape(shape) for part, shape in zip(np.split(theta, ends), shapes, strict=True)]
    return list(zip(parts[::2], parts[1::2], strict=True))


def loss_of(theta, layers, x, y, loss):
    return backprop.LOSSES[loss][0](networks.forward(x, networks.unflatten_parameters(theta, layers)), y)


@given(
    st.sampled_from([*SMOOTH, *KINKED]),
    st.sampled_from(OUTPUTS),
    st.lists(st.integers(1, 4), min_size=4, max_size=4),
    st.integers(1, 5),
    st.integers(0, 999),
)
def test_agrees_with_autograd_whatever_the_sizes(hidden, pair, sizes, n, seed):
    assert_agrees_with_autograd(*problem(hidden, *pair, seed, n, tuple(sizes)), pair[1])


@given(st.lists(st.sampled_from(HIDDEN), max_size=4), st.sampled_from(EVERY_PAIR), st.integers(0, 999), st.data())
def test_agrees_with_autograd_whatever_the_depth_and_the_mixture(hidden, pair, seed, data):
    names, rng = [*hidden, pair[0]], np.random.default_rng(seed)
    sizes = data.draw(st.lists(st.integers(2, 4), min_size=len(names) + 1, max_size=len(names) + 1))
    layers = [
        Layer(rng.standard_normal((m, d)) / np.sqrt(d), 0.3 * rng.standard_normal(m), name)
        for d, m, name in zip(sizes[:-1], sizes[1:], names, strict=True)
    ]
    x, y = rng.standard_normal((3, sizes[0])), targets(pair[1], 3, sizes[-1], rng)
    assert_agrees_with_autograd(layers, x, y, pair[1])


@pytest.mark.parametrize(("output", "loss"), EVERY_PAIR)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_agrees_with_autograd(hidden, output, loss):
    assert_agrees_with_autograd(*problem(hidden, output, loss, seed=1), loss)


def assert_agrees_with_autograd(layers, x, y, loss):
    def run(parameters):
        return loss_by_formula(parameters, layers, x, y, loss)

    value, gradients = backprop.backpropagate(x, y, layers, loss)
    parameters = [(w, b) for w, b, _ in layers]
    assert value == pytest.approx(run(parameters), rel=1e-12, abs=1e-14)
    expected = flat(autograd.grad(run)(parameters))
    # Two orderings of the same products and sums: rounding only. Where they cancel (a softmax over one class has the
    # gradient 0), the rounding is that of the terms, which are of size 1.
    assert np.linalg.norm(flat(gradients) - expected) <= 1e-12 * np.linalg.norm(expected) + 1e-14


@pytest.mark.parametrize(("output", "loss"), OUTPUTS)
@pytest.mark.parametrize("hidden", SMOOTH)
def test_agrees_with_differences_along_random_directions(hidden, output, loss):
    layers, x, y = problem(hidden, output, loss, seed=2)
    theta = networks.flatten_parameters(layers)
    gradient = flat(backprop.backpropagate(x, y, layers, loss)[1])
    rng = np.random.default_rng(0)
    for _ in range(5):
        assert directional_check(lambda t: loss_of(t, layers, x, y, loss), gradient, theta, rng) < 1e-7


@pytest.mark.parametrize(("output", "loss"), OUTPUTS)
@pytest.mark.parametrize("hidden", KINKED)
def test_agrees_with_differences_along_random_directions_away_from_kinks(hidden, output, loss):
    layers, x, y = problem_away_from_kinks(hidden, output, loss, sizes=(3, 4, 3, 2), n=2)
    theta = networks.flatten_parameters(layers)
    gradient = flat(backprop.backpropagate(x, y, layers, loss)[1])
    rng = np.random.default_rng(0)
    assert_slope_along_random_directions(gradient, lambda t: loss_of(t, layers, x, y, loss), theta, rng, count=5)


@pytest.mark.parametrize(("output", "loss"), EVERY_PAIR)
@pytest.mark.parametrize("hidden", ["tanh", "relu"])
def test_agrees_with_five_point_differences_entry_by_entry(hidden, output, loss):
    layers, x, y = problem_away_from_kinks(hidden, output, loss, sizes=(2, 3, 3, 2), n=2)
    theta = networks.flatten_parameters(layers)
    gradient = flat(backprop.backpropagate(x, y, layers, loss)[1])
    assert_gradient(gradient, lambda t: loss_of(t, layers, x, y, loss), theta)


@pytest.mark.parametrize(("output", "loss"), OUTPUTS)
def test_agrees_with_differences_entry_by_entry(output, loss):
    layers, x, y = problem("tanh", output, loss, seed=3, sizes=(2, 3, 2, 2))
    theta = networks.flatten_parameters(layers)
    measured = central_difference(lambda t: loss_of(t, layers, x, y, loss), theta)
    assert relative_error(flat(backprop.backpropagate(x, y, layers, loss)[1]), measured) < 1e-7


@pytest.mark.parametrize(("output", "loss"), [pair for pair in EVERY_PAIR if pair[0] != "relu" and pair[1] != "l1"])
@pytest.mark.parametrize("hidden", [*SMOOTH, "softmax"])
def test_agrees_with_the_complex_step_to_rounding(hidden, output, loss):
    layers, x, y = problem(hidden, output, loss, seed=4, sizes=(2, 3, 3, 2))
    theta = networks.flatten_parameters(layers)
    by_complex_step = complex_gradient(lambda t: loss_by_formula(in_pairs(t, layers), layers, x, y, loss), theta)
    gradient = flat(backprop.backpropagate(x, y, layers, loss)[1])
    # Some tens of roundings of 1e-16 each, and terms that cancel where softmax mixes them.
    assert np.linalg.norm(gradient - by_complex_step) < 1e-14 * max(1, np.linalg.norm(by_complex_step))


@given(
    st.sampled_from([*SMOOTH, *KINKED]),
    st.sampled_from(OUTPUTS),
    st.lists(st.integers(1, 4), min_size=4, max_size=4),
    st.integers(1, 5),
    st.integers(0, 999),
)
def test_batch_gradient_is_the_mean_of_its_samples(hidden, pair, sizes, n, seed):
    output, loss = pair
    layers, x, y = problem(hidden, output, loss, seed, n, tuple(sizes))
    value, gradients = backprop.backpropagate(x, y, layers, loss)
    singles = [backprop.backpropagate(x[i : i + 1], y[i : i + 1], layers, loss) for i in range(n)]
    np.testing.assert_allclose(value, np.mean([s[0] for s in singles]), rtol=1e-10, atol=1e-12)
    mean = np.mean([flat(s[1]) for s in singles], axis=0)
    np.testing.assert_allclose(flat(gradients), mean, rtol=1e-9, atol=1e-12)
    for (dw, db), (w, b, _) in zip(gradients, layers, strict=True):
        assert dw.shape == w.shape
        assert db.shape == b.shape


def test_network_worked_out_by_hand():
    # z1 = (ln 3, −ln 3), a1 = (¾, ¼), slopes 3/16; z2 = 2·¾ + 4·¼ − 1.5 = 1; J = ½; δ2 = 1;
    # ∂J/∂a1 = (2, 4); δ1 = (0.375, 0.75); dW1 = δ1 xᵀ with x = (1, 2).
    t = np.log(3.0)
    layers = [
        Layer(np.array([[t, 0.0], [t, -t]]), np.zeros(2), "sigmoid"),
        Layer(np.array([[2.0, 4.0]]), np.array([-1.5]), "linear"),
    ]
    value, ((dw1, db1), (dw2, db2)) = backprop.backpropagate([[1.0, 2.0]], [[0.0]], layers, "half_squared")
    assert value == pytest.approx(0.5, rel=1e-14)
    np.testing.assert_allclose(dw1, [[0.375, 0.75], [0.75, 1.5]], rtol=1e-14)
    np.testing.assert_allclose(db1, [0.375, 0.75], rtol=1e-14)
    np.testing.assert_allclose(dw2, [[0.75, 0.25]], rtol=1e-14)
    np.testing.assert_allclose(db2, [1.0], rtol=1e-14)


def test_a_batch_of_two_worked_out_by_hand():
    # outputs 1 and 3, errors 1 and 2: J = (1 + 4)/2 / 2; with the batch's 1/2, delta = (1/2, 1):
    # dW = 1/2 (1, 0) + 1 (2, 1), db = 1/2 + 1
    layers = [Layer([[1.0, 1.0]], [0.0], "linear")]
    value, ((dw, db),) = backprop.backpropagate([[1.0, 0.0], [2.0, 1.0]], [[0.0], [1.0]], layers, "half_squared")
    assert value == 1.25
    np.testing.assert_array_equal(dw, [[2.5, 1.0]])
    np.testing.assert_array_equal(db, [1.5])


def test_softmax_with_cross_entropy_worked_out_by_hand():
    # The columns of W are the logits. Sample 1: softmax(0, ln 2, ln 5) = (1, 2, 5)/8 with class 1: loss ln 4,
    # delta (1, -6, 5)/8. Sample 2: softmax(0, 0, ln 2) = (1, 1, 2)/4 with class 2: loss ln 2, delta (1, 1, -2)/4.
    layers = [Layer(np.log([[1.0, 1.0], [2.0, 1.0], [5.0, 2.0]]), np.zeros(3), "softmax")]
    value, ((dw, db),) = backprop.backpropagate(np.eye(2), [1, 2], layers, "cross_entropy")
    assert value == pytest.approx(1.5 * np.log(2), rel=1e-14)
    np.testing.assert_allclose(dw, np.array([[1, 2], [-6, 2], [5, -4]]) / 16, rtol=1e-14)
    np.testing.assert_allclose(db, np.array([3, -4, 1]) / 16, rtol=1e-14)


def test_sigmoid_with_binary_cross_entropy_worked_out_by_hand():
    # p = sigmoid(ln 3) = 3/4 where 0 was right: loss ln 4, delta 3/4; and p = 1/4 where 1 was right: the mirror image.
    layers = [Layer([[np.log(3.0)]], [0.0], "sigmoid")]
    value, ((dw, db),) = backprop.backpropagate([[1.0], [-1.0]], [[0.0], [1.0]], layers, "binary_cross_entropy")
    assert value == pytest.approx(np.log(4), rel=1e-14)
    assert dw[0, 0] == pytest.approx(0.75, rel=1e-14)
    assert db[0] == pytest.approx(0, abs=1e-15)


def test_softmax_with_squared_loss_worked_out_by_hand():
    # h = (1/4, 3/4), y = (1, 0): g = h - y = (-3/4, 3/4), g.h = 3/8, delta = h (g - 3/8) = (-9/32, 9/32);
    # g h (1 - h) would be (-9/64, 9/64), half of it.
    z, y = np.log([[1.0, 3.0]]), [[1.0, 0.0]]
    delta = backprop.output_delta(z, y, "softmax", "half_squared")
    np.testing.assert_allclose(delta, [[-9 / 32, 9 / 32]], rtol=1e-14)
    h = activations.softmax(z)
    np.testing.assert_allclose((h - y) * h * (1 - h), delta / 2, rtol=1e-14)


@pytest.mark.parametrize(("output", "loss"), EVERY_PAIR)
def test_output_delta_is_the_slope_of_the_loss_for_the_pre_activations(output, loss):
    rng = np.random.default_rng(13)
    z = rng.choice([-1.0, 1.0], (4, 3)) * rng.uniform(0.1, 2, (4, 3))  # no unit at a bend
    y = targets(loss, 4, 3, rng)
    delta = backprop.output_delta(z, y, output, loss)
    assert_gradient(delta, lambda z: backprop.LOSSES[loss][0](networks.activate(z, output), y), z)


@pytest.mark.parametrize("loss", ["squared", "mean_squared_error", "l1", "binary_cross_entropy"])
def test_softmax_with_any_unmatched_loss_goes_through_its_jacobian(loss):
    rng = np.random.default_rng(14)
    z, y = rng.normal(size=(4, 3)), targets(loss, 4, 3, rng)
    g = backprop.LOSSES[loss][1](activations.softmax(z), y)
    delta = backprop.output_delta(z, y, "softmax", loss)
    jacobian = activations.softmax_jacobian(z)
    np.testing.assert_allclose(delta, [g[n] @ jacobian[n] for n in range(4)], rtol=1e-12, atol=1e-15)
    h = activations.softmax(z)
    assert relative_error(g * h * (1 - h), delta) > 0.1  # the diagonal alone is another thing


def test_softmax_with_squared_loss_through_a_network_is_not_the_elementwise_formula():
    layers, x, y = problem("tanh", "softmax", "half_squared", seed=15)
    theta = networks.flatten_parameters(layers)
    gradients = backprop.backpropagate(x, y, layers, "half_squared")[1]
    assert_slope_along_random_directions(
        flat(gradients), lambda t: loss_of(t, layers, x, y, "half_squared"), theta, np.random.default_rng(15)
    )
    _, kept = backprop.forward_pass(x, layers)
    h = kept[-1]
    naive = backprop.layer_gradients((h - y) / len(x) * h * (1 - h), kept[-2])
    assert relative_error(naive[0], gradients[-1][0]) > 0.1
    assert relative_error(naive[1], gradients[-1][1]) > 0.1


def test_softmax_with_another_loss_needs_its_jacobian():
    z, y = np.array([[0.5, -0.3, 1.2], [2.0, 0.0, -1.0]]), np.eye(3)[[1, 0]]
    delta = backprop.output_delta(z, y, "softmax", "half_squared")
    measured = central_difference(lambda z: losses.half_squared_loss(activations.softmax(z), y), z)
    np.testing.assert_allclose(delta, measured, rtol=1e-7, atol=1e-10)
    h = activations.softmax(z)
    jacobian = np.einsum("ni,nij->nj", (h - y) / 2, activations.softmax_jacobian(z))
    np.testing.assert_allclose(delta, jacobian, rtol=1e-12)
    assert relative_error((h - y) / 2 * h * (1 - h), delta) > 0.1  # the elementwise formula is another thing


@pytest.mark.parametrize(
    ("output", "loss", "y"), [("sigmoid", "binary_cross_entropy", [[1.0, 0.0]]), ("softmax", "cross_entropy", [1])]
)
def test_matched_outputs_start_with_a_minus_y(output, loss, y):
    z = np.array([[0.3, -0.8]])
    target = np.eye(2)[y] if output == "softmax" else np.array(y)
    np.testing.assert_allclose(
        backprop.output_delta(z, y, output, loss), networks.activate(z, output) - target, rtol=1e-12
    )
    # and the unmatched way, through the loss's gradient for the activations, gives the same
    a = networks.activate(z, output)
    slow = backprop.delta_from_output_gradient(backprop.LOSSES[loss][1](a, y), z, output)
    np.testing.assert_allclose(backprop.output_delta(z, y, output, loss), slow, rtol=1e-10)


@pytest.mark.parametrize(
    ("output", "loss", "y"), [("sigmoid", "binary_cross_entropy", [[1.0, 0.0]]), ("softmax", "cross_entropy", [1])]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_give_finite_loss_and_gradient_without_warning(output, loss, y, dtype):
    layers = [Layer(np.array([[1000.0], [-1000.0]], dtype=dtype), np.zeros(2, dtype=dtype), output)]
    with np.errstate(all="raise", under="ignore"):
        for sign in (1, -1):
            value, ((dw, db),) = backprop.backpropagate(np.array([[sign]], dtype=dtype), y, layers, loss)
            assert np.isfinite(value)
            assert np.isfinite(dw).all()
            assert np.isfinite(db).all()


@pytest.mark.parametrize(
    ("output", "loss", "y"), [("sigmoid", "binary_cross_entropy", [[1.0, 0.0]]), ("softmax", "cross_entropy", [0])]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_cost_what_they_should(output, loss, y, dtype):
    # logits (1000, -1000) are right: no loss, no gradient. (-1000, 1000) are wrong by 2000: delta = a - y = (-1, 1).
    layers = [Layer(np.array([[1000], [-1000]], dtype), np.zeros(2, dtype), output)]
    with no_warnings():
        right, ((right_dw, right_db),) = backprop.backpropagate(np.array([[1]], dtype), y, layers, loss)
        wrong, ((wrong_dw, wrong_db),) = backprop.backpropagate(np.array([[-1]], dtype), y, layers, loss)
    assert right == 0
    assert not right_dw.any()
    assert not right_db.any()
    assert wrong == 2000
    np.testing.assert_array_equal(wrong_dw, [[1], [-1]])
    np.testing.assert_array_equal(wrong_db, [-1, 1])


@pytest.mark.parametrize(("output", "loss"), OUTPUTS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_saturated_layers_give_finite_loss_and_gradient_without_warning(hidden, output, loss):
    layers, x, y = problem(hidden, output, loss, seed=19)
    layers[0] = layers[0]._replace(weights=1000 * layers[0].weights)
    layers[2] = layers[2]._replace(weights=np.clip(layers[2].weights, -1, 1))
    with no_warnings():
        value, gradients = backprop.backpropagate(x, y, layers, loss)
    assert np.isfinite(value)
    assert np.isfinite(flat(gradients)).all()


def test_nan_passes_through_without_warning():
    layers, x, y = problem("tanh", "linear", "half_squared", seed=20)
    x[0, 0] = np.nan
    with no_warnings():
        value, gradients = backprop.backpropagate(x, y, layers, "half_squared")
    assert np.isnan(value)
    assert np.isnan(flat(gradients)).all()


def test_both_views_of_the_hidden_delta_agree():
    rng = np.random.default_rng(5)
    delta, w, z = rng.standard_normal((4, 3)), rng.standard_normal((3, 5)), rng.standard_normal((4, 5))
    at_output = backprop.gradient_at_output(delta, w)
    one_by_one = [[sum(delta[n, m] * w[m, d] for m in range(3)) for d in range(5)] for n in range(4)]
    np.testing.assert_allclose(at_output, one_by_one, rtol=1e-12)
    np.testing.assert_allclose(
        backprop.hidden_delta(delta, w, z, "tanh"), at_output * (1 - np.tanh(z) ** 2), rtol=1e-12
    )


@pytest.mark.parametrize("hidden", HIDDEN)
def test_both_views_of_a_hidden_unit_agree_with_differences(hidden):
    layers, x, y = problem_away_from_kinks(hidden, "tanh", "half_squared", sizes=(3, 4, 3, 2), n=2)
    zs, kept = backprop.forward_pass(x, layers)

    def loss_from(a, number):
        return losses.half_squared_loss(networks.forward(a, layers[number:]), y)

    delta = backprop.output_delta(zs[2], y, "tanh", "half_squared")
    for number in (2, 1):  # first to the outputs a of the layer, then through its function to its z
        da = backprop.gradient_at_output(delta, layers[number].weights)
        assert_gradient(da, lambda a, k=number: loss_from(a, k), kept[number])
        seen_from_z = backprop.hidden_delta(delta, layers[number].weights, zs[number - 1], hidden)
        np.testing.assert_array_equal(seen_from_z, backprop.delta_from_output_gradient(da, zs[number - 1], hidden))
        assert_gradient(seen_from_z, lambda z, k=number: loss_from(networks.activate(z, hidden), k), zs[number - 1])
        delta = seen_from_z


def test_deltas_and_gradients_of_one_sample_are_those_of_its_row():
    rng = np.random.default_rng(16)
    delta, w, z, a = (rng.normal(size=shape) for shape in ((4, 3), (3, 5), (4, 5), (4, 5)))
    for name in HIDDEN:
        rows = [backprop.hidden_delta(delta[n], w, z[n], name) for n in range(4)]
        np.testing.assert_allclose(backprop.hidden_delta(delta, w, z, name), rows, rtol=1e-13, atol=1e-15)
    singles = [backprop.layer_gradients(delta[n], a[n]) for n in range(4)]
    dw, db = backprop.layer_gradients(delta, a)
    np.testing.assert_allclose(dw, sum(single[0] for single in singles), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(db, sum(single[1] for single in singles), rtol=1e-13, atol=1e-15)
    for n, (dw, db) in enumerate(singles):
        np.testing.assert_array_equal(dw, [[delta[n, i] * a[n, j] for j in range(5)] for i in range(3)])
        np.testing.assert_array_equal(db, delta[n])


def test_paths_add_up_in_any_number():
    # p = sin(q1) q2 + q3 with q = J a: the derivative for a is the sum over the three ways
    rng = np.random.default_rng(17)
    local, a = rng.normal(size=(3, 4)), rng.normal(size=4)
    q = local @ a
    upstream = [np.cos(q[0]) * q[1], np.sin(q[0]), 1.0]
    by_complex_step = complex_gradient(lambda a: np.sin(local[0] @ a) * (local[1] @ a) + local[2] @ a, a)
    np.testing.assert_allclose(backprop.sum_over_paths(upstream, local), by_complex_step, rtol=1e-13)
    by_column = [backprop.sum_over_paths(upstream, local[:, d]) for d in range(4)]
    np.testing.assert_allclose(backprop.sum_over_paths(upstream, local), by_column, rtol=1e-14)


def test_forward_pass_keeps_what_forward_computes():
    layers, x, _ = problem("relu", "softmax", "cross_entropy", seed=6)
    zs, kept = backprop.forward_pass(x, layers)
    np.testing.assert_array_equal(kept[0], x)
    np.testing.assert_array_equal(kept[-1], networks.forward(x, layers))
    for z, a, (_, _, name) in zip(zs, kept[1:], layers, strict=True):
        np.testing.assert_array_equal(a, networks.activate(z, name))
    for z, a, (w, b, _) in zip(zs, kept, layers, strict=False):
        np.testing.assert_array_equal(z, networks.affine(a, w, b))
    single_zs, single_kept = backprop.forward_pass(x[1], layers)
    for whole, single in zip([*zs, *kept], [*single_zs, *single_kept], strict=True):
        np.testing.assert_allclose(single, whole[1], rtol=1e-13, atol=1e-15)


@given(
    st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.sampled_from([*SMOOTH, *KINKED]), st.integers(0, 999)
)
def test_in_one_piece_as_modules_and_as_layers_are_the_same(d, k, m, name, seed):
    rng = np.random.default_rng(seed)
    x, y, w, v = (rng.standard_normal(shape) for shape in ((d,), (m,), (k, d), (m, k)))
    dw, dv = backprop.two_layer_gradients(x, y, w, v, name)
    mdw, mdv = backprop.modular_gradients(x, y, [w, v], name)
    np.testing.assert_allclose(mdw, dw, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(mdv, dv, rtol=1e-12, atol=1e-14)
    layers = [Layer(w, np.zeros(k), name), Layer(v, np.zeros(m), "linear")]
    _, ((ldw, _), (ldv, _)) = backprop.backpropagate(x[None], y[None], layers, "half_squared")
    np.testing.assert_allclose(ldw, dw, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(ldv, dv, rtol=1e-12, atol=1e-14)


@given(st.lists(st.integers(1, 4), min_size=2, max_size=6), st.sampled_from(HIDDEN), st.integers(0, 999))
def test_any_number_of_modules_is_the_layered_network_without_biases(sizes, name, seed):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(m, d)) / np.sqrt(d) for d, m in pairwise(sizes)]
    x, y = rng.normal(size=sizes[0]), rng.normal(size=sizes[-1])
    names = [name] * (len(weights) - 1) + ["linear"]
    layers = [Layer(w, np.zeros(len(w)), f) for w, f in zip(weights, names, strict=True)]
    _, pairs = backprop.backpropagate(x[None], y[None], layers, "half_squared")
    for modular, (dw, _) in zip(backprop.modular_gradients(x, y, weights, name), pairs, strict=True):
        np.testing.assert_allclose(modular, dw, rtol=1e-12, atol=1e-14)


def test_three_modules_worked_out_by_hand():
    # W x = (1, -1), h = (1, 0); V h = (2, 3) = h2; U h2 = 2 - 3 = -1, error -1 - 1 = -2: dU = -2 (2, 3);
    # back: -2 (1, -1) = (-2, 2) at h2 and, both units being active, before it: dV = (-2, 2) (1, 0)^T;
    # V^T (-2, 2) = (-4 + 6, -10 + 2) = (2, -8) at h, and (2, 0) before it, the second unit being silent.
    weights = [[[1.0], [-1.0]], [[2.0, 5.0], [3.0, 1.0]], [[1.0, -1.0]]]
    dw, dv, du = backprop.modular_gradients([1.0], [1.0], weights, "relu")
    np.testing.assert_array_equal(du, [[-4.0, -6.0]])
    np.testing.assert_array_equal(dv, [[-2.0, 0.0], [2.0, 0.0]])
    np.testing.assert_array_equal(dw, [[2.0], [0.0]])


@pytest.mark.parametrize("loss", ["half_squared", "cross_entropy"])
def test_affine_modules_in_a_row_are_backpropagation(loss):
    layers, x, y = problem("tanh", "softmax" if loss == "cross_entropy" else "linear", loss, seed=18)
    a, caches, zs = x, [], []
    for w, b, name in layers:
        z, cache = backprop.affine_forward(a, w, b)
        caches.append(cache)
        zs.append(z)
        a = networks.activate(z, name)
    value, expected = backprop.backpropagate(x, y, layers, loss)
    assert value == pytest.approx(backprop.LOSSES[loss][0](a, y), rel=1e-13)
    da = backprop.LOSSES[loss][1](a, y)
    for k in (2, 1, 0):
        dz = backprop.delta_from_output_gradient(da, zs[k], layers[k].activation)
        da, dw, db = backprop.affine_backward(dz, caches[k])
        # softmax by its Jacobian and 1/p loses a digit to a - y
        np.testing.assert_allclose(dw, expected[k][0], rtol=1e-11, atol=1e-14)
        np.testing.assert_allclose(db, expected[k][1], rtol=1e-11, atol=1e-14)


def test_third_module_agrees_with_differences():
    rng = np.random.default_rng(7)
    x, y = rng.standard_normal(3), rng.standard_normal(2)
    weights = [rng.standard_normal(shape) for shape in ((4, 3), (5, 4), (2, 5))]
    gradients = backprop.modular_gradients(x, y, weights, "tanh")
    for k in range(3):

        def loss(w, k=k):
            w1, w2, w3 = [*weights[:k], w, *weights[k + 1 :]]
            return np.sum((w3 @ np.tanh(w2 @ np.tanh(w1 @ x)) - y) ** 2) / 2

        assert relative_error(gradients[k], central_difference(loss, weights[k])) < 1e-8


def test_affine_module_agrees_with_differences():
    rng = np.random.default_rng(8)
    x, w, b, dz = (rng.standard_normal(shape) for shape in ((4, 3), (2, 3), (2,), (4, 2)))
    z, cache = backprop.affine_forward(x, w, b)
    np.testing.assert_allclose(z, x @ w.T + b, rtol=1e-14)
    dx, dw, db = backprop.affine_backward(dz, cache)
    assert relative_error(dx, central_difference(lambda x: np.sum(dz * (x @ w.T + b)), x)) < 1e-8
    assert relative_error(dw, central_difference(lambda w: np.sum(dz * (x @ w.T + b)), w)) < 1e-8
    assert relative_error(db, central_difference(lambda b: np.sum(dz * (x @ w.T + b)), b)) < 1e-8


def test_small_networks_agree_with_the_general_algorithm():
    rng = np.random.default_rng(9)
    x, w, b = rng.standard_normal(3), rng.standard_normal(3), 0.4
    dw, db = backprop.sigmoid_neuron_gradient(x, 0.7, w, b)
    neuron = [Layer(w[None], np.array([b]), "sigmoid")]
    _, ((gw, gb),) = backprop.backpropagate(x[None], [[0.7]], neuron, "half_squared")
    np.testing.assert_allclose(dw, gw[0], rtol=1e-12)
    np.testing.assert_allclose(db, gb[0], rtol=1e-12)

    w1, b1, w2, b2 = (rng.standard_normal(shape) for shape in ((5, 3), (5,), (2, 5), (2,)))
    y = rng.standard_normal(2)
    layers = [Layer(w1, b1, "relu"), Layer(w2, b2, "linear")]
    _, pairs = backprop.backpropagate(x[None], y[None], layers, "squared")
    small = backprop.relu_network_gradients(x, y, w1, b1, w2, b2)
    for one, other in zip(small, [part for pair in pairs for part in pair], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)

    batch, targets, w = rng.standard_normal((6, 3)), rng.standard_normal((6, 2)), rng.standard_normal((2, 3))
    linear = [Layer(w, np.zeros(2), "linear")]
    _, ((gw, _),) = backprop.backpropagate(batch, targets, linear, "mean_squared_error")
    np.testing.assert_allclose(backprop.linear_mse_gradient(batch, targets, w), gw, rtol=1e-12)


@given(st.integers(1, 5), st.integers(0, 999))
def test_sigmoid_neuron_agrees_with_backpropagation_and_the_complex_step(d, seed):
    rng = np.random.default_rng(seed)
    x, w, b, y = rng.normal(size=d), rng.normal(size=d), rng.normal(), rng.normal()
    dw, db = backprop.sigmoid_neuron_gradient(x, y, w, b)
    _, ((gw, gb),) = backprop.backpropagate(x[None], [[y]], [Layer(w[None], [b], "sigmoid")], "half_squared")
    np.testing.assert_allclose([*dw, db], [*gw[0], *gb], rtol=1e-13, atol=1e-15)

    def loss(wb):
        return (1 / (1 + np.exp(-(wb[:d] @ x + wb[d]))) - y) ** 2 / 2

    np.testing.assert_allclose([*dw, db], complex_gradient(loss, np.array([*w, b])), rtol=1e-13, atol=1e-15)


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 4), st.integers(0, 999))
def test_relu_network_agrees_with_backpropagation_and_differences(d, k, m, seed):
    rng = np.random.default_rng(seed)
    x, y, w1, b1, w2, b2 = (rng.normal(size=shape) for shape in ((d,), (m,), (k, d), (k,), (m, k), (m,)))
    small = backprop.relu_network_gradients(x, y, w1, b1, w2, b2)
    layers = [Layer(w1, b1, "relu"), Layer(w2, b2, "linear")]
    _, pairs = backprop.backpropagate(x[None], y[None], layers, "squared")
    for one, other in zip(small, [part for pair in pairs for part in pair], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-14)
    if np.abs(w1 @ x + b1).min() > 0.02:  # a difference across a bend measures neither side

        def loss(*parameters):
            v1, c1, v2, c2 = parameters
            return np.sum((v2 @ np.maximum(v1 @ x + c1, 0) + c2 - y) ** 2)

        parameters, scale = (w1, b1, w2, b2), max(1, loss(w1, b1, w2, b2))
        for number in range(4):

            def as_function_of_one(part, k=number):
                return loss(*parameters[:k], part, *parameters[k + 1 :]) / scale

            assert_gradient(small[number] / scale, as_function_of_one, parameters[number])


@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 3), st.integers(0, 999))
def test_linear_mse_agrees_with_backpropagation_and_the_complex_step(n, d, m, seed):
    rng = np.random.default_rng(seed)
    x, y, w = rng.normal(size=(n, d)), rng.normal(size=(n, m)), rng.normal(size=(m, d))
    gradient = backprop.linear_mse_gradient(x, y, w)
    layers = [Layer(w, np.zeros(m), "linear")]
    _, ((dw, _),) = backprop.backpropagate(x, y, layers, "mean_squared_error")
    np.testing.assert_allclose(gradient, dw, rtol=1e-13, atol=1e-15)
    by_complex_step = complex_gradient(lambda w: np.sum((x @ w.T - y) ** 2) / (n * m), w)
    np.testing.assert_allclose(gradient, by_complex_step, rtol=1e-12, atol=1e-14)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(0, 999))
def test_two_layers_in_one_piece_agree_with_the_complex_step(d, k, m, seed):
    rng = np.random.default_rng(seed)
    x, y, w, v = (rng.normal(size=shape) for shape in ((d,), (m,), (k, d), (m, k)))
    dw, dv = backprop.two_layer_gradients(x, y, w, v, "tanh")

    def loss(w, v):
        return np.sum((v @ np.tanh(w @ x) - y) ** 2) / 2

    np.testing.assert_allclose(dw, complex_gradient(lambda w: loss(w, v), w), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(dv, complex_gradient(lambda v: loss(w, v), v), rtol=1e-12, atol=1e-14)


def test_sigmoid_neuron_worked_out_by_hand():
    # z = 1·2 + 2·(−1) + 0 = 0, a = ½, δ = (½ − 0)·½·½ = 1/8
    dw, db = backprop.sigmoid_neuron_gradient([2.0, -1.0], 0.0, [1.0, 2.0], 0.0)
    np.testing.assert_allclose(dw, [0.25, -0.125], rtol=1e-14)
    assert db == pytest.approx(0.125, rel=1e-14)


def test_relu_network_worked_out_by_hand():
    # z = (2·1 + 1, −1·1) = (3, −1), h = (3, 0); ŷ = (3 + 1, 6) = (4, 6); ∂J/∂ŷ = 2(ŷ − y) = (2, 4);
    # ∂J/∂h = (1·2 + 2·4, 5·2 + 7·4) = (10, 38), and the second unit is silent: δ = (10, 0).
    dw1, db1, dw2, db2 = backprop.relu_network_gradients(
        [1.0], [3.0, 4.0], [[2.0], [-1.0]], [1.0, 0.0], [[1.0, 5.0], [2.0, 7.0]], [1.0, 0.0]
    )
    np.testing.assert_array_equal(dw1, [[10.0], [0.0]])
    np.testing.assert_array_equal(db1, [10.0, 0.0])
    np.testing.assert_array_equal(dw2, [[6.0, 0.0], [12.0, 0.0]])
    np.testing.assert_array_equal(db2, [2.0, 4.0])


def test_a_rectifier_exactly_at_its_kink_passes_nothing_back():
    # z = 2·1 − 2 = 0, where this course takes the slope 0; ŷ = 3·0 + 1 = 1, ∂J/∂ŷ = 2(1 − 0) = 2.
    arguments = [1.0], [0.0], [[2.0]], [-2.0], [[3.0]], [1.0]
    for gradient, expected in zip(backprop.relu_network_gradients(*arguments), (0.0, 0.0, 0.0, 2.0), strict=True):
        np.testing.assert_array_equal(gradient.ravel(), [expected])


def test_linear_layer_with_mean_squared_error_has_the_factor_two():
    # X Wᵀ − Y = (1, −2) for N = 2 samples and M = 1 output; 2/(NM) = 1: 1·(1, 0) − 2·(0, 3) = (1, −6).
    x, y, w = np.array([[1.0, 0.0], [0.0, 3.0]]), np.array([[1.0], [5.0]]), np.array([[2.0, 1.0]])
    np.testing.assert_array_equal(backprop.linear_mse_gradient(x, y, w), [[1.0, -6.0]])
    measured = central_difference(lambda w: np.mean((x @ w.T - y) ** 2), w)
    assert relative_error(backprop.linear_mse_gradient(x, y, w), measured) < 1e-8


def test_several_paths_add_up():
    # p = q₁ q₂ with q₁ = a², q₂ = 3a: ∂p/∂a = q₂·2a + q₁·3 = 9a², 36 at a = 2; the second variable reaches q₂ alone.
    np.testing.assert_array_equal(backprop.sum_over_paths([6.0, 4.0], [[4.0, 0.0], [3.0, 5.0]]), [36.0, 20.0])
    assert backprop.sum_over_paths([6.0, 4.0], [4.0, 3.0]) == 36.0


@pytest.mark.parametrize(("output", "loss"), OUTPUTS)
def test_float32_stays_float32_and_inputs_are_unchanged(output, loss):
    layers, x, y = problem("tanh", output, loss, seed=10, dtype=np.float32)
    kept = [x.copy(), y.copy(), *(part.copy() for layer in layers for part in layer[:2])]
    _, gradients = backprop.backpropagate(x, y, layers, loss)
    assert {part.dtype for pair in gradients for part in pair} == {np.dtype(np.float32)}
    for now, before in zip([x, y, *(part for layer in layers for part in layer[:2])], kept, strict=True):
        np.testing.assert_array_equal(now, before)


def test_hand_derivations_keep_float32_and_leave_their_inputs():
    rng = np.random.default_rng(12)

    def draw(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    calls = [
        (backprop.sigmoid_neuron_gradient, (draw(3), 0.5, draw(3), 0.1)),
        (backprop.two_layer_gradients, (draw(3), draw(2), draw(4, 3), draw(2, 4))),
        (backprop.modular_gradients, (draw(3), draw(2), [draw(4, 3), draw(2, 4)])),
        (backprop.relu_network_gradients, (draw(3), draw(2), draw(4, 3), draw(4), draw(2, 4), draw(2))),
        (backprop.linear_mse_gradient, (draw(5, 3), draw(5, 2), draw(2, 3))),
    ]
    for f, arguments in calls:
        result = call_unchanged(f, *arguments)
        for part in result if isinstance(result, tuple | list) else [result]:
            assert isinstance(part, float) or part.dtype == np.float32, f.__name__


@pytest.mark.parametrize(("output", "loss"), EVERY_PAIR)
def test_a_float64_target_does_not_lift_a_float32_network(output, loss):
    layers, x, y = problem("tanh", output, loss, seed=21, dtype=np.float32)
    y = y if loss == "cross_entropy" else y.astype(float)
    _, gradients = backprop.backpropagate(x, y, layers, loss)
    assert {part.dtype for pair in gradients for part in pair} == {np.dtype(np.float32)}
    wide = [Layer(w.astype(float), b.astype(float), name) for w, b, name in layers]
    expected = flat(backprop.backpropagate(x.astype(float), y, wide, loss)[1])
    # Some tens of roundings of 6e-8 each
    assert np.linalg.norm(flat(gradients) - expected) < 2e-6 * max(1, np.linalg.norm(expected))


def test_a_float64_target_does_not_lift_the_hand_derivations():
    rng = np.random.default_rng(22)
    x, w, v, b, c, batch = (
        rng.normal(size=shape).astype(np.float32) for shape in ((3,), (4, 3), (2, 4), (4,), (2,), (5, 3))
    )
    y = rng.normal(size=2)
    results = [
        *backprop.two_layer_gradients(x, y, w, v),
        *backprop.modular_gradients(x, y, [w, v]),
        *backprop.relu_network_gradients(x, y, w, b, v, c),
        backprop.linear_mse_gradient(batch, rng.normal(size=(5, 4)), w),
        backprop.sigmoid_neuron_gradient(x, np.float64(0.5), x, np.float64(0.1))[0],
    ]
    assert [result.dtype for result in results] == [np.float32] * 10


def test_arguments_are_left_alone_and_results_are_new():
    rng = np.random.default_rng(23)
    delta, w, z, a, b = (rng.normal(size=shape) for shape in ((4, 3), (3, 5), (4, 5), (4, 5), (3,)))
    y = rng.normal(size=(4, 3))
    for name in HIDDEN:
        call_and_compare_arguments(lambda d, w, z, f=name: backprop.hidden_delta(d, w, z, f), delta, w, z)
        call_and_compare_arguments(lambda da, z, f=name: backprop.delta_from_output_gradient(da, z, f), a, z)
        call_and_compare_arguments(lambda z, y, f=name: backprop.output_delta(z, y, f, "squared"), delta, y)
    call_and_compare_arguments(backprop.gradient_at_output, delta, w)
    call_and_compare_arguments(backprop.sum_over_paths, b, w)
    for part in (0, 1):
        call_and_compare_arguments(lambda d, a, k=part: backprop.layer_gradients(d, a)[k], delta, a)
        call_and_compare_arguments(lambda d, a, k=part: backprop.layer_gradients(d, a)[k], delta[0], a[0])
    for part in (0, 1, 2):

        def back(x, w, b, dz, k=part):
            return backprop.affine_backward(dz, backprop.affine_forward(x, w, b)[1])[k]

        call_and_compare_arguments(back, a, w, b, delta)


@pytest.mark.parametrize(("output", "loss"), [("linear", "half_squared"), ("softmax", "cross_entropy")])
def test_lists_and_integers_are_read_as_float64(output, loss):
    layers = [([[1, 2], [0, -1], [1, 0]], [0, 1, 0], "tanh"), ([[1, 0, 2], [0, 1, 1]], [0, 0], output)]
    y = [1, 0] if loss == "cross_entropy" else [[1, 0], [0, 1]]
    value, gradients = backprop.backpropagate([[1, 2], [3, 4]], y, layers, loss)
    assert type(value) is float
    assert {part.dtype for pair in gradients for part in pair} == {np.dtype(float)}
    arrays = [Layer(np.array(w, float), np.array(b, float), name) for w, b, name in layers]
    same = backprop.backpropagate(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array(y), arrays, loss)
    assert value == same[0]
    np.testing.assert_array_equal(flat(gradients), flat(same[1]))


GOOD = [Layer(np.ones((4, 3)), np.ones(4), "tanh"), Layer(np.ones((2, 4)), np.ones(2), "sigmoid")]
X, Y = np.ones((5, 3)), np.ones((5, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: backprop.backpropagate(X[0], Y[0], GOOD, "squared"), r"^x has shape \(3,\), expected \(N, D\)$"),
        (lambda: backprop.backpropagate(X[:0], Y[:0], GOOD, "squared"), r"^x is empty \(shape \(0, 3\)\)"),
        (lambda: backprop.backpropagate(X, Y, GOOD, "hinge"), r"^loss 'hinge' is unknown; known are half_squared, .*"),
        (lambda: backprop.backpropagate(X, Y[:, 0], GOOD, "squared"), r"^y has shape \(5,\), expected \(5, 2\)$"),
        (lambda: backprop.backpropagate(X, Y[:4], GOOD, "l1"), r"^y has shape \(4, 2\), expected \(5, 2\)$"),
        (
            lambda: backprop.backpropagate(X, 2 * Y, GOOD, "binary_cross_entropy"),
            r"^y must hold only 0 and 1, but contains 2$",
        ),
        (
            lambda: backprop.backpropagate(X, [0, 1, 1, 0], GOOD, "cross_entropy"),
            r"^labels has shape \(4,\), expected \(N=5,\)$",
        ),
        (lambda: backprop.backpropagate(X, Y, GOOD, "cross_entropy"), r"^labels must hold integers"),
        (
            lambda: backprop.backpropagate(
                X, [0, 1, 2, 0, 0], [GOOD[0], GOOD[1]._replace(activation="softmax")], "cross_entropy"
            ),
            r"^labels must lie in 0..1, .* \(5, 2\) .* contains 2$",
        ),
        (lambda: backprop.backpropagate(X[:, :2], Y, GOOD, "squared"), r"^layer 1: x has shape \(5, 2\), .*D=3"),
        (lambda: backprop.backpropagate(X, Y, GOOD[::-1], "squared"), r"^layer 1: x has shape \(5, 3\), .*D=4"),
        (
            lambda: backprop.backpropagate(X, Y, [GOOD[0], GOOD[1]._replace(bias=np.ones(3))], "squared"),
            r"^layer 2: b has shape \(3,\), expected \(M=2,\)$",
        ),
        (
            lambda: backprop.backpropagate(X, Y, [GOOD[0]._replace(activation="swish"), GOOD[1]], "squared"),
            r"^activation 'swish' is unknown; known are linear, .*, softmax$",
        ),
        (
            lambda: backprop.backpropagate(X, Y, [GOOD[0], GOOD[1]._replace(activation="swish")], "squared"),
            r"^activation 'swish' is unknown; known are linear, .*, softmax$",
        ),
        (lambda: backprop.output_delta(Y[0], Y[0], "tanh", "l1"), r"^z has shape \(2,\), expected \(N, M\)$"),
        (lambda: backprop.output_delta(Y, Y, "swish", "l1"), r"^activation 'swish' is unknown"),
        (lambda: backprop.output_delta(Y, Y, "tanh", "huber"), r"^loss 'huber' is unknown; known are"),
        (
            lambda: backprop.hidden_delta(Y, np.ones((2, 4)), np.ones((5, 3)), "tanh"),
            r"^da has shape \(5, 4\), expected \(5, 3\)$",
        ),
        (
            lambda: backprop.hidden_delta(Y, np.ones((2, 4)), np.ones((5, 4)), "swish"),
            r"^activation 'swish' is unknown",
        ),
        (lambda: backprop.gradient_at_output(Y, np.ones(2)), r"^w_next has shape \(2,\), expected \(M, D\)$"),
        (lambda: backprop.layer_gradients(Y[0], X), r"^a_previous has shape \(5, 3\), expected \(D,\)$"),
        (
            lambda: backprop.layer_gradients(np.ones((2, 2, 2)), X),
            r"^delta has shape \(2, 2, 2\), expected \(N, M\) or",
        ),
        (lambda: backprop.sum_over_paths(Y, X), r"^upstream has shape \(5, 2\), expected \(Q,\)$"),
        (
            lambda: backprop.affine_forward(X[0], np.ones((2, 3)), np.ones(2)),
            r"^x has shape \(3,\), expected \(N, D\)$",
        ),
        (lambda: backprop.two_layer_gradients(X, Y, Y, Y), r"^x has shape \(5, 3\), expected \(D,\)$"),
        (
            lambda: backprop.two_layer_gradients(X[0], Y[0], np.ones((4, 3)), np.ones((2, 4)), "swish"),
            r"^activation 'swish' is unknown",
        ),
        (
            lambda: backprop.modular_gradients(X[0], Y[0], [np.ones((4, 3)), np.ones((2, 4))], "swish"),
            r"^activation 'swish' is unknown",
        ),
        (
            lambda: backprop.modular_gradients(X[0], np.ones(3), [np.ones((4, 3)), np.ones((2, 4))]),
            r"^y has shape \(3,\), expected \(2,\)$",
        ),
        (
            lambda: backprop.sigmoid_neuron_gradient(X[0], 1.0, np.ones(2), 0.0),
            r"^w has shape \(2,\), expected \(D=3,\)$",
        ),
        (lambda: backprop.linear_mse_gradient(X[:0], Y[:0], np.ones((2, 3))), r"^x is empty \(shape \(0, 3\)\)"),
        (
            lambda: backprop.linear_mse_gradient(X, Y, np.ones((3, 3))),
            r"^y has shape \(5, 2\), expected \(N=5, M=3\)$",
        ),
    ],
)
def test_a_wrong_shape_or_name_is_named_with_the_one_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_bad_input_is_named():
    layers, x, y = problem("tanh", "linear", "half_squared", seed=11)
    with pytest.raises(ValueError, match=r"x has shape \(3,\), expected \(N, D\)"):
        backprop.backpropagate(x[0], y, layers, "half_squared")
    with pytest.raises(ValueError, match=r"x is empty \(shape \(0, 3\)\)"):
        backprop.backpropagate(np.ones((0, 3)), y[:0], layers, "half_squared")
    with pytest.raises(ValueError, match="layers is empty"):
        backprop.backpropagate(x, y, [], "half_squared")
    with pytest.raises(ValueError, match="loss 'huber' is unknown; known are half_squared"):
        backprop.backpropagate(x, y, layers, "huber")
    with pytest.raises(ValueError, match="activation 'swish' is unknown"):
        backprop.delta_from_output_gradient([1.0], [1.0], "swish")
    with pytest.raises(ValueError, match=r"y has shape \(4, 2\)"):
        backprop.backpropagate(x, y[:, :2], layers, "half_squared")
    with pytest.raises(ValueError, match=r"layer 2: x has shape \(4, 5\), expected \(N, D=2\)"):
        backprop.forward_pass(x, [layers[0], Layer(np.ones((3, 2)), np.ones(3), "tanh")])
    with pytest.raises(ValueError, match=r"y has shape \(2,\), expected \(\)"):
        backprop.sigmoid_neuron_gradient(np.ones(3), np.ones(2), np.ones(3), 0.0)
    with pytest.raises(ValueError, match=r"b has shape \(1,\), expected \(\)"):
        backprop.sigmoid_neuron_gradient(np.ones(3), 1.0, np.ones(3), [0.0])
    with pytest.raises(ValueError, match=r"b2 has shape \(3,\), expected \(M=2,\)"):
        backprop.relu_network_gradients(
            np.ones(3), np.ones(2), np.ones((4, 3)), np.ones(4), np.ones((2, 4)), np.ones(3)
        )
    with pytest.raises(ValueError, match=r"v has shape \(2, 3\), expected \(M=2, K=4\)"):
        backprop.two_layer_gradients(np.ones(3), np.ones(2), np.ones((4, 3)), np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"y has shape \(5,\), expected \(N=5, M=2\)"):
        backprop.linear_mse_gradient(np.ones((5, 3)), np.ones(5), np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"da has shape \(2,\), expected \(3,\)"):
        backprop.delta_from_output_gradient(np.ones(2), np.ones(3), "relu")
    with pytest.raises(ValueError, match=r"delta_next has shape \(2,\), expected \(N, M=3\) or \(M=3,\)"):
        backprop.gradient_at_output(np.ones(2), np.ones((3, 4)))
    with pytest.raises(ValueError, match=r"a_previous has shape \(3, 2\), expected \(N=4, D\)"):
        backprop.layer_gradients(np.ones((4, 2)), np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"local has shape \(3,\), expected \(Q=2,\)"):
        backprop.sum_over_paths(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match=r"dz has shape \(1, 2\), expected \(1, 1\)"):
        backprop.affine_backward(np.ones((1, 2)), backprop.affine_forward([[1.0]], [[1.0]], [0.0])[1])
    with pytest.raises(ValueError, match=r"weights of layer 2 has shape \(2, 3\), expected \(M, 4\)"):
        backprop.modular_gradients(np.ones(3), np.ones(2), [np.ones((4, 3)), np.ones((2, 3))])
    with pytest.raises(ValueError, match="weights is empty"):
        backprop.modular_gradients(np.ones(3), np.ones(2), [])


@pytest.mark.parametrize(
    ("activation", "loss", "y", "delta"),
    [
        ("softmax", "cross_entropy", [1], [[1.0, -1.0]]),
        ("sigmoid", "binary_cross_entropy", [[0.0, 1.0]], [[1.0, -0.5]]),
    ],
)
def test_the_delta_of_a_matched_pair_stays_exact_where_its_probability_rounds_to_0(activation, loss, y, delta):
    with no_warnings():
        np.testing.assert_array_equal(backprop.output_delta([[1000.0, 0.0]], y, activation, loss), delta)
