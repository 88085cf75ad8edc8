"""Recurrent networks of chapter 13: a state that is carried from one time to the next.

First one step, forward and back, for the plain recurrent network and for the long short-term memory (LSTM) cell; then
whole sequences. A sequence is nothing but its steps one after the other, and the functions for sequences give exactly
what a loop over the step functions gives. They are faster because what does not wait for the state is done for all
times at once: x Wxᵀ before the loop, and the gradients of the weights, one product each, after it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_lib._shapes import as_float, as_positive, require_not_empty, require_shape


def rnn_step_forward(
    x: ArrayLike, h_prev: ArrayLike, wx: ArrayLike, wh: ArrayLike, b: ArrayLike
) -> tuple[np.ndarray, Any]:
    """Take the state one step further: h = tanh(Wx x + Wh h_prev + b).  Equation :eq:`rnn-step`.

    Parameters
    ----------
    x : array_like, shape (N, D)
        The inputs at this time.
    h_prev : array_like, shape (N, M)
        The state so far.
    wx : array_like, shape (M, D)
        Weights from the input.
    wh : array_like, shape (M, M)
        Weights from the state.
    b : array_like, shape (M,)
        Biases.

    Returns
    -------
    h : ndarray, shape (N, M)
        The new state.
    cache : tuple
        What the backward pass needs. It holds the arguments themselves: do not change them before the backward pass.

    Raises
    ------
    ValueError
        If a shape is not as above, or the batch is empty.

    References
    ----------
    Elman, "Finding structure in time", Cognitive Science 14, 1990.

    Examples
    --------
    >>> h, cache = rnn_step_forward([[1.0, 2.0]], [[0.0]], [[0.5, -0.25]], [[1.0]], [0.0])
    >>> h
    array([[0.]])
    """
    x, h_prev, wx, wh, b = _read_step(1, x=x, h_prev=h_prev, wx=wx, wh=wh, b=b)
    h = np.tanh(x @ wx.T + h_prev @ wh.T + b)
    return h, (x, h_prev, wx, wh, h.copy())


def rnn_step_backward(dh: ArrayLike, cache: Any) -> tuple[np.ndarray, ...]:
    """Return the gradients of one step.

    δ = dh ⊙ (1 − h²), then dx = δ Wx, dh_prev = δ Wh, dWx = δᵀ x, dWh = δᵀ h_prev, db = Σₙ δₙ.
    Equation :eq:`rnn-step-gradients`.

    Parameters
    ----------
    dh : array_like, shape (N, M)
        Gradient of the loss for the new state, by all ways: this time's output and all later times.
    cache : tuple
        From `rnn_step_forward`.

    Returns
    -------
    dx : ndarray, shape (N, D)
    dh_prev : ndarray, shape (N, M)
    dwx : ndarray, shape (M, D)
    dwh : ndarray, shape (M, M)
    db : ndarray, shape (M,)

    Raises
    ------
    ValueError
        If dh does not have the shape of h.

    References
    ----------
    Werbos, "Backpropagation through time: what it does and how to do it", Proceedings of the IEEE 78, 1990.

    Examples
    --------
    >>> h, cache = rnn_step_forward([[1.0, 2.0]], [[3.0]], [[0.5, -0.25]], [[0.0]], [0.0])
    >>> for gradient in rnn_step_backward([[1.0]], cache):
    ...     print(gradient.tolist())
    [[0.5, -0.25]]
    [[0.0]]
    [[1.0, 2.0]]
    [[3.0]]
    [1.0]
    """
    x, h_prev, wx, wh, h = cache
    delta = _read_upstream("dh", dh, h) * (1 - h * h)
    return delta @ wx, delta @ wh, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


def rnn_forward(x: ArrayLike, h0: ArrayLike, wx: ArrayLike, wh: ArrayLike, b: ArrayLike) -> tuple[np.ndarray, Any]:
    """Run a recurrent network over a batch of sequences.

    hᵗ = tanh(Wx xᵗ + Wh hᵗ⁻¹ + b) for t = 1, …, T, with the same weights at every time. Equation :eq:`rnn-sequence`.

    Parameters
    ----------
    x : array_like, shape (N, T, D)
        N sequences of T inputs.
    h0 : array_like, shape (N, M)
        The state to start with.
    wx : array_like, shape (M, D)
        Weights from the input.
    wh : array_like, shape (M, M)
        Weights from the state.
    b : array_like, shape (M,)
        Biases.

    Returns
    -------
    h : ndarray, shape (N, T, M)
        The states h¹ … hᵀ.
    cache : tuple
        What the backward pass needs. It holds the weights themselves: do not change them before the backward pass.

    Raises
    ------
    ValueError
        If a shape is not as above, the batch is empty, or there is no time step.

    References
    ----------
    Elman, "Finding structure in time", Cognitive Science 14, 1990.

    Examples
    --------
    >>> h, cache = rnn_forward(np.ones((1, 3, 1)), [[0.0]], [[0.5]], [[1.0]], [0.0])
    >>> h[0, :, 0].round(3)
    array([0.462, 0.745, 0.847])
    """
    x, h0, wx, wh, b = _read_sequence(1, x=x, h0=h0, wx=wx, wh=wh, b=b)
    by_time, z = _inputs_by_time(x, wx, b)
    h = np.empty((len(z) + 1, *h0.shape), z.dtype)  # h[0] is the start
    h[0], recurrent, product = h0, np.ascontiguousarray(wh.T), np.empty_like(h0)
    for t in range(len(z)):
        z[t] += np.matmul(h[t], recurrent, out=product)
        np.tanh(z[t], out=h[t + 1])
    return h[1:].swapaxes(0, 1).copy(), (by_time, h, wx, wh)


def rnn_backward(dh: ArrayLike, cache: Any) -> tuple[np.ndarray, ...]:
    """Return the gradients of a recurrent network, by back-propagation through time.

    From the last time to the first: δᵗ = (dhᵗ + δᵗ⁺¹ Wh) ⊙ (1 − (hᵗ)²), the gradient from this time's output plus what
    comes back from the next. The weights are shared by all times, so their gradients are sums over time.
    Equation :eq:`rnn-through-time`.

    Parameters
    ----------
    dh : array_like, shape (N, T, M)
        Gradient of the loss for each state where it is an output, zeros where it is not.
    cache : tuple
        From `rnn_forward`.

    Returns
    -------
    dx : ndarray, shape (N, T, D)
    dh0 : ndarray, shape (N, M)
    dwx : ndarray, shape (M, D)
    dwh : ndarray, shape (M, M)
    db : ndarray, shape (M,)

    Raises
    ------
    ValueError
        If dh does not have the shape of h.

    References
    ----------
    Werbos, "Backpropagation through time: what it does and how to do it", Proceedings of the IEEE 78, 1990.

    Examples
    --------
    >>> h, cache = rnn_forward(np.ones((1, 3, 1)), [[0.0]], [[0.5]], [[1.0]], [0.0])
    >>> dx, dh0, dwx, dwh, db = rnn_backward([[[0.0], [0.0], [1.0]]], cache)
    >>> dx[0, :, 0].round(3)  # the last output answers less and less to earlier inputs
    array([0.049, 0.063, 0.141])
    """
    x, h, wx, wh = cache
    upstream = _read_upstream("dh", dh, h[1:].swapaxes(0, 1))
    delta = 1 - h[1:] * h[1:]  # for now the slopes
    dh_next = np.zeros_like(h[0])
    for t in reversed(range(len(delta))):
        dh_next += upstream[:, t]
        delta[t] *= dh_next
        np.matmul(delta[t], wh, out=dh_next)
    return _weight_gradients(delta, x, h[:-1], wx, dh_next)


def lstm_step_forward(
    x: ArrayLike, h_prev: ArrayLike, c_prev: ArrayLike, wx: ArrayLike, wh: ArrayLike, b: ArrayLike
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Take an LSTM cell one step further.

    The four layers, stacked in one matrix: i = σ(z_i), f = σ(z_f), g = tanh(z_g), o = σ(z_o) with
    z = Wx x + Wh h_prev + b. Equation :eq:`lstm-gates`. Then c = f ⊙ c_prev + i ⊙ g and h = o ⊙ tanh(c): what is kept
    of the memory, what is written to it, what is shown of it. Equation :eq:`lstm-cell`.

    Parameters
    ----------
    x : array_like, shape (N, D)
        The inputs at this time.
    h_prev : array_like, shape (N, M)
        The output so far.
    c_prev : array_like, shape (N, M)
        The memory so far.
    wx : array_like, shape (4M, D)
        Weights from the input, in the order input gate, forget gate, candidate, output gate.
    wh : array_like, shape (4M, M)
        Weights from the output, in the same order.
    b : array_like, shape (4M,)
        Biases.

    Returns
    -------
    h : ndarray, shape (N, M)
        The new output.
    c : ndarray, shape (N, M)
        The new memory.
    cache : tuple
        What the backward pass needs. It holds the arguments themselves: do not change them before the backward pass.

    Raises
    ------
    ValueError
        If a shape is not as above, or the batch is empty.

    References
    ----------
    Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9, 1997; the forget gate is of Gers,
    Schmidhuber and Cummins, "Learning to forget", Neural Computation 12, 2000.

    Examples
    --------
    >>> nothing = np.zeros((4, 1))  # all gates half open, the candidate 0
    >>> h, c, cache = lstm_step_forward([[1.0]], [[0.0]], [[2.0]], nothing, nothing, np.zeros(4))
    >>> c, h.round(3)
    (array([[1.]]), array([[0.381]]))
    """
    x, h_prev, c_prev, wx, wh, b = _read_step(4, x=x, h_prev=h_prev, c_prev=c_prev, wx=wx, wh=wh, b=b)
    gates = x @ wx.T + h_prev @ wh.T + b
    i, f, g, o = _open_gates(gates)
    c = f * c_prev + i * g
    tanh_c = np.tanh(c)
    return o * tanh_c, c, (x, h_prev, c_prev, wx, wh, gates, tanh_c)


