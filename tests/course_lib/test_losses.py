"""Losses and penalties against their definition per sample, autograd, SciPy and numerical derivatives."""

import math
from typing import NamedTuple

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from proof import (
    assert_gradient,
    assert_slope_along_random_directions,
    call_and_compare_arguments,
    complex_gradient,
    no_warnings,
)

from course_lib import activations, losses


class Case(NamedTuple):
    """A loss, its gradient, the textbook loss of one sample, and how to draw outputs and targets of a shape."""

    loss: object
    gradient: object
    one_sample: object  # (array module, output of one sample (M,), its target) -> number
    outputs: object  # (rng, shape) -> array
    targets: object  # (rng, shape) -> array


def normal(rng, shape):
    return rng.normal(size=shape)


def probabilities(rng, shape):
    return rng.uniform(0.1, 0.9, shape)


def distributions(rng, shape):
    p = rng.uniform(0.5, 1, shape)
    return p / p.sum(axis=1, keepdims=True)


def signs(rng, shape):
    return rng.choice([-1, 1], shape)


def bits(rng, shape):
    return rng.integers(0, 2, shape)


def classes(rng, shape):
    return rng.integers(0, shape[1], shape[0])


def absolute(xp, d):
    return xp.where(d > 0, d, -d)  # works for complex steps too


ELEMENTWISE = {
    "l1": Case(losses.l1_loss, losses.l1_loss_gradient, lambda xp, a, y: xp.sum(absolute(xp, a - y)), normal, normal),
    "half squared": Case(
        losses.half_squared_loss,
        losses.half_squared_loss_gradient,
        lambda xp, a, y: xp.sum((a - y) * (a - y)) / 2,
        normal,
        normal,
    ),
    "squared": Case(
        losses.squared_loss,
        losses.squared_loss_gradient,
        lambda xp, a, y: xp.sum((a - y) * (a - y)),
        normal,
        normal,
    ),
    "mean squared error": Case(
        losses.mean_squared_error,
        losses.mean_squared_error_gradient,
        lambda xp, a, y: xp.mean((a - y) * (a - y)),
        normal,
        normal,
    ),
    "hinge": Case(
        losses.hinge_loss,
        losses.hinge_loss_gradient,
        lambda xp, s, y: xp.sum(xp.where(y * s < 1, 1 - y * s, 0.0 * s)),
        normal,
        signs,
    ),
    "logistic": Case(
        losses.logistic_loss,
        losses.logistic_loss_gradient,
        lambda xp, s, y: xp.sum(xp.log(1 + xp.exp(-y * s))),
        normal,
        signs,
    ),
    "binary cross entropy": Case(
        losses.binary_cross_entropy,
        losses.binary_cross_entropy_gradient,
        lambda xp, p, y: -xp.sum(y * xp.log(p) + (1 - y) * xp.log(1 - p)),
        probabilities,
        bits,
    ),
    "binary cross entropy from logits": Case(
        losses.binary_cross_entropy_from_logits,
        losses.binary_cross_entropy_from_logits_gradient,
        lambda xp, z, y: xp.sum(xp.log(1 + xp.exp(z)) - y * z),
        normal,
        bits,
    ),
}
LABELLED = {
    "cross entropy": Case(
        losses.cross_entropy,
        losses.cross_entropy_gradient,
        lambda xp, p, label: -xp.log(p[label]),
        distributions,
        classes,
    ),
    "softmax cross entropy": Case(
        losses.softmax_cross_entropy,
        losses.softmax_cross_entropy_gradient,
        lambda xp, z, label: -xp.log(xp.exp(z[label]) / xp.sum(xp.exp(z))),
        normal,
        classes,
    ),
}
LOSSES = ELEMENTWISE | LABELLED
PENALTIES = {
    "l2": (losses.l2_penalty, losses.l2_penalty_gradient, lambda xp, w: xp.sum(w * w) / 2),
    "l1": (losses.l1_penalty, losses.l1_penalty_gradient, lambda xp, w: xp.sum(absolute(xp, w))),
}

every_loss = pytest.mark.parametrize("case", LOSSES.values(), ids=list(LOSSES))
elementwise_loss = pytest.mark.parametrize("case", ELEMENTWISE.values(), ids=list(ELEMENTWISE))
labelled_loss = pytest.mark.parametrize("case", LABELLED.values(), ids=list(LABELLED))
every_penalty = pytest.mark.parametrize(("penalty", "gradient", "formula"), PENALTIES.values(), ids=list(PENALTIES))
batches = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 4))


