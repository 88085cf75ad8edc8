"""Training: repeatable, downhill, fair to an incomplete last batch, and good enough on digits."""

import numpy as np
import pytest
from proof import assert_gradient

from course_lib import datasets, losses, networks, training
from course_lib.networks import Layer
from course_lib.optimizers import Adam, GradientDescent


def small_problem(seed=0):
    rng = np.random.default_rng(seed)
    layers = training.initial_layers([3, 4, 2], ["tanh", "linear"], rng)
    return layers, rng.standard_normal((10, 3)), rng.standard_normal((10, 2))


def test_loss_and_gradient_belong_together():
    layers, x, y = small_problem()
    theta = networks.flatten_parameters(layers)
    value, gradient = training.loss_and_gradient(theta, layers, x, y, "half_squared")
    assert value == pytest.approx(losses.half_squared_loss(networks.forward(x, layers), y), rel=1e-14)
    moved = theta - 1e-6 * gradient
    slope = (training.loss_and_gradient(moved, layers, x, y, "half_squared")[0] - value) / -1e-6
    assert slope == pytest.approx(gradient @ gradient, rel=1e-4)


def test_predict_is_the_forward_pass():
    layers, x, _ = small_problem()
    np.testing.assert_array_equal(training.predict(x, layers), networks.forward(x, layers))


def test_a_full_batch_step_is_gradient_descent():
    layers, x, y = small_problem()
    theta = networks.flatten_parameters(layers)
    _, gradient = training.loss_and_gradient(theta, layers, x, y, "half_squared")
    after, _ = training.train(layers, x, y, "half_squared", learning_rate=0.1, epochs=1, rng=np.random.default_rng(0))
    np.testing.assert_allclose(networks.flatten_parameters(after), theta - 0.1 * gradient, rtol=1e-12)
    np.testing.assert_array_equal(networks.flatten_parameters(layers), theta)  # the start is not changed


def test_same_seed_same_result_other_seed_other_order():
    layers, x, y = small_problem()

    def run(seed):
        rng = np.random.default_rng(seed)
        after, history = training.train(
            layers, x, y, "half_squared", learning_rate=0.1, epochs=3, rng=rng, batch_size=4
        )
        return networks.flatten_parameters(after), history

    np.testing.assert_array_equal(run(1)[0], run(1)[0])
    np.testing.assert_array_equal(run(1)[1], run(1)[1])
    assert not np.array_equal(run(1)[0], run(2)[0])


def test_a_convex_problem_is_solved():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((50, 3))
    w, b = np.array([[1.0, -2.0, 0.5]]), np.array([0.7])
    start = [Layer(np.zeros((1, 3)), np.zeros(1), "linear")]
    after, history = training.train(start, x, x @ w.T + b, "half_squared", learning_rate=0.3, epochs=200, rng=rng)
    np.testing.assert_allclose(after[0].weights, w, atol=1e-8)
    np.testing.assert_allclose(after[0].bias, b, atol=1e-8)
    assert np.all(np.diff(history[:50]) < 0)


def test_history_weighs_an_incomplete_last_batch_by_its_size():
    x, y = np.zeros((5, 1)), np.array([[0.0], [0.0], [0.0], [0.0], [10.0]])
    start = [Layer(np.zeros((1, 1)), np.zeros(1), "linear")]
    # A learning rate too small to matter: the epoch's loss is that of the whole set, 10²/2 / 5, in whatever order.
    for seed in range(5):
        _, history = training.train(
            start, x, y, "half_squared", learning_rate=1e-12, epochs=1, rng=np.random.default_rng(seed), batch_size=2
        )
        assert history[0] == pytest.approx(10.0, rel=1e-9)


