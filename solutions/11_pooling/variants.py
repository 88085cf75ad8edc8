"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import numpy as np

from autograder.mistakes import variant


@variant(question="largest")
def largest_with_places__all_windows_at_once(x, window, stride):
    views = np.lib.stride_tricks.sliding_window_view(x, window)[:: stride[0], :: stride[1]]
    rows = views.reshape(*views.shape[:2], -1)
    u, v = np.divmod(rows.argmax(axis=2), window[1])
    i, j = np.indices(u.shape)
    return rows.max(axis=2), np.stack([i * stride[0] + u, j * stride[1] + v], axis=-1)


@variant(question="largest")
def largest_with_places__entry_by_entry(x, window, stride):
    out, places = [], []
    for top in range(0, len(x) - window[0] + 1, stride[0]):
        out.append([])
        places.append([])
        for left in range(0, len(x[0]) - window[1] + 1, stride[1]):
            best = (top, left)
            for row in range(top, top + window[0]):
                for column in range(left, left + window[1]):
                    if x[row, column] > x[best]:
                        best = (row, column)
            out[-1].append(x[best])
            places[-1].append(best)
    return out, places


@variant(question="largest-back")
def share_among_largest__place_by_place(dout, x, window, stride):
    (sh, sw), (ho, wo) = stride, dout.shape
    views = np.lib.stride_tricks.sliding_window_view(x, window)[::sh, ::sw]
    top = views.max(axis=(2, 3))
    share = dout / np.count_nonzero(views == top[:, :, None, None], axis=(2, 3))
    dx = np.zeros(x.shape)
    for u, v in np.ndindex(*window):
        there = slice(u, u + sh * ho, sh), slice(v, v + sw * wo, sw)
        dx[there] += share * (x[there] == top)
    return dx


@variant(question="largest-back")
def share_among_largest__list_of_places(dout, x, window, stride):
    dx = [[0.0] * x.shape[1] for _ in range(x.shape[0])]
    for i in range(dout.shape[0]):
        for j in range(dout.shape[1]):
            places = [(i * stride[0] + u, j * stride[1] + v) for u in range(window[0]) for v in range(window[1])]
            top = max(x[place] for place in places)
            winners = [place for place in places if x[place] == top]
            for row, column in winners:
                dx[row][column] += dout[i, j] / len(winners)
    return dx


@variant(question="mean")
def mean_inside__sum_and_count(x, window, stride, padding):
    def sums(array):
        views = np.lib.stride_tricks.sliding_window_view(np.pad(array, padding), (window, window))
        return views[::stride, ::stride].sum(axis=(2, 3))

    return sums(x) / sums(np.ones(x.shape))


@variant(question="mean")
def mean_inside__nan_outside(x, window, stride, padding):
    padded = np.pad(np.asarray(x, dtype=float), padding, constant_values=np.nan)
    views = np.lib.stride_tricks.sliding_window_view(padded, (window, window))
    return np.nanmean(views[::stride, ::stride], axis=(2, 3))


@variant(question="mean-back")
def mean_inside_backward__with_matrices(dout, shape, window, stride, padding):
    # Along each axis a matrix says which entries a window holds; rows are divided by their counts.
    sides = []
    for length, windows in zip(shape, dout.shape, strict=True):
        start = stride * np.arange(windows)[:, None] - padding
        held = (start <= np.arange(length)) & (np.arange(length) < start + window)
        sides.append(held / held.sum(axis=1, keepdims=True))
    return sides[0].T @ dout @ sides[1]


@variant(question="mean-back")
def mean_inside_backward__padded_and_cut(dout, shape, window, stride, padding):
    inside = np.pad(np.ones(shape), padding)
    dx = np.zeros(inside.shape)
    for i, j in np.ndindex(dout.shape):
        here = slice(i * stride, i * stride + window), slice(j * stride, j * stride + window)
        dx[here] += dout[i, j] * inside[here] / inside[here].sum()
    return dx[padding : padding + shape[0], padding : padding + shape[1]]


@variant(question="sizes")
def trace_network__counted_starts(image_shape, layers):
    maps, shapes, counts = list(image_shape), [], []
    for layer in layers:
        if layer[0] in ("conv", "pool"):
            length, step, padding = (layer[2], layer[3], layer[4]) if layer[0] == "conv" else (layer[1], layer[2], 0)
            channels = layer[1] if layer[0] == "conv" else maps[0]
            counts.append(channels * (maps[0] * length * length + 1) if layer[0] == "conv" else 0)
            maps = [channels] + [len(range(0, n + 2 * padding - length + 1, step)) for n in maps[1:]]
        elif layer[0] == "flatten":
            counts.append(0)
            maps = [int(np.prod(maps))]
        else:
            counts.append(layer[1] * (maps[0] + 1))
            maps = [layer[1]]
        shapes.append(list(maps))
    return np.array(shapes, dtype=object).tolist(), np.array(counts)


@variant(question="network")
def two_stage_forward__stages_in_a_loop(images, conv, pool, k1, b1, k2, b2, w, b):
    maps = [images]
    for kernels, bias in ((k1, b1), (k2, b2)):
        z = conv(maps[-1], kernels, bias)
        maps.append(pool((z + np.abs(z)) / 2))
    scores = np.einsum("nchw,mchw->nm", maps[-1], w.reshape(len(w), *maps[-1].shape[1:])) + b
    scores = scores - scores.max(axis=1)[:, None]
    return maps[1], maps[2], np.exp(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))


@variant(question="network")
def two_stage_forward__image_by_image(images, conv, pool, k1, b1, k2, b2, w, b):
    results = []
    for image in images:
        maps = image[None]
        pooled = []
        for kernels, bias in ((k1, b1), (k2, b2)):
            z = conv(maps, kernels, bias)
            maps = pool(np.where(z > 0, z, 0.0))
            pooled.append(maps[0])
        scores = w @ np.concatenate([channel.ravel() for channel in maps[0]]) + b
        results.append((*pooled, 1 / np.exp(np.minimum(scores - scores[:, None], 700)).sum(axis=1)))
    return tuple(np.array(parts) for parts in zip(*results, strict=True))


@variant(question="network-back")
def global_max_head__image_by_image(z, labels):
    loss, dz = 0.0, np.zeros(z.shape)
    for n, (maps, label) in enumerate(zip(z, labels, strict=True)):
        places = [np.unravel_index(one.argmax(), one.shape) for one in maps]
        scores = np.array([one[place] for one, place in zip(maps, places, strict=True)], dtype=float)
        top = scores.max()
        log_sum = top + np.log(np.exp(scores - top).sum())
        loss += (log_sum - scores[label]) / len(z)
        for m, place in enumerate(places):
            dz[(n, m, *place)] = (np.exp(scores[m] - log_sum) - (m == label)) / len(z)
    return loss, dz
