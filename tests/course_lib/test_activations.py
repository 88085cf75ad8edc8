"""Activations against independent implementations, numerical derivatives and the properties the chapter claims."""

import math
from decimal import Decimal, localcontext

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from proof import (
    DIFFERENCE_TOLERANCE,
    assert_gradient,
    assert_slope_along_random_directions,
    call_and_compare_arguments,
    difference_gradient,
    no_warnings,
)

from course_lib import activations as act

# name: (f, derivative, the textbook formula for any array module, z where f has a kink)
ELEMENTWISE = {
    "linear": (act.linear, act.linear_derivative, lambda xp, z: 1.0 * z, ()),
    "sigmoid": (act.sigmoid, act.sigmoid_derivative, lambda xp, z: 1 / (1 + xp.exp(-z)), ()),
    "tanh": (
        act.tanh,
        act.tanh_derivative,
        lambda xp, z: (xp.exp(z) - xp.exp(-z)) / (xp.exp(z) + xp.exp(-z)),
        (),
    ),
    "relu": (act.relu, act.relu_derivative, lambda xp, z: xp.where(z > 0, z, 0.0 * z), (0,)),
    "shifted_relu": (
        act.shifted_relu,
        act.shifted_relu_derivative,
        lambda xp, z: xp.where(z > -1, z, -1.0 + 0.0 * z),
        (-1,),
    ),
    "leaky_relu": (
        act.leaky_relu,
        act.leaky_relu_derivative,
        lambda xp, z: xp.where(z > 0, z, 0.01 * z),
        (0,),
    ),
    "leaky_relu 0.1": (
        lambda z: act.leaky_relu(z, slope=0.1),
        lambda z: act.leaky_relu_derivative(z, slope=0.1),
        lambda xp, z: xp.where(z > 0, z, 0.1 * z),
        (0,),
    ),
    "prelu 0.25": (
        lambda z: act.prelu(z, 0.25),
        lambda z: act.prelu_derivative(z, 0.25),
        lambda xp, z: xp.where(z > 0, z, 0.25 * z),
        (0,),
    ),
    "prelu 3": (
        lambda z: act.prelu(z, 3),
        lambda z: act.prelu_derivative(z, 3),
        lambda xp, z: xp.where(z > 0, z, 3.0 * z),
        (0,),
    ),
    "prelu -0.5": (
        lambda z: act.prelu(z, -0.5),
        lambda z: act.prelu_derivative(z, -0.5),
        lambda xp, z: xp.where(z > 0, z, -0.5 * z),
        (0,),
    ),
    "elu": (act.elu, act.elu_derivative, lambda xp, z: xp.where(z > 0, z, xp.exp(z) - 1), (0,)),
    "elu 0.3": (
        lambda z: act.elu(z, alpha=0.3),
        lambda z: act.elu_derivative(z, alpha=0.3),
        lambda xp, z: xp.where(z > 0, z, 0.3 * (xp.exp(z) - 1)),
        (0,),
    ),
    "softplus": (act.softplus, act.softplus_derivative, lambda xp, z: xp.log(1 + xp.exp(z)), ()),
}
BOTH = {name: case[0] for name, case in ELEMENTWISE.items()} | {
    f"{name}, derivative": case[1] for name, case in ELEMENTWISE.items()
}
ROWWISE = {"softmax": act.softmax, "log_softmax": act.log_softmax, "softmax_jacobian": act.softmax_jacobian}
SLOPE_GRADIENT = {"prelu_slope_gradient": lambda z: act.prelu_slope_gradient(z, 0.25)}

elementwise = pytest.mark.parametrize(("f", "derivative", "formula", "kinks"), ELEMENTWISE.values(), ids=ELEMENTWISE)
every_f = pytest.mark.parametrize("f", (BOTH | SLOPE_GRADIENT).values(), ids=list(BOTH | SLOPE_GRADIENT))
everything = pytest.mark.parametrize(
    "f", (BOTH | SLOPE_GRADIENT | ROWWISE).values(), ids=list(BOTH | SLOPE_GRADIENT | ROWWISE)
)

GRID = np.linspace(-6, 6, 1201) + 1e-4  # passes within 1e-4 of every kink, never onto one
numbers = hnp.arrays(float, hnp.array_shapes(max_dims=3, max_side=5), elements=st.floats(-30, 30))
scores = hnp.arrays(float, hnp.array_shapes(min_dims=1, max_dims=2, max_side=6), elements=st.floats(-50, 50))