def test_callback_sees_every_epoch_and_its_layers():
    layers, x, y = small_problem()
    seen = []
    after, history = training.train(
        layers, x, y, "half_squared", learning_rate=0.1, epochs=4, rng=np.random.default_rng(0), batch_size=3,
        callback=lambda epoch, layers, loss: seen.append((epoch, networks.flatten_parameters(layers), loss)),
    )  # fmt: skip
    assert [epoch for epoch, _, _ in seen] == [0, 1, 2, 3]
    np.testing.assert_array_equal([loss for _, _, loss in seen], history)
    np.testing.assert_array_equal(seen[-1][1], networks.flatten_parameters(after))
    assert not np.array_equal(seen[0][1], seen[1][1])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_digits_are_read(seed):
    images, labels = datasets.digits()
    x = images.reshape(len(images), -1)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    train, test = order[:1350], order[1350:]
    layers = training.initial_layers([64, 64, 10], ["relu", "softmax"], rng)
    layers, _ = training.train(
        layers, x[train], labels[train], "cross_entropy", rule=Adam(0.003), epochs=40, rng=rng, batch_size=32
    )
    accuracy = np.mean(networks.forward(x[test], layers).argmax(axis=1) == labels[test])
    assert accuracy >= 0.96


def test_initial_spread_follows_the_number_of_inputs():
    rng = np.random.default_rng(0)
    tanh, relu = training.initial_layers([400, 300, 200], ["tanh", "relu"], rng)
    assert tanh.weights.std() == pytest.approx(np.sqrt(1 / 400), rel=0.02)
    assert relu.weights.std() == pytest.approx(np.sqrt(2 / 300), rel=0.02)
    assert not tanh.bias.any()


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "shifted_relu", "elu"])
def test_rectifiers_and_their_kin_start_with_twice_the_variance(name):
    rectifier = training.initial_layers([30, 20], [name], np.random.default_rng(0))[0]
    other = training.initial_layers([30, 20], ["tanh"], np.random.default_rng(0))[0]
    np.testing.assert_allclose(rectifier.weights, np.sqrt(2) * other.weights, rtol=1e-14)
    assert rectifier.activation == name


def test_whole_sizes_are_read_whatever_holds_them():
    expected = training.initial_layers([3, 4, 2], ["tanh", "linear"], np.random.default_rng(0))
    for sizes in ((3, 4, 2), np.array([3, 4, 2]), [3.0, 4.0, 2.0]):
        layers = training.initial_layers(sizes, ["tanh", "linear"], np.random.default_rng(0))
        np.testing.assert_array_equal(networks.flatten_parameters(layers), networks.flatten_parameters(expected))


def test_every_epoch_uses_every_sample_once_in_a_new_order_with_its_own_target(monkeypatch):
    batches = []

    def record(theta, layers, x, y, loss):
        batches.append((x[:, 0], y[:, 0]))
        return 0.0, np.zeros_like(theta)

    monkeypatch.setattr(training, "loss_and_gradient", record)
    x = np.arange(10.0)[:, None]
    start = [Layer(np.zeros((1, 1)), np.zeros(1), "linear")]
    rng = np.random.default_rng(0)
    training.train(start, x, -x, "half_squared", learning_rate=0.1, epochs=3, rng=rng, batch_size=4)
    assert [len(rows) for rows, _ in batches] == [4, 4, 2] * 3
    for rows, targets in batches:
        np.testing.assert_array_equal(targets, -rows)
    orders = [np.concatenate([rows for rows, _ in batches[k : k + 3]]).tolist() for k in (0, 3, 6)]
    for order in orders:
        assert sorted(order) == x.ravel().tolist()
    assert orders[0] != orders[1] != orders[2] != orders[0]


def test_loss_and_gradient_agree_with_differences_entry_by_entry():
    layers, x, y = small_problem()
    theta = networks.flatten_parameters(layers)
    _, gradient = training.loss_and_gradient(theta, layers, x, y, "half_squared")
    assert_gradient(gradient, lambda t: training.loss_and_gradient(t, layers, x, y, "half_squared")[0], theta)


@pytest.mark.parametrize("rate", [0.1, np.float64(0.1), np.float32(0.1)])
def test_float32_stays_float32_and_arguments_are_left_alone(rate):
    layers, x, y = small_problem()
    layers = [Layer(w.astype(np.float32), b.astype(np.float32), name) for w, b, name in layers]
    x = x.astype(np.float32)
    before = [np.copy(part) for part in (x, y, *layers[0][:2], *layers[1][:2])]
    after, _ = training.train(
        layers, x, y, "half_squared", learning_rate=rate, epochs=2, rng=np.random.default_rng(0), batch_size=4
    )
    assert {part.dtype for layer in after for part in layer[:2]} == {np.dtype(np.float32)}
    for part, copy in zip((x, y, *layers[0][:2], *layers[1][:2]), before, strict=True):
        np.testing.assert_array_equal(part, copy)


