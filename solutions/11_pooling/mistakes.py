"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import numpy as np

from autograder.mistakes import mistake


@mistake(
    question="largest",
    hint="The places are counted from the corner of each window. They should say where the entry stands in the whole map, so the window's own corner is missing.",
)
def largest_with_places__place_in_window(x, window, stride):
    (kh, kw), (sh, sw) = window, stride
    ho, wo = (x.shape[0] - kh) // sh + 1, (x.shape[1] - kw) // sw + 1
    out, places = np.zeros((ho, wo)), np.zeros((ho, wo, 2), dtype=int)
    for i, j in np.ndindex(ho, wo):
        part = x[i * sh : i * sh + kh, j * sw : j * sw + kw]
        out[i, j], places[i, j] = part.max(), np.unravel_index(part.argmax(), part.shape)
    return out, places


@mistake(
    question="largest",
    hint="Window and stride have changed roles: windows are cut as large as the stride and moved by the window. Only where both are equal this goes unnoticed.",
)
def largest_with_places__window_and_stride_swapped(x, window, stride):
    (sh, sw), (kh, kw) = window, stride
    ho, wo = (x.shape[0] - kh) // sh + 1, (x.shape[1] - kw) // sw + 1
    out, places = np.zeros((ho, wo)), np.zeros((ho, wo, 2), dtype=int)
    for i, j in np.ndindex(ho, wo):
        part = x[i * sh : i * sh + kh, j * sw : j * sw + kw]
        u, v = np.unravel_index(part.argmax(), part.shape)
        out[i, j], places[i, j] = part[u, v], (i * sh + u, j * sw + v)
    return out, places


@mistake(
    question="largest",
    hint="Of several equal entries the last was taken. Something later replaces what is only as large; the first should stay.",
)
def largest_with_places__last_of_ties(x, window, stride):
    (kh, kw), (sh, sw) = window, stride
    ho, wo = (x.shape[0] - kh) // sh + 1, (x.shape[1] - kw) // sw + 1
    out, places = np.full((ho, wo), -np.inf), np.zeros((ho, wo, 2), dtype=int)
    for i, j, u, v in np.ndindex(ho, wo, kh, kw):
        if x[i * sh + u, j * sw + v] >= out[i, j]:
            out[i, j], places[i, j] = x[i * sh + u, j * sw + v], (i * sh + u, j * sw + v)
    return out, places


@mistake(
    question="largest",
    hint="The search begins with 0 as the largest so far, so a window of negative entries has no largest. Begin with an entry of the window.",
)
def largest_with_places__starts_at_zero(x, window, stride):
    (kh, kw), (sh, sw) = window, stride
    ho, wo = (x.shape[0] - kh) // sh + 1, (x.shape[1] - kw) // sw + 1
    out, places = np.zeros((ho, wo)), np.zeros((ho, wo, 2), dtype=int)
    for i, j, u, v in np.ndindex(ho, wo, kh, kw):
        if x[i * sh + u, j * sw + v] > out[i, j]:
            out[i, j], places[i, j] = x[i * sh + u, j * sw + v], (i * sh + u, j * sw + v)
    return out, places


@mistake(
    question="largest",
    hint="The place within a window is divided by the number of its rows. Entries are counted row by row, so it is the length of a row, the number of columns, that tells rows from columns.",
)
def largest_with_places__divided_by_rows(x, window, stride):
    (kh, kw), (sh, sw) = window, stride
    ho, wo = (x.shape[0] - kh) // sh + 1, (x.shape[1] - kw) // sw + 1
    out, places = np.zeros((ho, wo)), np.zeros((ho, wo, 2), dtype=int)
    for i, j in np.ndindex(ho, wo):
        part = x[i * sh : i * sh + kh, j * sw : j * sw + kw]
        u, v = divmod(int(part.argmax()), kh)
        out[i, j], places[i, j] = part.max(), (i * sh + u, j * sw + v)
    return out, places