# ---- values and derivatives -------------------------------------------------------------------------------------


@elementwise
def test_value_is_the_textbook_formula(f, derivative, formula, kinks):
    # the textbook forms subtract numbers near 1, so they are only good to an absolute 1e-15 or so
    np.testing.assert_allclose(f(GRID), formula(np, GRID), rtol=1e-14, atol=2e-15)


@elementwise
def test_derivative_is_that_of_the_formula_by_autograd(f, derivative, formula, kinks):
    by_autograd = autograd.elementwise_grad(lambda z: formula(anp, z))(GRID)
    np.testing.assert_allclose(derivative(GRID), by_autograd, rtol=1e-13, atol=2e-15)


@elementwise
def test_derivative_is_that_of_the_formula_by_complex_step(f, derivative, formula, kinks):
    by_complex_step = formula(np, GRID + 1e-30j).imag / 1e-30
    np.testing.assert_allclose(derivative(GRID), by_complex_step, rtol=1e-13, atol=2e-15)


@elementwise
@given(z=st.floats(-30, 30))
def test_derivative_is_the_slope_of_the_function_itself(f, derivative, formula, kinks, z):
    step = 1e-3
    if all(abs(z - kink) > 2 * step for kink in kinks):  # a difference across a kink measures neither side
        slope = difference_gradient(f, np.array(z), step)
        # rounding errs by ε|f|/h, up to 30 ε/h here
        np.testing.assert_allclose(derivative(z), slope, rtol=DIFFERENCE_TOLERANCE, atol=DIFFERENCE_TOLERANCE)


@pytest.mark.parametrize(
    ("f", "independent"),
    [
        (act.sigmoid, scipy.special.expit),
        (act.softplus_derivative, scipy.special.expit),
        (act.softplus, lambda z: np.logaddexp(0, z)),
        (act.elu, lambda z: np.where(z > 0, z, scipy.special.expm1(z))),
        (act.softmax, lambda z: scipy.special.softmax(z, axis=-1)),
        (act.log_softmax, lambda z: scipy.special.log_softmax(z, axis=-1)),
        (act.log_softmax, lambda z: z - scipy.special.logsumexp(z, axis=-1, keepdims=True)),
    ],
)
def test_agrees_with_scipy(f, independent):
    z = np.random.default_rng(0).normal(scale=20, size=(200, 7))
    # numbers up to about 100 and an ulp or two each
    np.testing.assert_allclose(f(z), independent(z), rtol=1e-14, atol=3e-14)


@pytest.mark.parametrize(
    ("f", "z", "expected"),
    [
        (act.sigmoid, 0, 0.5),
        (act.sigmoid, math.log(3), 0.75),
        (act.sigmoid, 1, 0.7310585786300049),  # the neuron of the graph in chapter 7: 1 / 1.37 = 0.73
        (act.sigmoid_derivative, 0, 0.25),
        (act.sigmoid_derivative, math.log(3), 0.1875),
        (act.tanh, math.log(2), 0.6),
        (act.tanh_derivative, math.log(2), 0.64),
        (act.softplus, 0, math.log(2)),
        (act.softplus, math.log(3), math.log(4)),
        (act.elu, -math.log(2), -0.5),
        (act.elu_derivative, -math.log(2), 0.5),
        (act.leaky_relu, -3, -0.03),
        (act.shifted_relu, -3, -1),
    ],
)
def test_worked_numbers(f, z, expected):
    assert f(z) == pytest.approx(expected, rel=2e-15, abs=0)


@pytest.mark.parametrize(
    ("derivative", "at_kink"),
    [
        (act.relu_derivative(0), 0),
        (act.relu_derivative(-0.0), 0),
        (act.shifted_relu_derivative(-1), 0),
        (act.leaky_relu_derivative(0), 0.01),
        (act.prelu_derivative(0, 3), 3),
        (act.elu_derivative(0), 1),
        (act.elu_derivative(0, alpha=0.3), 0.3),
        (act.prelu_slope_gradient(0, 3), 0),
    ],
)
def test_the_derivative_at_a_kink_is_the_one_from_the_left(derivative, at_kink):
    assert derivative == at_kink