def draw(case, seed, n, m):
    """Return outputs (n, m) and targets, none within 0.01 of a kink (a = y, or a margin of 1)."""
    rng = np.random.default_rng(seed)
    targets = case.targets(rng, (n, m))
    while True:
        a = case.outputs(rng, (n, m))
        if case.loss is losses.l1_loss:
            distance = np.abs(a - targets)
        elif case.loss is losses.hinge_loss:
            distance = np.abs(1 - a * targets)
        else:
            return a, targets
        if distance.min() > 0.01:
            return a, targets


def average_of_samples(case, a, y, xp=np):
    """Return the loss of the batch by its definition: the mean over the samples of the textbook loss of each."""
    return sum(case.one_sample(xp, a[n], y[n]) for n in range(len(y))) / len(y)


# ---- values and gradients ----------------------------------------------------------------------------------------


@every_loss
@given(batch=batches)
def test_value_is_the_mean_over_samples_of_the_textbook_loss(case, batch):
    a, y = draw(case, *batch)
    np.testing.assert_allclose(case.loss(a, y), average_of_samples(case, a, y), rtol=1e-14, atol=1e-15)


@every_loss
@given(batch=batches)
def test_gradient_is_that_of_the_definition_by_autograd(case, batch):
    a, y = draw(case, *batch)
    by_autograd = autograd.grad(lambda a: average_of_samples(case, a, y, anp))(a)
    # σ(z) − y and h − e_y subtract numbers of size 1, so tiny gradients are good to ε only
    np.testing.assert_allclose(case.gradient(a, y), by_autograd, rtol=1e-13, atol=1e-15)


@every_loss
@pytest.mark.parametrize("seed", range(5))
def test_gradient_is_that_of_the_definition_by_complex_step(case, seed):
    a, y = draw(case, seed, 4, 3)
    by_complex_step = complex_gradient(lambda a: average_of_samples(case, a, y), a)
    np.testing.assert_allclose(case.gradient(a, y), by_complex_step, rtol=1e-13, atol=1e-15)


@every_loss
@pytest.mark.parametrize(("n", "m"), [(1, 2), (1, 4), (4, 2), (5, 3)])
def test_gradient_is_the_slope_of_the_loss_itself(case, n, m):
    a, y = draw(case, 20, n, m)
    assert_gradient(case.gradient(a, y), lambda a: case.loss(a, y), a, step=step_for(case))


@every_loss
def test_gradient_of_a_large_batch_along_random_directions(case):
    a, y = draw_far_from_kinks(case, 21, 64, 10)
    rng = np.random.default_rng(21)
    assert_slope_along_random_directions(
        case.gradient(a, y), lambda a: case.loss(a, y), a, rng, tolerance=1e-9, step=step_for(case)
    )


def step_for(case):
    """Return a tenth of the usual step for the logarithm of a probability p, whose fifth derivative is 24/p⁵."""
    return 1e-4 if case.outputs in (probabilities, distributions) else 1e-3


def draw_far_from_kinks(case, seed, n, m):
    """Return a large batch; outputs nearer than 0.01 to a kink are moved away from it."""
    rng = np.random.default_rng(seed)
    y, a = case.targets(rng, (n, m)), case.outputs(rng, (n, m))
    if case.loss is losses.l1_loss:
        a = a + 0.01 * np.where(a > y, 1, -1)
    if case.loss is losses.hinge_loss:
        a = a + 0.01 * y * np.where(a * y > 1, 1, -1)
    return a, y


def test_agrees_with_scipy():
    rng = np.random.default_rng(22)
    z, labels, y = rng.normal(scale=20, size=(50, 6)), rng.integers(0, 6, 50), rng.integers(0, 2, (50, 6))
    right = z[np.arange(50), labels]
    np.testing.assert_allclose(
        losses.softmax_cross_entropy(z, labels), np.mean(scipy.special.logsumexp(z, axis=1) - right), rtol=1e-14
    )
    one_hot = np.eye(6)[labels]
    np.testing.assert_allclose(
        losses.softmax_cross_entropy_gradient(z, labels),
        (scipy.special.softmax(z, axis=1) - one_hot) / 50,
        rtol=1e-13,
        atol=1e-17,
    )
    p = scipy.special.expit(z / 10)
    entropy = -(scipy.special.xlogy(y, p) + scipy.special.xlog1py(1 - y, -p))
    np.testing.assert_allclose(losses.binary_cross_entropy(p, y), entropy.sum() / 50, rtol=1e-14)
    np.testing.assert_allclose(
        losses.binary_cross_entropy_from_logits(z, y),
        -(scipy.special.log_expit(z) * y + scipy.special.log_expit(-z) * (1 - y)).sum() / 50,
        rtol=1e-14,
    )