@mistake(
    question="largest",
    hint="Row and column have changed places: NumPy counts rows first, and so should each pair.",
)
def largest_with_places__row_and_column_exchanged(x, window, stride):
    (kh, kw), (sh, sw) = window, stride
    ho, wo = (x.shape[0] - kh) // sh + 1, (x.shape[1] - kw) // sw + 1
    out, places = np.zeros((ho, wo)), np.zeros((ho, wo, 2), dtype=int)
    for i, j in np.ndindex(ho, wo):
        part = x[i * sh : i * sh + kh, j * sw : j * sw + kw]
        u, v = np.unravel_index(part.argmax(), part.shape)
        out[i, j], places[i, j] = part[u, v], (j * sw + v, i * sh + u)
    return out, places


@mistake(
    question="largest-back",
    hint="Every largest entry receives the whole error of its window, so the window hands on more than it got. The shares have to add up to the error.",
)
def share_among_largest__all_to_each(dout, x, window, stride):
    (kh, kw), (sh, sw) = window, stride
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dout.shape):
        here = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
        dx[here] += dout[i, j] * (x[here] == x[here].max())
    return dx


@mistake(
    question="largest-back",
    hint="Where windows overlap, a later window overwrites what an earlier one sent. An entry in several windows receives the sum.",
)
def share_among_largest__overwritten(dout, x, window, stride):
    (kh, kw), (sh, sw) = window, stride
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dout.shape):
        here = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
        largest = x[here] == x[here].max()
        dx[here] = dout[i, j] * largest / largest.sum()
    return dx


@mistake(
    question="largest-back",
    hint="The first of the largest entries takes all, as in the library. Here they share: each gets an equal part.",
)
def share_among_largest__first_takes_all(dout, x, window, stride):
    (kh, kw), (sh, sw) = window, stride
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dout.shape):
        part = x[i * sh : i * sh + kh, j * sw : j * sw + kw]
        u, v = np.unravel_index(part.argmax(), part.shape)
        dx[i * sh + u, j * sw + v] += dout[i, j]
    return dx


@mistake(
    question="largest-back",
    hint="The error is divided by the number of entries of the window. Only the largest ones share it, so divide by how many of these there are.",
)
def share_among_largest__divided_by_window(dout, x, window, stride):
    (kh, kw), (sh, sw) = window, stride
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dout.shape):
        here = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
        dx[here] += dout[i, j] * (x[here] == x[here].max()) / (kh * kw)
    return dx


@mistake(
    question="largest-back",
    hint="The gradient is collected in an array of x's own kind. If x holds whole numbers, so does the gradient, and parts of an error are cut off; make an array of floats.",
)
def share_among_largest__whole_numbers(dout, x, window, stride):
    (kh, kw), (sh, sw) = window, stride
    dx = np.zeros_like(x)
    for i, j in np.ndindex(dout.shape):
        here = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
        largest = x[here] == x[here].max()
        dx[here] = dx[here] + dout[i, j] * largest / largest.sum()
    return dx


