"""Optimisers: worked numbers, theory on quadratics, SciPy on Rosenbrock and in a long valley, Wolfe at every step."""

import itertools

import numpy as np
import pytest
import scipy.optimize
from autograd.misc.optimizers import adam, sgd
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import optimizers
from course_lib.optimizers import Adam, GradientDescent, Momentum, Nesterov


def rosenbrock(theta):
    return scipy.optimize.rosen(theta), scipy.optimize.rosen_der(theta)


def rosenbrock_start(size):
    start = np.ones(size)
    start[::2] = -1.2
    return start


def quadratic(condition, size=20, seed=0):
    """Return A with eigenvalues from 1 to `condition`, b, the loss ½θᵀAθ − bᵀθ with gradient, and its minimum."""
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(size, size)))
    a = turn @ np.diag(np.logspace(0, np.log10(condition), size)) @ turn.T
    a, b = (a + a.T) / 2, rng.normal(size=size)
    return a, b, lambda theta: (0.5 * theta @ a @ theta - b @ theta, a @ theta - b), np.linalg.solve(a, b)


RULES = {
    "gradient descent": lambda: GradientDescent(0.05),
    "momentum": lambda: Momentum(0.02, 0.8),
    "Nesterov": lambda: Nesterov(0.02, 0.8),
    "Adam": lambda: Adam(0.1),
}


# ---- rules -------------------------------------------------------------------------------------------------------


def test_rules_by_hand():
    # two gradients of 1 and then −2, learning rate 0.1, momentum 0.5: v = 1, 1.5, −1.25
    gradients = ([1.0], [1.0], [-2.0])
    for rule, expected in (
        (GradientDescent(0.1), [-0.1, -0.2, 0.0]),
        (Momentum(0.1, 0.5), [-0.1, -0.25, -0.125]),
        (Nesterov(0.1, 0.5), [-0.15, -0.325, -0.0625]),  # g + μv = 1.5, 1.75, −2.625
    ):
        theta, path = np.zeros(1), []
        for gradient in gradients:
            theta = rule.step(theta, gradient)
            path.append(theta[0])
        np.testing.assert_allclose(path, expected, rtol=1e-14, atol=1e-16)


def test_adam_by_hand():
    # β₁ = ½, β₂ = ¾; gradients 2, −1: m = 1, 0; s = 1, 1; m̂ = 2, 0; ŝ = 4, 16/7
    rule = Adam(0.3, beta1=0.5, beta2=0.75, epsilon=1.0)
    first = rule.step([0.0], [2.0])
    np.testing.assert_allclose(first, [-0.3 * 2 / (2 + 1)], rtol=1e-15)
    second = rule.step(first, [-1.0])
    np.testing.assert_allclose(second, first, rtol=1e-15)  # the means cancel: no step
    third = rule.step(second, [0.0])  # m = 0, s = 0.75
    np.testing.assert_allclose(third, second, rtol=1e-15)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_first_step_of_adam_has_the_size_of_the_learning_rate(scale):
    np.testing.assert_allclose(Adam(0.01, epsilon=1e-20).step([1.0], [scale]), [0.99], rtol=1e-12)


def test_adam_agrees_with_autograd():
    _, _, loss, _ = quadratic(30, 5)
    start = np.arange(5.0)
    expected = adam(lambda theta, _: loss(theta)[1], start, num_iters=40, step_size=0.05, b1=0.8, b2=0.95, eps=1e-6)
    *_, last = optimizers.descend(loss, start, Adam(0.05, 0.8, 0.95, 1e-6), steps=40)
    np.testing.assert_allclose(last.theta, expected, rtol=1e-12)


