"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import numpy as np

from autograder.mistakes import variant


@variant(question="sizes")
def output_shape__places_listed(image, kernel, stride, padding, dilation):
    counts = []
    for axis in (0, 1):
        last = image[axis] + 2 * padding[axis] - 1
        begins = range(0, last + 1, stride[axis])
        counts.append(len([begin for begin in begins if begin + dilation * (kernel[axis] - 1) <= last]))
    return tuple(counts)


@variant(question="sizes")
def parameter_count__by_arrays(channels, kernels):
    channels, kernels = np.array(channels), np.array(kernels)
    return int(channels[1:] @ (channels[:-1] * kernels**2 + 1))


@variant(question="border")
def correlate_same__clipped_indices(image, kernel):
    (h, w), (kh, kw) = image.shape, kernel.shape
    rows = np.arange(h)[:, None] + np.arange(kh) - kh // 2
    columns = np.arange(w)[:, None] + np.arange(kw) - kw // 2
    patches = image[np.clip(rows, 0, h - 1)[:, None, :, None], np.clip(columns, 0, w - 1)[None, :, None, :]]
    return np.tensordot(patches, kernel, axes=2)


@variant(question="border")
def correlate_same__shifted_images(image, kernel):
    (h, w), (kh, kw) = image.shape, kernel.shape
    padded = np.pad(np.asarray(image, dtype=float), ((kh // 2,) * 2, (kw // 2,) * 2), mode="edge")
    return sum(kernel[u, v] * padded[u : u + h, v : v + w] for u in range(kh) for v in range(kw))


@variant(question="bell")
def bell__entry_by_entry(shape, sigmas):
    rows, total = [], 0.0
    for u in range(shape[0]):
        row = []
        for v in range(shape[1]):
            a, b = (u - (shape[0] - 1) / 2) / sigmas[0], (v - (shape[1] - 1) / 2) / sigmas[1]
            row.append(np.exp(-(a * a + b * b) / 2))
            total += row[-1]
        rows.append(row)
    return [[entry / total for entry in row] for row in rows]


@variant(question="bell")
def bell__column_times_row(shape, sigmas):
    sides = []
    for n, sigma in zip(shape, sigmas, strict=True):
        side = np.exp(-0.5 * ((np.arange(n) - (n - 1) / 2) / sigma) ** 2)
        sides.append(side / side.sum())
    return np.outer(*sides)


@variant(question="edges")
def edges__smoothed_then_differenced(image):
    def smooth(a):
        return 3 * a[:-2] + 10 * a[1:-1] + 3 * a[2:]

    gx = smooth(image[:, 2:] - 1.0 * image[:, :-2]) / 32
    gy = smooth((image[2:] - 1.0 * image[:-2]).T).T / 32
    return np.abs(gx + 1j * gy), np.angle(gx + 1j * gy)


@variant(question="channel")
def forward_one__every_place_then_some(x, k, b, stride):
    (h, w), (kh, kw) = x.shape, k.shape
    out = np.full((h - kh + 1, w - kw + 1), float(b))
    for u in range(kh):
        for v in range(kw):
            out += k[u, v] * x[u : h - kh + 1 + u, v : w - kw + 1 + v]
    return out[:: stride[0], :: stride[1]]


@variant(question="layer")
def layer_forward__columns_and_a_product(x, w, b, stride, padding, dilation):
    (n, c, h, width), (f, _, kh, kw) = x.shape, w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    ho = (h + 2 * padding - dilation * (kh - 1) - 1) // stride + 1
    wo = (width + 2 * padding - dilation * (kw - 1) - 1) // stride + 1
    rows = np.arange(ho)[:, None] * stride + np.arange(kh) * dilation
    columns = np.arange(wo)[:, None] * stride + np.arange(kw) * dilation
    patches = padded[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    matrix = patches.transpose(0, 2, 3, 1, 4, 5).reshape(n, ho * wo, c * kh * kw)
    return (matrix @ w.reshape(f, -1).T + b).transpose(0, 2, 1).reshape(n, f, ho, wo)


@variant(question="layer")
def layer_forward__number_by_number(x, w, b, stride, padding, dilation):
    (n_images, channels, h, width), (filters, _, kh, kw) = x.shape, w.shape
    ho = (h + 2 * padding - dilation * (kh - 1) - 1) // stride + 1
    wo = (width + 2 * padding - dilation * (kw - 1) - 1) // stride + 1
    z = np.zeros((n_images, filters, ho, wo))
    for n, f, i, j in np.ndindex(*z.shape):
        total = b[f]
        for c, u, v in np.ndindex(channels, kh, kw):
            row, column = i * stride + u * dilation - padding, j * stride + v * dilation - padding
            if 0 <= row < h and 0 <= column < width:
                total += w[f, c, u, v] * x[n, c, row, column]
        z[n, f, i, j] = total
    return z


@variant(question="weights")
def weight_gradients__an_entry_at_a_time(dout, x, kernel, stride, padding, dilation):
    (_, f, ho, wo), c = dout.shape, x.shape[1]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dw = np.empty((f, c, *kernel))
    for u, v in np.ndindex(*kernel):
        met = padded[:, :, u * dilation :: stride, v * dilation :: stride][:, :, :ho, :wo]
        dw[:, :, u, v] = np.einsum("nfij,ncij->fc", dout, met)
    return dw, np.einsum("nfij->f", dout)


@variant(question="input")
def input_gradient__as_a_convolution(dout, w, shape, stride, padding, dilation):
    (n, _, h, width), (f, _, kh, kw) = shape, w.shape
    apart = np.zeros((n, f, h + 2 * padding + dilation * (kh - 1), width + 2 * padding + dilation * (kw - 1)))
    top, left = dilation * (kh - 1), dilation * (kw - 1)
    apart[:, :, top : top + stride * dout.shape[2] : stride, left : left + stride * dout.shape[3] : stride] = dout
    dx = np.zeros(shape)
    for u, v in np.ndindex(kh, kw):
        row, column = top + padding - u * dilation, left + padding - v * dilation
        dx += np.einsum("nfij,fc->ncij", apart[:, :, row : row + h, column : column + width], w[:, :, u, v])
    return dx


@variant(question="input")
def input_gradient__a_matrix(dout, w, shape, stride, padding, dilation):
    (n, c, h, width), (_, f, ho, wo) = shape, dout.shape
    matrix = np.zeros((f * ho * wo, c * h * width))
    for m, i, j in np.ndindex(f, ho, wo):
        for k, u, v in np.ndindex(*w.shape[1:]):
            a, b = i * stride + u * dilation - padding, j * stride + v * dilation - padding
            if 0 <= a < h and 0 <= b < width:
                matrix[(m * ho + i) * wo + j, (k * h + a) * width + b] += w[m, k, u, v]
    return (dout.reshape(n, -1) @ matrix).reshape(shape)
