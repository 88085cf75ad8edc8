"""Freezes what PyTorch computes, so that the library can be held against it without having PyTorch.

Run it in an environment of its own, never in the course's: ``pip install torch==2.13.0 numpy`` there, then
``python make.py``. It writes ``values.npz`` beside itself: float64 inputs and, under the same case, the values and
gradients that PyTorch gives for them. Names are ``case/array``.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

CONVOLUTIONS = {  # case: N, C, H, W, F, kh, kw, stride, padding
    "conv-plain": (2, 3, 6, 5, 4, 3, 3, (1, 1), (0, 0)),
    "conv-stride-3-padding-2": (2, 2, 9, 10, 3, 3, 3, (3, 3), (2, 2)),
    "conv-one-sample-one-channel": (1, 1, 7, 7, 1, 3, 3, (2, 2), (0, 0)),
    "conv-remainder-left-over": (2, 2, 8, 9, 3, 3, 3, (3, 3), (0, 0)),
    "conv-rectangular": (3, 2, 7, 9, 2, 2, 5, (1, 2), (0, 2)),
    "conv-kernel-as-large-as-the-image": (2, 3, 4, 5, 2, 4, 5, (1, 1), (0, 0)),
    "conv-one-by-one": (2, 4, 3, 3, 5, 1, 1, (2, 2), (0, 0)),
}
POOLINGS = {  # case: N, C, H, W, window, stride
    "pool-two-by-two": (2, 3, 6, 8, (2, 2), (2, 2)),
    "pool-overlapping": (2, 2, 7, 7, (3, 3), (1, 1)),
    "pool-overlapping-stride-2": (1, 2, 9, 8, (3, 3), (2, 2)),
    "pool-stride-beyond-window": (2, 1, 9, 9, (2, 2), (3, 3)),
    "pool-remainder-left-over": (2, 1, 7, 8, (3, 3), (3, 3)),
    "pool-rectangular": (1, 1, 6, 7, (2, 3), (2, 1)),
    "pool-nine-by-nine": (1, 1, 9, 9, (3, 3), (3, 3)),
}
SEQUENCES = {"long": (3, 7, 4, 5), "one-step": (2, 1, 3, 4), "one-sample": (1, 5, 2, 3)}  # N, T, D, M


def main() -> None:
    values: dict[str, np.ndarray] = {}
    for make in (convolutions, poolings, recurrences, losses, activations, descents):
        for case, arrays in make(np.random.default_rng(20)):
            values |= {f"{case}/{name}": numpy(array) for name, array in arrays.items()}
    np.savez_compressed(Path(__file__).with_name("values.npz"), **values)
    print(f"{len(values)} arrays, made with PyTorch {torch.__version__}")


def numpy(value):
    return np.asarray(value.detach().numpy() if isinstance(value, torch.Tensor) else value)


def leaf(array):
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def convolutions(rng):
    for case, (n, c, h, w, f, kh, kw, stride, padding) in CONVOLUTIONS.items():
        x, k, b = leaf(rng.normal(size=(n, c, h, w))), leaf(rng.normal(size=(f, c, kh, kw))), leaf(rng.normal(size=f))
        out = functional.conv2d(x, k, b, stride, padding)
        dout = rng.normal(size=out.shape)
        out.backward(torch.tensor(dout))
        yield (
            case,
            {"x": x, "w": k, "b": b, "stride": stride, "padding": padding, "out": out, "dout": dout}
            | {"dx": x.grad, "dw": k.grad, "db": b.grad},
        )


def poolings(rng):
    for case, (n, c, h, w, window, stride) in POOLINGS.items():
        for kind, pool in (("max", functional.max_pool2d), ("average", functional.avg_pool2d)):
            x = leaf(rng.normal(size=(n, c, h, w)))
            out = pool(x, window, stride)
            dout = rng.normal(size=out.shape)
            out.backward(torch.tensor(dout))
            yield (
                f"{kind}-{case}",
                {"x": x, "window": window, "stride": stride, "out": out, "dout": dout, "dx": x.grad},
            )


def recurrences(rng):
    for case, (n, t, d, m) in SEQUENCES.items():
        for kind, gates in (("rnn", 1), ("lstm", 4)):
            net = getattr(torch.nn, kind.upper())(d, m, batch_first=True, dtype=torch.float64)
            wx, wh, b = rng.normal(size=(gates * m, d)), rng.normal(size=(gates * m, m)), rng.normal(size=gates * m)
            net.load_state_dict(
                {"weight_ih_l0": torch.tensor(wx), "weight_hh_l0": torch.tensor(wh)}
                | {"bias_ih_l0": torch.tensor(b), "bias_hh_l0": torch.zeros(gates * m, dtype=torch.float64)}
            )
            x, h0, c0 = leaf(rng.normal(size=(n, t, d))), leaf(rng.normal(size=(n, m))), leaf(rng.normal(size=(n, m)))
            dh, dc = rng.normal(size=(n, t, m)), rng.normal(size=(n, m))
            if kind == "rnn":
                h, _ = net(x, h0[None])
                (h * torch.tensor(dh)).sum().backward()
                cell = {}
            else:
                h, (_, c) = net(x, (h0[None], c0[None]))
                ((h * torch.tensor(dh)).sum() + (c[0] * torch.tensor(dc)).sum()).backward()
                cell = {"c0": c0, "c": c[0], "dc": dc, "dc0": c0.grad}
            yield (
                f"{kind}-{case}",
                {"x": x, "h0": h0, "wx": wx, "wh": wh, "b": b, "h": h, "dh": dh, "dx": x.grad, "dh0": h0.grad}
                | {"dwx": net.weight_ih_l0.grad, "dwh": net.weight_hh_l0.grad, "db": net.bias_ih_l0.grad}
                | cell,
            )


def losses(rng):
    def row(name, function, a, y):
        a = leaf(a)
        value = function(a, torch.tensor(y))
        value.backward()
        return f"loss-{name}", {"a": a, "y": y, "value": value, "gradient": a.grad}

    n, m = 6, 4
    a, y = rng.normal(size=(n, m)), rng.normal(size=(n, m))
    labels, signs = rng.integers(0, m, n), rng.choice([-1.0, 1.0], n)
    z, ones = 3 * rng.normal(size=n), rng.integers(0, 2, n).astype(float)
    p = rng.uniform(0.05, 0.95, n)
    yield row("l1_loss", lambda a, y: functional.l1_loss(a, y, reduction="sum") / n, a, y)
    yield row("half_squared_loss", lambda a, y: functional.mse_loss(a, y, reduction="sum") / (2 * n), a, y)
    yield row("squared_loss", lambda a, y: functional.mse_loss(a, y, reduction="sum") / n, a, y)
    yield row("mean_squared_error", functional.mse_loss, a, y)
    yield row("logistic_loss", functional.soft_margin_loss, z, signs)
    yield row("binary_cross_entropy", functional.binary_cross_entropy, p, ones)
    yield row("binary_cross_entropy_from_logits", functional.binary_cross_entropy_with_logits, z, ones)
    yield row("softmax_cross_entropy", functional.cross_entropy, 3 * a, labels)
    h = numpy(torch.softmax(torch.tensor(a), 1))
    yield row("cross_entropy", lambda h, y: functional.nll_loss(torch.log(h), y), h, labels)


def activations(rng):
    functions = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": functional.leaky_relu,
        "elu": functional.elu,
        "softplus": lambda z: functional.softplus(z, threshold=1e9),  # no shortcut for large z
        "softmax": lambda z: torch.softmax(z, -1),
        "log_softmax": lambda z: torch.log_softmax(z, -1),
    }
    for name, function in functions.items():
        z = leaf(4 * rng.normal(size=(5, 6)))
        a = function(z)
        dout = rng.normal(size=a.shape)
        a.backward(torch.tensor(dout))
        yield f"activation-{name}", {"z": z, "a": a, "dout": dout, "dz": z.grad}


def descents(rng):
    """Ten steps of each rule on f(θ) = Σ cosh(θ) + ½ θᵀAθ, whose gradient is sinh(θ) + Aθ."""
    half = rng.normal(size=(4, 4))
    matrix, start = half @ half.T, rng.normal(size=4)
    rules = {
        "gradient-descent": lambda theta: torch.optim.SGD([theta], lr=0.03),
        "momentum": lambda theta: torch.optim.SGD([theta], lr=0.03, momentum=0.9),
        "nesterov": lambda theta: torch.optim.SGD([theta], lr=0.03, momentum=0.9, nesterov=True),
        "adam": lambda theta: torch.optim.Adam([theta], lr=0.1),
        "adam-other-betas": lambda theta: torch.optim.Adam([theta], lr=0.1, betas=(0.8, 0.95), eps=1e-3),
    }
    for name, make in rules.items():
        theta = leaf(start)
        optimizer, path = make(theta), [start]
        for _ in range(10):
            optimizer.zero_grad()
            (torch.cosh(theta).sum() + 0.5 * theta @ torch.tensor(matrix) @ theta).backward()
            optimizer.step()
            path.append(numpy(theta).copy())
        yield f"descent-{name}", {"matrix": matrix, "path": np.array(path)}


if __name__ == "__main__":
    main()
