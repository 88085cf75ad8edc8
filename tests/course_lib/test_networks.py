"""Networks against sums written out by hand, and the laws that a stack of layers obeys."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from proof import call_and_compare_arguments, no_warnings

from course_lib import activations, networks
from course_lib.networks import Layer

NAMES = [*activations.ACTIVATIONS, "softmax"]
sizes_of_networks = st.lists(st.integers(1, 5), min_size=2, max_size=5)


def random_network(sizes, names, rng, dtype=float):
    return [
        Layer(rng.standard_normal((m, d)).astype(dtype), rng.standard_normal(m).astype(dtype), name)
        for d, m, name in zip(sizes[:-1], sizes[1:], names, strict=True)
    ]


@given(sizes_of_networks, st.integers(0, 999), st.data())
def test_forward_is_the_double_sum_of_the_lectures(sizes, seed, data):
    rng = np.random.default_rng(seed)
    names = data.draw(st.lists(st.sampled_from(NAMES), min_size=len(sizes) - 1, max_size=len(sizes) - 1))
    layers = random_network(sizes, names, rng)
    x = rng.standard_normal((3, sizes[0]))
    expected = []
    for sample in x:
        a = list(sample)
        for w, b, name in layers:
            z = [sum(w[m][d] * a[d] for d in range(len(a))) + b[m] for m in range(len(b))]
            a = list(networks.activate(np.array(z), name))
        expected.append(a)
    np.testing.assert_allclose(networks.forward(x, layers), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(networks.forward(x[0], layers), expected[0], rtol=1e-12, atol=1e-12)


def test_two_layers_worked_out_by_hand():
    # x = (1, 2): z1 = (1 + 4, 3 - 2 - 2) = (5, -1), a1 = (5, 0), z2 = 2*5 + 7*0 - 4 = 6
    # x = (2, 0): z1 = (2, 6 - 2) = (2, 4) = a1, z2 = 2*2 + 7*4 - 4 = 28
    layers = [Layer([[1, 2], [3, -1]], [0, -2], "relu"), Layer([[2, 7]], [-4], "linear")]
    np.testing.assert_array_equal(networks.affine([1, 2], *layers[0][:2]), [5, -1])
    np.testing.assert_array_equal(networks.forward([[1, 2], [2, 0]], layers), [[6], [28]])
    np.testing.assert_array_equal(networks.forward([1, 2], layers), [6])


def test_five_nested_functions_worked_out_by_hand():
    # tanh(ln 2) = 3/5; sigmoid(5 * 3/5 + ln 3 - 3) = sigmoid(ln 3) = 3/4; max(0, 4 * 3/4 - 2) = 1;
    # softplus(ln 3 * 1) = ln(1 + 3) = ln 4; and twice that is ln 16.
    ln2, ln3 = np.log([2.0, 3.0])
    layers = [
        Layer([[ln2]], [0.0], "tanh"),
        Layer([[5.0]], [ln3 - 3], "sigmoid"),
        Layer([[4.0]], [-2.0], "relu"),
        Layer([[ln3]], [0.0], "softplus"),
        Layer([[2.0]], [0.0], "linear"),
    ]
    for depth, expected in enumerate([0.6, 0.75, 1.0, np.log(4), np.log(16)], start=1):
        assert networks.forward([1.0], layers[:depth])[0] == pytest.approx(expected, rel=1e-14)


@given(sizes_of_networks, st.integers(0, 999), st.data())
def test_samples_do_not_touch_each_other(sizes, seed, data):
    rng = np.random.default_rng(seed)
    names = data.draw(st.lists(st.sampled_from(NAMES), min_size=len(sizes) - 1, max_size=len(sizes) - 1))
    layers = random_network(sizes, names, rng)
    x = rng.standard_normal((4, sizes[0]))
    alone = networks.forward(x, layers)
    x[1] = np.nan
    with no_warnings():
        spoilt = networks.forward(x, layers)
    assert np.isnan(spoilt[1]).all()
    np.testing.assert_array_equal(spoilt[[0, 2, 3]], alone[[0, 2, 3]])


@pytest.mark.parametrize("name", NAMES)
def test_activate_is_the_function_of_that_name(name):
    z = np.random.default_rng(1).normal(scale=3, size=(4, 3))
    np.testing.assert_array_equal(networks.activate(z, name), getattr(activations, name)(z))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_pre_activations_give_finite_outputs_without_warning(name, dtype):
    w, b = np.array([[1000], [0], [-1000]], dtype), np.zeros(3, dtype)
    output = [Layer(w, b, name), Layer(np.eye(3, dtype=dtype), b, "softmax")]
    with no_warnings():
        a = networks.forward(np.array([[1], [-1]], dtype), output)
    np.testing.assert_allclose(a.sum(axis=1), 1, rtol=1e-6)  # 2 roundings of float32


def test_collapse_worked_out_by_hand():
    # W = (3, 1) [[1, 2], [0, 1]] = (3, 7); b = 3 * 1 + 1 * (-1) + 2 = 4
    w, b = networks.collapse_linear([Layer([[1, 2], [0, 1]], [1, -1], "linear"), Layer([[3, 1]], [2], "linear")])
    np.testing.assert_array_equal(w, [[3, 7]])
    np.testing.assert_array_equal(b, [4])


def test_only_without_bends_is_a_stack_affine():
    # an affine f has f(u + v) + f(0) = f(u) + f(v); at u = 1, v = -1 a rectifier gives 0 and 1
    u, v, zero = [1.0], [-1.0], [0.0]
    for name, affine in (("linear", True), ("relu", False), ("tanh", False)):
        layers = [Layer([[2.0]], [0.5], name), Layer([[3.0]], [1.0], "linear")]
        gap = networks.forward(zero, layers) * 2 - networks.forward(u, layers) - networks.forward(v, layers)
        assert (abs(gap[0]) < 1e-14) == affine


@given(sizes_of_networks, st.integers(0, 999))
def test_linear_layers_collapse_to_one(sizes, seed):
    rng = np.random.default_rng(seed)
    layers = random_network(sizes, ["linear"] * (len(sizes) - 1), rng)
    x = rng.standard_normal((4, sizes[0]))
    w, b = networks.collapse_linear(layers)
    assert w.shape == (sizes[-1], sizes[0])
    np.testing.assert_allclose(x @ w.T + b, networks.forward(x, layers), rtol=1e-10, atol=1e-10)


def test_parameter_counts_of_the_lectures():
    assert networks.parameter_count([3, 4, 2]) == 4 * 3 + 4 + 2 * 4 + 2 == 26
    assert networks.parameter_count([16384, 10], bias=False) == 163_840
    assert networks.parameter_count([16384, 10]) == 163_850
    assert networks.parameter_count([16384, 1000, 10], bias=False) == 16_394_000
    assert networks.parameter_count([16384, 1000, 10]) == 16_395_010


@pytest.mark.parametrize("sizes", [[3, 4, 2], [16384, 10], [16384, 1000, 10]])
def test_parameter_count_is_the_length_of_the_flat_parameters(sizes):
    layers = [Layer(np.zeros((m, d), np.float32), np.zeros(m, np.float32), "relu") for d, m in pairwise(sizes)]
    theta = networks.flatten_parameters(layers)
    assert networks.parameter_count(sizes) == theta.size
    assert networks.parameter_count(sizes, bias=False) == theta.size - sum(sizes[1:])
    assert networks.parameter_count(sizes, bias=False) == sum(layer.weights.size for layer in layers)


def test_parameter_count_does_not_overflow_the_integers_it_is_given():
    assert networks.parameter_count(np.array([16384, 1000, 10], dtype=np.int16)) == 16_395_010
    assert type(networks.parameter_count(np.array([3, 4, 2]))) is int


@given(sizes_of_networks, st.integers(0, 999))
def test_flat_parameters_and_network_lead_to_each_other(sizes, seed):
    rng = np.random.default_rng(seed)
    shapes = random_network(sizes, ["relu"] * (len(sizes) - 1), rng)
    theta = rng.standard_normal(networks.parameter_count(sizes))
    np.testing.assert_array_equal(networks.flatten_parameters(networks.unflatten_parameters(theta, shapes)), theta)
    assert networks.unflatten_parameters(theta.astype(np.float32), shapes)[0].weights.dtype == np.float32


@given(sizes_of_networks, st.integers(0, 999))
def test_flat_parameters_are_all_of_them_and_lead_back(sizes, seed):
    layers = random_network(sizes, ["tanh"] * (len(sizes) - 1), np.random.default_rng(seed))
    theta = networks.flatten_parameters(layers)
    assert theta.shape == (networks.parameter_count(sizes),)
    back = networks.unflatten_parameters(theta, layers)
    for one, other in zip(layers, back, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
        np.testing.assert_array_equal(one.bias, other.bias)
        assert one.activation == other.activation
    back[0].weights[...] = 99.0  # a copy: the vector it came from stays
    assert not np.any(theta == 99.0)


def test_order_of_the_flat_parameters():
    layers = [Layer([[1.0, 2.0]], [3.0], "relu"), Layer([[4.0], [5.0]], [6.0, 7.0], "linear")]
    np.testing.assert_array_equal(networks.flatten_parameters(layers), [1, 2, 3, 4, 5, 6, 7])


@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_and_inputs_are_unchanged(name):
    rng = np.random.default_rng(0)
    layers = random_network([3, 4, 2], ["tanh", name], rng, np.float32)
    x = rng.standard_normal((5, 3)).astype(np.float32)
    kept = [x.copy(), *(part.copy() for layer in layers for part in layer[:2])]
    assert networks.forward(x, layers).dtype == np.float32
    assert networks.flatten_parameters(layers).dtype == np.float32
    for now, before in zip([x, *(part for layer in layers for part in layer[:2])], kept, strict=True):
        np.testing.assert_array_equal(now, before)


def test_arguments_are_left_alone_and_results_are_new():
    rng = np.random.default_rng(2)
    x, (w, b, _) = rng.normal(size=(5, 3)), random_network([3, 4], ["linear"], rng)[0]
    for rows in (x, x[0]):
        call_and_compare_arguments(networks.affine, rows, w, b)
        for name in NAMES:
            call_and_compare_arguments(lambda x, w, b, name=name: networks.forward(x, [(w, b, name)]), rows, w, b)
    for name in NAMES:
        call_and_compare_arguments(lambda z, name=name: networks.activate(z, name), x)
    for part in (0, 1):  # also where a stack of one layer has nothing to multiply
        call_and_compare_arguments(lambda w, b, k=part: networks.collapse_linear([(w, b, "linear")])[k], w, b)
    call_and_compare_arguments(lambda w, b: networks.flatten_parameters([(w, b, "tanh")]), w, b)
    theta = networks.flatten_parameters([Layer(w, b, "tanh")])
    for part in (0, 1):
        call_and_compare_arguments(
            lambda t, k=part: networks.unflatten_parameters(t, [Layer(w, b, "tanh")])[0][k], theta
        )


def test_lists_integers_and_plain_tuples_are_read_as_float64():
    layers = [([[1, 2], [3, 4]], [5, 6], "relu")]
    assert networks.forward([1, 0], layers).dtype == np.float64
    np.testing.assert_array_equal(networks.forward([1, 0], layers), [6, 9])
    np.testing.assert_array_equal(networks.flatten_parameters(layers), [1, 2, 3, 4, 5, 6])
    assert networks.unflatten_parameters([1, 2, 3, 4, 5, 6], layers)[0].weights.dtype == np.float64


def test_bad_input_is_named_with_its_layer_and_shapes():
    good = random_network([3, 4, 2], ["tanh", "linear"], np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"layer 1: x has shape \(5, 2\), expected \(N, D=3\) or \(D=3,\)"):
        networks.forward(np.ones((5, 2)), good)
    with pytest.raises(ValueError, match=r"layer 2: x has shape \(5, 4\), expected \(N, D=3\)"):
        networks.forward(np.ones((5, 3)), [good[0], Layer(np.ones((2, 3)), np.ones(2), "linear")])
    with pytest.raises(ValueError, match=r"b has shape \(3,\), expected \(M=2,\)"):
        networks.affine(np.ones(3), np.ones((2, 3)), np.ones(3))
    with pytest.raises(ValueError, match="activation 'swish' is unknown; known are linear, sigmoid"):
        networks.activate([1.0], "swish")
    with pytest.raises(ValueError, match="layer 1 has the activation 'tanh'; only linear layers collapse"):
        networks.collapse_linear(good)
    with pytest.raises(ValueError, match="layers is empty"):
        networks.collapse_linear([])
    with pytest.raises(ValueError, match="layers is empty"):
        networks.flatten_parameters([])
    with pytest.raises(ValueError, match="layers is empty"):
        networks.unflatten_parameters([], [])
    with pytest.raises(ValueError, match=r"theta has shape \(5,\), expected \(26,\)"):
        networks.unflatten_parameters(np.ones(5), good)
    for sizes in ([3], [3, 0], [3, 2.5], [3, np.inf], [3, np.nan], 3, [[3, 4], [4, 2]]):
        with pytest.raises(ValueError, match="sizes must be at least two positive whole numbers"):
            networks.parameter_count(sizes)
    with pytest.raises(ValueError, match="sizes must hold real numbers"):
        networks.parameter_count(["3", "4"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: networks.affine(np.ones((2, 3, 4)), np.ones((2, 4)), np.ones(2)), r"^x has shape \(2, 3, 4\)"),
        (lambda: networks.affine(np.ones(3), np.ones(3), np.ones(1)), r"^w has shape \(3,\), expected \(M, D\)$"),
        (lambda: networks.affine(np.ones(3), np.ones((2, 3)), 1.0), r"^b has shape \(\), expected \(M=2,\)$"),
        (lambda: networks.affine([1j], np.ones((1, 1)), np.ones(1)), r"^x must hold real numbers"),
        (
            lambda: networks.forward(np.ones(3), [Layer(np.ones((2, 3)), np.ones(3), "tanh")]),
            r"^layer 1: b has shape \(3,\), expected \(M=2,\)$",
        ),
        (
            lambda: networks.forward(np.ones(3), [Layer(np.ones((2, 3)), np.ones(2), "swish")]),
            r"^activation 'swish' is unknown; known are linear, .*, softmax$",
        ),
        (
            lambda: networks.collapse_linear([Layer(np.ones((2, 3)), np.ones(5), "linear")]),
            r"^layer 1: b has shape \(5,\), expected \(M=2,\)$",
        ),
        (
            lambda: networks.collapse_linear([Layer(np.ones(3), np.ones(1), "linear")]),
            r"^layer 1: w has shape \(3,\), expected \(M, D\)$",
        ),
        (
            lambda: networks.collapse_linear(
                [Layer(np.ones((2, 3)), np.ones(2), "linear"), Layer(np.ones((1, 3)), np.ones(1), "linear")]
            ),
            r"^layer 2: x has shape \(2,\), expected .*\(D=3,\)$",
        ),
    ],
)
def test_a_wrong_shape_or_name_is_named_with_the_one_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_network_needs_a_layer():
    with pytest.raises(ValueError, match=r"^layers is empty; at least one layer is needed$"):
        networks.forward([[1.0]], [])


# ---- the search over structures ----------------------------------------------------------------------------------


def distance_to(*target):
    """Return a score that is 0 at the target alone."""
    return lambda widths: (
        5 * abs(len(widths) - len(target)) + sum(abs(a - b) for a, b in zip(widths, target, strict=False))
    )


@pytest.mark.parametrize("start", [(), (1,), (20, 20, 20)])
def test_the_search_finds_a_structure_that_is_many_changes_away(start):
    tried = networks.search_structure(
        distance_to(6, 9), start, generations=60, children=8, rng=np.random.default_rng(1)
    )
    assert min(structure.score for generation in tried for structure in generation) == 0


def test_the_search_tries_nothing_twice_and_keeps_the_best_as_parent():
    asked = []

    def score(widths):
        asked.append(widths)
        return distance_to(4, 4)(widths)

    tried = networks.search_structure(score, [10], generations=15, children=6, rng=np.random.default_rng(2))
    flat = [structure for generation in tried for structure in generation]
    assert asked == [structure.widths for structure in flat]
    assert len(set(asked)) == len(asked)
    assert tried[0] == [networks.Structure((10,), score((10,)))]
    assert len(tried) == 16
    best = tried[0][0]
    for generation in tried[1:]:
        assert len(generation) <= 6
        for child in generation:
            assert one_change_apart(best.widths, child.widths)
        best = min([best, *generation], key=lambda structure: structure.score)


def one_change_apart(parent, child):
    if len(parent) == len(child):
        changed = [(a, b) for a, b in zip(parent, child, strict=True) if a != b]
        return len(changed) == 1 and abs(changed[0][0] - changed[0][1]) <= max(1, round(changed[0][0] / 3))
    longer, shorter = sorted((parent, child), key=len, reverse=True)
    return len(longer) == len(shorter) + 1 and any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


def test_the_same_seed_searches_the_same_way():
    runs = [
        networks.search_structure(distance_to(3), [9], generations=5, children=4, rng=np.random.default_rng(3))
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert all(type(width) is int for generation in runs[0] for one in generation for width in one.widths)


def test_a_search_that_trains_finds_a_network_for_the_moons():
    from course_lib import datasets, losses, training
    from course_lib.optimizers import Adam

    rng = np.random.default_rng(4)
    x, labels = datasets.moons(200, rng)
    test_x, test_labels = datasets.moons(200, rng)

    def validation_loss(widths):
        source = np.random.default_rng(0)
        layers = training.initial_layers([2, *widths, 2], ["tanh"] * len(widths) + ["softmax"], source)
        layers, _ = training.train(layers, x, labels, "cross_entropy", rule=Adam(0.03), epochs=150, rng=source)
        return losses.cross_entropy(networks.forward(test_x, layers), test_labels)

    tried = networks.search_structure(validation_loss, [2], generations=6, children=3, rng=rng)
    best = min((structure for generation in tried for structure in generation), key=lambda one: one.score)
    assert best.score < 0.5 * tried[0][0].score
    assert sum(best.widths) > 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"widths": [3, 0]}, r"^widths must be a positive whole number, but is 0$"),
        ({"generations": 0}, r"^generations must be a positive whole number"),
        ({"children": 2.5}, r"^children must be a positive whole number, but is 2\.5$"),
    ],
)
def test_the_search_names_what_is_no_count(changed, message):
    arguments = {"widths": [3], "generations": 2, "children": 2, "rng": np.random.default_rng(0)} | changed
    with pytest.raises(ValueError, match=message):
        networks.search_structure(distance_to(3), **arguments)