def lstm_step_backward(dh: ArrayLike, dc: ArrayLike, cache: Any) -> tuple[np.ndarray, ...]:
    """Return the gradients of one step of an LSTM cell.

    The memory gets what comes back through the output, dc ← dc + dh ⊙ o ⊙ (1 − tanh²c), and hands it on to
    dc_prev = dc ⊙ f without any matrix in between. The gates get di = dc ⊙ g, df = dc ⊙ c_prev, dg = dc ⊙ i and
    do = dh ⊙ tanh c, each times the slope of its function; the rest is that of an affine map.
    Equation :eq:`lstm-step-gradients`.

    Parameters
    ----------
    dh : array_like, shape (N, M)
        Gradient of the loss for the new output.
    dc : array_like, shape (N, M)
        Gradient of the loss for the new memory, from later times.
    cache : tuple
        From `lstm_step_forward`.

    Returns
    -------
    dx : ndarray, shape (N, D)
    dh_prev : ndarray, shape (N, M)
    dc_prev : ndarray, shape (N, M)
    dwx : ndarray, shape (4M, D)
    dwh : ndarray, shape (4M, M)
    db : ndarray, shape (4M,)

    Raises
    ------
    ValueError
        If dh or dc does not have the shape of h.

    References
    ----------
    Greff, Srivastava, Koutník, Steunebrink and Schmidhuber, "LSTM: a search space odyssey", IEEE Transactions on
    Neural Networks and Learning Systems 28, 2017.

    Examples
    --------
    >>> nothing = np.zeros((4, 1))
    >>> h, c, cache = lstm_step_forward([[1.0]], [[0.0]], [[2.0]], nothing, nothing, np.zeros(4))
    >>> dc_prev = lstm_step_backward([[0.0]], [[1.0]], cache)[2]
    >>> dc_prev  # the forget gate is half open
    array([[0.5]])
    """
    x, h_prev, c_prev, wx, wh, gates, tanh_c = cache
    dh_now, dc_now = _read_upstream("dh", dh, tanh_c), _read_upstream("dc", dc, tanh_c)
    delta, to_memory = _cell_slopes(gates, c_prev, tanh_c)
    through = dc_now + dh_now * to_memory
    _cell_backward(dh_now, through, delta)
    dc_prev = through * _parts(gates)[1]
    return delta @ wx, delta @ wh, dc_prev, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


