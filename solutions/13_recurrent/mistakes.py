"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import numpy as np

from autograder.mistakes import mistake


@mistake(
    question="step",
    hint="The old state is not kept: a share 1 − α of h_prev belongs to the new one.",
)
def leaky_step__nothing_kept(x, h_prev, wx, wh, b, alpha):
    return alpha * np.tanh(x @ wx.T + h_prev @ wh.T + b)


@mistake(
    question="step",
    hint="α and 1 − α are exchanged: α is the share of what is new.",
)
def leaky_step__shares_exchanged(x, h_prev, wx, wh, b, alpha):
    return alpha * h_prev + (1 - alpha) * np.tanh(x @ wx.T + h_prev @ wh.T + b)


@mistake(
    question="step",
    hint="The tanh was taken of the mixture. The old state goes past the tanh; only the affine map goes through it.",
)
def leaky_step__tanh_of_the_mixture(x, h_prev, wx, wh, b, alpha):
    return np.tanh((1 - alpha) * h_prev + alpha * (x @ wx.T + h_prev @ wh.T + b))


@mistake(
    question="step",
    hint="The state never enters the tanh: the term with wh is missing, or h_prev is not in it.",
)
def leaky_step__state_not_read(x, h_prev, wx, wh, b, alpha):
    return (1 - alpha) * h_prev + alpha * np.tanh(x @ wx.T + b)


@mistake(
    question="stepback",
    hint="dh_prev has one way only. The old state also goes past the tanh, with the share 1 − α.",
)
def leaky_step_backward__direct_way_forgotten(dh, cache, alpha):
    x, h_prev, wx, wh, s = cache
    delta = alpha * dh * (1 - s * s)
    return delta @ wx, delta @ wh, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


@mistake(
    question="stepback",
    hint="dh_prev holds only the way past the tanh. The old state is also an input of the tanh, by way of wh.",
)
def leaky_step_backward__way_through_tanh_cut(dh, cache, alpha):
    x, h_prev, wx, _, s = cache
    delta = alpha * dh * (1 - s * s)
    return delta @ wx, (1 - alpha) * dh, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


@mistake(
    question="stepback",
    hint="The slope is taken of tanh(s), but s is the value of the tanh already. Its slope is written through the value.",
)
def leaky_step_backward__slope_of_the_value(dh, cache, alpha):
    x, h_prev, wx, wh, s = cache
    delta = alpha * dh * (1 - np.tanh(s) ** 2)
    return delta @ wx, (1 - alpha) * dh + delta @ wh, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


@mistake(
    question="stepback",
    hint="The share α is missing in δ: only that share of the tanh reaches the new state.",
)
def leaky_step_backward__share_forgotten(dh, cache, alpha):
    x, h_prev, wx, wh, s = cache
    delta = dh * (1 - s * s)
    return delta @ wx, (1 - alpha) * dh + delta @ wh, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


@mistake(
    question="stepback",
    hint="wh is transposed once too often in dh_prev. With samples as rows, δ Wh is already Whᵀδ for each of them.",
)
def leaky_step_backward__transposed(dh, cache, alpha):
    x, h_prev, wx, wh, s = cache
    delta = alpha * dh * (1 - s * s)
    return delta @ wx, (1 - alpha) * dh + delta @ wh.T, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


@mistake(
    question="sequence",
    hint="The state is not reset between sequences: each one starts where the one before it ended. Every row has its own row of h0.",
)
def run_sequences__state_not_reset(x, h0, wx, wh, b, lengths):
    states, h = np.zeros((*x.shape[:2], h0.shape[1])), h0[0]
    for n in range(len(x)):
        for t in range(x.shape[1]):
            if t < lengths[n]:
                h = np.tanh(wx @ x[n, t] + wh @ h + b)
            states[n, t] = h
    return states


@mistake(
    question="sequence",
    hint="The lengths are not used: what fills a short sequence up goes on changing its state.",
)
def run_sequences__lengths_ignored(x, h0, wx, wh, b, lengths):
    h, states = h0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ wx.T + h @ wh.T + b)
        states.append(h)
    return np.stack(states, axis=1)


@mistake(
    question="sequence",
    hint="After its end a sequence gets zeros. Its last state should stand there, unchanged.",
)
def run_sequences__zeros_after_the_end(x, h0, wx, wh, b, lengths):
    h, states = h0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ wx.T + h @ wh.T + b)
        h = np.where((t < np.array(lengths))[:, None], h, 0.0)
        states.append(h)
    return np.stack(states, axis=1)


@mistake(
    question="sequence",
    hint="Each sequence runs one time too long. Times count from 1 in the formula and from 0 in the array.",
)
def run_sequences__one_too_long(x, h0, wx, wh, b, lengths):
    h, states = h0, []
    for t in range(x.shape[1]):
        new = np.tanh(x[:, t] @ wx.T + h @ wh.T + b)
        h = np.where((t <= np.array(lengths))[:, None], new, h)
        states.append(h)
    return np.stack(states, axis=1)