def test_bad_input_is_named():
    layers, x, y = small_problem()
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="activations has 1 names, expected 2"):
        training.initial_layers([3, 4, 2], ["tanh"], rng)
    with pytest.raises(ValueError, match="activation 'swish' is unknown; known are linear, sigmoid"):
        training.initial_layers([3, 4, 2], ["tanh", "swish"], rng)
    with pytest.raises(ValueError, match=r"theta has shape \(5,\), expected \(26,\)"):
        training.loss_and_gradient(np.zeros(5), layers, x, y, "half_squared")
    with pytest.raises(ValueError, match="loss 'huber' is unknown"):
        training.train(layers, x, y, "huber", learning_rate=0.1, epochs=1, rng=rng)
    with pytest.raises(ValueError, match=r"y has shape \(9, 2\), expected 10 rows"):
        training.train(layers, x, y[:9], "half_squared", learning_rate=0.1, epochs=1, rng=rng)
    with pytest.raises(ValueError, match=r"x is empty \(shape \(0, 3\)\)"):
        training.train(layers, x[:0], y[:0], "half_squared", learning_rate=0.1, epochs=1, rng=rng)
    with pytest.raises(ValueError, match=r"x has shape \(3,\), expected \(N, D\)"):
        training.train(layers, x[0], y[0], "half_squared", learning_rate=0.1, epochs=1, rng=rng)
    with pytest.raises(ValueError, match="sizes must be at least two positive whole numbers"):
        training.initial_layers([3, 0], ["tanh"], rng)
    positive = "must be a positive number, but is"
    whole = "must be a positive whole number, but is"
    for wrong, said in (
        ({"learning_rate": 0}, positive),
        ({"learning_rate": np.nan}, positive),
        ({"epochs": 0}, whole),
        ({"epochs": 2.5}, whole),
        ({"batch_size": -1}, whole),
    ):
        arguments = {"learning_rate": 0.1, "epochs": 1, "batch_size": 2} | wrong
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} {said}"):
            training.train(layers, x, y, "half_squared", rng=rng, **arguments)


# ---- fit, rules, validation, early stopping ----------------------------------------------------------------------


def test_train_with_gradient_descent_is_train_with_its_learning_rate():
    layers, x, y = small_problem()
    runs = [
        training.train(layers, x, y, "half_squared", epochs=4, batch_size=3, rng=np.random.default_rng(1), **how)
        for how in ({"learning_rate": 0.1}, {"rule": GradientDescent(0.1)})
    ]
    np.testing.assert_array_equal(*(networks.flatten_parameters(after) for after, _ in runs))
    np.testing.assert_array_equal(*(history for _, history in runs))
    with pytest.raises(ValueError, match="give either a learning_rate or a rule, and not both"):
        training.train(layers, x, y, "half_squared", epochs=4, rng=np.random.default_rng(1))
    with pytest.raises(ValueError, match="give either a learning_rate or a rule, and not both"):
        training.train(
            layers, x, y, "half_squared", epochs=4, rng=np.random.default_rng(1), learning_rate=1, rule=Adam()
        )


def test_train_is_fit_over_the_flat_vector():
    layers, x, y = small_problem()

    def of_rows(theta, rows):
        return training.loss_and_gradient(theta, layers, x[rows], y[rows], "half_squared")

    theta, history = training.fit(
        of_rows,
        networks.flatten_parameters(layers),
        10,
        Adam(0.01),
        epochs=5,
        batch_size=4,
        rng=np.random.default_rng(2),
    )
    after, same = training.train(
        layers, x, y, "half_squared", rule=Adam(0.01), epochs=5, batch_size=4, rng=np.random.default_rng(2)
    )
    np.testing.assert_array_equal(theta, networks.flatten_parameters(after))
    np.testing.assert_array_equal(history, same)


