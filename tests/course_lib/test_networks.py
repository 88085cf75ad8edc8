"""Networks against sums written out by hand, and the laws that a stack of layers obeys."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    for sizes in ([3], [3, 0], [3, 2.5]):
        with pytest.raises(ValueError, match="sizes must be at least two positive whole numbers"):
            networks.parameter_count(sizes)
