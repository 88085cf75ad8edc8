"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import math

import numpy as np

from autograder.mistakes import variant


@variant(question="copy")
def encode_and_decode__sample_by_sample(x, w1, b1, w2, b2):
    codes, copies = [], []
    for row in x:
        z = w1 @ row + b1
        codes.append((np.exp(2 * z) - 1) / (np.exp(2 * z) + 1))
        copies.append(w2 @ codes[-1] + b2)
    return np.array(codes), np.array(copies)


@variant(question="copy")
def encode_and_decode__biases_as_weights(x, w1, b1, w2, b2):
    ones = np.ones((len(x), 1))
    h = np.tanh(np.hstack([x, ones]) @ np.hstack([w1, b1[:, None]]).T)
    return h, np.hstack([h, ones]) @ np.hstack([w2, b2[:, None]]).T


@variant(question="backward")
def copy_gradients__loop(x, w1, b1, w2, b2):
    dw1, db1, dw2, db2 = (np.zeros(np.shape(p)) for p in (w1, b1, w2, b2))
    for row in x:
        h = np.tanh(w1 @ row + b1)
        error = (w2 @ h + b2 - row) / len(x)
        back = w2.T @ error / np.cosh(w1 @ row + b1) ** 2
        dw1 += np.outer(back, row)
        db1 += back
        dw2 += np.outer(error, h)
        db2 += error
    return dw1, db1, dw2, db2


@variant(question="tied")
def tied_gradients__loop(x, w, b1, b2):
    dw, db1, db2 = np.zeros(w.shape), np.zeros(len(w)), np.zeros(w.shape[1])
    for row in x:
        for m in range(len(w)):
            h = [1 / (1 + math.exp(-(w[j] @ row + b1[j]))) for j in range(len(w))]
            error = np.array(h) @ w + b2 - row
            back = (w[m] @ error) * h[m] * (1 - h[m])
            dw[m] += (back * row + h[m] * error) / len(x)
            db1[m] += back / len(x)
        db2 += error / len(x)
    return dw, db1, db2


@variant(question="tied")
def tied_gradients__einsum(x, w, b1, b2):
    h = 1 / (1 + np.exp(-np.einsum("nd,md->nm", x, w) - b1))
    error = (np.einsum("nm,md->nd", h, w) + b2 - x) / x.shape[0]
    slope = (h - h**2) * np.einsum("nd,md->nm", error, w)
    dw = np.einsum("nm,nd->md", h, error) + np.einsum("nm,nd->md", slope, x)
    return dw, slope.sum(axis=0), error.sum(axis=0)


@variant(question="components")
def component_copy__eigenvectors_of_the_covariance(known, new, k):
    mean = np.mean(known, axis=0)
    vectors = np.linalg.eigh(np.cov(known.T, bias=True))[1][:, ::-1][:, :k]
    return (new - mean) @ vectors @ vectors.T + mean


@variant(question="components")
def component_copy__one_component_after_the_other(known, new, k):
    mean = known.mean(axis=0)
    rest, result = known - mean, np.tile(mean, (len(new), 1))
    for _ in range(k):
        direction = np.linalg.svd(rest)[2][0]
        result = result + np.outer((new - mean) @ direction, direction)
        rest = rest - np.outer(rest @ direction, direction)
    return result


@variant(question="components")
def share_kept__by_the_covariance(known, k):
    variances = np.sort(np.linalg.eigvalsh(np.cov(known, rowvar=False)))
    return variances[-k:].sum() / variances.sum()


@variant(question="components")
def share_kept__by_what_is_lost(known, k):
    centred = known - known.mean(axis=0)
    u, s, vt = np.linalg.svd(centred, full_matrices=False)
    copies = (u[:, :k] * s[:k]) @ vt[:k]
    return 1 - np.sum((centred - copies) ** 2) / np.sum(centred**2)


@variant(question="activity")
def activity_price__unit_by_unit(code, target):
    total = 0.0
    for unit in code.T:
        active = sum((1 + h) / 2 for h in unit) / len(unit)
        total += target * (math.log(target) - math.log(active))
        total += (1 - target) * (math.log(1 - target) - math.log(1 - active))
    return total


@variant(question="activity")
def activity_price_gradient__broadcast(code, target):
    mean = np.mean(code, axis=0, keepdims=True)
    slope = (1 - target) / (1 - mean) - target / (1 + mean)
    return np.ones_like(code) * slope / code.shape[0]


@variant(question="activity")
def activity_price_gradient__one_fraction(code, target):
    result = np.empty(code.shape)
    for m in range(code.shape[1]):
        active = np.mean((1 + code[:, m]) / 2)
        result[:, m] = (active - target) / (active * (1 - active)) / (2 * len(code))
    return result


@variant(question="largest")
def keep_largest__places(code, k):
    result = np.zeros(code.shape)
    for n, row in enumerate(code):
        places = np.argsort(row)[::-1][:k]
        result[n, places] = row[places]
    return result


@variant(question="largest")
def keep_largest_backward__partition(dout, code, k):
    places = np.argpartition(-code, k - 1, axis=1)[:, :k]
    mask = np.zeros(code.shape)
    np.put_along_axis(mask, places, 1, axis=1)
    return np.where(mask == 1, dout, 0)


@variant(question="largest")
def keep_largest_backward__ranks(dout, code, k):
    larger = np.sum(code[:, None, :] > code[:, :, None], axis=2)  # how many of the row are larger
    return dout * (larger < k)


@variant(question="objective")
def sparse_objective__sample_by_sample(x, x_hat, code, w1, w2, decay, strength):
    value = 0.5 * decay * (np.linalg.norm(w1) ** 2 + np.linalg.norm(w2) ** 2)
    dx_hat, dcode = np.zeros(np.shape(x_hat)), np.zeros(np.shape(code))
    for n in range(len(x)):
        error = x_hat[n] - x[n]
        value += error @ error / 2 / len(x) + strength * sum(math.log(1 + h * h) for h in code[n]) / len(x)
        dx_hat[n] = error / len(x)
        dcode[n] = [2 * strength * h / (1 + h * h) / len(x) for h in code[n]]
    return value, dx_hat, dcode, decay * w1, decay * w2


@variant(question="bytes")
def rounded_code__nearest_of_a_list(code, bits):
    values = np.linspace(-1, 1, 2**bits)
    return np.array([[min(values, key=lambda value: abs(value - h)) for h in row] for row in code])


@variant(question="bytes")
def rounded_code__half_added(code, bits):
    step = 2 / (2**bits - 1)
    return np.floor((code + 1) / step + 0.5) * step - 1


@variant(question="bytes")
def bytes_sent__ceiling(pictures, inputs, code_size, bits):
    return math.ceil(pictures * code_size * bits / 8) + 4 * inputs * (code_size + 1)
