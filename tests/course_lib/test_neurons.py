"""One neuron: lines against SciPy, probabilities, the perceptron's promise kept, and XOR beyond one of them."""

import itertools

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.optimize
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import assert_gradient, call_and_compare_arguments, no_warnings

from course_lib import activations, losses, neurons

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def line_problem(seed=0, n=30, d=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    return x, 2 + x @ np.arange(1.0, d + 1) + 0.3 * rng.normal(size=n)


def class_problem(seed=0, n=60, d=2):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    return rng.normal(size=(n, d)) + 1.2 * y[:, None], y


# ---- linear regression -------------------------------------------------------------------------------------------


@given(seed=st.integers(0, 10_000), n=st.integers(5, 30), d=st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_least_squares_leaves_errors_at_right_angles_to_every_input(seed, n, d):
    x, y = line_problem(seed, n, d)
    theta = neurons.linear_regression(x, y)
    residual = y - neurons.linear_model(x, theta)
    assert abs(residual.sum()) < 1e-10
    assert np.abs(residual @ x).max() < 1e-9
    expected = scipy.optimize.lsq_linear(np.column_stack([np.ones(n), x]), y, tol=1e-14).x
    np.testing.assert_allclose(theta, expected, rtol=1e-7, atol=1e-8)


def test_descent_and_least_squares_agree_to_the_last_digits():
    x, y = line_problem()
    exact = neurons.linear_regression(x, y)
    theta, costs = neurons.linear_regression_descent(x, y, learning_rate=0.3, steps=2000)
    np.testing.assert_allclose(theta, exact, rtol=1e-13)
    assert np.all(np.diff(costs) <= 1e-15)
    assert costs[-1] == pytest.approx(neurons.linear_cost(exact, x, y), rel=1e-13)


def test_descent_converges_up_to_two_over_the_largest_eigenvalue():
    x, y = line_problem()
    ones = np.column_stack([np.ones(len(x)), x])
    largest = np.linalg.eigvalsh(ones.T @ ones / len(x))[-1]
    for factor, grows in ((1.95, False), (2.05, True)):
        _, costs = neurons.linear_regression_descent(x, y, factor / largest, steps=500)
        assert (costs[-1] > costs[0]) == grows


def test_samples_that_leave_a_direction_open_get_the_shortest_line():
    theta = neurons.linear_regression([[1.0, 1.0], [2.0, 2.0]], [1.0, 2.0])
    np.testing.assert_allclose(theta, [0, 0.5, 0.5], atol=1e-14)


def test_the_cost_is_half_the_mean_squared_error_and_its_gradient_is_its():
    x, y = line_problem(3)
    theta = np.array([0.5, -1.0, 2.0, 0.1])
    expected = losses.half_squared_loss(neurons.linear_model(x, theta), y)
    assert neurons.linear_cost(theta, x, y) == pytest.approx(expected, rel=1e-14)
    gradient = neurons.linear_cost_gradient(theta, x, y)
    assert_gradient(gradient, lambda t: neurons.linear_cost(t, x, y), theta)
    np.testing.assert_allclose(
        gradient, autograd.grad(lambda t: anp.mean((t[0] + anp.dot(x, t[1:]) - y) ** 2) / 2)(theta), rtol=1e-12
    )


# ---- logistic regression -----------------------------------------------------------------------------------------


def test_probabilities_stay_between_0_and_1_where_a_line_does_not():
    theta = np.array([0.5, 3.0])
    x = np.linspace(-50, 50, 101)[:, None]
    probability = neurons.logistic_probability(x, theta)
    np.testing.assert_allclose(probability, scipy.special.expit(0.5 + 3 * x[:, 0]), rtol=1e-12, atol=1e-16)
    assert probability.min() >= 0
    assert probability.max() <= 1
    assert neurons.linear_model(x, theta).max() > 1


def test_the_logistic_cost_is_the_cross_entropy_of_its_probabilities():
    x, y = class_problem()
    theta = np.array([-0.4, 1.0, 0.7])
    expected = losses.binary_cross_entropy(neurons.logistic_probability(x, theta), y)
    assert neurons.logistic_cost(theta, x, y) == pytest.approx(expected, rel=1e-13)
    gradient = neurons.logistic_cost_gradient(theta, x, y)
    assert_gradient(gradient, lambda t: neurons.logistic_cost(t, x, y), theta)


def test_the_logistic_cost_is_exact_where_probabilities_round_to_1():
    for dtype in (np.float32, np.float64):
        with no_warnings():
            cost = neurons.logistic_cost(np.array([0, 1], dtype), np.array([[1000], [-1000]], dtype), np.array([0, 1]))
            gradient = neurons.logistic_cost_gradient(
                np.array([0, 1], dtype), np.array([[1000], [-1000]], dtype), [0, 1]
            )
        assert cost == 1000
        assert gradient.tolist() == [0, 1000]


def test_descent_finds_the_minimum_that_scipy_finds():
    x, y = class_problem()
    theta, costs = neurons.logistic_regression_descent(x, y, learning_rate=1.0, steps=4000)
    theirs = scipy.optimize.minimize(
        neurons.logistic_cost,
        np.zeros(3),
        args=(x, y),
        jac=neurons.logistic_cost_gradient,
        method="BFGS",
        options={"gtol": 1e-10},
    )
    np.testing.assert_allclose(theta, theirs.x, rtol=1e-6)
    assert costs[0] == pytest.approx(np.log(2), rel=1e-15)


def test_where_a_line_separates_the_classes_the_weights_grow_without_end():
    x, y = np.array([[-1.0], [1.0]]), [0, 1]
    slopes = [neurons.logistic_regression_descent(x, y, 1.0, steps)[0][1] for steps in (100, 1000, 10_000)]
    # the gradient is about e^−s, so s grows like the logarithm of the steps
    np.testing.assert_allclose(np.diff(slopes), np.log(10), rtol=0.05)


# ---- scores and the neuron ---------------------------------------------------------------------------------------


def test_scores_are_products_with_templates():
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(4, 6)), rng.normal(size=(3, 6)), rng.normal(size=3)
    scores = neurons.linear_scores(x, w, b)
    for n, m in np.ndindex(4, 3):
        assert scores[n, m] == pytest.approx(sum(x[n, d] * w[m, d] for d in range(6)) + b[m], rel=1e-12)
    np.testing.assert_array_equal(neurons.linear_scores(x, w), neurons.linear_scores(x, w, np.zeros(3)))


@given(
    w=st.tuples(st.floats(-3, 3), st.floats(-3, 3)).filter(lambda w: np.hypot(*w) > 0.1),
    b=st.floats(-3, 3),
    t=st.floats(-5, 5),
)
def test_a_neuron_is_a_ridge_across_w_shifted_by_b(w, b, t):
    w = np.array(w)
    along = np.array([-w[1], w[0]])
    foot = -b * w / (w @ w)  # where the ridge's middle lies
    assert neurons.neuron(foot + t * along, w, b) == pytest.approx(0.5, abs=1e-12)
    assert neurons.neuron(foot + w, w, b) == pytest.approx(float(activations.sigmoid(w @ w)), abs=1e-12)


def test_a_neuron_takes_any_activation_function_one_sample_or_many():
    x, w = np.array([[1.0, 2.0], [0.0, -1.0]]), [0.5, -1.0]
    for function in (activations.relu, np.tanh, activations.softplus):
        batch = neurons.neuron(x, w, 0.25, activation=function)
        np.testing.assert_allclose(batch, [function(-1.25), function(1.25)], rtol=1e-14)
        assert neurons.neuron(x[1], w, 0.25, activation=function) == batch[1]


# ---- the perceptron ----------------------------------------------------------------------------------------------


def test_the_rule_by_hand():
    unit = neurons.perceptron_update([2.0, -1.0], 1, [0.0, 0.0], 0.0)  # says 0, should say 1
    assert (unit.weights.tolist(), unit.bias) == ([2.0, -1.0], 1.0)
    unit = neurons.perceptron_update([1.0, 1.0], 0, *unit)  # 2 − 1 + 1 > 0, should not be
    assert (unit.weights.tolist(), unit.bias) == ([1.0, -2.0], 0.0)
    same = neurons.perceptron_update([1.0, 1.0], 0, *unit)  # right now
    assert (same.weights.tolist(), same.bias) == ([1.0, -2.0], 0.0)


@given(seed=st.integers(0, 10_000), margin=st.floats(0.05, 0.5), shuffled=st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_perceptron_keeps_novikoff_s_promise(seed, margin, shuffled):
    rng = np.random.default_rng(seed)
    w, b = rng.normal(size=2), rng.normal()
    x = rng.uniform(-2, 2, (200, 2))
    x = x[np.abs(x @ w + b) > margin * np.hypot(np.linalg.norm(w), b)][:40]
    if len(x) == 0:
        return
    y = neurons.perceptron(x, w, b)
    bound = neurons.perceptron_mistake_bound(x, y, w, b)
    assert np.isfinite(bound)
    unit, mistakes = neurons.train_perceptron(x, y, 100_000, rng if shuffled else None)
    assert mistakes[-1] == 0
    assert mistakes.sum() <= bound
    np.testing.assert_array_equal(neurons.perceptron(x, *unit), y)


def test_the_bound_by_hand_and_where_there_is_none():
    # x̃ = (3, 1), (−1, 1), w̃ = (1, 0): R² = 10, γ = 1
    assert neurons.perceptron_mistake_bound([[3.0], [-1.0]], [1, 0], [1.0], 0.0) == pytest.approx(10, rel=1e-14)
    assert neurons.perceptron_mistake_bound([[3.0], [-1.0]], [0, 1], [1.0], 0.0) == np.inf
    assert neurons.perceptron_mistake_bound([[3.0], [-1.0]], [1, 0], [0.0], 0.0) == np.inf


def test_mistakes_are_counted_truly():
    x, y = class_problem(1, 30)
    _, mistakes = neurons.train_perceptron(x, y, 5)
    w, b, counted = np.zeros(2), 0.0, []
    for _ in range(5):
        counted.append(0)
        for sample, label in zip(x, y, strict=True):
            said = int(sample @ w + b > 0)
            counted[-1] += said != label
            w, b = w + (label - said) * sample, b + (label - said)
    assert mistakes.tolist() == counted


def test_on_xor_the_perceptron_never_comes_to_rest():
    _, mistakes = neurons.train_perceptron(CORNERS, [0, 1, 1, 0], 500, np.random.default_rng(0))
    assert len(mistakes) == 500
    assert mistakes.min() >= 1


# ---- gates and XOR -----------------------------------------------------------------------------------------------

TABLES = {
    "AND": lambda a, b: a and b,
    "OR": lambda a, b: a or b,
    "A AND NOT B": lambda a, b: a and not b,
    "B AND NOT A": lambda a, b: b and not a,
}


@pytest.mark.parametrize("name", TABLES)
def test_gates_answer_their_tables(name):
    assert neurons.gate(name, CORNERS).tolist() == [int(TABLES[name](a, b)) for a, b in CORNERS]
    for a, b in CORNERS:
        assert neurons.gate(name, [a, b]) == int(TABLES[name](a, b))


def test_not_and_an_unknown_gate():
    assert neurons.gate("NOT", [[0], [1]]).tolist() == [1, 0]
    assert set(neurons.GATES) == {*TABLES, "NOT"}
    with pytest.raises(ValueError, match=r"^gate 'NAND' is unknown; known are AND, OR, NOT"):
        neurons.gate("NAND", [0, 1])
    with pytest.raises(ValueError, match=r"^x has shape \(2,\), expected \(N, D=1\) or \(D=1,\)"):
        neurons.gate("NOT", [0, 1])
    with pytest.raises(ValueError, match=r"read-only"):
        neurons.GATES["AND"].weights[0] = 2


def test_gates_stay_right_when_inputs_are_a_little_off():
    for name, shift in itertools.product(TABLES, (-0.2, 0.2)):
        np.testing.assert_array_equal(neurons.gate(name, CORNERS + shift), neurons.gate(name, CORNERS))


def test_xor_by_two_layers():
    out, hidden = neurons.xor(CORNERS)
    assert out.tolist() == [a ^ b for a, b in CORNERS]
    assert hidden.tolist() == [[int(a and not b), int(b and not a)] for a, b in CORNERS]


def test_no_single_neuron_does_xor():
    # b ≤ 0, w₁ + b ≥ ε, w₂ + b ≥ ε and w₁ + w₂ + b ≤ 0 have no solution: the middle two sum to w₁ + w₂ + 2b ≥ 2ε
    def solvable(labels):
        sign = np.where(np.array(labels) == 1, -1, 1)
        rows = sign[:, None] * np.column_stack([CORNERS, np.ones(4)])
        limits = np.where(sign < 0, -1.0, 0.0)  # scale is free, so ε = 1
        return scipy.optimize.linprog(np.zeros(3), rows, limits, bounds=[(None, None)] * 3).status == 0

    for labels in itertools.product((0, 1), repeat=4):
        assert solvable(labels) == (labels not in ((0, 1, 1, 0), (1, 0, 0, 1)))


# ---- manners -----------------------------------------------------------------------------------------------------


def test_no_argument_is_changed_and_no_result_is_a_view():
    x, y = line_problem(1, 6, 2)
    labels, theta = np.array([0, 1, 0, 1, 1, 0]), np.array([0.5, 1.0, -1.0])
    call_and_compare_arguments(neurons.linear_model, x, theta)
    call_and_compare_arguments(neurons.linear_cost_gradient, theta, x, y)
    call_and_compare_arguments(neurons.linear_regression, x, y)
    call_and_compare_arguments(neurons.logistic_cost_gradient, theta, x, labels)
    call_and_compare_arguments(neurons.linear_scores, x, np.ones((3, 2)), np.zeros(3))
    call_and_compare_arguments(neurons.perceptron, x, theta[1:], 0.0)
    w = theta[1:].copy()
    unit = neurons.perceptron_update(x[0], 1, w, -100.0)
    assert w.tolist() == [1.0, -1.0]
    assert not np.shares_memory(neurons.perceptron_update(x[0], 0, w, -100.0).weights, w)
    assert unit.bias == -99


def test_float32_stays_and_nan_passes():
    x, y = (part.astype(np.float32) for part in line_problem(2, 8, 2))
    labels, theta = (y > y.mean()).astype(int), np.array([0.5, 1.0, -1.0], np.float32)
    for result in (
        neurons.linear_model(x, theta),
        neurons.linear_cost(theta, x, y),
        neurons.linear_cost_gradient(theta, x, y),
        neurons.linear_regression(x, y),
        neurons.linear_regression_descent(x, y, 0.1, 3)[0],
        neurons.logistic_probability(x, theta),
        neurons.logistic_cost(theta, x, labels),
        neurons.logistic_cost_gradient(theta, x, labels),
        neurons.logistic_regression_descent(x, labels, 0.1, 3)[0],
        neurons.linear_scores(x, x, x[:, 0]),
        neurons.neuron(x, [1.0, 2.0], 0.5),
        neurons.perceptron_update(x[0], 1, theta[1:], 0.0).weights,
    ):
        assert result.dtype == np.float32
    x[0, 0] = np.nan
    assert np.isnan(neurons.linear_model(x, theta)).tolist() == [True] + [False] * 7
    assert np.isnan(neurons.linear_cost(theta, x, y))
    assert np.isnan(neurons.neuron(x, [1.0, 2.0], 0.5)).tolist() == [True] + [False] * 7
    with pytest.raises(ValueError, match=r"^wᵀx \+ b is not a number"):
        neurons.perceptron(x, [1.0, 2.0], 0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: neurons.linear_model([1.0], [1.0, 2.0]), r"^x has shape \(1,\), expected \(N, D\)"),
        (lambda: neurons.linear_model([[1.0]], [1.0]), r"^theta has shape \(1,\), expected \(2,\)"),
        (lambda: neurons.linear_model([[1j]], [1.0, 1.0]), r"^x must hold real numbers"),
        (lambda: neurons.linear_model([[1.0]], [1.0, 1j]), r"^theta must hold real numbers"),
        (lambda: neurons.linear_cost([1.0, 1.0], [[1.0]], [1.0, 2.0]), r"^y has shape \(2,\), expected \(N=1,\)"),
        (lambda: neurons.linear_cost([1.0, 1.0], [[1.0]], [1j]), r"^y must hold real numbers"),
        (lambda: neurons.linear_regression(np.ones((0, 2)), []), r"^x is empty"),
        (lambda: neurons.linear_regression_descent([[1.0]], [1.0], 0, 5), r"^learning_rate must be a positive number"),
        (lambda: neurons.linear_regression_descent([[1.0]], [1.0], 0.1, 0), r"^steps must be a positive whole number"),
        (lambda: neurons.logistic_cost([0.0, 0.0], [[1.0]], [-1]), r"^y must hold only 0 and 1, but contains -1$"),
        (
            lambda: neurons.logistic_cost_gradient([0.0, 0.0], [[1.0]], [0.5]),
            r"^y must hold only 0 and 1, but contains 0\.5$",
        ),
        (lambda: neurons.logistic_regression_descent([[1.0]], [2], 0.1, 5), r"^y must hold only 0 and 1"),
        (lambda: neurons.linear_scores([[1.0]], [[1.0, 2.0]]), r"^x has shape \(1, 1\), expected \(N, D=2\)"),
        (lambda: neurons.linear_scores([[1.0]], [[1.0]], [1.0, 2.0]), r"^b has shape \(2,\), expected \(M=1,\)"),
        (lambda: neurons.linear_scores([[1.0]], [[1j]]), r"^w must hold real numbers"),
        (lambda: neurons.linear_scores([[1.0]], [[1.0]], [1j]), r"^b must hold real numbers"),
        (lambda: neurons.neuron([1.0], [1.0, 2.0], 0.0), r"^x has shape \(1,\), expected \(N, D=2\) or \(D=2,\)"),
        (lambda: neurons.neuron([1.0], [[1.0]], 0.0), r"^w has shape \(1, 1\), expected \(D,\)"),
        (lambda: neurons.neuron([1.0], [1.0], [0.0]), r"^b has shape \(1,\), expected \(\)"),
        (lambda: neurons.perceptron_update([1.0], -1, [1.0], 0.0), r"^y must be 0 or 1, but is -1$"),
        (lambda: neurons.perceptron_update([1.0, 2.0], 1, [1.0], 0.0), r"^x has shape \(2,\), expected \(1,\)"),
        (lambda: neurons.train_perceptron([[1.0]], [1], 0), r"^epochs must be a positive whole number"),
        (lambda: neurons.train_perceptron([[1.0]], [-1], 5), r"^y must hold only 0 and 1"),
        (lambda: neurons.xor([[0, 1, 0]]), r"^x has shape \(1, 3\), expected \(N, 2\)"),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