@mistake(
    question="mean",
    hint="The zeros of the padding are counted: every window is divided by its full size. Divide by the number of entries that lie inside the map.",
)
def mean_inside__padding_counted(x, window, stride, padding):
    x = np.pad(x, padding)
    ho, wo = ((n - window) // stride + 1 for n in x.shape)
    out = np.zeros((ho, wo))
    for i, j in np.ndindex(ho, wo):
        out[i, j] = x[i * stride : i * stride + window, j * stride : j * stride + window].mean()
    return out


@mistake(
    question="mean",
    hint="Zeros are left out of the mean wherever they are, so zeros of the map itself count as padding. What matters is where an entry is, not what it is.",
)
def mean_inside__zeros_left_out(x, window, stride, padding):
    x = np.pad(x, padding)
    ho, wo = ((n - window) // stride + 1 for n in x.shape)
    out = np.zeros((ho, wo))
    for i, j in np.ndindex(ho, wo):
        part = x[i * stride : i * stride + window, j * stride : j * stride + window]
        out[i, j] = part.sum() / max(np.count_nonzero(part), 1)
    return out


@mistake(
    question="mean",
    hint="These are the sums of the windows. A mean divides by the number of entries it has added.",
)
def mean_inside__not_divided(x, window, stride, padding):
    x = np.pad(x, padding)
    ho, wo = ((n - window) // stride + 1 for n in x.shape)
    out = np.zeros((ho, wo))
    for i, j in np.ndindex(ho, wo):
        out[i, j] = x[i * stride : i * stride + window, j * stride : j * stride + window].sum()
    return out


@mistake(
    question="mean",
    hint="The padding is counted once an axis. It lies on both sides, so there are n + 2p rows and columns for the windows to move over.",
)
def mean_inside__padding_on_one_side(x, window, stride, padding):
    ho, wo = ((n + padding - window) // stride + 1 for n in x.shape)
    out = np.zeros((ho, wo))
    for i, j in np.ndindex(ho, wo):
        top, left = i * stride - padding, j * stride - padding
        out[i, j] = x[max(top, 0) : top + window, max(left, 0) : left + window].mean()
    return out


@mistake(
    question="mean",
    hint="Windows are moved by their own width. The stride says how far they move, and it can be smaller or larger.",
)
def mean_inside__stride_is_window(x, window, stride, padding):
    ho, wo = ((n + 2 * padding - window) // window + 1 for n in x.shape)
    out = np.zeros((ho, wo))
    for i, j in np.ndindex(ho, wo):
        top, left = i * window - padding, j * window - padding
        out[i, j] = x[max(top, 0) : top + window, max(left, 0) : left + window].mean()
    return out


@mistake(
    question="mean-back",
    hint="Every entry of a window receives the window's whole error. A mean is a sum divided by a count, and its gradient is divided by the same count.",
)
def mean_inside_backward__not_divided(dout, shape, window, stride, padding):
    dx = np.zeros(shape)
    for i, j in np.ndindex(dout.shape):
        top, left = i * stride - padding, j * stride - padding
        dx[max(top, 0) : top + window, max(left, 0) : left + window] += dout[i, j]
    return dx


@mistake(
    question="mean-back",
    hint="Windows at the border divide by their full size, so part of their error goes to the padding and is lost. Divide by the number of entries inside the map.",
)
def mean_inside_backward__divided_by_window(dout, shape, window, stride, padding):
    dx = np.zeros(shape)
    for i, j in np.ndindex(dout.shape):
        top, left = i * stride - padding, j * stride - padding
        dx[max(top, 0) : top + window, max(left, 0) : left + window] += dout[i, j] / window**2
    return dx


@mistake(
    question="mean-back",
    hint="Where windows overlap, a later one overwrites what an earlier one left. An entry in several windows receives the sum of its shares.",
)
def mean_inside_backward__overwritten(dout, shape, window, stride, padding):
    dx = np.zeros(shape)
    for i, j in np.ndindex(dout.shape):
        top, left = i * stride - padding, j * stride - padding
        part = dx[max(top, 0) : top + window, max(left, 0) : left + window]
        part[:] = dout[i, j] / part.size
    return dx


@mistake(
    question="mean-back",
    hint="The padding is forgotten: the first window is taken to begin in the corner of the map, but it begins p rows above and p columns left of it.",
)
def mean_inside_backward__padding_forgotten(dout, shape, window, stride, padding):
    dx = np.zeros(shape)
    for i, j in np.ndindex(dout.shape):
        part = dx[i * stride : i * stride + window, j * stride : j * stride + window]
        part += dout[i, j] / max(part.size, 1)
    return dx


@mistake(
    question="sizes",
    hint="The kernels' channels are missing in the count. Every filter has one kernel for each channel of the maps before it.",
)
def trace_network__channels_forgotten(image_shape, layers):
    shape, shapes, counts = tuple(image_shape), [], []
    for kind, *numbers in layers:
        count = 0
        if kind == "conv":
            filters, kernel, stride, padding = numbers
            count = filters * kernel**2 + filters
            shape = (filters, *((n + 2 * padding - kernel) // stride + 1 for n in shape[1:]))
        elif kind == "pool":
            shape = (shape[0], *((n - numbers[0]) // numbers[1] + 1 for n in shape[1:]))
        elif kind == "flatten":
            shape = (shape[0] * shape[1] * shape[2],)
        else:
            count, shape = numbers[0] * shape[0] + numbers[0], (numbers[0],)
        shapes.append(shape)
        counts.append(count)
    return shapes, counts


@mistake(
    question="sizes",
    hint="The biases are not counted: one for each filter, and one for each unit of a dense layer.",
)
def trace_network__biases_forgotten(image_shape, layers):
    shape, shapes, counts = tuple(image_shape), [], []
    for kind, *numbers in layers:
        count = 0
        if kind == "conv":
            filters, kernel, stride, padding = numbers
            count = filters * shape[0] * kernel**2
            shape = (filters, *((n + 2 * padding - kernel) // stride + 1 for n in shape[1:]))
        elif kind == "pool":
            shape = (shape[0], *((n - numbers[0]) // numbers[1] + 1 for n in shape[1:]))
        elif kind == "flatten":
            shape = (shape[0] * shape[1] * shape[2],)
        else:
            count, shape = numbers[0] * shape[0], (numbers[0],)
        shapes.append(shape)
        counts.append(count)
    return shapes, counts


@mistake(
    question="sizes",
    hint="Pooling is counted as if it had weights. It chooses or averages; nothing in it is learned.",
)
def trace_network__pooling_counted(image_shape, layers):
    shape, shapes, counts = tuple(image_shape), [], []
    for kind, *numbers in layers:
        count = 0
        if kind == "conv":
            filters, kernel, stride, padding = numbers
            count = filters * shape[0] * kernel**2 + filters
            shape = (filters, *((n + 2 * padding - kernel) // stride + 1 for n in shape[1:]))
        elif kind == "pool":
            count = shape[0] * numbers[0] ** 2
            shape = (shape[0], *((n - numbers[0]) // numbers[1] + 1 for n in shape[1:]))
        elif kind == "flatten":
            shape = (shape[0] * shape[1] * shape[2],)
        else:
            count, shape = numbers[0] * shape[0] + numbers[0], (numbers[0],)
        shapes.append(shape)
        counts.append(count)
    return shapes, counts


@mistake(
    question="sizes",
    hint="The size after pooling is the size before divided by the window. That holds for windows side by side; in general the stride decides how many there are.",
)
def trace_network__pooling_divides(image_shape, layers):
    shape, shapes, counts = tuple(image_shape), [], []
    for kind, *numbers in layers:
        count = 0
        if kind == "conv":
            filters, kernel, stride, padding = numbers
            count = filters * shape[0] * kernel**2 + filters
            shape = (filters, *((n + 2 * padding - kernel) // stride + 1 for n in shape[1:]))
        elif kind == "pool":
            shape = (shape[0], *(n // numbers[0] for n in shape[1:]))
        elif kind == "flatten":
            shape = (shape[0] * shape[1] * shape[2],)
        else:
            count, shape = numbers[0] * shape[0] + numbers[0], (numbers[0],)
        shapes.append(shape)
        counts.append(count)
    return shapes, counts


@mistake(
    question="sizes",
    hint="The padding of a convolution is counted once an axis. It lies on both sides, so an axis has n + 2p places.",
)
def trace_network__padding_on_one_side(image_shape, layers):
    shape, shapes, counts = tuple(image_shape), [], []
    for kind, *numbers in layers:
        count = 0
        if kind == "conv":
            filters, kernel, stride, padding = numbers
            count = filters * shape[0] * kernel**2 + filters
            shape = (filters, *((n + padding - kernel) // stride + 1 for n in shape[1:]))
        elif kind == "pool":
            shape = (shape[0], *((n - numbers[0]) // numbers[1] + 1 for n in shape[1:]))
        elif kind == "flatten":
            shape = (shape[0] * shape[1] * shape[2],)
        else:
            count, shape = numbers[0] * shape[0] + numbers[0], (numbers[0],)
        shapes.append(shape)
        counts.append(count)
    return shapes, counts


@mistake(
    question="network",
    hint="The second maps are flattened before they are pooled, so four neighbours in a row are pooled in place of a 2×2 square. Pool while there are still rows and columns.",
)
def two_stage_forward__flattened_before_pooling(images, conv, pool, k1, b1, k2, b2, w, b):
    n = len(images)
    q1 = pool(np.maximum(conv(images, k1, b1), 0))
    maps = np.maximum(conv(q1, k2, b2), 0)
    q2 = pool(maps)
    row = maps.reshape(n, q2[0].size, -1).max(axis=2)
    z = row @ w.T + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return q1, row.reshape(q2.shape), e / e.sum(axis=1, keepdims=True)


@mistake(
    question="network",
    hint="The rectifiers are missing: negative entries go through both stages. Two convolutions without a function between them are one convolution.",
)
def two_stage_forward__no_rectifier(images, conv, pool, k1, b1, k2, b2, w, b):
    q1 = pool(conv(images, k1, b1))
    q2 = pool(conv(q1, k2, b2))
    z = q2.reshape(len(images), -1) @ w.T + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return q1, q2, e / e.sum(axis=1, keepdims=True)


@mistake(
    question="network",
    hint="The rectifier comes behind the pooling. For the maximum this makes no difference, but for a mean it does: negative entries are averaged in before they are cut off.",
)
def two_stage_forward__pooled_before_rectifier(images, conv, pool, k1, b1, k2, b2, w, b):
    q1 = np.maximum(pool(conv(images, k1, b1)), 0)
    q2 = np.maximum(pool(conv(q1, k2, b2)), 0)
    z = q2.reshape(len(images), -1) @ w.T + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return q1, q2, e / e.sum(axis=1, keepdims=True)


@mistake(
    question="network",
    hint="The softmax runs over the batch: columns of h add up to 1. Each image has its own probabilities, along axis 1.",
)
def two_stage_forward__softmax_over_batch(images, conv, pool, k1, b1, k2, b2, w, b):
    q1 = pool(np.maximum(conv(images, k1, b1), 0))
    q2 = pool(np.maximum(conv(q1, k2, b2), 0))
    z = q2.reshape(len(images), -1) @ w.T + b
    e = np.exp(z - z.max(axis=0))
    return q1, q2, e / e.sum(axis=0)


@mistake(
    question="network",
    hint="The exponential overflows for large scores. Subtract each row's largest score first: softmax does not change by it.",
)
def two_stage_forward__softmax_overflows(images, conv, pool, k1, b1, k2, b2, w, b):
    q1 = pool(np.maximum(conv(images, k1, b1), 0))
    q2 = pool(np.maximum(conv(q1, k2, b2), 0))
    e = np.exp(q2.reshape(len(images), -1) @ w.T + b)
    return q1, q2, e / e.sum(axis=1, keepdims=True)


@mistake(
    question="network",
    hint="The maps are flattened place by place, all channels of a place together. The weights expect them channel by channel, each row by row.",
)
def two_stage_forward__channels_last(images, conv, pool, k1, b1, k2, b2, w, b):
    q1 = pool(np.maximum(conv(images, k1, b1), 0))
    q2 = pool(np.maximum(conv(q1, k2, b2), 0))
    z = q2.transpose(0, 2, 3, 1).reshape(len(images), -1) @ w.T + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return q1, q2, e / e.sum(axis=1, keepdims=True)


@mistake(
    question="network",
    hint="h holds the scores of the dense layer. The softmax that turns them into probabilities is missing.",
)
def two_stage_forward__softmax_forgotten(images, conv, pool, k1, b1, k2, b2, w, b):
    q1 = pool(np.maximum(conv(images, k1, b1), 0))
    q2 = pool(np.maximum(conv(q1, k2, b2), 0))
    return q1, q2, q2.reshape(len(images), -1) @ w.T + b


def _loss_and_delta(scores, labels):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    h = e / e.sum(axis=1, keepdims=True)
    target = np.eye(scores.shape[1])[labels]
    return -np.mean(np.log(h[target == 1])), h - target


@mistake(
    question="network-back",
    hint="All entries that equal the largest receive the whole error, so a map with ties hands on more than it got. The first of them takes all.",
)
def global_max_head__all_ties(z, labels):
    top = z.max(axis=(2, 3), keepdims=True)
    loss, delta = _loss_and_delta(top[:, :, 0, 0], labels)
    return loss, delta[:, :, None, None] / len(z) * (z == top)


@mistake(
    question="network-back",
    hint="The mean over the batch is missing in dz: the loss is a mean over N images, and its gradient carries the 1/N.",
)
def global_max_head__no_mean(z, labels):
    n, m = z.shape[:2]
    flat = z.reshape(n, m, -1)
    loss, delta = _loss_and_delta(flat.max(axis=2), labels)
    dz = np.zeros(flat.shape)
    np.put_along_axis(dz, flat.argmax(axis=2)[:, :, None], delta[:, :, None], axis=2)
    return loss, dz.reshape(z.shape)


@mistake(
    question="network-back",
    hint="Every entry of a map receives the error of its score. Only the largest entry can move the score, so it takes all and the others get 0.",
)
def global_max_head__to_every_entry(z, labels):
    loss, delta = _loss_and_delta(z.max(axis=(2, 3)), labels)
    return loss, delta[:, :, None, None] / len(z) * np.ones_like(z)


@mistake(
    question="network-back",
    hint="Only the map of the right class receives an error. The scores of all classes are in the softmax, and the wrong ones have to be pushed down.",
)
def global_max_head__right_class_only(z, labels):
    n, m = z.shape[:2]
    flat = z.reshape(n, m, -1)
    loss, delta = _loss_and_delta(flat.max(axis=2), labels)
    delta = delta * np.eye(m)[labels] / n
    dz = np.zeros(flat.shape)
    np.put_along_axis(dz, flat.argmax(axis=2)[:, :, None], delta[:, :, None], axis=2)
    return loss, dz.reshape(z.shape)


@mistake(
    question="network-back",
    hint="The sign of dz is turned: at the right class the gradient is h − 1, which is negative, and at the others h.",
)
def global_max_head__sign(z, labels):
    n, m = z.shape[:2]
    flat = z.reshape(n, m, -1)
    loss, delta = _loss_and_delta(flat.max(axis=2), labels)
    dz = np.zeros(flat.shape)
    np.put_along_axis(dz, flat.argmax(axis=2)[:, :, None], -delta[:, :, None] / n, axis=2)
    return loss, dz.reshape(z.shape)


@mistake(
    question="network-back",
    hint="The exponential overflows for large scores. Subtract each row's largest score first: softmax does not change by it.",
)
def global_max_head__overflows(z, labels):
    n, m = z.shape[:2]
    flat = z.reshape(n, m, -1)
    e = np.exp(flat.max(axis=2))
    h = e / e.sum(axis=1, keepdims=True)
    dz = np.zeros(flat.shape)
    delta = (h - np.eye(m)[labels]) / n
    np.put_along_axis(dz, flat.argmax(axis=2)[:, :, None], delta[:, :, None], axis=2)
    return -np.mean(np.log(h[np.arange(n), labels])), dz.reshape(z.shape)