@mistake(
    question="sequence",
    hint="Every time starts from h0 again, so nothing is carried along. The state of one time is the input of the next.",
)
def run_sequences__nothing_carried(x, h0, wx, wh, b, lengths):
    h, states = h0, []
    for t in range(x.shape[1]):
        new = np.tanh(x[:, t] @ wx.T + h0 @ wh.T + b)
        h = np.where((t < np.array(lengths))[:, None], new, h)
        states.append(h)
    return np.stack(states, axis=1)


@mistake(
    question="through",
    hint="The gradient through time is cut: only the last time contributes. The weights were used at every time before it, too.",
)
def last_state_gradients__time_cut(dlast, x, h0, h, wx, wh):
    delta = dlast * (1 - h[:, -1] ** 2)
    before = h[:, -2] if x.shape[1] > 1 else h0
    dx = np.zeros(x.shape)
    dx[:, -1] = delta @ wx
    return dx, delta @ wh, delta.T @ x[:, -1], delta.T @ before, delta.sum(axis=0)


@mistake(
    question="through",
    hint="The gradients of the weights are overwritten at each time, so only time 1 is left. All times use the same weights, and their contributions add.",
)
def last_state_gradients__overwritten(dlast, x, h0, h, wx, wh):
    dx, dwx, dwh, db = np.zeros(x.shape), np.zeros(wx.shape), np.zeros(wh.shape), np.zeros(len(wh))
    dh = dlast
    for t in reversed(range(x.shape[1])):
        delta = dh * (1 - h[:, t] ** 2)
        before = h[:, t - 1] if t > 0 else h0
        dx[:, t] = delta @ wx
        dwx = delta.T @ x[:, t]
        dwh = delta.T @ before
        db = delta.sum(axis=0)
        dh = delta @ wh
    return dx, dh, dwx, dwh, db


@mistake(
    question="through",
    hint="The gradient for wh was built with the state of the same time. The weights multiplied the state before.",
)
def last_state_gradients__same_state(dlast, x, h0, h, wx, wh):
    dx, dwx, dwh, db = np.zeros(x.shape), np.zeros(wx.shape), np.zeros(wh.shape), np.zeros(len(wh))
    dh = dlast
    for t in reversed(range(x.shape[1])):
        delta = dh * (1 - h[:, t] ** 2)
        before = h[:, t]
        dx[:, t] = delta @ wx
        dwx += delta.T @ x[:, t]
        dwh += delta.T @ before
        db += delta.sum(axis=0)
        dh = delta @ wh
    return dx, dh, dwx, dwh, db


@mistake(
    question="through",
    hint="The slope is taken of tanh(h), but h is the value of the tanh already.",
)
def last_state_gradients__slope_of_the_state(dlast, x, h0, h, wx, wh):
    dx, dwx, dwh, db = np.zeros(x.shape), np.zeros(wx.shape), np.zeros(wh.shape), np.zeros(len(wh))
    dh = dlast
    for t in reversed(range(x.shape[1])):
        delta = dh * (1 - np.tanh(h[:, t]) ** 2)
        before = h[:, t - 1] if t > 0 else h0
        dx[:, t] = delta @ wx
        dwx += delta.T @ x[:, t]
        dwh += delta.T @ before
        db += delta.sum(axis=0)
        dh = delta @ wh
    return dx, dh, dwx, dwh, db


@mistake(
    question="through",
    hint="On the way to the time before, wh is transposed once too often: with samples as rows it is δ Wh.",
)
def last_state_gradients__transposed(dlast, x, h0, h, wx, wh):
    dx, dwx, dwh, db = np.zeros(x.shape), np.zeros(wx.shape), np.zeros(wh.shape), np.zeros(len(wh))
    dh = dlast
    for t in reversed(range(x.shape[1])):
        delta = dh * (1 - h[:, t] ** 2)
        before = h[:, t - 1] if t > 0 else h0
        dx[:, t] = delta @ wx
        dwx += delta.T @ x[:, t]
        dwh += delta.T @ before
        db += delta.sum(axis=0)
        dh = delta @ wh.T
    return dx, dh, dwx, dwh, db


@mistake(
    question="through",
    hint="The gradient of the last state is added at every time. The loss reads the last state only; earlier times get what comes back.",
)
def last_state_gradients__read_at_every_time(dlast, x, h0, h, wx, wh):
    dx, dwx, dwh, db = np.zeros(x.shape), np.zeros(wx.shape), np.zeros(wh.shape), np.zeros(len(wh))
    dh = dlast
    for t in reversed(range(x.shape[1])):
        delta = dh * (1 - h[:, t] ** 2)
        before = h[:, t - 1] if t > 0 else h0
        dx[:, t] = delta @ wx
        dwx += delta.T @ x[:, t]
        dwh += delta.T @ before
        db += delta.sum(axis=0)
        dh = dlast + delta @ wh
    return dx, dh, dwx, dwh, db