A, Y = [[1.0, 2.0], [3.0, 5.0]], [[0.0, 4.0], [3.0, 2.0]]  # differences 1, −2, 0, 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (losses.l1_loss(A, Y), 3),
        (losses.half_squared_loss(A, Y), 3.5),
        (losses.squared_loss(A, Y), 7),
        (losses.mean_squared_error(A, Y), 3.5),
        (losses.l1_loss_gradient(A, Y), [[0.5, -0.5], [0, 0.5]]),
        (losses.half_squared_loss_gradient(A, Y), [[0.5, -1], [0, 1.5]]),
        (losses.squared_loss_gradient(A, Y), [[1, -2], [0, 3]]),
        (losses.mean_squared_error_gradient(A, Y), [[0.5, -1], [0, 1.5]]),
        (losses.hinge_loss([2, 0.5, -1, 3], [1, 1, 1, -1]), (0 + 0.5 + 2 + 4) / 4),
        (losses.hinge_loss_gradient([2, 0.5, -1, 3], [1, 1, 1, -1]), [0, -0.25, -0.25, 0.25]),
        (losses.logistic_loss([0, math.log(3)], [1, -1]), (math.log(2) + math.log(4)) / 2),
        (losses.logistic_loss_gradient([0, math.log(3)], [1, -1]), [-0.25, 0.375]),
        (losses.binary_cross_entropy([0.5, 0.25], [1, 0]), (math.log(2) + math.log(4 / 3)) / 2),
        (losses.binary_cross_entropy_gradient([0.5, 0.25], [1, 0]), [-1, 2 / 3]),
        (losses.binary_cross_entropy_from_logits([0, math.log(3)], [1, 0]), (math.log(2) + math.log(4)) / 2),
        (losses.binary_cross_entropy_from_logits_gradient([0, math.log(3)], [1, 0]), [-0.25, 0.375]),
        (losses.cross_entropy([[0.5, 0.25, 0.25], [0.2, 0.2, 0.6]], [1, 2]), (math.log(4) - math.log(0.6)) / 2),
        (losses.cross_entropy_gradient([[0.5, 0.25, 0.25], [0.2, 0.2, 0.6]], [1, 2]), [[0, -2, 0], [0, 0, -1 / 1.2]]),
        (losses.softmax_cross_entropy(np.log([[1, 2, 5]]), [1]), math.log(4)),
        (losses.softmax_cross_entropy_gradient(np.log([[1, 2, 5]]), [1]), [[0.125, -0.75, 0.625]]),
        (losses.l2_penalty([[3, -4]]), 12.5),
        (losses.l1_penalty([[3, -4]]), 7),
        (losses.objective(2.0, 12.5, 0.1), 3.25),
    ],
)
def test_worked_numbers(value, expected):
    np.testing.assert_allclose(value, expected, rtol=2e-15, atol=2e-16)


@pytest.mark.parametrize(
    "gradient",
    [
        losses.l1_loss_gradient([2.0], [2.0]),
        losses.hinge_loss_gradient([1.0, -1.0], [1, -1]),
        losses.l1_penalty_gradient([0.0, -0.0]),
    ],
    ids=["l1 at a = y", "hinge at margin 1", "l1 penalty at 0"],
)
def test_gradient_at_a_kink_is_0(gradient):
    assert not np.any(gradient)


# ---- slips of the lectures ---------------------------------------------------------------------------------------


def test_both_terms_of_the_binary_cross_entropy_have_the_same_sign():
    assert losses.binary_cross_entropy([0.2], [0]) == pytest.approx(-math.log(0.8), rel=1e-15, abs=0)
    assert losses.binary_cross_entropy([0.2], [1]) == pytest.approx(-math.log(0.2), rel=1e-15, abs=0)


def test_the_gradient_of_minus_log_h_is_minus_one_over_h():
    gradient = losses.cross_entropy_gradient([[0.1, 0.9]], [0])
    np.testing.assert_allclose(gradient, [[-10, 0]], rtol=1e-15)