def test_slope_is_exactly_1_right_of_the_kink_whatever_the_slope_left_of_it():
    slopes = np.random.default_rng(1).normal(size=1000)  # 1 − slope rounds, so slope + (1 − slope) may miss 1
    assert np.all(act.prelu_derivative(np.ones(1000), slopes) == 1)
    assert np.all(act.prelu_derivative(-np.ones(1000), slopes) == slopes)


# ---- accuracy where the plain formulas fail ----------------------------------------------------------------------


@pytest.mark.parametrize("z", [-700.0, -50.0, -36.0, -1e-3, -1e-12, 1e-12, 0.5, 40.0, 700.0])
def test_softplus_and_elu_are_right_to_the_last_digits(z):
    with localcontext() as context:
        context.prec = 400
        power = Decimal(z).exp()
        softplus, elu = float((1 + power).ln()), z if z > 0 else float(power - 1)
    # NumPy's vector exp, expm1 and log1p are allowed 4 units in the last place, 9e-16, on some processors
    assert act.softplus(z) == pytest.approx(softplus, rel=2e-15, abs=0)
    assert act.elu(z) == pytest.approx(elu, rel=2e-15, abs=0)


def test_log_softmax_stays_finite_where_the_logarithm_of_softmax_does_not():
    z = np.array([0.0, -1000.0])
    assert act.softmax(z)[1] == 0
    assert act.log_softmax(z).tolist() == [0, -1000]


# ---- properties --------------------------------------------------------------------------------------------------


@given(z=numbers)
def test_tanh_is_a_stretched_sigmoid(z):
    np.testing.assert_allclose(act.tanh(z), 2 * act.sigmoid(2 * z) - 1, rtol=0, atol=3e-16)


@given(z=hnp.arrays(float, 5, elements=st.floats(0, 30)))
def test_tanh_is_the_quotient_of_exponentials(z):
    np.testing.assert_allclose(act.tanh(z), np.expm1(2 * z) / (np.exp(2 * z) + 1), rtol=3e-15)


@given(z=numbers)
def test_sigmoid_of_the_negative_is_the_complement(z):
    np.testing.assert_allclose(act.sigmoid(-z), 1 - act.sigmoid(z), rtol=0, atol=2e-16)


@given(z=numbers)
def test_softplus_lies_above_relu_by_at_most_ln_2(z):
    gap = act.softplus(z) - act.relu(z)
    assert np.all((gap >= 0) & (gap <= math.log(2) * (1 + 1e-15)))


@given(z=numbers)
def test_softplus_minus_its_mirror_is_z(z):
    np.testing.assert_allclose(act.softplus(z) - act.softplus(-z), z, rtol=1e-15, atol=3e-15)


@given(z=numbers)
def test_leaky_relu_is_relu_at_slope_0_and_linear_at_slope_1(z):
    np.testing.assert_array_equal(act.leaky_relu(z, slope=0.0), act.relu(z))
    np.testing.assert_array_equal(act.leaky_relu(z, slope=1.0), z)


@given(z=numbers)
def test_elu_derivative_left_of_0_is_the_value_plus_alpha(z):
    z = -np.abs(z)
    np.testing.assert_allclose(act.elu_derivative(z, 0.3), act.elu(z, 0.3) + 0.3, rtol=0, atol=3e-16)


@given(z=numbers, mu=st.floats(-2, 1))
def test_prelu_is_the_larger_of_its_lines_up_to_slope_1(z, mu):
    np.testing.assert_array_equal(act.prelu(z, mu), np.maximum(mu * z, z))


def test_prelu_beyond_slope_1_is_not_the_larger_of_its_lines():
    assert act.prelu([-1.0, 1.0], 2.0).tolist() == [-2, 1]
    assert np.maximum(2.0 * np.array([-1.0, 1.0]), [-1.0, 1.0]).tolist() == [-1, 2]


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if name != "prelu -0.5"])
def test_activations_never_fall_unless_the_slope_is_negative(name):
    f, derivative, _, _ = ELEMENTWISE[name]
    assert np.all(np.diff(f(GRID)) >= 0)
    assert np.all(derivative(GRID) >= 0)


