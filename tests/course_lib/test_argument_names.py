"""An argument that holds no real numbers is refused by its own name, whichever it is of whichever function."""

import importlib

import numpy as np
import pytest

from course_lib.networks import Layer

LAYERS = [Layer(np.ones((4, 3)), np.ones(4), "tanh"), Layer(np.ones((2, 4)), np.ones(2), "linear")]
ONE, TWO, BATCH, TARGET = np.ones(()), np.ones(2), np.ones((5, 3)), np.ones((5, 2))

# For each function a call that is right; every array among its arguments is spoilt in turn.
CALLS = {
    "losses.l1_loss": {"a": TARGET, "y": TARGET},
    "losses.mean_squared_error_gradient": {"a": TARGET, "y": TARGET},
    "losses.objective": {"loss": ONE, "penalty": ONE, "strength": ONE},
    "backprop.sum_over_paths": {"upstream": TWO, "local": TWO},
    "backprop.forward_pass": {"x": BATCH, "layers": LAYERS},
    "backprop.output_delta": {"z": TARGET, "y": TARGET, "activation": "tanh", "loss": "half_squared"},
    "backprop.gradient_at_output": {"delta_next": TARGET, "w_next": np.ones((2, 4))},
    "backprop.delta_from_output_gradient": {"da": TARGET, "z": TARGET, "activation": "tanh"},
    "backprop.hidden_delta": {
        "delta_next": TARGET,
        "w_next": np.ones((2, 4)),
        "z": np.ones((5, 4)),
        "activation": "tanh",
    },
    "backprop.layer_gradients": {"delta": TARGET, "a_previous": BATCH},
    "backprop.backpropagate": {"x": BATCH, "y": TARGET, "layers": LAYERS, "loss": "half_squared"},
    "backprop.affine_forward": {"x": BATCH, "w": np.ones((4, 3)), "b": np.ones(4)},
    "backprop.modular_gradients": {"x": np.ones(3), "y": TWO, "weights": [np.ones((4, 3)), np.ones((2, 4))]},
    "backprop.two_layer_gradients": {"x": np.ones(3), "y": TWO, "w": np.ones((4, 3)), "v": np.ones((2, 4))},
    "backprop.sigmoid_neuron_gradient": {"x": TWO, "y": ONE, "w": TWO, "b": ONE},
    "backprop.relu_network_gradients": {
        "x": np.ones(3),
        "y": TWO,
        "w1": np.ones((4, 3)),
        "b1": np.ones(4),
        "w2": np.ones((2, 4)),
        "b2": TWO,
    },
    "backprop.linear_mse_gradient": {"x": BATCH, "y": TARGET, "w": np.ones((2, 3))},
}
SPOILT = [
    (function, name)
    for function, arguments in CALLS.items()
    for name, value in arguments.items()
    if isinstance(value, np.ndarray) or name == "weights"
]


def call(function, arguments):
    module, _, name = function.partition(".")
    return getattr(importlib.import_module(f"course_lib.{module}"), name)(**arguments)


@pytest.mark.parametrize("function", CALLS)
def test_the_call_is_right_as_it_stands(function):
    assert call(function, CALLS[function]) is not None


@pytest.mark.parametrize(("function", "name"), SPOILT)
def test_what_holds_no_real_numbers_is_refused_by_name(function, name):
    value = CALLS[function][name]
    spoilt = [matrix * 1j for matrix in value] if isinstance(value, list) else value * 1j
    with pytest.raises(ValueError, match=rf"^{name} must hold real numbers, but has dtype complex128$"):
        call(function, CALLS[function] | {name: spoilt})


def test_what_comes_back_to_an_affine_map_is_refused_by_name():
    from course_lib.backprop import affine_backward

    with pytest.raises(ValueError, match=r"^dz must hold real numbers"):
        affine_backward(np.full((5, 4), 1j), affine_cache())


def affine_cache():
    from course_lib.backprop import affine_forward

    return affine_forward(BATCH, np.ones((4, 3)), np.ones(4))[1]


def test_an_empty_network_and_an_unknown_function_are_named():
    with pytest.raises(ValueError, match=r"^layers is empty; at least one layer is needed$"):
        call("backprop.backpropagate", CALLS["backprop.backpropagate"] | {"layers": []})
    with pytest.raises(ValueError, match=r"^weights is empty; at least one matrix is needed$"):
        call("backprop.modular_gradients", CALLS["backprop.modular_gradients"] | {"weights": []})
    with pytest.raises(ValueError, match=r"^activation 'step' is unknown; known are linear, .*, softplus, softmax$"):
        call("backprop.delta_from_output_gradient", {"da": TWO, "z": TWO, "activation": "step"})
    with pytest.raises(ValueError, match=r"^x has shape \(1, 3\), expected \(D,\)$"):
        call("backprop.modular_gradients", CALLS["backprop.modular_gradients"] | {"x": np.ones((1, 3))})


def test_the_objective_adds_the_weighted_penalty():
    assert call("losses.objective", {"loss": 2.0, "penalty": 12.5, "strength": 0.1}) == 3.25


@pytest.mark.parametrize(
    ("function", "name", "wrong"),
    [
        ("backprop.sum_over_paths", "local", np.ones((3, 4))),
        ("backprop.relu_network_gradients", "w1", np.ones((4, 5))),
        ("backprop.relu_network_gradients", "b1", np.ones(5)),
        ("backprop.relu_network_gradients", "w2", np.ones((2, 5))),
        ("backprop.relu_network_gradients", "b2", np.ones(5)),
        ("backprop.relu_network_gradients", "y", np.ones(5)),
    ],
)
def test_a_length_that_does_not_fit_the_other_arguments_is_refused_by_name(function, name, wrong):
    with pytest.raises(ValueError, match=rf"^{name} has shape \({wrong.shape[0]}.*\), expected \(.*\d.*\)$"):
        call(function, CALLS[function] | {name: wrong})
