"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import numpy as np

from autograder.mistakes import variant


@variant(question="step")
def leaky_step__as_a_correction(x, h_prev, wx, wh, b, alpha):
    rows = [np.tanh(np.hstack([wx, wh]) @ np.concatenate([u, h]) + b) for u, h in zip(x, h_prev, strict=True)]
    return h_prev + alpha * (np.array(rows) - h_prev)


@variant(question="stepback")
def leaky_step_backward__loop(dh, cache, alpha):
    x, h_prev, wx, wh, s = cache
    dx, dh_prev = np.zeros_like(x), (1 - alpha) * dh
    dwx, dwh, db = np.zeros_like(wx), np.zeros_like(wh), np.zeros(len(wh))
    for n in range(len(x)):
        for m in range(len(wh)):
            delta = alpha * dh[n, m] * (1 - s[n, m]) * (1 + s[n, m])
            dx[n] += delta * wx[m]
            dh_prev[n] += delta * wh[m]
            dwx[m] += delta * x[n]
            dwh[m] += delta * h_prev[n]
            db[m] += delta
    return dx, dh_prev, dwx, dwh, db


@variant(question="sequence")
def run_sequences__one_after_the_other(x, h0, wx, wh, b, lengths):
    everything = []
    for sequence, h, length in zip(x, h0, lengths, strict=True):
        states = []
        for t, u in enumerate(sequence):
            if t < length:
                h = np.tanh(wx @ u + wh @ h + b)
            states.append(h)
        everything.append(states)
    return np.array(everything)


@variant(question="through")
def last_state_gradients__products_after_the_loop(dlast, x, h0, h, wx, wh):
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    delta, dh = np.zeros(h.shape), dlast
    for t in range(x.shape[1] - 1, -1, -1):
        delta[:, t] = dh * (1 - h[:, t]) * (1 + h[:, t])
        dh = delta[:, t] @ wh
    dwx, dwh = np.einsum("ntm,ntd->md", delta, x), np.einsum("ntm,ntk->mk", delta, before)
    return delta @ wx, dh, dwx, dwh, delta.sum(axis=(0, 1))


@variant(question="clip")
def clip_in_groups__one_long_vector(groups, limit):
    result = []
    for group in groups:
        norm = np.linalg.norm(np.concatenate([np.ravel(g) for g in group]))
        factor = limit / norm if norm > limit else 1.0
        result.append([factor * np.asarray(g) for g in group])
    return result


@variant(question="cell")
def tied_cell__unit_by_unit(x, h_prev, c_prev, wx, wh, b):
    m = h_prev.shape[1]
    h, c = np.zeros(h_prev.shape), np.zeros(h_prev.shape)
    for n in range(len(x)):
        for k in range(m):
            z = [wx[j] @ x[n] + wh[j] @ h_prev[n] + b[j] for j in (k, m + k, 2 * m + k)]
            write = 0.5 - 0.5 * np.tanh(z[0] / 2)
            c[n, k] = c_prev[n, k] + write * (np.tanh(z[1]) - c_prev[n, k])
            h[n, k] = np.tanh(c[n, k]) * (0.5 + 0.5 * np.tanh(z[2] / 2))
    return h, c


@variant(question="cellback")
def tied_cell_backward__sequence_by_sequence(dh, dc, cache):
    x, h_prev, c_prev, wx, wh, f, g, o, c = cache
    deltas = []
    for n in range(len(x)):
        through = dc[n] + dh[n] * o[n] / np.cosh(c[n]) ** 2
        written, kept = through * g[n], through * c_prev[n]
        gate = (kept - written) * (f[n] - f[n] ** 2)
        candidate = through * (1 - f[n]) * (1 - g[n]) * (1 + g[n])
        deltas.append(np.concatenate([gate, candidate, dh[n] * np.tanh(c[n]) * (o[n] - o[n] ** 2)]))
    dwx = sum(np.outer(delta, row) for delta, row in zip(deltas, x, strict=True))
    dwh = sum(np.outer(delta, row) for delta, row in zip(deltas, h_prev, strict=True))
    deltas = np.array(deltas)
    return deltas @ wx, deltas @ wh, (dc + dh * o / np.cosh(c) ** 2) * f, dwx, dwh, deltas.sum(axis=0)