@pytest.mark.parametrize(
    ("f", "low", "high"),
    [
        (act.sigmoid, 0, 1),
        (act.sigmoid_derivative, 0, 0.25),
        (act.tanh, -1, 1),
        (act.tanh_derivative, 0, 1),
        (act.relu, 0, np.inf),
        (act.shifted_relu, -1, np.inf),
        (act.elu, -1, np.inf),
        (act.softplus, 0, np.inf),
        (act.softmax, 0, 1),
        (act.log_softmax, -np.inf, 0),
    ],
)
@given(z=hnp.arrays(st.sampled_from([np.float32, np.float64]), 4, elements=st.floats(-1000, 1000, width=32)))
def test_range(f, low, high, z):
    a = f(z)
    assert np.all((low <= a) & (a <= high))


def test_sigmoid_and_tanh_saturate_symmetrically():
    assert act.sigmoid([-40.0, 40.0]).tolist() == [0, 1]
    assert act.tanh([-20.0, 20.0]).tolist() == [-1, 1]
    assert act.sigmoid_derivative([-40.0, 40.0]).tolist() == act.tanh_derivative([-20.0, 20.0]).tolist() == [0, 0]


# ---- the slope of PReLU ------------------------------------------------------------------------------------------


@given(z=numbers, mu=st.floats(-2, 3))
def test_prelu_slope_gradient_is_the_change_with_the_slope(z, mu):
    # f is linear in mu, so a difference has no truncation error; rounding is 30 ε/h
    for i in np.ndindex(z.shape):
        slope = difference_gradient(lambda m, i=i: act.prelu(z, m)[i], np.array(mu))
        np.testing.assert_allclose(act.prelu_slope_gradient(z, mu)[i], slope, rtol=1e-10, atol=1e-10)


def test_one_slope_a_unit_gets_the_sum_over_the_batch():
    rng = np.random.default_rng(2)
    z, mu, dout = rng.normal(size=(6, 4)), rng.normal(size=4), rng.normal(size=(6, 4))
    dmu = (dout * act.prelu_slope_gradient(z, mu)).sum(axis=0)
    assert_gradient(dmu, lambda m: np.sum(dout * act.prelu(z, m)), mu)


# ---- maxout ------------------------------------------------------------------------------------------------------


def maxout_problem(seed, n=5, k=3, m=4, d=2):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d) if n else d)
    return x, rng.normal(size=(k, m, d)), rng.normal(size=(k, m)), rng.normal(size=(n, m) if n else m)


def maxout_by_loops(x, w, b, xp=np):
    return xp.array(
        [[max(xp.sum(w[i, m] * row) + b[i, m] for i in range(len(w))) for m in range(w.shape[1])] for row in x]
    )


def test_maxout_is_the_largest_piece():
    x, w, b, _ = maxout_problem(0)
    np.testing.assert_allclose(act.maxout_forward(x, w, b)[0], maxout_by_loops(x, w, b), rtol=1e-13)


@pytest.mark.parametrize("k", [1, 2, 5])
@pytest.mark.parametrize("n", [0, 1, 5], ids=["one input", "batch of one", "batch"])
def test_maxout_gradients(n, k):
    x, w, b, dout = maxout_problem(k, n=n, k=k)
    dx, dw, db = act.maxout_backward(dout, act.maxout_forward(x, w, b)[1])
    assert_gradient(dx, lambda x: np.sum(dout * act.maxout_forward(x, w, b)[0]), x)
    assert_gradient(dw, lambda w: np.sum(dout * act.maxout_forward(x, w, b)[0]), w)
    assert_gradient(db, lambda b: np.sum(dout * act.maxout_forward(x, w, b)[0]), b)


def test_maxout_gradients_agree_with_autograd():
    x, w, b, dout = maxout_problem(4)
    gradients = act.maxout_backward(dout, act.maxout_forward(x, w, b)[1])
    for i, gradient in enumerate(gradients):
        expected = autograd.grad(lambda *xwb: anp.sum(dout * maxout_by_loops(*xwb, xp=anp)), i)(x, w, b)
        np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-14)


def test_maxout_gradients_of_a_large_layer_along_random_directions():
    x, w, b, dout = maxout_problem(5, n=40, k=4, m=30, d=50)
    dout /= np.abs(dout).sum()  # values of size 1, so that the tolerance means what it says
    dx, dw, _ = act.maxout_backward(dout, act.maxout_forward(x, w, b)[1])
    rng = np.random.default_rng(5)
    assert_slope_along_random_directions(dw, lambda w: np.sum(dout * act.maxout_forward(x, w, b)[0]), w, rng)
    assert_slope_along_random_directions(dx, lambda x: np.sum(dout * act.maxout_forward(x, w, b)[0]), x, rng)