# ---- how the losses hang together --------------------------------------------------------------------------------


@given(batch=batches)
def test_the_squared_losses_differ_by_the_factors_they_are_named_for(batch):
    a, y = draw(ELEMENTWISE["squared"], *batch)
    np.testing.assert_allclose(losses.squared_loss(a, y), 2 * losses.half_squared_loss(a, y), rtol=1e-15)
    np.testing.assert_allclose(losses.squared_loss(a, y), a.shape[1] * losses.mean_squared_error(a, y), rtol=1e-14)


@given(batch=batches)
def test_cross_entropy_from_logits_is_that_of_the_probabilities(batch):
    z, labels = draw(LABELLED["softmax cross entropy"], *batch)
    np.testing.assert_allclose(
        losses.softmax_cross_entropy(z, labels),
        losses.cross_entropy(activations.softmax(z), labels),
        rtol=1e-13,
        atol=1e-15,
    )
    z, y = draw(ELEMENTWISE["binary cross entropy from logits"], *batch)
    np.testing.assert_allclose(
        losses.binary_cross_entropy_from_logits(z, y),
        losses.binary_cross_entropy(activations.sigmoid(z), y),
        rtol=1e-13,
        atol=1e-15,
    )


@given(batch=batches)
def test_chain_rule_from_probabilities_to_logits_gives_the_difference_from_the_target(batch):
    z, labels = draw(LABELLED["softmax cross entropy"], *batch)
    upstream = losses.cross_entropy_gradient(activations.softmax(z), labels)
    through_jacobian = (upstream[:, None] @ activations.softmax_jacobian(z))[:, 0]
    np.testing.assert_allclose(
        losses.softmax_cross_entropy_gradient(z, labels), through_jacobian, rtol=1e-12, atol=1e-15
    )
    z, y = draw(ELEMENTWISE["binary cross entropy from logits"], *batch)
    upstream = losses.binary_cross_entropy_gradient(activations.sigmoid(z), y)
    np.testing.assert_allclose(
        losses.binary_cross_entropy_from_logits_gradient(z, y),
        upstream * activations.sigmoid_derivative(z),
        rtol=1e-12,
        atol=1e-15,
    )