def drifting(losses):
    """Return the arguments of a fit whose θ counts the steps and whose validation losses are given."""

    def loss_and_gradient(theta, rows):
        return 7.0, np.array([-1.0])

    arguments = {"loss_and_gradient": loss_and_gradient, "theta": [0.0], "samples": 1, "rule": GradientDescent(1.0)}
    return arguments | {"validation_loss": lambda theta: losses[int(theta[0]) - 1], "rng": np.random.default_rng(0)}


@pytest.mark.parametrize(
    ("losses", "patience", "epochs_run", "best"),
    [
        ([5, 4, 3, 4, 5, 1], 2, 5, 3),
        ([5, 4, 3, 4, 5, 1], 3, 6, 6),
        ([5, 4, 3, 3, 3, 3], 2, 5, 3),  # equal is not better
        ([1, 2, 3, 4, 5, 6], 1, 2, 1),
        ([6, 5, 4, 3, 2, 1], 1, 6, 6),
        ([float("nan"), 5, 6, 7, 8, 9], 2, 4, 2),
    ],
)
def test_early_stopping_waits_and_goes_back_to_the_best(losses, patience, epochs_run, best):
    theta, history = training.fit(**drifting(losses), epochs=6, patience=patience)
    assert theta.tolist() == [best]
    np.testing.assert_array_equal(history, [(7.0, value) for value in losses[:epochs_run]])


def test_without_patience_all_epochs_are_run_and_the_last_parameters_kept():
    theta, history = training.fit(**drifting([5, 4, 3, 4, 5, 1]), epochs=5)
    assert theta.tolist() == [5]
    assert history[:, 1].tolist() == [5, 4, 3, 4, 5]


def test_the_call_back_gets_every_epoch_and_cannot_disturb():
    seen = []

    def callback(epoch, theta, loss):
        seen.append((epoch, float(theta[0]), loss))
        theta[:] = 100

    training.fit(**drifting([3, 2, 1]), epochs=3, callback=callback)
    assert seen == [(0, 1.0, 7.0), (1, 2.0, 7.0), (2, 3.0, 7.0)]


def test_early_stopping_keeps_a_network_from_learning_the_noise_by_heart():
    rng = np.random.default_rng(4)
    x = rng.uniform(-1, 1, (60, 1))
    y = np.sin(3 * x) + 0.5 * rng.normal(size=x.shape)
    (train_x, val_x), (train_y, val_y) = np.split(x, [15]), np.split(y, [15])
    start = training.initial_layers([1, 40, 40, 1], ["tanh", "tanh", "linear"], rng)
    common = {"epochs": 1500, "validation": (val_x, val_y)}
    _, whole = training.train(
        start, train_x, train_y, "half_squared", rule=Adam(0.01), rng=np.random.default_rng(5), **common
    )
    stopped, history = training.train(
        start, train_x, train_y, "half_squared", rule=Adam(0.01), rng=np.random.default_rng(5), patience=100, **common
    )
    assert whole.shape == (1500, 2)
    assert len(history) < 1500
    np.testing.assert_array_equal(history, whole[: len(history)])
    assert whole[-1, 1] > 1.2 * whole[:, 1].min()  # trained on, it gets worse on what it has not seen
    reached = losses.half_squared_loss(networks.forward(val_x, stopped), val_y)
    assert reached == pytest.approx(history[:, 1].min(), rel=1e-12)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"patience": 0}, r"^patience must be a positive whole number, but is 0$"),
        ({"patience": 2, "validation_loss": None}, r"^patience needs a validation loss"),
        ({"theta": [[0.0]]}, r"^theta has shape \(1, 1\), expected \(P,\)"),
        ({"samples": 0}, r"^samples must be a positive whole number"),
        ({"batch_size": 1.5}, r"^batch_size must be a positive whole number, but is 1\.5$"),
    ],
)
def test_fit_names_what_does_not_fit(wrong, message):
    with pytest.raises(ValueError, match=message):
        training.fit(**(drifting([1, 2, 3]) | {"epochs": 3} | wrong))