@mistake(
    question="clip",
    hint="Each entry is cut by itself. That turns the gradient; the whole group is to be shortened by one factor.",
)
def clip_in_groups__per_entry(groups, limit):
    return [[np.clip(g, -limit, limit) for g in group] for group in groups]


@mistake(
    question="clip",
    hint="Each array is shortened by its own norm. The arrays of a group share one norm and one factor.",
)
def clip_in_groups__per_array(groups, limit):
    return [[g * (limit / max(np.linalg.norm(g), limit)) for g in group] for group in groups]


@mistake(
    question="clip",
    hint="All groups share one norm here. Each group has its own.",
)
def clip_in_groups__one_norm(groups, limit):
    norm = np.sqrt(sum(np.sum(g * g) for group in groups for g in group))
    return [[g * (limit / max(norm, limit)) for g in group] for group in groups]


@mistake(
    question="clip",
    hint="Short gradients are lengthened to the limit. The factor is never more than 1.",
)
def clip_in_groups__lengthened(groups, limit):
    clipped = []
    for group in groups:
        norm = np.sqrt(sum(np.sum(g * g) for g in group))
        clipped.append([g * (limit / max(norm, 1e-12)) for g in group])
    return clipped


@mistake(
    question="clip",
    hint="The norm lacks its root: the factor is the limit over the squared length.",
)
def clip_in_groups__no_root(groups, limit):
    clipped = []
    for group in groups:
        norm = sum(np.sum(g * g) for g in group)
        clipped.append([g * (limit / max(norm, limit)) for g in group])
    return clipped


@mistake(
    question="cell",
    hint="The layers are taken in the wrong order. They are stacked as forget gate, candidate, output gate.",
)
def tied_cell__wrong_order(x, h_prev, c_prev, wx, wh, b):
    z_g, z_f, z_o = np.split(x @ wx.T + h_prev @ wh.T + b, 3, axis=1)
    f, g, o = 1 / (1 + np.exp(-z_f)), np.tanh(z_g), 1 / (1 + np.exp(-z_o))
    c = f * c_prev + (1 - f) * g
    return o * np.tanh(c), c


@mistake(
    question="cell",
    hint="Candidate and output gate have changed places. The order is forget gate, candidate, output gate.",
)
def tied_cell__last_two_exchanged(x, h_prev, c_prev, wx, wh, b):
    z_f, z_o, z_g = np.split(x @ wx.T + h_prev @ wh.T + b, 3, axis=1)
    f, g, o = 1 / (1 + np.exp(-z_f)), np.tanh(z_g), 1 / (1 + np.exp(-z_o))
    c = f * c_prev + (1 - f) * g
    return o * np.tanh(c), c


@mistake(
    question="cell",
    hint="Old and new are written with the same gate. What is written gets 1 − f.",
)
def tied_cell__not_tied(x, h_prev, c_prev, wx, wh, b):
    z_f, z_g, z_o = np.split(x @ wx.T + h_prev @ wh.T + b, 3, axis=1)
    f, g, o = 1 / (1 + np.exp(-z_f)), np.tanh(z_g), 1 / (1 + np.exp(-z_o))
    c = f * c_prev + f * g
    return o * np.tanh(c), c


@mistake(
    question="cell",
    hint="The output is o times the memory itself. The memory goes through tanh before it is shown.",
)
def tied_cell__no_tanh(x, h_prev, c_prev, wx, wh, b):
    z_f, z_g, z_o = np.split(x @ wx.T + h_prev @ wh.T + b, 3, axis=1)
    f, g, o = 1 / (1 + np.exp(-z_f)), np.tanh(z_g), 1 / (1 + np.exp(-z_o))
    c = f * c_prev + (1 - f) * g
    return o * c, c


@mistake(
    question="cell",
    hint="The candidate went through a sigmoid. It is what is written, so it needs a sign: tanh.",
)
def tied_cell__candidate_is_a_share(x, h_prev, c_prev, wx, wh, b):
    z_f, z_g, z_o = np.split(x @ wx.T + h_prev @ wh.T + b, 3, axis=1)
    f, g, o = 1 / (1 + np.exp(-z_f)), 1 / (1 + np.exp(-z_g)), 1 / (1 + np.exp(-z_o))
    c = f * c_prev + (1 - f) * g
    return o * np.tanh(c), c