def test_momentum_agrees_with_autograd():
    # autograd takes v ← μ v − (1 − μ) g, so its rate is 1/(1 − μ) of ours
    _, _, loss, _ = quadratic(30, 5)
    start = np.arange(5.0)
    expected = sgd(lambda theta, _: loss(theta)[1], start, num_iters=40, step_size=0.05, mass=0.75)
    *_, last = optimizers.descend(loss, start, Momentum(0.0125, 0.75), steps=40)
    np.testing.assert_allclose(last.theta, expected, rtol=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_rules_change_nothing_and_keep_float32(name):
    theta, gradient = np.ones(3, np.float32), np.array([1, -2, np.nan], np.float32)
    rule = RULES[name]()
    for _ in range(3):
        new = rule.step(theta, gradient)
        assert new.dtype == np.float32
        assert not np.shares_memory(new, theta)
        assert np.isnan(new[2])
        assert np.isfinite(new[:2]).all()
    assert theta.tolist() == [1, 1, 1]
    assert gradient[:2].tolist() == [1, -2]
    assert RULES[name]().step(np.ones((2, 3)), np.ones((2, 3))).shape == (2, 3)


@pytest.mark.parametrize("name", RULES)
def test_rules_refuse_what_does_not_fit(name):
    with pytest.raises(ValueError, match=r"^gradient has shape \(2,\), expected \(3,\)"):
        RULES[name]().step(np.ones(3), np.ones(2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GradientDescent(0), r"^learning_rate must be a positive number, but is 0$"),
        (lambda: GradientDescent(np.nan), r"^learning_rate must be a positive number, but is nan$"),
        (lambda: Momentum(0.1, 1.0), r"^momentum must be a number of at least 0 and less than 1, but is 1\.0$"),
        (lambda: Nesterov(0.1, -0.1), r"^momentum must be a number of at least 0 and less than 1"),
        (lambda: Adam(beta1=1.0), r"^beta1 must be a number of at least 0 and less than 1"),
        (lambda: Adam(beta2=-1), r"^beta2 must be a number of at least 0 and less than 1"),
        (lambda: Adam(epsilon=0), r"^epsilon must be a positive number"),
        (lambda: GradientDescent(lambda t: -1.0).step([1.0], [1.0]), r"^learning_rate must not be negative"),
        (lambda: optimizers.step_decay(0.1, 1.5, 2), r"^factor must be at most 1"),
        (lambda: optimizers.step_decay(0.1, 0.5, 0), r"^every must be a positive whole number, but is 0$"),
        (lambda: optimizers.inverse_time_decay(0.1, 0), r"^decay must be a positive number"),
        (lambda: optimizers.cosine_decay(0.1, 10, 0.2), r"^final must lie between 0 and rate = 0\.1, but is 0\.2$"),
        (lambda: optimizers.warm_up(0.1, 1.5), r"^steps must be a positive whole number, but is 1\.5$"),
        (lambda: optimizers.warm_up(-0.1, 2), r"^learning_rate must be a positive number"),
    ],
)
def test_numbers_outside_their_range_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ---- schedules ---------------------------------------------------------------------------------------------------


def test_schedules_by_hand():
    cosine = optimizers.cosine_decay(1.0, steps=6, final=0.2)
    np.testing.assert_allclose([cosine(t) for t in (0, 2, 3, 4, 6, 7)], [1, 0.8, 0.6, 0.4, 0.2, 0.2], rtol=1e-12)
    warm = optimizers.warm_up(optimizers.exponential_decay(1.0, 0.5), steps=2)
    assert [warm(t) for t in range(4)] == [0.5, 0.5, 0.25, 0.125]


def test_a_rule_asks_its_schedule_step_by_step():
    asked = []
    rule = GradientDescent(lambda t: asked.append(t) or 0.5**t)
    theta = np.zeros(1)
    for _ in range(3):
        theta = rule.step(theta, [1.0])
    assert asked == [0, 1, 2]
    assert theta.tolist() == [-1.75]


def test_rates_that_fall_like_one_over_time_average_the_samples():
    # with η_t = 1/(t+1) and the gradient θ − x, θ is the mean of what has been seen
    samples = np.random.default_rng(1).normal(size=50)
    rule, theta = GradientDescent(optimizers.inverse_time_decay(1.0, 1.0)), np.zeros(1)
    for count, x in enumerate(samples, start=1):
        theta = rule.step(theta, theta - x)
        np.testing.assert_allclose(theta[0], samples[:count].mean(), rtol=1e-10, atol=1e-13)


# ---- walks with a rule -------------------------------------------------------------------------------------------


def test_gradient_descent_on_a_quadratic_converges_at_the_rate_of_theory():
    # along the eigenvector of λ the error is multiplied by 1 − ηλ at every step
    a, _, loss, minimum = quadratic(50, 6)
    values, vectors = np.linalg.eigh(a)
    rate = 2 / (values[0] + values[-1])  # the best one
    start = minimum + vectors.sum(axis=1)
    path = list(optimizers.descend(loss, start, GradientDescent(rate), steps=60))
    for t in (1, 10, 60):
        np.testing.assert_allclose(
            vectors.T @ (path[t].theta - minimum), (1 - rate * values) ** t, rtol=1e-8, atol=1e-12
        )
    worst = (values[-1] - values[0]) / (values[-1] + values[0])
    assert np.linalg.norm(path[60].theta - minimum) <= np.sqrt(6) * worst**60 * (1 + 1e-9)