@given(batch=batches)
def test_logistic_loss_is_the_binary_cross_entropy_with_classes_named_by_sign(batch):
    s, y = draw(ELEMENTWISE["logistic"], *batch)
    np.testing.assert_array_equal(losses.logistic_loss(s, y), losses.binary_cross_entropy_from_logits(s, (y + 1) // 2))


@given(batch=batches)
def test_a_row_of_the_softmax_cross_entropy_gradient_sums_to_0(batch):
    z, labels = draw(LABELLED["softmax cross entropy"], *batch)
    # two sums of up to 4 terms, two divisions and a difference: at most 9 roundings of 1.1e-16
    np.testing.assert_allclose(losses.softmax_cross_entropy_gradient(z, labels).sum(axis=1), 0, rtol=0, atol=1e-15)


@given(batch=batches, shift=st.floats(-1000, 1000))
def test_softmax_cross_entropy_does_not_change_when_all_logits_shift(batch, shift):
    z, labels = draw(LABELLED["softmax cross entropy"], *batch)
    # z + shift is rounded to an ulp of 1000, 1.1e-13
    np.testing.assert_allclose(
        losses.softmax_cross_entropy(z + shift, labels), losses.softmax_cross_entropy(z, labels), rtol=0, atol=5e-13
    )


@given(score=st.floats(-20, 20))
def test_the_logistic_loss_over_ln_2_bounds_the_number_of_errors_and_so_does_the_hinge(score):
    wrong = float(score <= 0)
    assert losses.hinge_loss([score], [1]) >= wrong
    assert losses.logistic_loss([score], [1]) / math.log(2) >= wrong * (1 - 1e-15)


@every_loss
def test_losses_are_not_negative_and_0_for_the_best_output(case):
    a, y = draw(case, 23, 6, 4)
    assert case.loss(a, y) > 0
    if case.targets is normal:
        best = y
    elif case.outputs is distributions:
        best = np.eye(4)[y]
    elif case.outputs is probabilities:
        best = y
    elif case.targets is classes:
        best = 1000 * np.eye(4)[y]
    else:
        best = 1000.0 * np.where(y > 0, 1, -1)
    assert case.loss(best, y) == 0
    assert not np.signbit(case.loss(best, y))  # a loss of −0 would print oddly


# ---- the batch ---------------------------------------------------------------------------------------------------


@every_loss
@given(batch=batches)
def test_the_batch_is_the_mean_of_its_samples(case, batch):
    a, y = draw(case, *batch)
    n = len(a)
    singles = [case.loss(a[i : i + 1], y[i : i + 1]) for i in range(n)]
    gradients = [case.gradient(a[i : i + 1], y[i : i + 1]) / n for i in range(n)]
    np.testing.assert_allclose(case.loss(a, y), np.mean(singles), rtol=1e-14)
    np.testing.assert_allclose(case.gradient(a, y), np.concatenate(gradients), rtol=1e-14, atol=1e-16)


@every_loss
def test_a_batch_taken_twice_has_the_same_loss_and_half_the_gradient_a_row(case):
    a, y = draw(case, 24, 3, 4)
    twice = np.concatenate([a, a]), np.concatenate([y, y])
    np.testing.assert_allclose(case.loss(*twice), case.loss(a, y), rtol=1e-14)
    np.testing.assert_allclose(case.gradient(*twice)[:3], case.gradient(a, y) / 2, rtol=1e-14, atol=1e-16)


@elementwise_loss
def test_one_output_a_sample_may_be_a_vector_or_a_column(case):
    a, y = draw(case, 25, 6, 1)
    assert case.loss(a[:, 0], y[:, 0]) == case.loss(a, y)
    np.testing.assert_array_equal(case.gradient(a[:, 0], y[:, 0]), case.gradient(a, y)[:, 0])


# ---- certainty: probabilities of 0 and 1, logits of ±1000 ---------------------------------------------------------


def test_a_certain_and_right_probability_costs_nothing():
    with no_warnings():
        assert losses.binary_cross_entropy([0.0, 1.0], [0, 1]) == 0
        assert losses.binary_cross_entropy_gradient([0.0, 1.0], [0, 1]).tolist() == [0.5, -0.5]
        assert losses.cross_entropy([[0.0, 1.0]], [1]) == 0
        assert losses.cross_entropy_gradient([[0.0, 1.0]], [1]).tolist() == [[0, -1]]


def test_a_certain_and_wrong_probability_costs_infinity_without_a_warning():
    with no_warnings():
        assert losses.binary_cross_entropy([0.0, 0.5], [1, 1]) == np.inf
        assert losses.binary_cross_entropy([1.0, 0.5], [0, 1]) == np.inf
        assert losses.binary_cross_entropy_gradient([0.0, 1.0], [1, 0]).tolist() == [-np.inf, np.inf]
        assert losses.cross_entropy([[0.0, 1.0], [0.5, 0.5]], [0, 1]) == np.inf
        assert losses.cross_entropy_gradient([[0.0, 1.0], [0.5, 0.5]], [0, 1]).tolist() == [[-np.inf, 0], [0, -1]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["logistic", "binary cross entropy from logits", "softmax cross entropy", "hinge"])
def test_scores_of_1000_cost_0_or_1000_and_have_a_slope_of_0_or_1(name, dtype):
    case = LOSSES[name]
    rows = np.array([[1000, -1000], [-1000, 1000]], dtype)
    with no_warnings():
        if name == "softmax cross entropy":
            right, wrong = case.loss(rows, [0, 1]), case.loss(rows, [1, 0])
            slopes = case.gradient(rows, [1, 0])
            assert (right, wrong) == (0, 2000)
            assert slopes.tolist() == [[0.5, -0.5], [-0.5, 0.5]]
        else:
            y = np.array([1, 0]) if case.targets is bits else np.array([1, -1])
            margin = 1 if name == "hinge" else 0
            assert case.loss(rows[0], y) == 0
            assert case.loss(rows[1], y) == 1000 + margin
            assert case.gradient(rows[0], y).tolist() == [0, 0]
            assert case.gradient(rows[1], y).tolist() == [-0.5, 0.5]


def test_the_loss_of_a_nearly_certain_logit_keeps_its_digits():
    for z in (20.0, 50.0, 300.0):
        assert losses.binary_cross_entropy_from_logits([z], [1]) == pytest.approx(
            math.log1p(math.exp(-z)), rel=2e-15, abs=0
        )
        assert losses.logistic_loss([z], [1]) == pytest.approx(math.log1p(math.exp(-z)), rel=2e-15, abs=0)


def test_a_class_taken_out_by_minus_infinity_changes_nothing():
    with no_warnings():
        without = losses.softmax_cross_entropy([[0.3, -0.2]], [0])
        assert losses.softmax_cross_entropy([[0.3, -0.2, -np.inf]], [0]) == pytest.approx(without, rel=1e-15, abs=0)
        assert losses.softmax_cross_entropy_gradient([[0.3, -0.2, -np.inf]], [0])[0, 2] == 0


# ---- penalties and the objective ---------------------------------------------------------------------------------


@every_penalty
@pytest.mark.parametrize("shape", [(), (4,), (3, 2), (2, 2, 2)])
def test_penalty_and_its_gradient(penalty, gradient, formula, shape):
    rng = np.random.default_rng(26)
    w = rng.uniform(0.1, 2, shape) * rng.choice([-1, 1], shape)
    np.testing.assert_allclose(penalty(w), formula(np, w), rtol=2e-15)
    np.testing.assert_allclose(gradient(w), autograd.grad(lambda w: formula(anp, w))(np.array(w)), rtol=2e-15)
    np.testing.assert_allclose(gradient(w), complex_gradient(lambda w: formula(np, w), np.array(w)), rtol=2e-15)
    assert_gradient(gradient(w), penalty, np.array(w))


@every_penalty
def test_penalty_manners(penalty, gradient, formula):
    w = np.array([[1.0, -1000.0, np.nan]])
    with no_warnings():
        assert np.isnan(penalty(w))
        assert np.isnan(gradient(w)).tolist() == [[False, False, True]]
    assert penalty(w.astype(np.float32)).dtype == gradient(w.astype(np.float32)).dtype == np.float32
    assert penalty([]) == 0
    assert penalty([1, -2]) == penalty(np.array([1.0, -2.0]))
    call_and_compare_arguments(gradient, w)
    for f in (penalty, gradient):
        with pytest.raises(ValueError, match=r"^w must hold real numbers"):
            f([1j])


@given(batch=batches, strength=st.floats(0, 10))
def test_the_objective_of_gradients_is_the_gradient_of_the_objective(batch, strength):
    seed, n, m = batch
    rng = np.random.default_rng(seed)
    x, y, w = rng.normal(size=(n, 3)), rng.normal(size=(n, m)), rng.normal(size=(m, 3))
    by_parts = losses.half_squared_loss_gradient(x @ w.T, y).T @ x
    gradient = losses.objective(by_parts, losses.l2_penalty_gradient(w), strength)
    # values up to 10 · 12 · 3²: rounding of 1e2 ε/h
    assert_gradient(
        gradient,
        lambda w: losses.objective(losses.half_squared_loss(x @ w.T, y), losses.l2_penalty(w), strength),
        w,
        tolerance=1e-9,
    )


def test_objective_manners():
    loss, penalty = np.ones(3, np.float32), np.ones(3, np.float32)
    assert call_and_compare_arguments(losses.objective, loss, penalty, np.float64(0.1)).dtype == np.float32
    assert losses.objective(2.0, 5.0, 0) == 2
    assert losses.objective(2, 5, 1).dtype == np.float64
    assert np.isnan(losses.objective(np.nan, 1.0, 1.0))


# ---- manners -----------------------------------------------------------------------------------------------------


@every_loss
def test_float32_outputs_give_float32_whatever_the_target(case):
    a, y = draw(case, 27, 5, 3)
    single = a.astype(np.float32)
    for target in (y, y.tolist(), y if case.targets is classes else y.astype(np.float64)):
        assert case.loss(single, target).dtype == np.float32
        assert case.gradient(single, target).dtype == np.float32
        # float32 roundings, 6e-8 each, on values up to 20
        np.testing.assert_allclose(case.loss(single, target), case.loss(a, y), rtol=1e-6)
        np.testing.assert_allclose(case.gradient(single, target), case.gradient(a, y), rtol=2e-6, atol=1e-7)
    assert case.loss(a, y).dtype == case.gradient(a, y).dtype == np.float64


@elementwise_loss
def test_a_float32_target_does_not_lower_the_precision_of_the_output(case):
    a, y = draw(case, 28, 5, 3)
    assert case.loss(a, y.astype(np.float32)).dtype == np.float64


@every_loss
def test_lists_give_the_same_as_arrays_and_a_value_is_one_number(case):
    a, y = draw(case, 29, 5, 3)
    assert case.loss(a.tolist(), y.tolist()) == case.loss(a, y)
    np.testing.assert_array_equal(case.gradient(a.tolist(), y.tolist()), case.gradient(a, y))
    assert np.shape(case.loss(a, y)) == ()


def test_integer_outputs_are_read_as_floats():
    assert losses.half_squared_loss([1, 2], [0, 0]) == 1.25
    assert losses.squared_loss_gradient(np.array([1, 2]), np.array([0, 0])).tolist() == [1, 2]
    assert losses.softmax_cross_entropy_gradient([[0, 0]], [0]).tolist() == [[-0.5, 0.5]]


@every_loss
def test_arguments_are_left_alone_and_results_are_new(case):
    a, y = draw(case, 30, 5, 3)
    call_and_compare_arguments(case.loss, a, y)
    call_and_compare_arguments(case.gradient, a, y)


@every_loss
def test_nan_in_an_output_passes_through(case):
    a, y = draw(case, 31, 3, 2)
    a[1, 0 if y.ndim == 2 else y[1]] = np.nan
    with no_warnings():
        assert np.isnan(case.loss(a, y))
        assert np.isnan(case.gradient(a, y)).any(axis=1).tolist() == [False, True, False]


@every_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_outputs_raise_no_warning(case, dtype):
    low, high = (-1000, 1000) if case.outputs is normal else (0, 1)
    a = np.array([[low, high], [high, low], [low, low], [high, high]], dtype)
    y = case.targets(np.random.default_rng(32), a.shape)
    with no_warnings():
        assert not np.isnan(case.loss(a, y))
        assert not np.isnan(case.gradient(a, y)).any()


# ---- bad input ---------------------------------------------------------------------------------------------------

FIRST = {"hinge": "score", "logistic": "score", "softmax cross entropy": "logits"} | {
    "binary cross entropy": "p",
    "cross entropy": "p",
    "binary cross entropy from logits": "z",
}


@pytest.mark.parametrize("name", LOSSES)
def test_wrong_shapes_are_named_with_those_expected(name):
    case, first = LOSSES[name], FIRST.get(name, "a")
    a, y = draw(case, 33, 4, 3)
    shapes = r"\(N, M\)" if name in LABELLED else r"\(N,\) or \(N, M\)"
    target, expected = ("labels", r"\(N=4,\)") if name in LABELLED else ("y", r"\(4, 3\)")
    short = "(3,)" if name in LABELLED else "(3, 3)"
    for f in (case.loss, case.gradient):
        with pytest.raises(ValueError, match=rf"^{first} has shape \(\), expected {shapes}$"):
            f(0.5, y)
        with pytest.raises(ValueError, match=rf"^{first} has shape \(1, 4, 3\), expected {shapes}$"):
            f(a[None], y)
        with pytest.raises(ValueError, match=rf"^{first} is empty \(shape \(0, 3\)\)"):
            f(a[:0], y[:0])
        with pytest.raises(ValueError, match=rf"^{first} is empty \(shape \(4, 0\)\)"):
            f(a[:, :0], y)
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            f(a, y[:3])
        assert str(caught.value).startswith(f"{target} has shape {short}, expected")
        with pytest.raises(ValueError, match=rf"^{target} has shape \(4, 1\), expected {expected}$"):
            f(a, y.reshape(4, -1)[:, :1])  # broadcasting would hide this one
        with pytest.raises(ValueError, match=rf"^{first} must hold real numbers, but has dtype complex128$"):
            f(a + 0j, y)


@labelled_loss
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 3], r"^labels must lie in 0\.\.2, .* \(3, 3\) \(N, M\), but contains 3$"),
        ([0, -1, 2], r"^labels must lie in 0\.\.2, .* contains -1$"),
        ([0.0, 1.0, 2.0], r"^labels must hold integers, but has dtype float64$"),
        ([True, False, True], r"^labels must hold integers, but has dtype bool$"),
        ([[0], [1, 2]], r"^labels has rows of different lengths"),
    ],
)
def test_labels_must_be_class_numbers(case, labels, message):
    for f in (case.loss, case.gradient):
        with pytest.raises(ValueError, match=message):
            f(np.full((3, 3), 1 / 3), labels)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64])