def maxout_of_lines(slopes, z):
    """Return maxout of the lines slope·z of one unit with one input, and the gradient with respect to z."""
    w, b = np.reshape(slopes, (-1, 1, 1)), np.zeros((len(slopes), 1))
    out, cache = act.maxout_forward(z[:, None], w, b)
    return out[:, 0], act.maxout_backward(np.ones_like(out), cache)[0][:, 0]


@given(z=hnp.arrays(float, 6, elements=st.floats(-30, 30)))
def test_maxout_of_0_and_z_is_relu_with_its_derivative(z):
    a, slope = maxout_of_lines([0.0, 1.0], z)
    np.testing.assert_array_equal(a, act.relu(z))
    np.testing.assert_array_equal(slope, act.relu_derivative(z))


@given(z=hnp.arrays(float, 6, elements=st.floats(-30, 30)), slope=st.floats(0, 1))
def test_maxout_of_two_lines_is_leaky_relu_with_its_derivative(z, slope):
    a, derivative = maxout_of_lines([slope, 1.0], z)
    np.testing.assert_array_equal(a, act.leaky_relu(z, slope))
    normal = (z == 0) | (np.abs(z) > 1e-300)  # below, slope·z and z may round to the same number and tie
    np.testing.assert_array_equal(derivative[normal], act.leaky_relu_derivative(z, slope)[normal])


def test_maxout_of_z_and_minus_z_is_the_absolute_value():
    a, slope = maxout_of_lines([1.0, -1.0], np.array([-2.0, 3.0]))
    assert a.tolist() == [2, 3]
    assert slope.tolist() == [-1, 1]


def test_in_a_tie_the_first_piece_alone_gets_the_gradient():
    x, dout = np.array([[1.0, 2.0]]), np.array([[10.0]])
    w = np.array([[[0.0, 0.0]], [[3.0, 0.0]], [[1.0, 1.0]], [[3.0, 0.0]]])
    dx, dw, db = act.maxout_backward(dout, act.maxout_forward(x, w, np.zeros((4, 1)))[1])
    assert db.ravel().tolist() == [0, 10, 0, 0]
    assert dw[:, 0].tolist() == [[0, 0], [10, 20], [0, 0], [0, 0]]
    assert dx.tolist() == [[30, 0]]