def test_a_learning_rate_beyond_two_over_the_largest_curvature_diverges():
    a, _, loss, minimum = quadratic(50, 6)
    largest = np.linalg.eigvalsh(a)[-1]
    errors = {
        factor: [
            np.linalg.norm(s.theta - minimum)
            for s in optimizers.descend(loss, np.zeros(6), GradientDescent(factor / largest), 200)
        ]
        for factor in (1.9, 2.1)
    }
    assert errors[1.9][-1] < errors[1.9][0]
    assert errors[2.1][-1] > 100 * errors[2.1][0]


@pytest.mark.parametrize("name", RULES)
def test_every_rule_finds_the_minimum_of_a_bowl(name):
    _, _, loss, minimum = quadratic(10, 4)
    *_, last = optimizers.descend(loss, np.zeros(4), RULES[name](), steps=5000, tolerance=1e-9)
    np.testing.assert_allclose(last.theta, minimum, atol=1e-8)
    assert last.gradient_norm <= 1e-9


def test_momentum_crosses_a_valley_in_fewer_steps():
    _, _, loss, _ = quadratic(1000, 5)
    best = 2 / 1001
    root = np.sqrt(1000)
    heavy = Momentum((2 / (1 + root)) ** 2, ((root - 1) / (root + 1)) ** 2)  # Polyak's choice
    steps = [
        len(list(optimizers.descend(loss, np.ones(5), rule, steps=20_000, tolerance=1e-6)))
        for rule in (GradientDescent(best), heavy)
    ]
    assert steps[1] < steps[0] / 10


def test_a_path_begins_at_the_start_counts_truly_and_ends_with_its_reason():
    calls = []

    def bowl(theta):
        calls.append(theta.copy())
        return theta @ theta, 2 * theta

    path = list(optimizers.descend(bowl, [3.0, 4.0], GradientDescent(0.25), steps=4))
    assert [step.evaluations for step in path] == [1, 2, 3, 4, 5]
    assert len(calls) == 5
    assert path[0].theta.tolist() == [3.0, 4.0]
    assert (path[0].value, path[0].gradient_norm) == (25.0, 10.0)
    np.testing.assert_array_equal([step.theta for step in path], calls)
    stopped = list(optimizers.descend(bowl, [3.0, 4.0], GradientDescent(0.25), steps=100, tolerance=2.5))
    assert [step.gradient_norm for step in stopped] == [10.0, 5.0, 2.5]


def test_points_of_a_path_belong_to_the_reader():
    _, _, loss, _ = quadratic(10, 4)
    walks = {
        "descend": lambda: optimizers.descend(loss, np.ones(4), Momentum(0.01), 5),
        "newton": lambda: optimizers.newton(loss, lambda theta: quadratic(10, 4)[0], np.ones(4)),
        "cg": lambda: optimizers.conjugate_gradient(loss, np.ones(4)),
        "linear cg": lambda: optimizers.conjugate_gradient_quadratic(*quadratic(10, 4)[:2], np.ones(4)),
        "lbfgs": lambda: optimizers.lbfgs(loss, np.ones(4)),
    }
    for name, walk in walks.items():
        untouched = [step.theta.copy() for step in walk()]
        for step, expected in zip(walk(), untouched, strict=True):
            np.testing.assert_array_equal(step.theta, expected, err_msg=name)
            step.theta[:] = np.nan


# ---- mini-batches ------------------------------------------------------------------------------------------------


