"""Autoencoders: worked numbers, differences, autograd, and principal components as the limit of what is linear."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.linalg
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import assert_gradient, assert_slope_along_random_directions, no_warnings

from course_lib import autoencoders, backprop, datasets, losses, optimizers
from course_lib.networks import Layer


def problem(n=5, d=4, m=3, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    shapes = {"x": (n, d), "w1": (m, d), "b1": (m,), "w2": (d, m), "b2": (d,)}
    return {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}


FUNCTIONS = [
    ("sigmoid", "sigmoid"),
    ("tanh", "linear"),
    ("linear", "linear"),
    ("relu", "sigmoid"),
    ("softplus", "tanh"),
]


# ---- forward and backward ----------------------------------------------------------------------------------------


def test_an_autoencoder_by_hand():
    # ln 3 → sigmoid ¾; decoder 4·¾ − 2 = 1 → σ; wanted 0: dx̂ = a, δ₂ = a · a(1 − a)
    x_hat, code, cache = autoencoders.autoencoder_forward([[np.log(3.0)]], [[1.0]], [0.0], [[4.0]], [-2.0])
    a = 1 / (1 + np.exp(-1.0))
    np.testing.assert_allclose(code, [[0.75]], rtol=1e-15)
    np.testing.assert_allclose(x_hat, [[a]], rtol=1e-15)
    delta2 = a * a * (1 - a)
    delta1 = delta2 * 4 * 0.1875
    dw1, db1, dw2, db2 = autoencoders.autoencoder_backward(x_hat, cache)
    np.testing.assert_allclose([dw2[0, 0], db2[0]], [delta2 * 0.75, delta2], rtol=1e-14)
    np.testing.assert_allclose([dw1[0, 0], db1[0]], [delta1 * np.log(3.0), delta1], rtol=1e-14)


@pytest.mark.parametrize(("activation", "output"), FUNCTIONS)
def test_it_is_a_network_of_two_layers(activation, output):
    p = problem()
    x_hat, code, cache = autoencoders.autoencoder_forward(**p, activation=activation, output=output)
    layers = [Layer(p["w1"], p["b1"], activation), Layer(p["w2"], p["b2"], output)]
    value, ((dw1, db1), (dw2, db2)) = backprop.backpropagate(p["x"], p["x"], layers, "half_squared")
    gradients = autoencoders.autoencoder_backward((x_hat - p["x"]) / 5, cache)
    assert losses.half_squared_loss(x_hat, p["x"]) == pytest.approx(value, rel=1e-14)
    for ours, theirs in zip(gradients, (dw1, db1, dw2, db2), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
    assert code.shape == (5, 3)


@pytest.mark.parametrize(("activation", "output"), FUNCTIONS)
def test_gradients_with_a_price_on_the_code_agree_with_differences(activation, output):
    p, rng = problem(), np.random.default_rng(1)
    at_output, at_code = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))

    def seen(**changed):
        x_hat, code, _ = autoencoders.autoencoder_forward(**(p | changed), activation=activation, output=output)
        return np.sum(x_hat * at_output) + np.sum(code * at_code)

    cache = autoencoders.autoencoder_forward(**p, activation=activation, output=output)[2]
    gradients = autoencoders.autoencoder_backward(at_output, cache, at_code)
    for name, gradient in zip(("w1", "b1", "w2", "b2"), gradients, strict=True):
        assert_gradient(gradient, lambda v, name=name: seen(**{name: v}), p[name], tolerance=1e-9)


def test_tied_weights_are_one_matrix_used_twice():
    p, rng = problem(), np.random.default_rng(2)
    at_output, at_code = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    x_hat, code, cache = autoencoders.tied_forward(p["x"], p["w1"], p["b1"], p["b2"])
    untied = autoencoders.autoencoder_forward(p["x"], p["w1"], p["b1"], p["w1"].T, p["b2"])
    np.testing.assert_array_equal(x_hat, untied[0])
    np.testing.assert_array_equal(code, untied[1])

    def seen(w, b1, b2):
        x_hat, code, _ = autoencoders.tied_forward(p["x"], w, b1, b2)
        return np.sum(x_hat * at_output) + np.sum(code * at_code)

    dw, db1, db2 = autoencoders.tied_backward(at_output, cache, at_code)
    assert_gradient(dw, lambda w: seen(w, p["b1"], p["b2"]), p["w1"])
    assert_gradient(db1, lambda b: seen(p["w1"], b, p["b2"]), p["b1"])
    assert_gradient(db2, lambda b: seen(p["w1"], p["b1"], b), p["b2"])


def test_tied_gradients_agree_with_autograd():
    p = problem(seed=3)

    def number(w):
        h = anp.tanh(anp.dot(p["x"], w.T) + p["b1"])
        return 0.5 * anp.sum((anp.dot(h, w) + p["b2"] - p["x"]) ** 2)

    x_hat, _, cache = autoencoders.tied_forward(p["x"], p["w1"], p["b1"], p["b2"], activation="tanh", output="linear")
    dw, _, _ = autoencoders.tied_backward(x_hat - p["x"], cache)
    np.testing.assert_allclose(dw, autograd.grad(number)(p["w1"]), rtol=1e-12)


# ---- linear autoencoders and principal components ----------------------------------------------------------------


@given(seed=st.integers(0, 10_000), n=st.integers(2, 12), d=st.integers(2, 8), data=st.data())
@settings(max_examples=40, deadline=None)
def test_principal_components_are_those_of_the_covariance(seed, n, d, data):
    x = np.random.default_rng(seed).normal(size=(n, d)) @ np.diag(np.arange(1, d + 1))
    count = data.draw(st.integers(1, min(n, d)))
    found = autoencoders.principal_components(x, count)
    values = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1]
    np.testing.assert_allclose(found.mean, x.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.variances, values[:count], rtol=1e-9, atol=1e-9 * values[0])
    np.testing.assert_allclose(found.components @ found.components.T, np.eye(count), atol=1e-12)
    np.testing.assert_allclose(
        ((x - found.mean) @ found.components.T).var(axis=0), found.variances, rtol=1e-9, atol=1e-10
    )
    largest = np.abs(found.components).argmax(axis=1)
    assert np.all(found.components[np.arange(count), largest] > 0)


@given(seed=st.integers(0, 10_000), k=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_no_other_subspace_reconstructs_better(seed, k):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(20, 5)) @ rng.normal(size=(5, 5))
    best = autoencoders.principal_components(x, k)
    error = np.sum((autoencoders.pca_reconstruction(x, best) - x) ** 2)
    singular = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)
    np.testing.assert_allclose(error, np.sum(singular[k:] ** 2), rtol=1e-8, atol=1e-9)  # Eckart and Young
    basis, _ = np.linalg.qr(rng.normal(size=(5, k)))
    other = autoencoders.PrincipalComponents(best.mean, basis.T, best.variances)
    assert np.sum((autoencoders.pca_reconstruction(x, other) - x) ** 2) >= error - 1e-9


def test_all_components_reconstruct_exactly_and_new_samples_are_projected():
    x = problem(n=8)["x"]
    whole = autoencoders.principal_components(x, 4)
    np.testing.assert_allclose(autoencoders.pca_reconstruction(x, whole), x, atol=1e-13)
    line = autoencoders.principal_components(x, 1)
    once = autoencoders.pca_reconstruction(problem(seed=9)["x"], line)
    np.testing.assert_allclose(autoencoders.pca_reconstruction(once, line), once, atol=1e-13)


@pytest.mark.parametrize("tied", [False, True])
def test_a_trained_linear_autoencoder_spans_the_principal_subspace(tied):
    rng = np.random.default_rng(4)
    d, m = 6, 2
    x = rng.normal(size=(60, d)) @ np.diag([4.0, 3.0, 1.5, 1.0, 0.7, 0.5]) @ np.linalg.qr(rng.normal(size=(d, d)))[0]
    x -= x.mean(axis=0)

    def loss(theta):
        if not tied:
            return autoencoders.sparse_loss_and_gradient(theta, x, m, activation="linear", output="linear")
        w = theta.reshape(m, d)
        x_hat, _, cache = autoencoders.tied_forward(
            x, w, np.zeros(m), np.zeros(d), activation="linear", output="linear"
        )
        error = x_hat - x
        dw, _, _ = autoencoders.tied_backward(error / len(x), cache)
        return 0.5 * np.sum(error**2) / len(x), dw.ravel()

    start = 0.1 * rng.normal(size=m * d if tied else 2 * m * d + m + d)
    *_, last = optimizers.lbfgs(loss, start, steps=3000, tolerance=1e-9)
    decoder = last.theta.reshape(m, d) if tied else autoencoders.unpack(last.theta, d, m)[2].T
    pca = autoencoders.principal_components(x, m)
    assert autoencoders.principal_angles(decoder, pca.components).max() < 1e-6
    best = 0.5 * np.sum((autoencoders.pca_reconstruction(x, pca) - x) ** 2) / len(x)
    assert last.value == pytest.approx(best, rel=1e-9)
    if tied:  # then W Wᵀ = 1, though W is the components only up to a rotation
        np.testing.assert_allclose(decoder @ decoder.T, np.eye(m), atol=1e-6)


@given(seed=st.integers(0, 10_000), k=st.integers(1, 4), j=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_principal_angles_agree_with_scipy(seed, k, j):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(k, 5)), rng.normal(size=(j, 5))
    expected = np.sort(scipy.linalg.subspace_angles(a.T, b.T))
    # SciPy takes some small angles from their cosines, which cannot tell them from 0: so the cosines are compared
    np.testing.assert_allclose(np.cos(autoencoders.principal_angles(a, b)), np.cos(expected), rtol=1e-13, atol=1e-13)


def test_principal_angles_see_what_a_cosine_cannot():
    tiny = autoencoders.principal_angles([[1.0, 0.0]], [[1.0, 1e-9]])
    np.testing.assert_allclose(tiny, [1e-9], rtol=1e-6)
    np.testing.assert_allclose(autoencoders.principal_angles([[1.0, 0.0]], [[0.0, 3.0]]), [np.pi / 2])
    nearly_square = np.pi / 2 - autoencoders.principal_angles([[1.0, 0.0]], [[1e-9, 1.0]])  # nor a sine
    np.testing.assert_allclose(nearly_square, [1e-9], rtol=1e-6)
    with pytest.raises(ValueError, match=r"^b has dependent rows; 2 independent ones are needed$"):
        autoencoders.principal_angles(np.eye(3), [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]])


# ---- denoising ---------------------------------------------------------------------------------------------------


def test_masking_takes_its_share_and_leaves_the_rest_as_it_was():
    x = 1 + np.random.default_rng(0).random((200, 500))
    masked = autoencoders.mask_inputs(x, 0.3, np.random.default_rng(1))
    gone = masked == 0
    np.testing.assert_array_equal(masked[~gone], x[~gone])
    # 10⁵ entries: the share errs by √(0.3·0.7/10⁵) = 0.00145, and five of these are 0.0073
    assert abs(gone.mean() - 0.3) < 0.0073
    assert abs(gone[:, ::2].mean() - gone[:, 1::2].mean()) < 0.015
    np.testing.assert_array_equal(masked, autoencoders.mask_inputs(x, 0.3, np.random.default_rng(1)))
    np.testing.assert_array_equal(autoencoders.mask_inputs(x, 0, np.random.default_rng(1)), x)
    assert not autoencoders.mask_inputs(x, 1, np.random.default_rng(1)).any()


def test_noise_is_normal_with_its_width():
    x = np.full((200, 500), 3.0)
    noise = autoencoders.add_noise(x, 0.5, np.random.default_rng(2)) - x
    assert abs(noise.mean()) < 5 * 0.5 / np.sqrt(noise.size)
    assert abs(noise.std() - 0.5) < 5 * 0.5 / np.sqrt(2 * noise.size)
    assert scipy.stats.kstest(noise.ravel() / 0.5, "norm").pvalue > 1e-4
    np.testing.assert_array_equal(autoencoders.add_noise(x, 0, np.random.default_rng(2)), x)


def test_a_denoising_autoencoder_mends_what_it_has_never_seen():
    images, _ = datasets.digits()
    x = images.reshape(len(images), 64)
    rng = np.random.default_rng(5)
    order = rng.permutation(len(x))
    train, test = x[order[:1000]], x[order[1000:]]
    corrupted = autoencoders.mask_inputs(train, 0.3, rng)
    start = 0.1 * rng.normal(size=2 * 40 * 64 + 40 + 64)

    def loss(theta):
        return autoencoders.sparse_loss_and_gradient(theta, corrupted, 40, wanted=train, decay=1e-4)

    *_, last = optimizers.lbfgs(loss, start, steps=120)
    unseen = autoencoders.mask_inputs(test, 0.3, rng)
    mended = autoencoders.autoencoder_forward(unseen, *autoencoders.unpack(last.theta, 64, 40))[0]
    assert np.mean((mended - test) ** 2) < 0.5 * np.mean((unseen - test) ** 2)


# ---- sparsity ----------------------------------------------------------------------------------------------------


def codes(n=6, m=4, seed=0):
    return np.random.default_rng(seed).uniform(0.05, 0.95, (n, m))


@given(seed=st.integers(0, 10_000), target=st.floats(0.01, 0.99))
@settings(max_examples=40, deadline=None)
def test_kl_sparsity_is_the_divergence_between_coins(seed, target):
    code = codes(seed=seed)
    expected = sum(scipy.stats.entropy([target, 1 - target], [active, 1 - active]) for active in code.mean(axis=0))
    np.testing.assert_allclose(autoencoders.kl_sparsity(code, target), expected, rtol=1e-10, atol=1e-12)
    assert autoencoders.kl_sparsity(code, target) >= 0


def test_kl_sparsity_takes_its_arguments_in_this_order():
    # KL(0.1 ‖ 0.5) = 0.1 ln 0.2 + 0.9 ln 1.8 = 0.3681; the other way round it is 0.5108
    assert float(autoencoders.kl_sparsity([[0.5]], 0.1)) == pytest.approx(0.36806, abs=1e-5)


@pytest.mark.parametrize("target", [0.02, 0.3])
def test_gradients_of_the_prices_agree_with_differences(target):
    code = codes()
    assert_gradient(
        autoencoders.kl_sparsity_gradient(code, target), lambda h: autoencoders.kl_sparsity(h, target), code, 1e-8, 1e-4
    )
    signed = code - 0.5
    assert_gradient(autoencoders.l1_sparsity_gradient(signed), autoencoders.l1_sparsity, signed)


def test_units_that_never_or_always_answer_have_a_large_and_finite_price():
    for dtype in (np.float32, np.float64):
        code = np.array([[0.0, 1.0, 0.2]] * 3, dtype)
        with no_warnings():
            price = autoencoders.kl_sparsity(code, 0.2)
            gradient = autoencoders.kl_sparsity_gradient(code, 0.2)
        assert gradient.dtype == dtype
        assert np.isfinite(price)
        assert np.isfinite(gradient).all()
        assert np.all(gradient[:, 0] < -1e4)  # wake up
        assert np.all(gradient[:, 1] > 1e4)  # be quiet
        assert np.abs(gradient[:, 2]).max() < 1e-5


@pytest.mark.parametrize("target", [None, 0.1])
@pytest.mark.parametrize("wanted", [False, True])
def test_the_whole_objective_has_the_gradient_it_says(target, wanted):
    p = problem()
    theta = autoencoders.pack(p["w1"], p["b1"], p["w2"], p["b2"])
    settings_ = {
        "decay": 0.3,
        "strength": 0.7,
        "target": target,
        "wanted": problem(seed=8)["x"] if wanted else None,
    }

    def value(theta):
        return autoencoders.sparse_loss_and_gradient(theta, p["x"], 3, **settings_)[0]

    total, gradient = autoencoders.sparse_loss_and_gradient(theta, p["x"], 3, **settings_)
    assert_gradient(gradient, value, theta, tolerance=1e-9)
    x_hat, code, _ = autoencoders.autoencoder_forward(**p)
    price = autoencoders.l1_sparsity(code) if target is None else autoencoders.kl_sparsity(code, target)
    goal = settings_["wanted"] if wanted else p["x"]
    weights = losses.l2_penalty(p["w1"]) + losses.l2_penalty(p["w2"])
    expected = losses.half_squared_loss(x_hat, goal) + 0.3 * weights + 0.7 * price
    assert total == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("target", [None, 0.05])
def test_the_slope_of_the_whole_objective_on_digits_is_that_of_its_gradient(target):
    images, _ = datasets.digits()
    x, rng = images.reshape(len(images), 64)[:50], np.random.default_rng(11)
    theta = 0.1 * rng.normal(size=2 * 12 * 64 + 12 + 64)
    settings_ = {"decay": 0.01, "strength": 0.5, "target": target}
    _, gradient = autoencoders.sparse_loss_and_gradient(theta, x, 12, **settings_)
    size = np.linalg.norm(gradient)  # the error counts relative to it
    assert_slope_along_random_directions(
        gradient / size,
        lambda theta: autoencoders.sparse_loss_and_gradient(theta, x, 12, **settings_)[0] / size,
        theta,
        rng,
    )


def test_the_objective_of_float32_has_a_gradient_of_float32():
    p = problem(dtype=np.float32)
    theta = autoencoders.pack(p["w1"], p["b1"], p["w2"], p["b2"])
    before = theta.copy(), p["x"].copy()
    for target in (None, 0.1):
        value, gradient = autoencoders.sparse_loss_and_gradient(
            theta, p["x"], 3, decay=0.1, strength=0.5, target=target, wanted=p["x"].astype(np.float64)
        )
        exact, expected = autoencoders.sparse_loss_and_gradient(
            theta.astype(np.float64), p["x"].astype(np.float64), 3, decay=0.1, strength=0.5, target=target
        )
        assert gradient.dtype == np.float32
        assert value == pytest.approx(exact, rel=1e-5)
        np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(theta, before[0])
    np.testing.assert_array_equal(p["x"], before[1])


def test_the_price_makes_codes_sparse():
    images, _ = datasets.digits()
    x = images.reshape(len(images), 64)[:600]
    start = 0.1 * np.random.default_rng(6).normal(size=2 * 20 * 64 + 20 + 64)
    activities = []
    for strength in (0.0, 1.0):

        def loss(theta, strength=strength):
            return autoencoders.sparse_loss_and_gradient(theta, x, 20, decay=1e-4, strength=strength, target=0.05)

        *_, last = optimizers.lbfgs(loss, start, steps=80)
        code = autoencoders.autoencoder_forward(x, *autoencoders.unpack(last.theta, 64, 20))[1]
        activities.append(autoencoders.mean_activity(code).mean())
    assert activities[0] > 0.2
    assert activities[1] < 0.1


# ---- packing and mosaics -----------------------------------------------------------------------------------------


@given(d=st.integers(1, 6), m=st.integers(1, 6))
def test_unpacking_is_the_inverse_of_packing(d, m):
    theta = np.random.default_rng(0).normal(size=2 * m * d + m + d)
    parts = autoencoders.unpack(theta, d, m)
    assert [part.shape for part in parts] == [(m, d), (m,), (d, m), (d,)]
    np.testing.assert_array_equal(autoencoders.pack(*parts), theta)
    assert not any(np.shares_memory(part, theta) for part in parts)


@given(count=st.integers(1, 30), h=st.integers(1, 4), w=st.integers(1, 4), gap=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_mosaic_shows_every_unit_once(count, h, w, gap):
    weights = np.random.default_rng(0).normal(size=(count, h * w))
    picture = autoencoders.mosaic(weights, (h, w), gap)
    columns = int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    assert picture.shape == (rows * (h + gap) - gap, columns * (w + gap) - gap)
    assert np.isfinite(picture).sum() == weights.size
    for m in range(count):
        top, left = m // columns * (h + gap), m % columns * (w + gap)
        tile = picture[top : top + h, left : left + w]
        np.testing.assert_allclose(tile * np.abs(weights[m]).max(), weights[m].reshape(h, w), rtol=1e-14)
        assert np.abs(tile).max() == 1


# ---- manners -----------------------------------------------------------------------------------------------------


def test_no_argument_is_changed_and_no_result_is_a_view():
    p = problem()
    copies = {name: value.copy() for name, value in p.items()}
    x_hat, code, cache = autoencoders.autoencoder_forward(**p, activation="linear", output="linear")
    first = autoencoders.autoencoder_backward(x_hat, cache, code)
    again = autoencoders.autoencoder_backward(x_hat.copy(), cache, code.copy())
    x_hat += 1
    code += 1
    third = autoencoders.autoencoder_backward(x_hat - 1, cache, code - 1)
    for one, two, three in zip(first, again, third, strict=True):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_allclose(one, three, rtol=1e-10, atol=1e-12)
    for name in p:
        np.testing.assert_array_equal(p[name], copies[name])
        assert not any(np.shares_memory(part, p[name]) for part in (x_hat, code, *first))


def test_float32_stays_and_nan_passes():
    p = problem(dtype=np.float32)
    x_hat, code, cache = autoencoders.autoencoder_forward(**p)
    gradients = autoencoders.autoencoder_backward(x_hat, cache, autoencoders.kl_sparsity_gradient(code, 0.1))
    assert {part.dtype for part in (x_hat, code, *gradients)} == {np.dtype(np.float32)}
    for corrupt in (autoencoders.mask_inputs, autoencoders.add_noise):
        assert corrupt(p["x"], 0.5, np.random.default_rng(0)).dtype == np.float32
    pca = autoencoders.principal_components(p["x"], 2)
    assert {part.dtype for part in pca} == {np.dtype(np.float32)}
    assert autoencoders.mosaic(p["w1"], (2, 2)).dtype == np.float32
    p["x"][1, 0] = np.nan
    assert np.isnan(autoencoders.autoencoder_forward(**p)[0]).any(axis=1).tolist() == [False, True] + [False] * 3
    assert np.isnan(autoencoders.kl_sparsity([[np.nan], [0.5]], 0.1))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("x", np.ones(4)),
        ("x", np.ones((0, 4))),
        ("w1", np.ones((3, 5))),
        ("b1", np.ones(4)),
        ("w2", np.ones((3, 4))),
        ("b2", np.ones(3)),
        ("x", np.ones((5, 4)) * 1j),
        ("b2", np.ones(4) * 1j),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name, wrong):
    with pytest.raises(ValueError, match=rf"^{name} (has shape|is empty|must hold)"):
        autoencoders.autoencoder_forward(**(problem() | {name: wrong}))


CACHE = autoencoders.autoencoder_forward(**problem())[2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: autoencoders.autoencoder_forward(**problem(), output="softmax"), r"^output 'softmax' is unknown"),
        (lambda: autoencoders.autoencoder_forward(**problem(), activation="s"), r"^activation 's' is unknown; known"),
        (
            lambda: autoencoders.autoencoder_backward(np.ones((5, 3)), CACHE),
            r"^dx_hat has shape \(5, 3\), expected \(5, 4\)",
        ),
        (
            lambda: autoencoders.autoencoder_backward(np.ones((5, 4)), CACHE, np.ones((5, 4))),
            r"^dcode has shape \(5, 4\), expected \(5, 3\)",
        ),
        (lambda: autoencoders.tied_forward(np.ones((5, 4)), np.ones(4), [0.0], np.ones(4)), r"^w has shape \(4,\)"),
        (lambda: autoencoders.principal_components(np.ones((3, 4)), 4), r"^count must be at most 3 for x of shape"),
        (lambda: autoencoders.principal_components(np.ones((3, 4)), 0), r"^count must be a positive whole number"),
        (
            lambda: autoencoders.pca_reconstruction(np.ones((3, 3)), autoencoders.principal_components(np.eye(4), 1)),
            r"^x has shape \(3, 3\), expected \(N, 4\)",
        ),
        (lambda: autoencoders.principal_angles(np.eye(3), np.eye(2)), r"^b has shape \(2, 2\), expected \(L, D=3\)"),
        (lambda: autoencoders.principal_components([[1.0, np.nan]], 1), r"^x must hold finite numbers"),
        (lambda: autoencoders.principal_angles([[1.0, 0.0]], [[np.inf, 1.0]]), r"^b must hold finite numbers"),
        (lambda: autoencoders.mask_inputs([1.0], 1.5, np.random.default_rng(0)), r"^share must be at most 1"),
        (
            lambda: autoencoders.mask_inputs([1.0], -0.1, np.random.default_rng(0)),
            r"^share must be a number of at least 0",
        ),
        (lambda: autoencoders.add_noise([1.0], -1, np.random.default_rng(0)), r"^sigma must be a number of at least 0"),
        (lambda: autoencoders.kl_sparsity([[0.5]], 0), r"^target must be more than 0$"),
        (lambda: autoencoders.kl_sparsity([[0.5]], 1), r"^target must be a number of at least 0 and less than 1"),
        (
            lambda: autoencoders.kl_sparsity([[1.5]], 0.1),
            r"^code must lie in \[0, 1\], but has entries from 1\.5 to 1\.5",
        ),
        (lambda: autoencoders.kl_sparsity_gradient([[-0.5]], 0.1), r"^code must lie in \[0, 1\]"),
        (lambda: autoencoders.l1_sparsity([0.5]), r"^code has shape \(1,\), expected \(N, M\)"),
        (lambda: autoencoders.mean_activity(np.ones((0, 2))), r"^code is empty"),
        (lambda: autoencoders.unpack(np.ones(8), 2, 1), r"^theta has shape \(8,\), expected \(7,\)"),
        (lambda: autoencoders.unpack(np.ones(7), 2, 1.0), r"^code_size must be a positive whole number, but is 1\.0"),
        (lambda: autoencoders.pack(np.ones((1, 2)), [1.0], np.ones((1, 2)), [1.0, 1.0]), r"^w2 has shape \(1, 2\)"),
        (
            lambda: autoencoders.sparse_loss_and_gradient(np.ones(7), [[1.0, 1.0]], 1, decay=-1),
            r"^decay must be a number",
        ),
        (
            lambda: autoencoders.sparse_loss_and_gradient(np.ones(7), [[1.0, 1.0]], 1, strength=-1),
            r"^strength must be a number of at least 0",
        ),
        (
            lambda: autoencoders.sparse_loss_and_gradient(np.ones(7), [[1.0, 1.0]], 1, wanted=[[1.0]]),
            r"^wanted has shape \(1, 1\), expected \(1, 2\)",
        ),
        (
            lambda: autoencoders.mosaic(np.ones((2, 6)), (2, 2)),
            r"^weights has shape \(2, 6\), expected \(M, 4\) for tiles of 2×2",
        ),
        (lambda: autoencoders.mosaic(np.ones((2, 6)), 6), r"^tile_shape must be a pair \(H, W\), but is 6"),
        (lambda: autoencoders.mosaic(np.ones((2, 6)), (2, 3), gap=-1), r"^gap must be a whole number of at least 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
