"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import numpy as np

from autograder.mistakes import mistake


@mistake(
    question="sizes",
    hint="The padding was counted once. It is put on either side, so it lengthens the image by twice its number.",
)
def output_shape__padding_on_one_side(image, kernel, stride, padding, dilation):
    return tuple(
        (n + p - dilation * (k - 1) - 1) // s + 1 for n, k, s, p in zip(image, kernel, stride, padding, strict=True)
    )


@mistake(
    question="sizes",
    hint="The rows' stride was used for the columns as well. Each axis has its own kernel, stride and padding.",
)
def output_shape__stride_of_one_axis(image, kernel, stride, padding, dilation):
    return tuple(
        (n + 2 * p - dilation * (k - 1) - 1) // stride[0] + 1 for n, k, p in zip(image, kernel, padding, strict=True)
    )


@mistake(
    question="sizes",
    hint="The place at 0 is missing. Count the places themselves, not the steps between them.",
)
def output_shape__first_place_forgotten(image, kernel, stride, padding, dilation):
    return tuple(
        (n + 2 * p - dilation * (k - 1) - 1) // s for n, k, s, p in zip(image, kernel, stride, padding, strict=True)
    )


@mistake(
    question="sizes",
    hint="A kernel of length k with dilation d was taken to span d·k pixels. Between k entries there are k − 1 gaps.",
)
def output_shape__span_too_long(image, kernel, stride, padding, dilation):
    return tuple((n + 2 * p - dilation * k) // s + 1 for n, k, s, p in zip(image, kernel, stride, padding, strict=True))


@mistake(
    question="sizes",
    hint="The quotient was rounded up. A last step that leads beyond the end of the image is not taken.",
)
def output_shape__rounded_up(image, kernel, stride, padding, dilation):
    return tuple(
        -(-(n + 2 * p - dilation * (k - 1) - 1) // s) + 1
        for n, k, s, p in zip(image, kernel, stride, padding, strict=True)
    )


@mistake(
    question="sizes",
    hint="The quotient was not rounded, or rounded to the nearest number. A part of a step is not taken: round down, before the place at 0 is counted.",
)
def output_shape__not_rounded(image, kernel, stride, padding, dilation):
    return tuple(
        (n + 2 * p - dilation * (k - 1) - 1) / s + 1 for n, k, s, p in zip(image, kernel, stride, padding, strict=True)
    )


@mistake(
    question="sizes",
    hint="The dilation was not used: with d the kernel spans more pixels, though it has no more weights.",
)
def output_shape__dilation_forgotten(image, kernel, stride, padding, dilation):
    return tuple((n + 2 * p - k) // s + 1 for n, k, s, p in zip(image, kernel, stride, padding, strict=True))


@mistake(
    question="sizes",
    hint="The biases are missing: every map has one.",
)
def parameter_count__biases_forgotten(channels, kernels):
    return sum(f * c * k**2 for c, f, k in zip(channels, channels[1:], kernels, strict=False))


@mistake(
    question="sizes",
    hint="Each kernel was counted for a single channel. A kernel covers all channels of its input, with weights of its own for each.",
)
def parameter_count__channels_forgotten(channels, kernels):
    return sum(f * k**2 + f for f, k in zip(channels[1:], kernels, strict=True))


@mistake(
    question="sizes",
    hint="There is a bias for every pair of channel and kernel here. The channels are summed first, and one bias is added to the sum.",
)
def parameter_count__bias_for_each_channel(channels, kernels):
    return sum(f * c * (k**2 + 1) for c, f, k in zip(channels, channels[1:], kernels, strict=False))


def _correlated(padded, kernel, shape, dtype=float):
    out = np.zeros(shape, dtype)
    for i, j in np.ndindex(*shape):
        out[i, j] = np.sum(kernel * padded[i : i + kernel.shape[0], j : j + kernel.shape[1]])
    return out


@mistake(
    question="border",
    hint="The kernel was turned before it was laid on. That is the convolution of mathematics; here its first row meets the upper pixels as it is.",
)
def correlate_same__kernel_flipped(image, kernel):
    (kh, kw), turned = kernel.shape, kernel[::-1, ::-1]
    padded = np.pad(image, ((kh // 2, kh // 2), (kw // 2, kw // 2)), mode="edge")
    return _correlated(padded, turned, image.shape)


@mistake(
    question="border",
    hint="Zeros stand around the image. Here it continues with its border pixels.",
)
def correlate_same__zeros_outside(image, kernel):
    kh, kw = kernel.shape
    return _correlated(np.pad(image, ((kh // 2, kh // 2), (kw // 2, kw // 2))), kernel, image.shape)


@mistake(
    question="border",
    hint="The image was mirrored at its border, beginning with the second pixel. It should continue with the border pixel itself.",
)
def correlate_same__mirrored(image, kernel):
    kh, kw = kernel.shape
    rows = np.abs(np.arange(-(kh // 2), image.shape[0] + kh // 2))
    columns = np.abs(np.arange(-(kw // 2), image.shape[1] + kw // 2))
    rows = np.minimum(rows, np.abs(2 * (image.shape[0] - 1) - rows)).clip(0, image.shape[0] - 1)
    columns = np.minimum(columns, np.abs(2 * (image.shape[1] - 1) - columns)).clip(0, image.shape[1] - 1)
    return _correlated(image[rows][:, columns], kernel, image.shape)


@mistake(
    question="border",
    hint="The image was mirrored at its border. That agrees with a border that continues for one pixel only; look two pixels outside.",
)
def correlate_same__mirrored_with_border(image, kernel):
    kh, kw = kernel.shape
    padded = image
    for axis, reach in ((0, kh // 2), (1, kw // 2)):
        places = np.arange(-reach, image.shape[axis] + reach) % (2 * image.shape[axis])
        padded = padded.take(np.minimum(places, 2 * image.shape[axis] - 1 - places), axis=axis)
    return _correlated(padded, kernel, image.shape)


@mistake(
    question="border",
    hint="Only places where the kernel lies wholly on the image were computed; the border of the result is still what it was filled with.",
)
def correlate_same__border_left_out(image, kernel):
    kh, kw = kernel.shape
    out = np.zeros(image.shape)
    for i in range(kh // 2, image.shape[0] - kh // 2):
        for j in range(kw // 2, image.shape[1] - kw // 2):
            patch = image[i - kh // 2 : i + kh // 2 + 1, j - kw // 2 : j + kw // 2 + 1]
            out[i, j] = np.sum(kernel * patch)
    return out


@mistake(
    question="border",
    hint="The result is an array of integers where the image is one, so the fractions of the sums are cut off. Make the array for the result one of floats.",
)
def correlate_same__integers_kept(image, kernel):
    kh, kw = kernel.shape
    padded = np.pad(image, ((kh // 2, kh // 2), (kw // 2, kw // 2)), mode="edge")
    return _correlated(padded, kernel, image.shape, image.dtype)


def _bell(shape, sigmas, centre=None, width=None, exponent=2):
    u = np.arange(shape[0])[:, None] - (centre or (lambda n: (n - 1) / 2))(shape[0])
    v = np.arange(shape[1]) - (centre or (lambda n: (n - 1) / 2))(shape[1])
    width = width or (lambda sigma: 2 * sigma**2)
    return np.exp(-(np.abs(u) ** exponent) / width(sigmas[0]) - np.abs(v) ** exponent / width(sigmas[1]))


@mistake(
    question="bell",
    hint="The entries do not sum to 1. Divide by their sum at the end, whatever constant stands in front of the exponential.",
)
def bell__not_normalised(shape, sigmas):
    return _bell(shape, sigmas)


@mistake(
    question="bell",
    hint="This divides by the density's constant 2πσ_hσ_w. That is the integral of the bell over the plane; the sum over the pixels of a small grid is another number.",
)
def bell__divided_by_the_integral(shape, sigmas):
    return _bell(shape, sigmas) / (2 * np.pi * sigmas[0] * sigmas[1])


@mistake(
    question="bell",
    hint="The bell was divided by its largest entry, so that the middle is 1. The entries should sum to 1.",
)
def bell__divided_by_the_largest(shape, sigmas):
    g = _bell(shape, sigmas)
    return g / g.max()


@mistake(
    question="bell",
    hint="The two widths were exchanged. The first belongs to the rows, which u counts.",
)
def bell__axes_exchanged(shape, sigmas):
    g = _bell(shape, sigmas[::-1])
    return g / g.sum()


@mistake(
    question="bell",
    hint="The centre was put on a pixel. With an even side it lies between two of them, at (k − 1)/2.",
)
def bell__centre_on_a_pixel(shape, sigmas):
    g = _bell(shape, sigmas, centre=lambda n: n // 2)
    return g / g.sum()


@mistake(
    question="bell",
    hint="u and v run from −1 to 1, whatever the size. They count pixels, so on five pixels they run from −2 to 2.",
)
def bell__from_minus_1_to_1(shape, sigmas):
    u, v = (np.linspace(-1, 1, n) if n > 1 else np.zeros(1) for n in shape)
    g = np.exp(-(u[:, None] ** 2) / (2 * sigmas[0] ** 2) - v**2 / (2 * sigmas[1] ** 2))
    return g / g.sum()


@mistake(
    question="bell",
    hint="The 2 in front of σ² is missing in the exponent, so the bell is narrower than asked for.",
)
def bell__factor_2_forgotten(shape, sigmas):
    g = _bell(shape, sigmas, width=lambda sigma: sigma**2)
    return g / g.sum()


@mistake(
    question="bell",
    hint="σ stands in the exponent without its square.",
)
def bell__sigma_not_squared(shape, sigmas):
    g = _bell(shape, sigmas, width=lambda sigma: 2 * sigma)
    return g / g.sum()


def _slopes(image, across=(3.0, 10.0, 3.0), scale=32.0):
    kx = np.outer(across, (-1.0, 0.0, 1.0)) / scale
    shape = (image.shape[0] - 2, image.shape[1] - 2)
    return _correlated(image, kx, shape), _correlated(image, kx.T, shape)


@mistake(
    question="edges",
    hint="The magnitude is |Gx| + |Gy|. It is the length of the vector (Gx, Gy): the root of the sum of the squares.",
)
def edges__sum_of_sizes(image):
    gx, gy = _slopes(image)
    return np.abs(gx) + np.abs(gy), np.arctan2(gy, gx)


@mistake(
    question="edges",
    hint="The square root of the magnitude is missing.",
)
def edges__root_forgotten(image):
    gx, gy = _slopes(image)
    return gx**2 + gy**2, np.arctan2(gy, gx)


@mistake(
    question="edges",
    hint="The direction is the arctan of a quotient, which cannot tell an edge from the opposite one. Look at an image that brightens to the left, and for a function that takes the two numbers separately.",
)
def edges__plain_arctan(image):
    gx, gy = _slopes(image)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(gx**2 + gy**2), np.nan_to_num(np.arctan(gy / gx))


@mistake(
    question="edges",
    hint="The two components are exchanged, in the kernels or in arctan2: the kernel with columns of equal sign measures along the row, and arctan2 takes the vertical component first.",
)
def edges__arctan2_exchanged(image):
    gx, gy = _slopes(image)
    return np.sqrt(gx**2 + gy**2), np.arctan2(gx, gy)


@mistake(
    question="edges",
    hint="The angle counts upwards as positive. Rows count downwards here, so an image that brightens downwards has π/2.",
)
def edges__upwards(image):
    gx, gy = _slopes(image)
    return np.sqrt(gx**2 + gy**2), np.arctan2(-gy, gx)


@mistake(
    question="edges",
    hint="The kernels were turned by half a turn, so the direction is where the image darkens. They are laid on as they are.",
)
def edges__kernels_flipped(image):
    gx, gy = _slopes(image)
    return np.sqrt(gx**2 + gy**2), np.arctan2(-gy, -gx)


@mistake(
    question="edges",
    hint="The division by 32 is missing: a slope of 1 a pixel should give the magnitude 1.",
)
def edges__not_divided(image):
    gx, gy = _slopes(image, scale=1.0)
    return np.sqrt(gx**2 + gy**2), np.arctan2(gy, gx)


@mistake(
    question="edges",
    hint="These are Sobel's weights 1, 2, 1, scaled. Scharr's are 3, 10, 3.",
)
def edges__sobels_weights(image):
    gx, gy = _slopes(image, across=(1.0, 2.0, 1.0), scale=8.0)
    return np.sqrt(gx**2 + gy**2), np.arctan2(gy, gx)


def _one(x, k, b, stride, inside=0.0):
    (kh, kw), (sh, sw) = k.shape, stride
    out = np.zeros(((x.shape[0] - kh) // sh + 1, (x.shape[1] - kw) // sw + 1))
    for i, j in np.ndindex(*out.shape):
        out[i, j] = np.sum(k * x[i * sh : i * sh + kh, j * sw : j * sw + kw] + inside) + b
    return out


@mistake(
    question="channel",
    hint="The bias went into the sum over the window, so it was added once for every entry of the kernel. It is added once to the finished sum.",
)
def forward_one__bias_inside_the_sum(x, k, b, stride):
    return _one(x, k, 0.0, stride, inside=b)


@mistake(
    question="channel",
    hint="The stride reached the rows only; the columns move on by 1.",
)
def forward_one__stride_on_one_axis(x, k, b, stride):
    return _one(x, k, b, (stride[0], 1))


@mistake(
    question="channel",
    hint="The two strides were exchanged. The first is for the rows.",
)
def forward_one__strides_exchanged(x, k, b, stride):
    return _one(x, k, b, stride[::-1])


@mistake(
    question="channel",
    hint="The kernel was turned before it was laid on. A convolution layer correlates: leave the kernel as it is.",
)
def forward_one__kernel_flipped(x, k, b, stride):
    return _one(x, k[::-1, ::-1], b, stride)


@mistake(
    question="channel",
    hint="The result has the right size, but the windows move on by one pixel. The window of place (i, j) begins at row i·s_h and column j·s_w.",
)
def forward_one__windows_side_by_side(x, k, b, stride):
    full = _one(x, k, b, (1, 1))
    shape = ((full.shape[0] - 1) // stride[0] + 1, (full.shape[1] - 1) // stride[1] + 1)
    return full[: shape[0], : shape[1]]


@mistake(
    question="channel",
    hint="The bias is missing.",
)
def forward_one__bias_forgotten(x, k, b, stride):
    return _one(x, k, 0.0, stride)


def _windows(x, kernel, stride, padding, dilation):
    """Return the patches (N, C, Ho, Wo, kh, kw); stride and padding are pairs."""
    (sh, sw), (ph, pw) = stride, padding
    spans = [dilation * (k - 1) + 1 for k in kernel]
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    return np.lib.stride_tricks.sliding_window_view(padded, spans, axis=(2, 3))[
        :, :, ::sh, ::sw, ::dilation, ::dilation
    ]


def _layer(x, w, b, stride, padding, dilation):
    pair = [value if isinstance(value, tuple) else (value, value) for value in (stride, padding)]
    seen = _windows(x, w.shape[2:], *pair, dilation)
    return np.einsum("ncijuv,fcuv->nfij", seen, w) + b[:, None, None]


@mistake(
    question="layer",
    hint="The bias went into the sum over window and channels, so it was added C·kh·kw times. It is added once to the finished sum.",
)
def layer_forward__bias_inside_the_sum(x, w, b, stride, padding, dilation):
    return _layer(x, w, b * w[0].size, stride, padding, dilation)


@mistake(
    question="layer",
    hint="Image and kernel were each summed over the channels before they were multiplied. A channel's pixels meet that channel's weights alone; the products are summed.",
)
def layer_forward__channels_summed_first(x, w, b, stride, padding, dilation):
    return _layer(x.sum(axis=1, keepdims=True), w.sum(axis=1, keepdims=True), b, stride, padding, dilation)


@mistake(
    question="layer",
    hint="The products were averaged over the channels. They are summed.",
)
def layer_forward__channels_averaged(x, w, b, stride, padding, dilation):
    return _layer(x / x.shape[1], w, b, stride, padding, dilation)


@mistake(
    question="layer",
    hint="Only the first channel was looked at. A kernel covers all of them.",
)
def layer_forward__first_channel_only(x, w, b, stride, padding, dilation):
    return _layer(x[:, :1], w[:, :1], b, stride, padding, dilation)


@mistake(
    question="layer",
    hint="The stride reached the rows only; the columns move on by 1.",
)
def layer_forward__stride_on_one_axis(x, w, b, stride, padding, dilation):
    return _layer(x, w, b, (stride, 1), padding, dilation)


@mistake(
    question="layer",
    hint="The padding is missing: no zeros were put around the images.",
)
def layer_forward__padding_forgotten(x, w, b, stride, padding, dilation):
    return _layer(x, w, b, stride, 0, dilation)


@mistake(
    question="layer",
    hint="The kernels were turned before they were laid on. A convolution layer correlates: leave them as they are.",
)
def layer_forward__kernel_flipped(x, w, b, stride, padding, dilation):
    return _layer(x, w[:, :, ::-1, ::-1], b, stride, padding, dilation)


@mistake(
    question="layer",
    hint="The kernels have no holes: d was not used. Entry (u, v) meets the pixel u·d rows and v·d columns from the window's corner.",
)
def layer_forward__dilation_forgotten(x, w, b, stride, padding, dilation):
    return _layer(x, w, b, stride, padding, 1)


@mistake(
    question="layer",
    hint="All images of the batch got the maps of the first one.",
)
def layer_forward__first_image_only(x, w, b, stride, padding, dilation):
    return np.repeat(_layer(x[:1], w, b, stride, padding, dilation), len(x), axis=0)


def _dw(dout, x, kernel, stride, padding, dilation):
    seen = _windows(x, kernel, (stride, stride), (padding, padding), dilation)
    return np.einsum("nfij,ncijuv->fcuv", dout, seen[:, :, : dout.shape[2], : dout.shape[3]])


@mistake(
    question="weights",
    hint="The padding was forgotten on the way back: the windows were taken from the image as if they began at its own corner. Take them from the padded image, as on the way forward.",
)
def weight_gradients__padding_forgotten(dout, x, kernel, stride, padding, dilation):
    longer = np.pad(x, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding)))
    return _dw(dout, longer, kernel, stride, 0, dilation), dout.sum(axis=(0, 2, 3))


@mistake(
    question="weights",
    hint="The stride was forgotten on the way back: the window of place (i, j) begins at row i·s and column j·s of the padded image, as on the way forward.",
)
def weight_gradients__stride_forgotten(dout, x, kernel, stride, padding, dilation):
    return _dw(dout, x, kernel, 1, padding, dilation), dout.sum(axis=(0, 2, 3))


@mistake(
    question="weights",
    hint="The gradients are means over the places. A shared weight receives the sum of what its copies would.",
)
def weight_gradients__mean_over_places(dout, x, kernel, stride, padding, dilation):
    places = dout.shape[2] * dout.shape[3]
    return _dw(dout, x, kernel, stride, padding, dilation) / places, dout.sum(axis=0).mean(axis=(1, 2))


@mistake(
    question="weights",
    hint="The gradients were divided by the number of samples. The 1/N belongs to the loss and is inside dout; here contributions are summed.",
)
def weight_gradients__divided_by_batch(dout, x, kernel, stride, padding, dilation):
    return _dw(dout, x, kernel, stride, padding, dilation) / len(x), dout.sum(axis=(0, 2, 3)) / len(x)


@mistake(
    question="weights",
    hint="Each place overwrites what the one before it left in dw, so only the last counts. Contributions are added.",
)
def weight_gradients__overwritten(dout, x, kernel, stride, padding, dilation):
    last = np.zeros_like(dout)
    last[-1, :, -1, -1] = dout[-1, :, -1, -1]
    return _dw(last, x, kernel, stride, padding, dilation), dout.sum(axis=(0, 2, 3))


@mistake(
    question="weights",
    hint="The products were summed over the channels, so all channels of a kernel received the same. dw keeps them apart: each channel's weights multiplied that channel's pixels.",
)
def weight_gradients__channels_summed(dout, x, kernel, stride, padding, dilation):
    dw = _dw(dout, x, kernel, stride, padding, dilation)
    return np.zeros_like(dw) + dw.sum(axis=1, keepdims=True), dout.sum(axis=(0, 2, 3))


@mistake(
    question="weights",
    hint="db is still a map for every kernel. The bias was added at every place, so its gradient is summed over the places too.",
)
def weight_gradients__bias_not_summed_over_places(dout, x, kernel, stride, padding, dilation):
    return _dw(dout, x, kernel, stride, padding, dilation), dout.sum(axis=0)


@mistake(
    question="weights",
    hint="dw came out turned by half a turn. The entry (u, v) of the kernel met the pixel at (i·s + u·d, j·s + v·d); its gradient belongs to the same entry.",
)
def weight_gradients__kernel_flipped(dout, x, kernel, stride, padding, dilation):
    return _dw(dout, x, kernel, stride, padding, dilation)[:, :, ::-1, ::-1], dout.sum(axis=(0, 2, 3))


def _dpadded(dout, w, shape, strides, padding, dilation):
    (n, c, h, width), (sh, sw), (ho, wo) = shape, strides, dout.shape[2:]
    padded = np.zeros((n, c, h + 2 * padding, width + 2 * padding))
    for u, v in np.ndindex(*w.shape[2:]):
        rows = slice(u * dilation, u * dilation + sh * (ho - 1) + 1, sh)
        columns = slice(v * dilation, v * dilation + sw * (wo - 1) + 1, sw)
        padded[:, :, rows, columns] += np.einsum("nfij,fc->ncij", dout, w[:, :, u, v])
    return padded


def _cut(padded, shape, padding):
    return padded[:, :, padding : padding + shape[2], padding : padding + shape[3]]


@mistake(
    question="input",
    hint="The padding is still on: this is the gradient for the padded image. What belongs to the zeros around it is cut off.",
)
def input_gradient__padding_not_cut_off(dout, w, shape, stride, padding, dilation):
    return _dpadded(dout, w, shape, (stride, stride), padding, dilation)


@mistake(
    question="input",
    hint="The padding was cut off at the lower and right end only. The image begins `padding` rows and columns from the corner of the padded one.",
)
def input_gradient__padding_forgotten(dout, w, shape, stride, padding, dilation):
    padded = _dpadded(dout, w, shape, (stride, stride), padding, dilation)
    return padded[:, :, : shape[2], : shape[3]]


@mistake(
    question="input",
    hint="Where windows overlap, the later one overwrites what the earlier left. A pixel receives the sum over all windows it lies in.",
)
def input_gradient__overlap_overwritten(dout, w, shape, stride, padding, dilation):
    n_images, c, h, width = shape
    padded = np.zeros((n_images, c, h + 2 * padding, width + 2 * padding))
    for n, i, j in np.ndindex(len(dout), *dout.shape[2:]):
        for u, v in np.ndindex(*w.shape[2:]):
            place = i * stride + u * dilation, j * stride + v * dilation
            padded[n, :, place[0], place[1]] = dout[n, :, i, j] @ w[:, :, u, v]
    return _cut(padded, shape, padding)


@mistake(
    question="input",
    hint="The kernels were turned before they were laid down. The turn is already in the way the sum is written: the window of place (i, j) receives dout times w as it is.",
)
def input_gradient__kernel_flipped(dout, w, shape, stride, padding, dilation):
    return _cut(_dpadded(dout, w[:, :, ::-1, ::-1], shape, (stride, stride), padding, dilation), shape, padding)


@mistake(
    question="input",
    hint="The stride reached the rows only. On the way back the window of place (i, j) begins where it began on the way forward, for both axes.",
)
def input_gradient__stride_on_one_axis(dout, w, shape, stride, padding, dilation):
    return _cut(_dpadded(dout, w, shape, (stride, 1), padding, dilation), shape, padding)


@mistake(
    question="input",
    hint="The stride was forgotten on the way back: the window of place (i, j) begins at row i·s and column j·s of the padded image, as on the way forward.",
)
def input_gradient__stride_forgotten(dout, w, shape, stride, padding, dilation):
    return _cut(_dpadded(dout, w, shape, (1, 1), padding, dilation), shape, padding)


@mistake(
    question="input",
    hint="All channels received the same, a sum over the channels of the kernel. Each channel is reached through its own weights; the sum runs over the kernels.",
)
def input_gradient__channels_summed(dout, w, shape, stride, padding, dilation):
    same = np.zeros_like(w) + w.sum(axis=1, keepdims=True)
    return _cut(_dpadded(dout, same, shape, (stride, stride), padding, dilation), shape, padding)


@mistake(
    question="input",
    hint="Only one kernel was walked back. The input reaches the loss through all maps, and their contributions are added.",
)
def input_gradient__last_kernel_only(dout, w, shape, stride, padding, dilation):
    return _cut(_dpadded(dout[:, -1:], w[-1:], shape, (stride, stride), padding, dilation), shape, padding)


@mistake(
    question="input",
    hint="The holes are missing on the way back: d was not used.",
)
def input_gradient__dilation_forgotten(dout, w, shape, stride, padding, dilation):
    return _cut(_dpadded(dout, w, shape, (stride, stride), padding, 1), shape, padding)