@mistake(
    question="cellback",
    hint="The slope on the way from output to memory is 1 − c². It is the slope of tanh at c, so the square of tanh(c) belongs there.",
)
def tied_cell_backward__slope_of_the_memory(dh, dc, cache):
    x, h_prev, c_prev, wx, wh, f, g, o, c = cache
    tanh_c = np.tanh(c)
    through = dc + dh * o * (1 - c**2)
    delta_f = through * (c_prev - g) * f * (1 - f)
    delta_g = through * (1 - f) * (1 - g**2)
    delta_o = dh * tanh_c * o * (1 - o)
    delta = np.concatenate([delta_f, delta_g, delta_o], axis=1)
    return delta @ wx, delta @ wh, through * f, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


@mistake(
    question="cellback",
    hint="The tanh of c is missing its slope: what comes back through the output reaches the memory by way of tanh.",
)
def tied_cell_backward__slope_forgotten(dh, dc, cache):
    x, h_prev, c_prev, wx, wh, f, g, o, c = cache
    tanh_c = np.tanh(c)
    through = dc + dh * o
    delta_f = through * (c_prev - g) * f * (1 - f)
    delta_g = through * (1 - f) * (1 - g**2)
    delta_o = dh * tanh_c * o * (1 - o)
    delta = np.concatenate([delta_f, delta_g, delta_o], axis=1)
    return delta @ wx, delta @ wh, through * f, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


@mistake(
    question="cellback",
    hint="The forget gate also decides what is written: 1 − f. Its gradient contains the candidate as well, with a minus.",
)
def tied_cell_backward__gate_not_tied(dh, dc, cache):
    x, h_prev, c_prev, wx, wh, f, g, o, c = cache
    tanh_c = np.tanh(c)
    through = dc + dh * o * (1 - tanh_c**2)
    delta_f = through * c_prev * f * (1 - f)
    delta_g = through * (1 - f) * (1 - g**2)
    delta_o = dh * tanh_c * o * (1 - o)
    delta = np.concatenate([delta_f, delta_g, delta_o], axis=1)
    return delta @ wx, delta @ wh, through * f, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


@mistake(
    question="cellback",
    hint="The gates are stacked in the wrong order. The weights are those of forget gate, candidate, output gate.",
)
def tied_cell_backward__wrong_order(dh, dc, cache):
    x, h_prev, c_prev, wx, wh, f, g, o, c = cache
    tanh_c = np.tanh(c)
    through = dc + dh * o * (1 - tanh_c**2)
    delta_f = through * (c_prev - g) * f * (1 - f)
    delta_g = through * (1 - f) * (1 - g**2)
    delta_o = dh * tanh_c * o * (1 - o)
    delta = np.concatenate([delta_g, delta_f, delta_o], axis=1)
    return delta @ wx, delta @ wh, through * f, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


@mistake(
    question="cellback",
    hint="What comes back through the output is missing in the memory's gradient: only dc is used. At the copy of the memory both add.",
)
def tied_cell_backward__output_way_forgotten(dh, dc, cache):
    x, h_prev, c_prev, wx, wh, f, g, o, c = cache
    tanh_c = np.tanh(c)
    through = dc + 0 * dh
    delta_f = through * (c_prev - g) * f * (1 - f)
    delta_g = through * (1 - f) * (1 - g**2)
    delta_o = dh * tanh_c * o * (1 - o)
    delta = np.concatenate([delta_f, delta_g, delta_o], axis=1)
    return delta @ wx, delta @ wh, through * f, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


@mistake(
    question="cellback",
    hint="The gradient from later times is dropped: dc does not enter. The memory is copied to the output and to the next time, and both add.",
)
def tied_cell_backward__time_cut(dh, dc, cache):
    x, h_prev, c_prev, wx, wh, f, g, o, c = cache
    tanh_c = np.tanh(c)
    through = dh * o * (1 - tanh_c**2)
    delta_f = through * (c_prev - g) * f * (1 - f)
    delta_g = through * (1 - f) * (1 - g**2)
    delta_o = dh * tanh_c * o * (1 - o)
    delta = np.concatenate([delta_f, delta_g, delta_o], axis=1)
    return delta @ wx, delta @ wh, through * f, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)


@mistake(
    question="cellback",
    hint="The candidate has the slope of a sigmoid, g(1 − g). It is a tanh.",
)
def tied_cell_backward__slope_of_a_sigmoid(dh, dc, cache):
    x, h_prev, c_prev, wx, wh, f, g, o, c = cache
    tanh_c = np.tanh(c)
    through = dc + dh * o * (1 - tanh_c**2)
    delta_f = through * (c_prev - g) * f * (1 - f)
    delta_g = through * (1 - f) * g * (1 - g)
    delta_o = dh * tanh_c * o * (1 - o)
    delta = np.concatenate([delta_f, delta_g, delta_o], axis=1)
    return delta @ wx, delta @ wh, through * f, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)