def test_maxout_of_one_input_is_a_row_of_the_batch():
    x, w, b, dout = maxout_problem(6)
    out, cache = act.maxout_forward(x, w, b)
    dx, dw, db = act.maxout_backward(dout, cache)
    singles = [act.maxout_forward(row, w, b) for row in x]
    backward = [act.maxout_backward(d, cache) for d, (_, cache) in zip(dout, singles, strict=True)]
    np.testing.assert_allclose([single for single, _ in singles], out, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose([single[0] for single in backward], dx, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(sum(single[1] for single in backward), dw, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(sum(single[2] for single in backward), db, rtol=1e-13, atol=1e-14)


def test_maxout_keeps_float32_and_leaves_its_arguments_alone():
    problem = [part.astype(np.float32) for part in maxout_problem(7)]
    copies = [part.copy() for part in problem]
    out, cache = act.maxout_forward(*problem[:3])
    gradients = act.maxout_backward(problem[3], cache)
    assert [part.dtype for part in (out, *gradients)] == [np.float32] * 4
    for part, copy in zip(problem, copies, strict=True):
        np.testing.assert_array_equal(part, copy)


def test_maxout_passes_nan_on_to_the_unit_and_row_that_has_it_only():
    x, w, b, _ = maxout_problem(8)
    x[1, 0] = np.nan
    assert np.isnan(act.maxout_forward(x, w, b)[0]).all(axis=1).tolist() == [False, True, False, False, False]


# ---- softmax -----------------------------------------------------------------------------------------------------


def test_softmax_worked_numbers():
    np.testing.assert_allclose(act.softmax(np.log([1.0, 2.0, 5.0])), [0.125, 0.25, 0.625], rtol=1e-15)
    assert act.softmax([[3.0, 3.0, 3.0, 3.0]]).tolist() == [[0.25] * 4]


@given(z=scores)
def test_softmax_rows_sum_to_1(z):
    # two sums of up to 6 terms and a division: at most 11 roundings of 1.1e-16
    np.testing.assert_allclose(act.softmax(z).sum(axis=-1), 1, rtol=1.3e-15)


@given(z=scores, shift=st.floats(-1000, 1000))
def test_softmax_does_not_change_when_all_scores_shift(z, shift):
    # z + shift is rounded to an ulp of 1000, 1.1e-13, and so is then the exponent
    np.testing.assert_allclose(act.softmax(z + shift), act.softmax(z), rtol=5e-13)
    np.testing.assert_allclose(act.log_softmax(z + shift), act.log_softmax(z), rtol=0, atol=5e-13)


@given(z=scores)
def test_log_softmax_is_the_logarithm_of_softmax(z):
    np.testing.assert_allclose(act.log_softmax(z), np.log(act.softmax(z)), rtol=1e-14, atol=2e-15)


@given(z=st.floats(-30, 30))
def test_softmax_of_two_scores_is_a_sigmoid_of_their_difference(z):
    np.testing.assert_allclose(act.softmax([z, 0.0])[0], act.sigmoid(z), rtol=0, atol=1e-15)


@given(z=scores)
def test_softmax_keeps_the_order_of_the_scores(z):
    order = np.argsort(z, axis=-1)
    assert np.all(np.diff(np.take_along_axis(act.softmax(z), order, axis=-1)) >= 0)


@pytest.mark.parametrize("f", ROWWISE.values(), ids=ROWWISE)
def test_softmax_treats_each_row_by_itself(f):
    z = np.random.default_rng(9).normal(size=(5, 3))
    np.testing.assert_array_equal(f(z), [f(row) for row in z])


def test_softmax_jacobian_is_diag_h_minus_h_hT():
    z = np.random.default_rng(10).normal(size=5)
    h = act.softmax(z)
    np.testing.assert_allclose(act.softmax_jacobian(z), np.diag(h) - np.outer(h, h), rtol=1e-14, atol=1e-16)


@given(z=hnp.arrays(float, st.integers(1, 5), elements=st.floats(-5, 5)))
def test_softmax_jacobian_is_the_change_of_each_probability(z):
    jacobian = act.softmax_jacobian(z)
    for i in range(len(z)):
        assert_gradient(jacobian[i], lambda z, i=i: act.softmax(z)[i], z)


def test_softmax_jacobian_agrees_with_autograd_and_the_complex_step():
    z = np.random.default_rng(11).normal(size=4)

    def formula(z, xp=np):
        return xp.exp(z) / xp.sum(xp.exp(z))

    by_autograd = autograd.jacobian(lambda z: formula(z, anp))(z)
    by_complex_step = np.transpose([formula(z + 1e-30j * e).imag / 1e-30 for e in np.eye(4)])
    np.testing.assert_allclose(act.softmax_jacobian(z), by_autograd, rtol=1e-13, atol=1e-16)
    np.testing.assert_allclose(act.softmax_jacobian(z), by_complex_step, rtol=1e-13, atol=1e-16)


@given(z=scores)
def test_softmax_jacobian_is_symmetric_with_rows_that_sum_to_0(z):
    jacobian = act.softmax_jacobian(z)
    np.testing.assert_allclose(jacobian, np.swapaxes(jacobian, -1, -2), rtol=0, atol=2e-16)
    # two sums of up to 6 terms, a division, a difference and a product: at most 13 roundings of 1.1e-16
    np.testing.assert_allclose(jacobian.sum(axis=-1), 0, rtol=0, atol=1.5e-15)


def test_minus_infinity_takes_a_class_out():
    with no_warnings():
        np.testing.assert_allclose(act.softmax([0.0, -np.inf, 0.0]), [0.5, 0, 0.5], rtol=1e-15)
        assert act.log_softmax([0.0, -np.inf]).tolist() == [0, -np.inf]


# ---- manners -----------------------------------------------------------------------------------------------------


@everything
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_warning_and_only_numbers_up_to_1000_in_size(f, dtype):
    z = np.array([[-1000, -750, -100, -1, 0], [-0.0, 1, 100, 750, 1000], [1000, -1000, 1e-30, -1e-30, 3]], dtype)
    with no_warnings():
        a = f(z)
    assert np.all(np.isfinite(a))


@everything
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_kept(f, dtype):
    assert f(np.ones((2, 3), dtype)).dtype == dtype


@pytest.mark.parametrize("parameter", [np.float64(0.1), np.array([0.1, 0.2, 0.3]), [0.1, 0.2, 0.3], 1, 0.1])
@pytest.mark.parametrize(
    "f",
    [
        act.leaky_relu,
        act.leaky_relu_derivative,
        act.prelu,
        act.prelu_derivative,
        act.prelu_slope_gradient,
        act.elu,
        act.elu_derivative,
    ],
)
def test_a_float64_parameter_does_not_turn_float32_into_float64(f, parameter):
    assert f(np.ones((2, 3), np.float32), parameter).dtype == np.float32


@pytest.mark.parametrize("shape", [(), (1,), (3,), (4, 1), (1, 3), (4, 3), (2, 4, 3), (2, 1, 1), (2, 1, 3)])
def test_a_slope_may_have_any_shape_that_broadcasts_to_that_of_z(shape):
    rng = np.random.default_rng(13)
    z, mu = rng.normal(size=(2, 4, 3)), rng.normal(size=shape)
    np.testing.assert_array_equal(act.prelu(z, mu), act.prelu(z, np.broadcast_to(mu, z.shape)))


@pytest.mark.parametrize(("z_shape", "mu_shape"), [((1, 3), (2, 1)), ((1, 3), (2, 3)), ((3,), (1, 3)), ((), (1,))])
def test_a_slope_that_would_enlarge_z_is_refused(z_shape, mu_shape):
    with pytest.raises(ValueError, match=r"^mu has shape .* broadcasts to z's"):
        act.prelu(np.ones(z_shape), np.ones(mu_shape))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_float32_results_are_the_float64_ones_rounded(name):
    f, derivative, _, _ = ELEMENTWISE[name]
    z = GRID.astype(np.float32)
    # a few float32 roundings (6e-8 each) of numbers up to 18
    np.testing.assert_allclose(f(z), f(z.astype(float)), rtol=4e-7, atol=2e-7)
    np.testing.assert_allclose(derivative(z), derivative(z.astype(float)), rtol=4e-7, atol=2e-7)


@everything
def test_lists_and_integers_are_read_as_float64(f):
    from_list, from_integers = f([[1, -2, 0]]), f(np.array([[1, -2, 0]], dtype=np.int32))
    np.testing.assert_array_equal(from_list, f(np.array([[1.0, -2.0, 0.0]])))
    np.testing.assert_array_equal(from_integers, from_list)
    assert from_list.dtype == from_integers.dtype == np.float64


@every_f
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 1, 3)])
def test_shape_is_kept(f, shape):
    assert np.shape(f(np.ones(shape))) == shape


