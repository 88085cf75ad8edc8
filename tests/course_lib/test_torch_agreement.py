"""The library gives what PyTorch gives: values and gradients frozen by `torch_values/make.py`, in float64.

Both sides round differently (another order of summation), so they may differ by some units in the last place of the
largest term: 1e-12 relative to the largest entry of the array, four digits above the rounding unit.
"""

import importlib
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from course_lib import activations, losses


def frozen():
    cases = defaultdict(dict)
    with np.load(Path(__file__).parent / "torch_values/values.npz", allow_pickle=False) as file:
        for name in file.files:
            case, _, array = name.rpartition("/")
            cases[case][array] = file[name]
    return dict(cases)


CASES = frozen()


def cases(start):
    found = [case for case in CASES if case.startswith(start)]
    assert found, f"no frozen values for {start}"
    return found


def module(name):
    return importlib.import_module(f"course_lib.{name}")


def assert_same(actual, expected):
    assert np.shape(actual) == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max(initial=0))


def pair(array):
    return tuple(int(number) for number in array)


@pytest.mark.parametrize("way", ["", "_loops"])
@pytest.mark.parametrize("case", cases("conv-"))
def test_convolution(case, way):
    v, convolution = CASES[case], module("convolution")
    forward, backward = (getattr(convolution, f"conv2d_{direction}{way}") for direction in ("forward", "backward"))
    out, cache = forward(v["x"], v["w"], v["b"], pair(v["stride"]), pair(v["padding"]))
    assert_same(out, v["out"])
    for name, gradient in zip(("dx", "dw", "db"), backward(v["dout"], cache), strict=True):
        assert_same(gradient, v[name])


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("case", [case.removeprefix("max-") for case in cases("max-pool")])
def test_pooling(case, kind):
    v, pooling = CASES[f"{kind}-{case}"], module("pooling")
    out, cache = getattr(pooling, f"{kind}_pool2d_forward")(v["x"], pair(v["window"]), pair(v["stride"]))
    assert_same(out, v["out"])
    assert_same(getattr(pooling, f"{kind}_pool2d_backward")(v["dout"], cache), v["dx"])


@pytest.mark.parametrize("case", cases("rnn-"))
def test_recurrent_network(case):
    v, recurrent = CASES[case], module("recurrent")
    h, cache = recurrent.rnn_forward(v["x"], v["h0"], v["wx"], v["wh"], v["b"])
    assert_same(h, v["h"])
    for name, gradient in zip(("dx", "dh0", "dwx", "dwh", "db"), recurrent.rnn_backward(v["dh"], cache), strict=True):
        assert_same(gradient, v[name])


@pytest.mark.parametrize("case", cases("lstm-"))
def test_long_short_term_memory(case):
    v, recurrent = CASES[case], module("recurrent")
    h, c, cache = recurrent.lstm_forward(v["x"], v["h0"], v["c0"], v["wx"], v["wh"], v["b"])
    assert_same(h, v["h"])
    assert_same(c, v["c"])
    gradients = recurrent.lstm_backward(v["dh"], v["dc"], cache)
    for name, gradient in zip(("dx", "dh0", "dc0", "dwx", "dwh", "db"), gradients, strict=True):
        assert_same(gradient, v[name])


@pytest.mark.parametrize("case", cases("loss-"))
def test_losses(case):
    v, name = CASES[case], case.removeprefix("loss-")
    assert_same(getattr(losses, name)(v["a"], v["y"]), v["value"])
    assert_same(getattr(losses, f"{name}_gradient")(v["a"], v["y"]), v["gradient"])


@pytest.mark.parametrize("case", cases("activation-"))
def test_activations(case):
    v, name = CASES[case], case.removeprefix("activation-")
    assert_same(getattr(activations, name)(v["z"]), v["a"])
    if name in activations.ACTIVATIONS:
        assert_same(v["dout"] * getattr(activations, f"{name}_derivative")(v["z"]), v["dz"])
    if name == "softmax":
        assert_same(np.einsum("nij,ni->nj", activations.softmax_jacobian(v["z"]), v["dout"]), v["dz"])


RULES = {
    "gradient-descent": ("GradientDescent", {"learning_rate": 0.03}),
    "momentum": ("Momentum", {"learning_rate": 0.03, "momentum": 0.9}),
    "nesterov": ("Nesterov", {"learning_rate": 0.03, "momentum": 0.9}),
    "adam": ("Adam", {"learning_rate": 0.1}),
    "adam-other-betas": ("Adam", {"learning_rate": 0.1, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}),
}


@pytest.mark.parametrize("case", cases("descent-"))
def test_update_rules(case):
    v, (name, settings) = CASES[case], RULES[case.removeprefix("descent-")]
    rule = getattr(module("optimizers"), name)(**settings)
    theta = v["path"][0]
    for expected in v["path"][1:]:
        theta = rule.step(theta, np.sinh(theta) + v["matrix"] @ theta)
        assert_same(theta, expected)