@given(samples=st.integers(1, 40), batch_size=st.integers(1, 50), seed=st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_mini_batches_hold_every_sample_once(samples, batch_size, seed):
    batches = optimizers.mini_batches(samples, batch_size, np.random.default_rng(seed))
    assert sorted(itertools.chain(*batches)) == list(range(samples))
    assert all(len(batch) == min(batch_size, samples) for batch in batches[:-1])
    assert len(batches) == -(-samples // batch_size)
    again = optimizers.mini_batches(samples, batch_size, np.random.default_rng(seed))
    assert [batch.tolist() for batch in batches] == [batch.tolist() for batch in again]


def regression(seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(20, 3))
    y = x @ [1.0, -2.0, 0.5]

    def loss(theta, rows):
        error = x[rows] @ theta - y[rows]
        return 0.5 * np.mean(error**2), x[rows].T @ error / len(rows)

    return loss


def test_an_epoch_of_20_samples_is_20_steps_or_3_or_1():
    for batch_size, steps in ((1, 20), (8, 3), (20, 1), (50, 1)):
        path = list(
            optimizers.stochastic_descent(
                regression(),
                np.zeros(3),
                20,
                GradientDescent(0.1),
                batch_size=batch_size,
                epochs=2,
                rng=np.random.default_rng(0),
            )
        )
        assert len(path) == 2 * steps
        assert [step.evaluations for step in path] == list(range(1, 2 * steps + 1))


def test_one_batch_of_all_is_descent_on_the_whole_loss():
    loss, rows = regression(), np.arange(20)
    whole = list(optimizers.descend(lambda theta: loss(theta, rows), np.zeros(3), GradientDescent(0.1), steps=10))
    batch = list(
        optimizers.stochastic_descent(
            loss, np.zeros(3), 20, GradientDescent(0.1), batch_size=20, epochs=10, rng=np.random.default_rng(1)
        )
    )
    for before, after, step in zip(whole[:-1], whole[1:], batch, strict=True):
        np.testing.assert_allclose(step.theta, after.theta, rtol=1e-12)
        np.testing.assert_allclose((step.value, step.gradient_norm), (before.value, before.gradient_norm), rtol=1e-12)


@pytest.mark.parametrize("rule", [lambda: GradientDescent(0.1), lambda: Adam(0.05)])
def test_stochastic_descent_solves_what_can_be_solved_exactly(rule):
    *_, last = optimizers.stochastic_descent(
        regression(), np.zeros(3), 20, rule(), batch_size=4, epochs=400, rng=np.random.default_rng(2)
    )
    np.testing.assert_allclose(last.theta, [1.0, -2.0, 0.5], atol=1e-6)


# ---- Newton ------------------------------------------------------------------------------------------------------


def test_newton_needs_one_step_on_a_quadratic():
    a, _, loss, minimum = quadratic(1e4)
    path = list(optimizers.newton(loss, lambda theta: a, np.ones(20), tolerance=1e-9))
    np.testing.assert_allclose(path[1].theta, minimum, rtol=1e-10, atol=1e-12)
    assert len(path) == 2


@pytest.mark.parametrize("size", [2, 10])
def test_newton_finds_a_flat_point_of_rosenbrock_and_squares_its_error(size):
    path = list(optimizers.newton(rosenbrock, scipy.optimize.rosen_hess, np.full(size, 1.1), tolerance=1e-11))
    np.testing.assert_allclose(path[-1].theta, np.ones(size), atol=1e-10)
    errors = [np.linalg.norm(step.theta - 1) for step in path]
    near = [(e, after) for e, after in itertools.pairwise(errors) if 1e-7 < e < 1e-2]
    assert near
    assert all(after < 100 * e * e for e, after in near)


def test_newton_goes_to_a_saddle_and_damping_leaves_it():
    def saddle(theta):
        return theta[0] ** 2 - theta[1] ** 2, np.array([2.0, -2.0]) * theta

    def hessian(theta):
        return np.diag([2.0, -2.0])

    assert list(optimizers.newton(saddle, hessian, [3.0, 0.5]))[1].theta.tolist() == [0, 0]
    damped = list(optimizers.newton(saddle, hessian, [3.0, 0.5], steps=5, damping=4.0))
    assert damped[-1].value < damped[0].value - 1
    with pytest.raises(ValueError, match=r"^hessian has no inverse at theta = .*; give a positive damping$"):
        list(optimizers.newton(saddle, hessian, [3.0, 0.5], damping=2.0))
    with pytest.raises(ValueError, match=r"^hessian has shape \(2,\), expected \(2, 2\)"):
        list(optimizers.newton(saddle, lambda theta: np.ones(2), [3.0, 0.5]))


# ---- conjugate gradients -----------------------------------------------------------------------------------------


def test_conjugate_gradients_solve_a_quadratic_in_as_many_steps_as_it_has_dimensions():
    # rounding costs conjugacy, and the more the larger the condition number: 10 leaves nearly all digits
    a, b, _, minimum = quadratic(10, 8)
    path = list(optimizers.conjugate_gradient_quadratic(a, b))
    assert len(path) == 9
    np.testing.assert_allclose(path[-1].theta, minimum, rtol=1e-12, atol=1e-13)
    assert path[-2].gradient_norm > 1e-4  # and not in fewer
    steps = np.diff([step.theta for step in path], axis=0)
    directions = steps / np.linalg.norm(steps, axis=1)[:, None]
    products = directions @ a @ directions.T
    assert np.abs(products - np.diag(np.diag(products))).max() < 1e-8 * np.abs(products).max()
    for step in path:
        np.testing.assert_allclose(
            step.value, 0.5 * step.theta @ a @ step.theta - b @ step.theta, rtol=1e-10, atol=1e-12
        )
        np.testing.assert_allclose(step.gradient_norm, np.linalg.norm(a @ step.theta - b), rtol=1e-6, atol=1e-10)


def test_two_different_eigenvalues_need_two_steps():
    a = np.diag([1.0, 1.0, 1.0, 9.0, 9.0])
    path = list(optimizers.conjugate_gradient_quadratic(a, np.arange(1.0, 6.0), tolerance=1e-10))
    assert len(path) == 3


@pytest.mark.parametrize(
    ("matrix", "vector", "message"),
    [
        ([[1.0, 2.0], [0.0, 1.0]], [1.0, 1.0], r"^matrix must be symmetric"),
        ([[-1.0, 0.0], [0.0, 1.0]], [1.0, 0.0], r"^matrix must be positive definite"),
        ([[1.0, 0.0]], [1.0, 1.0], r"^matrix has shape \(1, 2\), expected \(2, 2\)"),
        ([[1.0]], [[1.0]], r"^vector has shape \(1, 1\), expected \(P,\)"),
    ],
)
def test_conjugate_gradients_refuse_what_has_no_minimum(matrix, vector, message):
    with pytest.raises(ValueError, match=message):
        list(optimizers.conjugate_gradient_quadratic(matrix, vector))


def test_the_nonlinear_walk_takes_the_linear_one_s_way_on_a_quadratic():
    # its line search is not exact, so the points differ a little, but not the number of steps by much
    _, _, loss, minimum = quadratic(100, 12)
    path = list(optimizers.conjugate_gradient(loss, np.zeros(12), tolerance=1e-6))
    np.testing.assert_allclose(path[-1].theta, minimum, atol=1e-5)
    assert len(path) <= 4 * 13


# ---- L-BFGS and both against SciPy -------------------------------------------------------------------------------


def dense_inverse(pairs, size):
    """Return the inverse Hessian of BFGS from (sᵀy/yᵀy) I and the pairs, oldest first, as a matrix."""
    s, y = pairs[-1]
    h = s @ y / (y @ y) * np.eye(size)
    for s, y in pairs:
        rho = 1 / (y @ s)
        v = np.eye(size) - rho * np.outer(y, s)
        h = v.T @ h @ v + rho * np.outer(s, s)
    return h


@given(seed=st.integers(0, 10_000), count=st.integers(1, 6), size=st.integers(1, 7))
@settings(max_examples=40, deadline=None)
def test_the_two_loops_are_the_product_with_the_matrix_of_bfgs(seed, count, size):
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(size, size))
    curvature = half @ half.T + np.eye(size)
    pairs = [(s, curvature @ s) for s in rng.normal(size=(count, size))]
    gradient = rng.normal(size=size)
    product = optimizers.two_loop_product(gradient, pairs)
    expected = dense_inverse(pairs, size) @ gradient
    np.testing.assert_allclose(product, expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())


def test_the_two_loops_refuse_a_pair_without_curvature():
    with pytest.raises(ValueError, match=r"^pairs must have sᵀy > 0, but one has -1\.0$"):
        optimizers.two_loop_product([1.0], [([1.0], [-1.0])])
    with pytest.raises(ValueError, match=r"^pairs has shape \(2,\), expected \(1,\)"):
        optimizers.two_loop_product([1.0], [([1.0], [1.0, 2.0])])
    gradient = np.array([1.0, 2.0])
    assert not np.shares_memory(optimizers.two_loop_product(gradient, []), gradient)


WALKS = {"CG": optimizers.conjugate_gradient, "L-BFGS-B": optimizers.lbfgs}


@pytest.mark.parametrize("method", WALKS)
@pytest.mark.parametrize("size", [2, 10])
def test_rosenbrock_is_solved_at_no_more_than_twice_scipy_s_price(method, size):
    start = rosenbrock_start(size)
    *_, last = WALKS[method](rosenbrock, start, steps=3000, tolerance=1e-7)
    np.testing.assert_allclose(last.theta, np.ones(size), atol=1e-6)
    options = {"gtol": 1e-7} | ({"ftol": 1e-20} if method == "L-BFGS-B" else {})
    theirs = scipy.optimize.minimize(rosenbrock, start, jac=True, method=method, options=options)
    np.testing.assert_allclose(theirs.x, last.theta, atol=1e-5)
    assert last.evaluations <= 2 * theirs.nfev


@pytest.mark.parametrize("method", WALKS)
def test_a_long_valley_is_crossed(method):
    _, _, loss, minimum = quadratic(1e4)
    *_, last = WALKS[method](loss, np.zeros(20), steps=3000, tolerance=1e-5)
    theirs = scipy.optimize.minimize(
        loss, np.zeros(20), jac=True, method=method, options={"gtol": 1e-5, "maxiter": 3000}
    )
    # in the flattest direction the error is the gradient over a curvature of 1
    np.testing.assert_allclose(last.theta, minimum, atol=2e-5)
    assert last.evaluations <= 2 * theirs.nfev


def test_gradient_descent_needs_far_more():
    _, _, loss, _ = quadratic(1e4)
    path = list(optimizers.descend(loss, np.zeros(20), GradientDescent(2 / 10_001), steps=3000, tolerance=1e-5))
    assert path[-1].gradient_norm > 1e-2


@pytest.mark.parametrize("walk", WALKS.values())
def test_every_walk_goes_downhill_and_counts_truly(walk):
    calls = []

    def counted(theta):
        calls.append(1)
        return rosenbrock(theta)

    path = []
    for step in walk(counted, rosenbrock_start(4), steps=30):
        path.append(step)
        assert step.evaluations == len(calls)
    values = [step.value for step in path]
    assert all(after < before for before, after in itertools.pairwise(values))
    assert len(path) == 31


@pytest.mark.parametrize("walk", WALKS.values())
def test_a_walk_ends_at_a_flat_start_and_where_the_loss_has_no_bottom(walk):
    flat = list(walk(lambda theta: (0.0, np.zeros(2)), [1.0, 1.0]))
    assert len(flat) == 1
    endless = list(walk(lambda theta: (theta.sum(), np.ones(2)), [0.0, 0.0], steps=50))
    assert len(endless) == 1


# ---- the line search ---------------------------------------------------------------------------------------------


@given(
    seed=st.integers(0, 100_000),
    first=st.floats(1e-4, 1e3),
    curvature=st.sampled_from([0.01, 0.1, 0.5, 0.9]),
)
@settings(max_examples=150, deadline=None)
def test_what_the_line_search_finds_satisfies_the_strong_wolfe_conditions(seed, first, curvature):
    rng = np.random.default_rng(seed)
    waves, centre = rng.uniform(0, 2, 3), rng.normal(size=3)

    def loss(theta):  # bounded from below, with many hollows
        u = theta - centre
        return 0.1 * u @ u + np.sum(np.sin(waves * u) ** 2), 0.2 * u + waves * np.sin(2 * waves * u)

    theta = 3 * rng.normal(size=3)
    value, gradient = loss(theta)
    direction = -np.abs(rng.normal(size=3)) * gradient
    if not gradient @ direction < -1e-6:
        return
    found = optimizers.wolfe_line_search(loss, theta, direction, first=first, curvature=curvature)
    assert found is not None
    np.testing.assert_allclose(found.theta, theta + found.length * direction, rtol=1e-12, atol=1e-12)
    again = loss(found.theta)
    assert found.value == again[0]
    np.testing.assert_array_equal(found.gradient, again[1])
    slope = gradient @ direction
    assert found.value <= value + 1e-4 * found.length * slope
    assert abs(found.gradient @ direction) <= curvature * abs(slope) * (1 + 1e-12)


def test_the_line_search_agrees_with_scipy_s_conditions_on_rosenbrock():
    theta = rosenbrock_start(2)
    value, gradient = rosenbrock(theta)
    ours = optimizers.wolfe_line_search(rosenbrock, theta, -gradient, first=1 / np.linalg.norm(gradient))
    length, *_ = scipy.optimize.line_search(scipy.optimize.rosen, scipy.optimize.rosen_der, theta, -gradient)
    assert ours is not None
    for a in (ours.length, length):  # both satisfy the same two conditions, though they may differ
        v, g = rosenbrock(theta - a * gradient)
        assert v <= value - 1e-4 * a * gradient @ gradient
        assert abs(g @ gradient) <= 0.9 * gradient @ gradient


def test_the_line_search_recovers_from_lengths_where_the_loss_is_not_a_number():
    def loss(theta):
        with np.errstate(invalid="ignore", divide="ignore"):
            return (-np.log(1 - theta[0]) - 2 * theta[0]), np.array([1 / (1 - theta[0]) - 2])

    found = optimizers.wolfe_line_search(loss, [0.0], [1.0], first=100.0, curvature=0.1)
    assert found is not None
    np.testing.assert_allclose(found.theta, [0.5], atol=0.05)


def test_the_line_search_says_when_there_is_nothing_to_find():
    assert optimizers.wolfe_line_search(lambda theta: (-theta.sum(), -np.ones(1)), [0.0], [1.0]) is None
    wrong = optimizers.wolfe_line_search(lambda theta: (theta @ theta, -2 * theta), [1.0], [1.0])
    assert wrong is None  # the gradient has the wrong sign
    with pytest.raises(ValueError, match=r"^direction must lead downhill, but the slope along it is 2\.0$"):
        optimizers.wolfe_line_search(lambda theta: (theta @ theta, 2 * theta), [1.0], [1.0])
    with pytest.raises(ValueError, match=r"^direction has shape \(2,\), expected \(1,\)"):
        optimizers.wolfe_line_search(lambda theta: (theta @ theta, 2 * theta), [1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match=r"^0 < decrease < curvature < 1 is needed"):
        optimizers.wolfe_line_search(lambda theta: (theta @ theta, 2 * theta), [1.0], [-1.0], decrease=0.95)


def test_a_known_start_is_not_computed_again():
    calls = []

    def bowl(theta):
        calls.append(theta.copy())
        return theta @ theta, 2 * theta

    found = optimizers.wolfe_line_search(bowl, [8.0], [-16.0], first=0.5, start=(64.0, [16.0]))
    assert found is not None
    assert found.evaluations == len(calls) == 1


# ---- bad input ---------------------------------------------------------------------------------------------------


def bowl(theta):
    return theta @ theta, 2 * theta


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: optimizers.descend(bowl, [[1.0]], GradientDescent(0.1), 3),
            r"^theta has shape \(1, 1\), expected \(P,\)",
        ),
        (lambda: optimizers.descend(bowl, [1.0], GradientDescent(0.1), 0), r"^steps must be a positive whole number"),
        (
            lambda: optimizers.descend(bowl, [1.0], GradientDescent(0.1), 3, -1),
            r"^tolerance must be a number of at least 0",
        ),
        (
            lambda: optimizers.descend(lambda theta: (0.0, np.ones(3)), [1.0], GradientDescent(0.1), 3),
            r"^gradient has shape \(3,\), expected \(1,\)",
        ),
        (
            lambda: optimizers.newton(bowl, lambda theta: np.eye(1), [1.0], damping=-1),
            r"^damping must be a number of at",
        ),
        (lambda: optimizers.lbfgs(bowl, [1.0], memory=0), r"^memory must be a positive whole number"),
        (lambda: optimizers.conjugate_gradient(bowl, [1.0j]), r"^theta must hold real numbers"),
        (
            lambda: optimizers.stochastic_descent(
                regression(), np.zeros(3), 0, GradientDescent(0.1), batch_size=1, epochs=1, rng=np.random.default_rng(0)
            ),
            r"^samples must be a positive whole number",
        ),
        (
            lambda: optimizers.stochastic_descent(
                regression(), np.zeros(3), 5, GradientDescent(0.1), batch_size=1, epochs=0, rng=np.random.default_rng(0)
            ),
            r"^epochs must be a positive whole number",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        list(call())