@everything
def test_arguments_are_left_alone_and_results_are_new(f):
    call_and_compare_arguments(f, np.random.default_rng(12).normal(size=(4, 3)))


@every_f
def test_nan_passes_through_and_touches_no_neighbour(f):
    with no_warnings():
        a = f(np.array([1.0, np.nan, -1.0]))
    expected = [False, f is not act.linear_derivative, False]  # the slope of a line is 1 without looking at z
    assert np.isnan(a).tolist() == expected


@pytest.mark.parametrize("f", ROWWISE.values(), ids=ROWWISE)
def test_nan_passes_through_its_row_only(f):
    a = f(np.array([[1.0, np.nan], [1.0, 2.0]]))
    assert np.isnan(a[0]).all()
    assert not np.isnan(a[1]).any()


@pytest.mark.parametrize(
    ("f", "at_minus_infinity", "at_infinity"),
    [
        (act.linear, -np.inf, np.inf),
        (act.sigmoid, 0, 1),
        (act.sigmoid_derivative, 0, 0),
        (act.tanh, -1, 1),
        (act.tanh_derivative, 0, 0),
        (act.relu, 0, np.inf),
        (act.relu_derivative, 0, 1),
        (act.shifted_relu, -1, np.inf),
        (act.shifted_relu_derivative, 0, 1),
        (act.leaky_relu, -np.inf, np.inf),
        (act.leaky_relu_derivative, 0.01, 1),
        (act.elu, -1, np.inf),
        (act.elu_derivative, 0, 1),
        (act.softplus, 0, np.inf),
        (act.softplus_derivative, 0, 1),
    ],
)
def test_infinity_gives_the_limit(f, at_minus_infinity, at_infinity):
    with no_warnings():
        assert f([-np.inf, np.inf]).tolist() == [at_minus_infinity, at_infinity]