@labelled_loss
def test_labels_of_any_integer_type_are_read(case, dtype):
    a, y = draw(case, 34, 5, 3)
    assert case.loss(a, y.astype(dtype)) == case.loss(a, y)


@pytest.mark.parametrize("name", ["hinge", "logistic"])
@pytest.mark.parametrize(("y", "wrong"), [([1, 0], "0"), ([1, 2], "2"), ([-1, 0.5], "0.5"), ([1, np.nan], "nan")])
def test_classes_named_by_sign_must_be_plus_or_minus_1(name, y, wrong):
    for f in (LOSSES[name].loss, LOSSES[name].gradient):
        with pytest.raises(ValueError, match=rf"^y must hold only -1 and \+1, but contains {wrong}$"):
            f([0.5, 0.5], y)


@pytest.mark.parametrize("name", ["binary cross entropy", "binary cross entropy from logits"])
@pytest.mark.parametrize(("y", "wrong"), [([1, -1], "-1"), ([1, 2], "2"), ([0, 0.5], "0.5"), ([1, np.nan], "nan")])
def test_bits_must_be_0_or_1(name, y, wrong):
    for f in (LOSSES[name].loss, LOSSES[name].gradient):
        with pytest.raises(ValueError, match=rf"^y must hold only 0 and 1, but contains {wrong}$"):
            f([0.5, 0.5], y)


