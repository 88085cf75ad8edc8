"""Backpropagation against differences, the complex step, autograd and numbers worked out by hand."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import activations, backprop, losses, networks
from course_lib.checks import call_unchanged
from course_lib.finite_differences import central_difference, complex_step, directional_check, relative_error
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
    if loss == "cross_entropy":
        y = rng.integers(0, sizes[-1], n)
    elif loss == "binary_cross_entropy":
        y = rng.integers(0, 2, (n, sizes[-1])).astype(dtype)
    else:
        y = rng.standard_normal((n, sizes[-1])).astype(dtype)
    return layers, x, y


def flat(gradients):
    return np.concatenate([part.ravel() for pair in gradients for part in pair])


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


@pytest.mark.parametrize(("output", "loss"), OUTPUTS)
@pytest.mark.parametrize("hidden", [*SMOOTH, *KINKED])
def test_agrees_with_autograd(hidden, output, loss):
    assert_agrees_with_autograd(*problem(hidden, output, loss, seed=1), loss)


def assert_agrees_with_autograd(layers, x, y, loss):
    def run(parameters):
        a = x
        for (w, b), (_, _, name) in zip(parameters, layers, strict=True):
            a = AUTOGRAD[name](anp.dot(a, w.T) + b)
        return AUTOGRAD_LOSSES[loss](a, y)

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
def test_agrees_with_differences_entry_by_entry(output, loss):
    layers, x, y = problem("tanh", output, loss, seed=3, sizes=(2, 3, 2, 2))
    theta = networks.flatten_parameters(layers)
    measured = central_difference(lambda t: loss_of(t, layers, x, y, loss), theta)
    assert relative_error(flat(backprop.backpropagate(x, y, layers, loss)[1]), measured) < 1e-7


def test_agrees_with_the_complex_step_to_rounding():
    layers, x, y = problem("tanh", "linear", "half_squared", seed=4)
    theta, shapes = networks.flatten_parameters(layers), [part.shape for layer in layers for part in layer[:2]]

    def analytic(t):
        parts = [p.reshape(s) for p, s in zip(np.split(t, np.cumsum([np.prod(s) for s in shapes])[:-1]), shapes)]  # noqa: B905
        a = x
        for k in range(3):
            a = a @ parts[2 * k].T + parts[2 * k + 1]
            a = np.tanh(a) if k < 2 else a
        return np.sum((a - y) ** 2) / 2 / len(y)

    gradient = flat(backprop.backpropagate(x, y, layers, "half_squared")[1])
    assert relative_error(gradient, complex_step(analytic, theta)) < 1e-14


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


def test_both_views_of_the_hidden_delta_agree():
    rng = np.random.default_rng(5)
    delta, w, z = rng.standard_normal((4, 3)), rng.standard_normal((3, 5)), rng.standard_normal((4, 5))
    at_output = backprop.gradient_at_output(delta, w)
    one_by_one = [[sum(delta[n, m] * w[m, d] for m in range(3)) for d in range(5)] for n in range(4)]
    np.testing.assert_allclose(at_output, one_by_one, rtol=1e-12)
    np.testing.assert_allclose(
        backprop.hidden_delta(delta, w, z, "tanh"), at_output * (1 - np.tanh(z) ** 2), rtol=1e-12
    )


def test_forward_pass_keeps_what_forward_computes():
    layers, x, _ = problem("relu", "softmax", "cross_entropy", seed=6)
    zs, kept = backprop.forward_pass(x, layers)
    np.testing.assert_array_equal(kept[0], x)
    np.testing.assert_array_equal(kept[-1], networks.forward(x, layers))
    for z, a, (_, _, name) in zip(zs, kept[1:], layers, strict=True):
        np.testing.assert_array_equal(a, networks.activate(z, name))


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