@pytest.mark.parametrize("f", (BOTH | SLOPE_GRADIENT | ROWWISE).values(), ids=list(BOTH | SLOPE_GRADIENT | ROWWISE))
@pytest.mark.parametrize("z", [[1j, 2.0], ["a", "b"], [[1.0], [2.0, 3.0]], None])
def test_what_is_not_an_array_of_real_numbers_is_refused_by_name(f, z):
    with pytest.raises(ValueError, match=r"^z "):
        f(z)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: act.softmax(3.0), r"^z has shape \(\), expected \(N, M\) or \(M,\)$"),
        (lambda: act.log_softmax(np.ones((2, 3, 4))), r"^z has shape \(2, 3, 4\), expected \(N, M\) or \(M,\)$"),
        (lambda: act.softmax_jacobian(np.ones((2, 0))), r"^z has shape \(2, 0\), expected .* at least one class M$"),
        (
            lambda: act.prelu(np.ones((4, 2)), np.ones(4)),
            r"^mu has shape \(4,\), expected .* broadcasts to z's \(4, 2\)$",
        ),
        (lambda: act.prelu_derivative(np.ones(2), np.ones((2, 2))), r"^mu has shape \(2, 2\), .* \(2,\)$"),
        (lambda: act.prelu_slope_gradient(np.ones(2), np.ones(3)), r"^mu has shape \(3,\)"),
        (lambda: act.leaky_relu(np.ones(2), np.ones(3)), r"^slope has shape \(3,\)"),
        (lambda: act.leaky_relu_derivative(np.ones(2), "steep"), r"^slope must hold real numbers"),
        (lambda: act.elu(np.ones(2), np.ones(3)), r"^alpha has shape \(3,\)"),
        (lambda: act.elu_derivative(np.ones(2), 1j), r"^alpha must hold real numbers"),
        (
            lambda: act.maxout_forward(np.ones((5, 3)), np.ones((2, 4, 2)), np.ones((2, 4))),
            r"^x has shape \(5, 3\), expected \(N, D=2\) or \(D=2,\)$",
        ),
        (
            lambda: act.maxout_forward(np.ones((5, 2)), np.ones((2, 4, 2)), np.ones(4)),
            r"^b has shape \(4,\), expected \(k=2, M=4\)$",
        ),
        (
            lambda: act.maxout_forward(np.ones(2), np.ones((4, 2)), np.ones(4)),
            r"^w has shape \(4, 2\), expected \(k, M, D\)",
        ),
        (lambda: act.maxout_forward(np.ones(2), np.ones((0, 4, 2)), np.ones((0, 4))), r"^w .* at least one piece k$"),
        (
            lambda: act.maxout_backward(np.ones((5, 3)), act.maxout_forward(*maxout_problem(0)[:3])[1]),
            r"^dout has shape \(5, 3\), expected \(5, 4\)$",
        ),
    ],
)
def test_a_wrong_shape_is_named_with_the_one_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_table_holds_each_elementwise_function_with_its_own_derivative():
    assert list(act.ACTIVATIONS) == [name for name in ELEMENTWISE if " " not in name]
    for name, (f, derivative) in act.ACTIVATIONS.items():
        assert f is getattr(act, name)
        assert derivative is getattr(act, f"{name}_derivative")


@pytest.mark.parametrize("name", ["x", "w", "b", "dout"])
def test_maxout_names_an_argument_that_holds_no_numbers(name):
    good = {"x": np.ones((2, 3)), "w": np.ones((2, 4, 3)), "b": np.ones((2, 4)), "dout": np.ones((2, 4))}
    bad = good | {name: np.full(good[name].shape, 1j)}
    with pytest.raises(ValueError, match=f"^{name} must hold real numbers"):
        act.maxout_backward(bad["dout"], act.maxout_forward(bad["x"], bad["w"], bad["b"])[1])