@pytest.mark.parametrize("wrong", [-0.1, 1.5, np.inf])
def test_probabilities_must_lie_between_0_and_1(wrong):
    message = rf"^p must hold probabilities in \[0, 1\], but contains {wrong:g}$"
    for f in (losses.binary_cross_entropy, losses.binary_cross_entropy_gradient):
        with pytest.raises(ValueError, match=message):
            f([0.5, wrong], [0, 1])
    for f in (losses.cross_entropy, losses.cross_entropy_gradient):
        with pytest.raises(ValueError, match=message):
            f([[0.5, wrong]], [0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.0, [1.0], 0.1), r"^penalty has shape \(1,\), expected \(\)$"),
        (([1.0, 2.0], [1.0], 0.1), r"^penalty has shape \(1,\), expected \(2,\)$"),
        ((1.0, 1.0, [0.1]), r"^strength has shape \(1,\), expected \(\)$"),
        ((1.0, 1.0, -0.1), r"^strength must be at least 0, but is -0.1$"),
    ],
)
def test_objective_refuses_what_does_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        losses.objective(*arguments)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (40, 10)])
def test_softmax_cross_entropy_and_its_gradient_together_are_both_alone(shape, dtype):
    rng = np.random.default_rng(0)
    z, labels = (20 * rng.normal(size=shape)).astype(dtype), rng.integers(0, shape[1], shape[0])
    value, gradient = call_and_compare_pair(z, labels)
    assert value.dtype == gradient.dtype == dtype
    # other roundings: one factor 1/(N·Σ) in place of two divisions, and Σ summed by another routine
    np.testing.assert_allclose(value, losses.softmax_cross_entropy(z, labels), rtol=8 * np.finfo(dtype).eps)
    alone = losses.softmax_cross_entropy_gradient(z, labels)
    np.testing.assert_allclose(gradient, alone, rtol=8 * np.finfo(dtype).eps, atol=8 * np.finfo(dtype).eps / shape[0])