def lstm_forward(
    x: ArrayLike, h0: ArrayLike, c0: ArrayLike, wx: ArrayLike, wh: ArrayLike, b: ArrayLike
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Run an LSTM over a batch of sequences: `lstm_step_forward` at every time, with the same weights.

    cᵗ = fᵗ ⊙ cᵗ⁻¹ + iᵗ ⊙ gᵗ and hᵗ = oᵗ ⊙ tanh(cᵗ) for t = 1, …, T. Equation :eq:`lstm-sequence`.

    Parameters
    ----------
    x : array_like, shape (N, T, D)
        N sequences of T inputs.
    h0, c0 : array_like, shape (N, M)
        Output and memory to start with.
    wx : array_like, shape (4M, D)
        Weights from the input, in the order input gate, forget gate, candidate, output gate.
    wh : array_like, shape (4M, M)
        Weights from the output, in the same order.
    b : array_like, shape (4M,)
        Biases.

    Returns
    -------
    h : ndarray, shape (N, T, M)
        The outputs h¹ … hᵀ.
    c : ndarray, shape (N, M)
        The last memory cᵀ.
    cache : tuple
        What the backward pass needs. It holds the weights themselves: do not change them before the backward pass.

    Raises
    ------
    ValueError
        If a shape is not as above, the batch is empty, or there is no time step.

    References
    ----------
    Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9, 1997.

    Examples
    --------
    >>> nothing = np.zeros((4, 1))
    >>> h, c, cache = lstm_forward(np.zeros((1, 3, 1)), [[0.0]], [[8.0]], nothing, nothing, np.zeros(4))
    >>> h.shape, c  # half of the memory is kept at each of three times
    ((1, 3, 1), array([[1.]]))
    """
    x, h0, c0, wx, wh, b = _read_sequence(4, x=x, h0=h0, c0=c0, wx=wx, wh=wh, b=b)
    by_time, z = _inputs_by_time(x, wx, b)
    h, c, tanh_c = (np.empty((len(z) + 1, *h0.shape), z.dtype) for _ in range(3))  # h[0], c[0] are the start
    h[0], c[0], recurrent, product = h0, c0, np.ascontiguousarray(wh.T), np.empty_like(z[0])
    for t in range(len(z)):
        z[t] += np.matmul(h[t], recurrent, out=product)
        i, f, g, o = _open_gates(z[t])
        np.multiply(f, c[t], out=c[t + 1])
        c[t + 1] += i * g
        np.tanh(c[t + 1], out=tanh_c[t + 1])
        np.multiply(o, tanh_c[t + 1], out=h[t + 1])
    return h[1:].swapaxes(0, 1).copy(), c[-1].copy(), (by_time, h, c, z, tanh_c[1:], wx, wh)


def lstm_backward(dh: ArrayLike, dc: ArrayLike, cache: Any) -> tuple[np.ndarray, ...]:
    """Return the gradients of an LSTM, by back-propagation through time.

    `lstm_step_backward` from the last time to the first: dh of a time is the gradient from its output plus what comes
    back from the next time, and the gradients of the weights are sums over time. Equation :eq:`lstm-through-time`.

    Parameters
    ----------
    dh : array_like, shape (N, T, M)
        Gradient of the loss for each output, zeros where it is not used.
    dc : array_like, shape (N, M)
        Gradient of the loss for the last memory, zeros where it is not used.
    cache : tuple
        From `lstm_forward`.

    Returns
    -------
    dx : ndarray, shape (N, T, D)
    dh0, dc0 : ndarrays, shape (N, M)
    dwx : ndarray, shape (4M, D)
    dwh : ndarray, shape (4M, M)
    db : ndarray, shape (4M,)

    Raises
    ------
    ValueError
        If dh does not have the shape of h, or dc that of c.

    References
    ----------
    Greff, Srivastava, Koutník, Steunebrink and Schmidhuber, "LSTM: a search space odyssey", IEEE Transactions on
    Neural Networks and Learning Systems 28, 2017.

    Examples
    --------
    >>> nothing = np.zeros((4, 1))
    >>> h, c, cache = lstm_forward(np.zeros((1, 3, 1)), [[0.0]], [[8.0]], nothing, nothing, np.zeros(4))
    >>> lstm_backward(np.zeros((1, 3, 1)), [[1.0]], cache)[2]  # ∂c³/∂c⁰ = ½ · ½ · ½
    array([[0.125]])
    """
    x, h, c, gates, tanh_c, wx, wh = cache
    upstream = _read_upstream("dh", dh, h[1:].swapaxes(0, 1))
    dc_next = _read_upstream("dc", dc, c[0]).copy()
    delta, to_memory = _cell_slopes(gates, c[:-1], tanh_c)
    dh_next, forget = np.zeros_like(h[0]), _parts(gates)[1]
    for t in reversed(range(len(delta))):
        dh_next += upstream[:, t]
        dc_next += dh_next * to_memory[t]
        _cell_backward(dh_next, dc_next, delta[t])
        dc_next *= forget[t]
        np.matmul(delta[t], wh, out=dh_next)
    dx, dh0, *weights = _weight_gradients(delta, x, h[:-1], wx, dh_next)
    return dx, dh0, dc_next, *weights


def clip_by_norm(gradients: Sequence[ArrayLike], limit: float) -> list[np.ndarray]:
    """Shorten gradients that are too long together: g ← g · min(1, limit / ‖g‖).  Equation :eq:`clip-norm`.

    ‖g‖ is the norm of all of them as one vector, so the direction stays. What is not finite has no direction and is
    not mended: one NaN makes every entry NaN; an infinite entry becomes NaN and the finite ones 0.

    Parameters
    ----------
    gradients : sequence of array_like
        The gradients of all parameters.
    limit : float
        The largest norm allowed, positive.

    Returns
    -------
    list of ndarray
        New arrays of the same shapes.

    Raises
    ------
    ValueError
        If there is no gradient, or limit is not a positive number.

    References
    ----------
    Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.

    Examples
    --------
    >>> clip_by_norm([[3.0], [4.0]], limit=1.0)
    [array([0.6]), array([0.8])]
    """
    arrays = _read_gradients(gradients, limit)
    norm = np.max([np.max(np.abs(g), initial=0.0) for g in arrays]).astype(np.float64)  # so far the largest size
    if norm == 0:
        return [g.copy() for g in arrays]
    if np.isfinite(norm):
        norm *= np.sqrt(sum(np.sum((g / norm) ** 2) for g in arrays))  # divided first: squares could overflow
    with np.errstate(invalid="ignore"):  # ∞ · 0 is NaN
        return [(g * (float(limit) / np.maximum(norm, float(limit)))).astype(g.dtype) for g in arrays]


def clip_by_value(gradients: Sequence[ArrayLike], limit: float) -> list[np.ndarray]:
    """Cut every entry to the interval from −limit to limit: g ← max(−limit, min(limit, g)).

    Equation :eq:`clip-value`. Unlike `clip_by_norm` this turns the gradient away from its direction.

    Parameters
    ----------
    gradients : sequence of array_like
        The gradients of all parameters.
    limit : float
        The largest size of an entry, positive.

    Returns
    -------
    list of ndarray
        New arrays of the same shapes.

    Raises
    ------
    ValueError
        If there is no gradient, or limit is not a positive number.

    References
    ----------
    Mikolov, "Statistical language models based on neural networks", Brno University of Technology, 2012, section 3.3.

    Examples
    --------
    >>> clip_by_value([[3.0, -0.5], [-4.0]], limit=1.0)
    [array([ 1. , -0.5]), array([-1.])]
    """
    most = np.float64(limit)
    return [np.clip(g, -most, most).astype(g.dtype) for g in _read_gradients(gradients, limit)]


def _parts(stacked: np.ndarray) -> list[np.ndarray]:
    """Return views of the parts of i, f, g, o, which lie side by side along the last axis."""
    m = stacked.shape[-1] // 4
    return [stacked[..., k * m : (k + 1) * m] for k in range(4)]


def _open_gates(z: np.ndarray) -> list[np.ndarray]:
    """Replace z by σ(z), for the candidate by tanh(z), and return the four parts.

    As σ(z) = ½ + ½ tanh(z/2), one tanh serves all four: with s = ½ for a gate and 1 for the candidate, each is
    s tanh(s z) + 1 − s.
    """
    s = np.ones(z.shape[-1], z.dtype)
    i, _, _, o = _parts(s)
    s[: 2 * len(i)] = o[:] = 0.5
    z *= s
    np.tanh(z, out=z)
    z *= s
    z += 1 - s
    return _parts(z)


def _cell_slopes(gates: np.ndarray, c_prev: np.ndarray, tanh_c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what a cell multiplies the gradients that arrive with, for one time or for all at once.

    That is ∂c/∂z for i, f and g and ∂h/∂z for o, side by side; and ∂h/∂c.
    """
    i, f, g, o = _parts(gates)
    slopes = np.empty_like(gates)
    for slope, gate, factor in zip(_parts(slopes), (i, f, g, o), (g, c_prev, i, tanh_c), strict=True):
        np.multiply(gate, gate, out=slope)
        np.subtract(1 if gate is g else gate, slope, out=slope)  # a (1 − a), for the candidate 1 − a²
        slope *= factor
    return slopes, o * (1 - tanh_c * tanh_c)


def _cell_backward(dh: np.ndarray, dc: np.ndarray, slopes: np.ndarray) -> None:
    """Turn the slopes of a time into the gradients for its pre-activations, in place."""
    i, f, g, o = _parts(slopes)
    for slope, gradient in ((i, dc), (f, dc), (g, dc), (o, dh)):
        slope *= gradient


def _inputs_by_time(x: np.ndarray, wx: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs with time first, (T, N, D), and Wx x + b for all times, (T, N, M) or (T, N, 4M)."""
    by_time = x.swapaxes(0, 1).copy()
    steps, n, d = by_time.shape
    z = by_time.reshape(steps * n, d) @ wx.T
    z += b
    return by_time, z.reshape(steps, n, -1)


def _weight_gradients(
    delta: np.ndarray, x: np.ndarray, h_before: np.ndarray, wx: np.ndarray, dh0: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Return dx, dh0, dwx, dwh, db from the deltas of all times, time first."""
    steps, n, m = delta.shape
    rows = delta.reshape(steps * n, m)
    dx = (rows @ wx).reshape(steps, n, -1).swapaxes(0, 1).copy()
    dwx = rows.T @ x.reshape(steps * n, -1)
    dwh = rows.T @ h_before.reshape(steps * n, -1)
    return dx, dh0, dwx, dwh, rows.sum(axis=0)


def _read_step(gates: int, **arguments: ArrayLike) -> list[np.ndarray]:
    return _read(("N", "D"), gates, arguments)


def _read_sequence(gates: int, **arguments: ArrayLike) -> list[np.ndarray]:
    return _read(("N", "T", "D"), gates, arguments)


def _read(inputs: tuple[str, ...], gates: int, arguments: dict[str, ArrayLike]) -> list[np.ndarray]:
    """Return the arguments of a forward pass in one precision, after looking at their shapes."""
    arrays = {name: as_float(name, value) for name, value in arguments.items()}
    sizes: dict[str, int] = {}
    require_shape("x", arrays["x"], inputs, sizes=sizes)
    require_not_empty("x", arrays["x"])
    for name in arrays:
        if name not in ("x", "wx", "wh", "b"):
            require_shape(name, arrays[name], ("N", "M"), sizes=sizes)
    rows = gates * sizes["M"]
    for name, shape in (("wx", (rows, "D")), ("wh", (rows, "M")), ("b", (rows,))):
        require_shape(name, arrays[name], shape, sizes=sizes)
    precision = np.result_type(*arrays.values())
    return [array.astype(precision, copy=False) for array in arrays.values()]


def _read_upstream(name: str, value: ArrayLike, like: np.ndarray) -> np.ndarray:
    """Return a gradient in the precision of what it is the gradient of, after looking at its shape."""
    array = as_float(name, value).astype(like.dtype, copy=False)
    require_shape(name, array, like.shape)
    return array


def _read_gradients(gradients: Sequence[ArrayLike], limit: float) -> list[np.ndarray]:
    as_positive("limit", limit)
    arrays = [as_float("gradients", gradient) for gradient in gradients]
    if not arrays:
        raise ValueError("gradients is empty; at least one array is needed")
    return arrays
