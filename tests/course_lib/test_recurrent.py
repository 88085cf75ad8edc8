"""Recurrent networks: worked numbers, differences, autograd, steps against sequences, and laws through time."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import assert_gradient, assert_slope_along_random_directions, no_warnings

from course_lib import recurrent

KINDS = ("rnn", "lstm")


def problem(kind, n=2, t=3, d=2, m=3, seed=0, dtype=np.float64):
    """Return the arguments of a forward pass, as a dictionary in the order of the signature."""
    rng = np.random.default_rng(seed)
    rows = m if kind == "rnn" else 4 * m
    shapes = {"x": (n, t, d), "h0": (n, m), "c0": (n, m), "wx": (rows, d), "wh": (rows, m), "b": (rows,)}
    if kind == "rnn":
        del shapes["c0"]
    return {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}


def forward(kind, arguments):
    """Return (h, last memory or None, cache)."""
    if kind == "rnn":
        h, cache = recurrent.rnn_forward(**arguments)
        return h, None, cache
    return recurrent.lstm_forward(**arguments)


def backward(kind, dh, dc, cache):
    """Return the gradients by the names of the arguments."""
    if kind == "rnn":
        names, gradients = ("x", "h0", "wx", "wh", "b"), recurrent.rnn_backward(dh, cache)
    else:
        names, gradients = ("x", "h0", "c0", "wx", "wh", "b"), recurrent.lstm_backward(dh, dc, cache)
    return dict(zip(names, gradients, strict=True))


def seen(kind, arguments, dh, dc):
    """Return a number that depends on every output and on the last memory."""
    h, c, _ = forward(kind, arguments)
    return np.sum(h * dh) + (0 if c is None else np.sum(c * dc))


def upstream(kind, arguments, seed=1):
    rng = np.random.default_rng(seed)
    h, c, _ = forward(kind, arguments)
    return rng.normal(size=h.shape), None if c is None else rng.normal(size=c.shape)


def textbook(kind, x, h, c, wx, wh, b):
    """Yield (h, c) of one sequence as the formulas are written, one gate at a time, for NumPy or autograd."""
    m = len(h)

    def sigmoid(z):
        return 1 / (1 + anp.exp(-z))

    for now in x:
        z = anp.dot(wx, now) + anp.dot(wh, h) + b
        if kind == "rnn":
            h = anp.tanh(z)
        else:
            c = sigmoid(z[m : 2 * m]) * c + sigmoid(z[:m]) * anp.tanh(z[2 * m : 3 * m])
            h = sigmoid(z[3 * m :]) * anp.tanh(c)
        yield h, c


# ---- worked numbers ----------------------------------------------------------------------------------------------


def test_an_rnn_of_one_unit_by_hand():
    # h¹ = tanh(ln 2) = (4 − 1)/(4 + 1) = 0.6; h² = tanh(0.5·0.6 − 0.3) = 0; δ² = 1, δ¹ = 0.5·(1 − 0.36) = 0.32
    x = np.array([[[np.log(2.0)], [-0.3]]])
    h, cache = recurrent.rnn_forward(x, [[0.0]], [[1.0]], [[0.5]], [0.0])
    np.testing.assert_allclose(h[0, :, 0], [0.6, 0.0], atol=1e-16)
    dx, dh0, dwx, dwh, db = recurrent.rnn_backward([[[0.0], [1.0]]], cache)
    np.testing.assert_allclose(dx[0, :, 0], [0.32, 1.0], rtol=1e-15)
    np.testing.assert_allclose([dh0[0, 0], db[0]], [0.16, 1.32], rtol=1e-15)
    np.testing.assert_allclose(dwx[0, 0], 0.32 * np.log(2.0) - 0.3, rtol=1e-14)
    np.testing.assert_allclose(dwh[0, 0], 0.6, rtol=1e-15)  # δ² h¹ + δ¹ h⁰


def test_an_lstm_cell_of_one_unit_by_hand():
    # gates σ(ln 3) = ¾ (input), σ(−ln 3) = ¼ (forget), σ(0) = ½ (output); candidate tanh(ln 2) = 0.6
    b = np.array([np.log(3.0), -np.log(3.0), np.log(2.0), 0.0])
    h, c, cache = recurrent.lstm_step_forward([[0.0]], [[0.0]], [[2.0]], np.zeros((4, 1)), np.zeros((4, 1)), b)
    np.testing.assert_allclose(c, [[0.25 * 2 + 0.75 * 0.6]], rtol=1e-15)
    np.testing.assert_allclose(h, [[0.5 * np.tanh(0.95)]], rtol=1e-15)
    _, _, dc_prev, _, _, db = recurrent.lstm_step_backward([[0.0]], [[1.0]], cache)
    assert dc_prev == pytest.approx(0.25, rel=1e-15)
    # i(1−i) g, f(1−f) c_prev, (1−g²) i, 0
    np.testing.assert_allclose(db, [0.1875 * 0.6, 0.1875 * 2, 0.64 * 0.75, 0.0], rtol=1e-14)


# ---- gradients ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes", [(2, 3, 2, 3), (1, 4, 1, 1), (2, 1, 3, 2)])
def test_gradients_agree_with_differences_entry_by_entry(kind, sizes):
    arguments = problem(kind, *sizes)
    dh, dc = upstream(kind, arguments)
    gradients = backward(kind, dh, dc, forward(kind, arguments)[2])
    for name, gradient in gradients.items():
        assert_gradient(gradient, lambda v, name=name: seen(kind, arguments | {name: v}, dh, dc), arguments[name])


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_agree_with_differences_along_directions_on_a_long_sequence(kind):
    arguments = problem(kind, 4, 20, 5, 6) | {"wh": 0.3 * problem(kind, 4, 20, 5, 6)["wh"]}
    dh, dc = upstream(kind, arguments)
    rng = np.random.default_rng(2)
    for name, gradient in backward(kind, dh, dc, forward(kind, arguments)[2]).items():
        # relative to the size of the gradient, which is a sum over 80 rows
        scale = max(1.0, float(np.linalg.norm(gradient)))
        assert_slope_along_random_directions(
            gradient / scale,
            lambda v, name=name, scale=scale: seen(kind, arguments | {name: v}, dh, dc) / scale,
            arguments[name],
            rng,
        )


@pytest.mark.parametrize("kind", KINDS)
def test_values_and_gradients_agree_with_autograd(kind):
    arguments = problem(kind, 3, 5, 2, 4, seed=3)
    dh, dc = upstream(kind, arguments)
    names = list(arguments)

    def number(*values):
        given_ = dict(zip(names, values, strict=True))
        total = 0.0
        for n in range(3):
            memory = given_["c0"][n] if kind == "lstm" else None
            states = textbook(kind, given_["x"][n], given_["h0"][n], memory, given_["wx"], given_["wh"], given_["b"])
            for t, state in enumerate(states):
                h, c = state
                total = total + anp.sum(h * dh[n, t])
            total = total + (anp.sum(c * dc[n]) if kind == "lstm" else 0.0)
        return total

    assert seen(kind, arguments, dh, dc) == pytest.approx(number(*arguments.values()), rel=1e-13)
    gradients = backward(kind, dh, dc, forward(kind, arguments)[2])
    for position, name in enumerate(names):
        expected = autograd.grad(number, position)(*arguments.values())
        np.testing.assert_allclose(gradients[name], expected, rtol=1e-11, atol=1e-12)


# ---- sequences and steps -----------------------------------------------------------------------------------------


def run_steps(kind, arguments, dh, dc):
    """Return outputs and gradients by a loop over the step functions."""
    x, h, weights = arguments["x"], arguments["h0"], [arguments[name] for name in ("wx", "wh", "b")]
    c, caches, outputs = arguments.get("c0"), [], []
    for t in range(x.shape[1]):
        if kind == "rnn":
            h, cache = recurrent.rnn_step_forward(x[:, t], h, *weights)
        else:
            h, c, cache = recurrent.lstm_step_forward(x[:, t], h, c, *weights)
        caches.append(cache)
        outputs.append(h)
    dh_next, dc_next, dx, totals = np.zeros_like(h), dc, [], None
    for t in reversed(range(x.shape[1])):
        if kind == "rnn":
            dx_t, dh_next, *own = recurrent.rnn_step_backward(dh[:, t] + dh_next, caches[t])
        else:
            dx_t, dh_next, dc_next, *own = recurrent.lstm_step_backward(dh[:, t] + dh_next, dc_next, caches[t])
        dx.append(dx_t)
        totals = own if totals is None else [a + b for a, b in zip(totals, own, strict=True)]
    gradients = {"x": np.stack(dx[::-1], axis=1), "h0": dh_next, **dict(zip(("wx", "wh", "b"), totals, strict=True))}
    return np.stack(outputs, axis=1), c, gradients | ({"c0": dc_next} if kind == "lstm" else {})


@given(seed=st.integers(0, 10_000), n=st.integers(1, 4), t=st.integers(1, 6), d=st.integers(1, 4), m=st.integers(1, 5))
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_is_its_steps_one_after_the_other(kind, seed, n, t, d, m):
    arguments = problem(kind, n, t, d, m, seed)
    dh, dc = upstream(kind, arguments, seed + 1)
    h, c, cache = forward(kind, arguments)
    gradients = backward(kind, dh, dc, cache)
    outputs, memory, expected = run_steps(kind, arguments, dh, dc)
    np.testing.assert_allclose(h, outputs, rtol=1e-13, atol=1e-14)
    if kind == "lstm":
        np.testing.assert_allclose(c, memory, rtol=1e-13, atol=1e-14)
    assert set(gradients) == set(expected) == set(arguments)
    for name in expected:
        np.testing.assert_allclose(gradients[name], expected[name], rtol=1e-11, atol=1e-12)
        assert gradients[name].shape == arguments[name].shape


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_its_sequences_and_gradients_for_weights_are_their_sum(kind):
    arguments = problem(kind, 4, 5, 2, 3, seed=5)
    dh, dc = upstream(kind, arguments)
    h, _, cache = forward(kind, arguments)
    whole = backward(kind, dh, dc, cache)
    singles = []
    for n in range(4):
        own = {name: v[n : n + 1] if name in ("x", "h0", "c0") else v for name, v in arguments.items()}
        h_one, _, cache = forward(kind, own)
        np.testing.assert_allclose(h_one, h[n : n + 1], rtol=1e-13, atol=1e-15)
        singles.append(backward(kind, dh[n : n + 1], None if dc is None else dc[n : n + 1], cache))
    for name, gradient in whole.items():
        parts = [single[name] for single in singles]
        together = np.concatenate(parts) if name in ("x", "h0", "c0") else sum(parts)
        np.testing.assert_allclose(gradient, together, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_the_future_does_not_reach_the_past(kind):
    arguments = problem(kind, 2, 6, 2, 3, seed=6)
    later = arguments | {"x": arguments["x"] + (np.arange(6) >= 4)[None, :, None]}
    before, after = forward(kind, arguments)[0], forward(kind, later)[0]
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert not np.allclose(before[:, 4:], after[:, 4:])
    dh, dc = np.zeros_like(before), np.zeros_like(arguments["h0"])
    dh[:, 2] = 1
    dx = backward(kind, dh, dc, forward(kind, arguments)[2])["x"]
    assert np.all(dx[:, 3:] == 0)
    assert np.all(np.abs(dx[:, :3]).sum(axis=2) > 0)


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_that_hand_state_and_gradient_on_give_the_gradient_of_the_whole_and_truncated_ones_do_not(kind):
    arguments = problem(kind, 2, 7, 3, 4, seed=8)
    dh, dc = upstream(kind, arguments)
    whole = backward(kind, dh, dc, forward(kind, arguments)[2])
    state, caches = {name: arguments[name] for name in ("h0", "c0") if name in arguments}, []
    pieces = [slice(0, 3), slice(3, 4), slice(4, 7)]
    for piece in pieces:
        h, c, cache = forward(kind, arguments | state | {"x": arguments["x"][:, piece]})
        state = {"h0": h[:, -1]} if c is None else {"h0": h[:, -1], "c0": c}
        caches.append(cache)
    dh_next, dc_next, full, truncated = np.zeros_like(dh[:, 0]), dc, [], []
    for piece, cache in reversed(list(zip(pieces, caches, strict=True))):
        own, last = dh[:, piece], piece == pieces[-1]
        truncated.append(backward(kind, own, dc if last or dc is None else np.zeros_like(dc), cache))
        handed = own.copy()
        handed[:, -1] += dh_next
        full.append(backward(kind, handed, dc_next, cache))
        dh_next, dc_next = full[-1]["h0"], full[-1].get("c0")
    for name in ("wx", "wh", "b"):
        together = sum(gradients[name] for gradients in full)
        np.testing.assert_allclose(together, whole[name], rtol=1e-11, atol=1e-12)
        short = sum(gradients[name] for gradients in truncated)
        assert np.linalg.norm(short - whole[name]) > 0.01 * np.linalg.norm(whole[name])
    dx = np.concatenate([gradients["x"] for gradients in full[::-1]], axis=1)
    np.testing.assert_allclose(dx, whole["x"], rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(full[-1]["h0"], whole["h0"], rtol=1e-11, atol=1e-12)
    # a truncated gradient is that of the last piece alone, started from a state taken as given
    np.testing.assert_array_equal(truncated[0]["x"], full[0]["x"])


# ---- gradients that vanish, explode, or pass ---------------------------------------------------------------------


@pytest.mark.parametrize(("scale", "time"), [(0.5, 20), (1.0, 50), (1.2, 20)])
def test_the_gradient_through_time_follows_the_size_of_the_recurrent_weights(scale, time):
    # states stay near 0, where tanh has the slope 1, so each step multiplies the gradient's norm by the scale
    rotation, _ = np.linalg.qr(np.random.default_rng(7).normal(size=(4, 4)))
    _, cache = recurrent.rnn_forward(
        np.zeros((1, time, 1)), np.zeros((1, 4)), np.zeros((4, 1)), scale * rotation, np.zeros(4)
    )
    dh = np.zeros((1, time, 4))
    dh[:, -1] = [[0.5, -0.5, 0.5, 0.5]]
    dh0 = recurrent.rnn_backward(dh, cache)[1]
    np.testing.assert_allclose(np.linalg.norm(dh0), scale**time, rtol=1e-12)


def test_an_open_forget_gate_hands_the_gradient_of_the_memory_back_unchanged():
    b = np.concatenate([np.full(3, -1000.0), np.full(3, 1000.0), np.zeros(3), np.zeros(3)])
    with no_warnings():
        h, c, cache = recurrent.lstm_forward(
            np.zeros((2, 100, 1)), np.zeros((2, 3)), np.ones((2, 3)), np.zeros((12, 1)), np.zeros((12, 3)), b
        )
        dc = np.arange(6.0).reshape(2, 3)
        gradients = recurrent.lstm_backward(np.zeros_like(h), dc, cache)
    np.testing.assert_array_equal(c, np.ones((2, 3)))
    np.testing.assert_array_equal(gradients[2], dc)


# ---- clipping ----------------------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=4), min_size=1, max_size=3), st.floats(1e-3, 1e3))
def test_clipping_by_norm_keeps_the_direction_and_the_limit(gradients, limit):
    before = np.concatenate([np.array(g) for g in gradients])
    after = np.concatenate(recurrent.clip_by_norm(gradients, limit))
    norm = np.linalg.norm(before)
    assert np.linalg.norm(after) <= limit * (1 + 1e-12)
    factor = min(1.0, limit / norm) if norm > 0 else 1.0
    np.testing.assert_allclose(after, before * factor, rtol=1e-12, atol=1e-300)


def test_clipping_by_norm_survives_what_has_no_square():
    with no_warnings():
        clipped = recurrent.clip_by_norm([np.array([3e200, -4e200])], 5.0)
    np.testing.assert_allclose(clipped[0], [3, -4], rtol=1e-14)


@pytest.mark.parametrize("gradients", [[[3.0, 1.0], [np.nan]], [[np.nan], [3.0, 1.0]], [[np.nan, np.inf, 1.0]]])
def test_clipping_by_norm_lets_no_nan_hide_a_gradient_that_was_not_clipped(gradients):
    with no_warnings():
        clipped = recurrent.clip_by_norm(gradients, 1.0)
    assert all(np.isnan(part).all() for part in clipped)


def test_clipping_by_norm_leaves_no_infinite_entry():
    with no_warnings():
        clipped = recurrent.clip_by_norm([[-np.inf, 2.0], [5.0]], 1.0)
    np.testing.assert_array_equal(np.concatenate(clipped), [np.nan, 0, 0])


def test_clipping_of_both_precisions_together_keeps_each():
    with no_warnings():
        small, large = recurrent.clip_by_norm([np.array([3e30], np.float32), np.array([4e200])], 2.0)
        same = recurrent.clip_by_value([np.array([3.0], np.float32)], 1e300)[0]
    assert (small.dtype, large.dtype, same.dtype) == (np.float32, np.float64, np.float32)
    assert (small[0], same[0]) == (0, 3)
    assert large[0] == pytest.approx(2, rel=1e-14)


def test_clipping_by_value_turns_the_direction():
    clipped = recurrent.clip_by_value([np.array([0.5, -3.0]), np.array([[2.0]])], 1.0)
    assert [part.tolist() for part in clipped] == [[0.5, -1.0], [[1.0]]]


@pytest.mark.parametrize("clip", [recurrent.clip_by_norm, recurrent.clip_by_value])
def test_clipping_manners(clip):
    gradient = np.array([3.0, np.nan], np.float32)
    [clipped] = clip([gradient], 1.0)
    assert clipped.dtype == np.float32
    assert np.isnan(clipped[1])
    assert not np.shares_memory(clipped, gradient)
    assert gradient[0] == 3
    assert clip([np.zeros(3)], 1.0)[0].tolist() == [0, 0, 0]
    for limit in (0, -1.0, np.nan, [1.0]):
        with pytest.raises(ValueError, match=r"^limit must be a positive number"):
            clip([gradient], limit)
    with pytest.raises(ValueError, match=r"^gradients is empty"):
        clip([], 1.0)


# ---- manners -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_no_argument_is_changed_and_no_result_is_a_view_of_one(kind):
    arguments = problem(kind)
    copies = {name: value.copy() for name, value in arguments.items()}
    dh, dc = upstream(kind, arguments)
    dh_copy, dc_copy = dh.copy(), None if dc is None else dc.copy()
    h, c, cache = forward(kind, arguments)
    first = backward(kind, dh, dc, cache)
    h += 1  # what was returned is the caller's own
    if c is not None:
        c += 1
    second = backward(kind, dh, dc, cache)
    for name in arguments:
        np.testing.assert_array_equal(arguments[name], copies[name])
        np.testing.assert_array_equal(first[name], second[name])
        assert not any(np.shares_memory(first[name], value) for value in (*arguments.values(), dh))
    np.testing.assert_array_equal(dh, dh_copy)
    if dc is not None:
        np.testing.assert_array_equal(dc, dc_copy)


def test_no_step_changes_its_arguments_or_its_cache():
    x, h, c = np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4))
    wx, wh, b = np.ones((16, 3)), np.ones((16, 4)), np.ones(16)
    out, memory, cache = recurrent.lstm_step_forward(x, h, c, wx, wh, b)
    first = recurrent.lstm_step_backward(h, c, cache)
    out += 1
    memory += 1
    for one, other in zip(first, recurrent.lstm_step_backward(h, c, cache), strict=True):
        np.testing.assert_array_equal(one, other)
    out, cache = recurrent.rnn_step_forward(x, h, wx[:4], wh[:4], b[:4])
    first = recurrent.rnn_step_backward(h, cache)
    out += 1
    for one, other in zip(first, recurrent.rnn_step_backward(h, cache), strict=True):
        np.testing.assert_array_equal(one, other)
    assert all(np.all(array == 1) for array in (x, h, c, wx, wh, b))


@pytest.mark.parametrize("kind", KINDS)
def test_float32_stays_and_nan_passes(kind):
    arguments = problem(kind, dtype=np.float32)
    dh, dc = upstream(kind, arguments)
    h, _, cache = forward(kind, arguments)
    assert h.dtype == np.float32
    assert {g.dtype for g in backward(kind, dh, dc, cache).values()} == {np.dtype(np.float32)}
    for part in (*run_steps(kind, arguments, dh, dc)[:1], *run_steps(kind, arguments, dh, dc)[2].values()):
        assert part.dtype == np.float32
    arguments["x"][0, 1, 0] = np.nan
    h = forward(kind, arguments)[0]
    assert np.isnan(h[0, 1:]).all()
    assert not np.isnan(h[0, 0]).any()
    assert not np.isnan(h[1]).any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_warning_for_large_pre_activations(kind, dtype):
    arguments = problem(kind, dtype=dtype) | {"b": np.resize(np.array([1000, -1000], dtype), problem(kind)["b"].shape)}
    dh, dc = upstream(kind, arguments)
    with no_warnings():
        h, _, cache = forward(kind, arguments)
        gradients = backward(kind, dh, dc, cache)
    assert all(np.isfinite(array).all() for array in (h, *gradients.values()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("x", np.ones((2, 3))),
        ("x", np.ones((0, 3, 2))),
        ("x", np.ones((2, 0, 2))),
        ("h0", np.ones((3, 3))),
        ("wx", np.ones((5, 2))),
        ("wh", np.ones((3, 5))),
        ("b", np.ones(2)),
        ("x", np.ones((2, 3, 2)) * 1j),
        ("b", np.array(["a"] * 12)),
    ],
)
def test_what_does_not_fit_is_refused_by_name(kind, name, wrong):
    arguments = problem(kind)
    with pytest.raises(ValueError, match=rf"^{name} (has shape|is empty|must hold)"):
        forward(kind, arguments | {name: wrong})


def test_a_memory_that_does_not_fit_is_refused_by_name():
    with pytest.raises(ValueError, match=r"^c0 has shape \(2, 4\), expected \(N=2, M=3\)"):
        forward("lstm", problem("lstm") | {"c0": np.ones((2, 4))})


@pytest.mark.parametrize("kind", KINDS)
def test_a_gradient_of_another_shape_is_refused_by_name(kind):
    arguments = problem(kind)
    dh, dc = upstream(kind, arguments)
    cache = forward(kind, arguments)[2]
    with pytest.raises(ValueError, match=r"^dh has shape \(2, 3\), expected \(2, 3, 3\)"):
        backward(kind, dh[:, 0], dc, cache)
    if kind == "lstm":
        with pytest.raises(ValueError, match=r"^dc has shape \(2, 3, 3\), expected \(2, 3\)"):
            backward(kind, dh, dh, cache)


def test_a_step_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match=r"^h_prev has shape \(1, 4\), expected \(N=2, M\)"):
        recurrent.rnn_step_forward(np.ones((2, 3)), np.ones((1, 4)), np.ones((4, 3)), np.ones((4, 4)), np.ones(4))
    with pytest.raises(ValueError, match=r"^wx has shape \(4, 3\), expected \(16, D=3\)"):
        recurrent.lstm_step_forward(
            np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4)), np.ones((4, 3)), np.ones((16, 4)), np.ones(16)
        )