def call_and_compare_pair(z, labels):
    before = z.copy(), labels.copy()
    value, gradient = losses.softmax_cross_entropy_and_gradient(z, labels)
    np.testing.assert_array_equal(z, before[0])
    np.testing.assert_array_equal(labels, before[1])
    assert not np.shares_memory(gradient, z)
    return value, gradient


def test_softmax_cross_entropy_and_its_gradient_at_the_ends():
    with no_warnings():
        value, gradient = losses.softmax_cross_entropy_and_gradient([[1000.0, 0.0], [-1000.0, 0.0]], [1, 1])
    assert float(value) == 500
    assert gradient.tolist() == [[0.5, -0.5], [0, 0]]
    with pytest.raises(ValueError, match=r"^labels must lie in 0\.\.1"):
        losses.softmax_cross_entropy_and_gradient([[1.0, 0.0]], [2])
    with pytest.raises(ValueError, match=r"^logits must hold real numbers"):
        losses.softmax_cross_entropy_and_gradient([[1j, 0.0]], [0])
    with pytest.raises(ValueError, match=r"^logits is empty"):
        losses.softmax_cross_entropy_and_gradient(np.zeros((0, 2)), np.zeros(0, int))
    assert np.isnan(losses.softmax_cross_entropy_and_gradient([[np.nan, 0.0]], [0])[0])
