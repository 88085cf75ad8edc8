"""What is measured: each operation as our own code does it, and as each peer does it with the same numbers.

An operation gives, for every side, a function to time and a function that brings its result into our conventions:
images (N, C, H, W), kernels (F, C, kh, kw), weights (out, in). A side is built only when it is asked for, so a peer is
imported only where it is installed.
"""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np


class Side(NamedTuple):
    """One way to do an operation."""

    run: Callable[[], Any]
    """What is timed."""
    read: Callable[[Any], Sequence[Any]] = lambda result: result
    """From what `run` returns to the arrays that both sides must agree on."""


Sides = dict[str, Callable[[], Side]]
OURS = "ours"


def convolution(n: int, c: int, size: int, f: int, kernel: int, stride: int, padding: int, dtype: str) -> Sides:
    """A convolution layer, forward and backward: the output and the gradients for images, kernels and biases."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, c, size, size)).astype(dtype)
    w = rng.standard_normal((f, c, kernel, kernel)).astype(dtype)
    b = rng.standard_normal(f).astype(dtype)
    side = (size + 2 * padding - kernel) // stride + 1
    dout = rng.standard_normal((n, f, side, side)).astype(dtype)

    def ours() -> Side:
        from course_lib.convolution import conv2d_backward, conv2d_forward

        def run() -> Any:
            out, cache = conv2d_forward(x, w, b, stride, padding)
            return out, *conv2d_backward(dout, cache)

        return Side(run)

    def torch() -> Side:
        torch = one_thread_torch()
        tx, tw, tb, upstream = (torch.tensor(part) for part in (x, w, b, dout))
        leaves = [tx.requires_grad_(), tw.requires_grad_(), tb.requires_grad_()]

        def run() -> Any:
            out = torch.nn.functional.conv2d(tx, tw, tb, stride, padding)
            return out, *torch.autograd.grad(out, leaves, upstream)

        return Side(run, detached)

    def mygrad() -> Side:
        import mygrad as mg
        from mygrad.nnet.layers import conv_nd

        mx, mw, mb = mg.tensor(x), mg.tensor(w), mg.tensor(b[:, None, None])

        def run() -> Any:
            out = conv_nd(mx, mw, stride=stride, padding=padding) + mb
            out.backward(dout)
            return out.data, mx.grad, mw.grad, mb.grad

        return Side(run, lambda parts: (*parts[:3], parts[3].ravel()))

    def smallpebble() -> Side:
        import smallpebble as sp

        images = sp.Variable(np.ascontiguousarray(x.transpose(0, 2, 3, 1)))
        kernels = sp.Variable(np.ascontiguousarray(w.transpose(2, 3, 1, 0)))
        bias, upstream = sp.Variable(b), sp.Variable(np.ascontiguousarray(dout.transpose(0, 2, 3, 1)))

        def run() -> Any:
            padded = sp.pad(images, [(0, 0), (padding, padding), (padding, padding), (0, 0)]) if padding else images
            out = sp.add(sp.conv2d(padded, kernels, "VALID", (stride, stride)), bias)
            gradients = sp.get_gradients(sp.mul(out, upstream))
            return out.array, gradients[images], gradients[kernels], gradients[bias]

        def read(parts: Any) -> Any:
            out, dx, dw, db = parts
            return out.transpose(0, 3, 1, 2), dx.transpose(0, 3, 1, 2), dw.transpose(3, 2, 0, 1), db

        return Side(run, read)

    def autograd() -> Side:
        import autograd.numpy as anp
        from autograd import make_vjp
        from autograd.scipy.signal import convolve

        around = ((0, 0), (0, 0), (padding, padding), (padding, padding))

        def layer(parts: Any) -> Any:
            images, kernels, bias = parts
            out = convolve(
                anp.pad(images, around, "constant"), kernels[:, :, ::-1, ::-1],
                axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid",
            )  # fmt: skip
            return out + bias[:, None, None]

        def run() -> Any:
            back, out = make_vjp(layer)((x, w, b))
            return out, *back(dout)

        return Side(run)

    sides = {OURS: ours, "torch": torch, "smallpebble": smallpebble}
    if stride == 1:
        sides["autograd"] = autograd  # its convolve knows no strides
    if (size + 2 * padding - kernel) % stride == 0:
        sides["mygrad"] = mygrad  # it refuses an incomplete last window
    return sides


def max_pooling(n: int, c: int, size: int, dtype: str) -> Sides:
    """Max-pooling with 2×2 windows, forward and backward."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, c, size, size)).astype(dtype)
    dout = rng.standard_normal((n, c, size // 2, size // 2)).astype(dtype)

    def ours() -> Side:
        from course_lib.pooling import max_pool2d_backward, max_pool2d_forward

        def run() -> Any:
            out, cache = max_pool2d_forward(x, 2)
            return out, max_pool2d_backward(dout, cache)

        return Side(run)

    def torch() -> Side:
        torch = one_thread_torch()
        tx, upstream = torch.tensor(x, requires_grad=True), torch.tensor(dout)

        def run() -> Any:
            out = torch.nn.functional.max_pool2d(tx, 2)
            return out, *torch.autograd.grad(out, [tx], upstream)

        return Side(run, detached)

    def mygrad() -> Side:
        import mygrad as mg
        from mygrad.nnet.layers import max_pool

        mx = mg.tensor(x)

        def run() -> Any:
            out = max_pool(mx, (2, 2), 2)
            out.backward(dout)
            return out.data, mx.grad

        return Side(run)

    def smallpebble() -> Side:
        import smallpebble as sp

        images = sp.Variable(np.ascontiguousarray(x.transpose(0, 2, 3, 1)))
        upstream = sp.Variable(np.ascontiguousarray(dout.transpose(0, 2, 3, 1)))

        def run() -> Any:
            out = sp.maxpool2d(images, 2, 2, "VALID", (2, 2))
            return out.array, sp.get_gradients(sp.mul(out, upstream))[images]

        return Side(run, lambda parts: [part.transpose(0, 3, 1, 2) for part in parts])

    def autograd() -> Side:
        import autograd.numpy as anp
        from autograd import make_vjp

        def layer(images: Any) -> Any:
            return anp.max(anp.reshape(images, (n, c, size // 2, 2, size // 2, 2)), axis=(3, 5))

        def run() -> Any:
            back, out = make_vjp(layer)(x)
            return out, back(dout)

        return Side(run)

    return {OURS: ours, "torch": torch, "mygrad": mygrad, "smallpebble": smallpebble, "autograd": autograd}


def network_numbers(sizes: Sequence[int], n: int, dtype: str) -> tuple[Any, Any, Any, Any]:
    """Return a batch, its classes, and weights and biases of a rectifier network."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, sizes[0])).astype(dtype)
    labels = rng.integers(0, sizes[-1], n)
    pairs = list(pairwise(sizes))
    weights = [(rng.standard_normal((m, d)) * np.sqrt(2 / d)).astype(dtype) for d, m in pairs]
    biases = [(0.1 * rng.standard_normal(m)).astype(dtype) for _, m in pairs]
    return x, labels, weights, biases


def dense_step(sizes: Sequence[int], n: int, dtype: str, by_graph: bool = False) -> Sides:
    """One step of gradient descent of a rectifier network with softmax and cross entropy: the new parameters."""
    x, labels, weights, biases = network_numbers(sizes, n, dtype)
    rate = 0.1
    depth = len(weights)

    def in_pairs(parameters: Any) -> Any:
        return [part for pair in zip(parameters[:depth], parameters[depth:], strict=True) for part in pair]

    def ours() -> Side:
        from course_lib.backprop import backpropagate
        from course_lib.networks import Layer

        names = ["relu"] * (depth - 1) + ["softmax"]
        layers = [Layer(w, b, name) for w, b, name in zip(weights, biases, names, strict=True)]

        def run() -> Any:
            _, gradients = backpropagate(x, labels, layers, "cross_entropy")
            return [part - rate * d for layer, pair in zip(layers, gradients, strict=True)
                    for part, d in zip(layer[:2], pair, strict=True)]  # fmt: skip

        return Side(run)

    def graph() -> Side:
        from course_lib.graph import Node, backward, exp, log, maximum

        one_hot = np.eye(sizes[-1], dtype=dtype)[labels]

        def run() -> Any:
            nodes = [Node(part) for part in (*weights, *biases)]
            a: Any = x
            for w, b in zip(nodes[: depth - 1], nodes[depth:], strict=False):
                a = maximum(0, a @ w.T + b)
            z = a @ nodes[depth - 1].T + nodes[-1]
            z = z - z.value.max(axis=1, keepdims=True)
            loss = (log(exp(z).sum(axis=1)).sum() - (z * one_hot).sum()) / n
            backward(loss)
            return [node.value - rate * node.gradient for node in nodes]

        return Side(run, in_pairs)

    def torch() -> Side:
        torch = one_thread_torch()
        tx, ty = torch.tensor(x), torch.tensor(labels)
        leaves = [torch.tensor(part, requires_grad=True) for part in (*weights, *biases)]

        def run() -> Any:
            a = tx
            for w, b in zip(leaves[: depth - 1], leaves[depth:], strict=False):
                a = torch.relu(torch.nn.functional.linear(a, w, b))
            z = torch.nn.functional.linear(a, leaves[depth - 1], leaves[-1])
            gradients = torch.autograd.grad(torch.nn.functional.cross_entropy(z, ty), leaves)
            with torch.no_grad():
                return [leaf - rate * d for leaf, d in zip(leaves, gradients, strict=True)]

        return Side(run, lambda parts: in_pairs(detached(parts)))

    def mygrad() -> Side:
        import mygrad as mg
        from mygrad.nnet.activations import relu
        from mygrad.nnet.losses import softmax_crossentropy

        leaves = [mg.tensor(part) for part in (*weights, *biases)]

        def run() -> Any:
            a = x
            for w, b in zip(leaves[: depth - 1], leaves[depth:], strict=False):
                a = relu(mg.matmul(a, w.T) + b)
            loss = softmax_crossentropy(mg.matmul(a, leaves[depth - 1].T) + leaves[-1], labels)
            loss.backward()
            return [leaf.data - rate * leaf.grad for leaf in leaves]

        return Side(run, in_pairs)

    def smallpebble() -> Side:
        import smallpebble as sp

        leaves = [sp.Variable(part) for part in (*weights, *biases)]
        share = sp.Variable(np.array(1 / n, dtype=dtype))

        def run() -> Any:
            a = sp.Variable(x)
            for w, b in zip(leaves[: depth - 1], leaves[depth:], strict=False):
                a = sp.leaky_relu(sp.add(sp.matmul(a, sp.matrix_transpose(w)), b), 0)
            z = sp.add(sp.matmul(a, sp.matrix_transpose(leaves[depth - 1])), leaves[-1])
            loss = sp.mul(sp.cross_entropy(sp.softmax(z), labels), share)
            gradients = sp.get_gradients(loss)
            return [leaf.array - rate * gradients[leaf] for leaf in leaves]

        return Side(run, in_pairs)

    def autograd() -> Side:
        import autograd.numpy as anp
        from autograd import grad
        from autograd.scipy.special import logsumexp

        def loss(parameters: Any) -> Any:
            a = x
            for w, b in zip(parameters[: depth - 1], parameters[depth:], strict=False):
                a = anp.maximum(anp.dot(a, w.T) + b, 0)
            z = anp.dot(a, parameters[depth - 1].T) + parameters[-1]
            return anp.mean(logsumexp(z, axis=1) - z[anp.arange(n), labels])

        def run() -> Any:
            gradients = grad(loss)([*weights, *biases])
            return [part - rate * d for part, d in zip((*weights, *biases), gradients, strict=True)]

        return Side(run, in_pairs)

    return {
        OURS: graph if by_graph else ours, "torch": torch, "mygrad": mygrad, "smallpebble": smallpebble,
        "autograd": autograd,
    }  # fmt: skip


def softmax_cross_entropy(n: int, m: int, dtype: str) -> Sides:
    """Softmax with cross entropy, the loss and its gradient for the logits."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((n, m)).astype(dtype)
    labels = rng.integers(0, m, n)

    def ours() -> Side:
        from course_lib import losses

        def run() -> Any:
            return losses.softmax_cross_entropy_and_gradient(z, labels)

        return Side(run)

    def torch() -> Side:
        torch = one_thread_torch()
        tz, ty = torch.tensor(z, requires_grad=True), torch.tensor(labels)

        def run() -> Any:
            loss = torch.nn.functional.cross_entropy(tz, ty)
            return loss, *torch.autograd.grad(loss, [tz])

        return Side(run, detached)

    def mygrad() -> Side:
        import mygrad as mg
        from mygrad.nnet.losses import softmax_crossentropy

        mz = mg.tensor(z)

        def run() -> Any:
            loss = softmax_crossentropy(mz, labels)
            loss.backward()
            return loss.data, mz.grad

        return Side(run)

    def smallpebble() -> Side:
        import smallpebble as sp

        logits, share = sp.Variable(z), sp.Variable(np.array(1 / n, dtype=dtype))

        def run() -> Any:
            loss = sp.mul(sp.cross_entropy(sp.softmax(logits), labels), share)
            return loss.array, sp.get_gradients(loss)[logits]

        return Side(run)

    def autograd() -> Side:
        import autograd.numpy as anp
        from autograd import value_and_grad
        from autograd.scipy.special import logsumexp

        rows = np.arange(n)
        loss = value_and_grad(lambda logits: anp.mean(logsumexp(logits, axis=1) - logits[rows, labels]))
        return Side(lambda: loss(z))

    return {OURS: ours, "torch": torch, "mygrad": mygrad, "smallpebble": smallpebble, "autograd": autograd}


def recurrent(cell: str, n: int, t: int, d: int, m: int, dtype: str) -> Sides:
    """A recurrent layer over a sequence, forward and back through time: outputs and all gradients."""
    rng = np.random.default_rng(0)
    gates = 4 if cell == "lstm" else 1
    x = rng.standard_normal((n, t, d)).astype(dtype)
    h0 = rng.standard_normal((n, m)).astype(dtype)
    c0 = rng.standard_normal((n, m)).astype(dtype)
    wx = (rng.standard_normal((gates * m, d)) / np.sqrt(d)).astype(dtype)
    wh = (rng.standard_normal((gates * m, m)) / np.sqrt(m)).astype(dtype)
    b = rng.standard_normal(gates * m).astype(dtype)
    dh = rng.standard_normal((n, t, m)).astype(dtype)
    dc = np.zeros((n, m), dtype)

    def ours() -> Side:
        own = importlib.import_module("course_lib.recurrent")

        def run() -> Any:
            if cell == "rnn":
                h, cache = own.rnn_forward(x, h0, wx, wh, b)
                return h, *own.rnn_backward(dh, cache)
            h, _, cache = own.lstm_forward(x, h0, c0, wx, wh, b)
            dx, dh0, _, dwx, dwh, db = own.lstm_backward(dh, dc, cache)
            return h, dx, dh0, dwx, dwh, db

        return Side(run)

    def torch() -> Side:
        torch = one_thread_torch()
        layer = (torch.nn.RNN if cell == "rnn" else torch.nn.LSTM)(d, m, batch_first=True).to(torch.tensor(x).dtype)
        with torch.no_grad():
            for parameter, value in zip(layer.parameters(), (wx, wh, b, np.zeros_like(b)), strict=True):
                parameter.copy_(torch.tensor(value))  # torch has two biases; ours is the first
        tx, th = torch.tensor(x, requires_grad=True), torch.tensor(h0[None], requires_grad=True)
        start = th if cell == "rnn" else (th, torch.tensor(c0[None], requires_grad=True))
        parameters = list(layer.parameters())[:3]
        upstream = torch.tensor(dh)

        def run() -> Any:
            h, _ = layer(tx, start)
            return h, *torch.autograd.grad(h, [tx, th, *parameters], upstream)

        def read(parts: Any) -> Any:
            h, dx, dh0, *rest = detached(parts)
            return h, dx, dh0[0], *rest

        return Side(run, read)

    def autograd() -> Side:
        import autograd.numpy as anp
        from autograd import make_vjp

        def sigmoid(z: Any) -> Any:
            return 0.5 + 0.5 * anp.tanh(0.5 * z)

        def layer(parts: Any) -> Any:
            x, h, wx, wh, b = parts
            c, outputs = c0, []
            projected = anp.dot(x, wx.T) + b
            for step in range(t):
                z = projected[:, step] + anp.dot(h, wh.T)
                if cell == "rnn":
                    h = anp.tanh(z)
                else:
                    i, f, g, o = z[:, :m], z[:, m : 2 * m], z[:, 2 * m : 3 * m], z[:, 3 * m :]
                    c = sigmoid(f) * c + sigmoid(i) * anp.tanh(g)
                    h = sigmoid(o) * anp.tanh(c)
                outputs.append(h)
            return anp.stack(outputs, axis=1)

        def run() -> Any:
            back, h = make_vjp(layer)((x, h0, wx, wh, b))
            return h, *back(dh)

        return Side(run)

    return {OURS: ours, "torch": torch, "autograd": autograd}


def scalar_network(sizes: Sequence[int]) -> int:
    """Return the gates of `scalar_graph`: a product and a sum a weight, and a rectifier a unit."""
    return sum(m * (2 * d + 1) for d, m in pairwise(sizes))


def scalar_graph(sizes: Sequence[int]) -> Sides:
    """A rectifier network built number by number, and its pass back: the output and the gradients of the inputs."""

    def network(number: Callable[[float], Any], rectifier: Callable[[Any], Any]) -> tuple[list[Any], Callable[[], Any]]:
        draw = random.Random(0)
        layers = [
            [[number(draw.gauss(0, 1 / d**0.5)) for _ in range(d + 1)] for _ in range(m)] for d, m in pairwise(sizes)
        ]
        inputs = [number(draw.gauss(0, 1)) for _ in range(sizes[0])]
        leaves = [*inputs, *(leaf for layer in layers for row in layer for leaf in row)]

        def build() -> Any:
            a = inputs
            for layer in layers:
                units = []
                for bias, *row in layer:
                    z = bias
                    for weight, value in zip(row, a, strict=True):
                        z = z + weight * value
                    units.append(rectifier(z))
                a = units
            return a[0]

        return leaves, build

    def ours() -> Side:
        from course_lib.graph import Node, backward, maximum

        leaves, build = network(Node, lambda z: maximum(0, z))

        def run() -> Any:
            output = build()
            backward(output)
            return output

        return Side(run, lambda output: [output.value, np.array([leaf.gradient for leaf in leaves])])

    def micrograd() -> Side:
        from micrograd.engine import Value

        leaves, build = network(Value, lambda z: z.relu())

        def run() -> Any:
            for leaf in leaves:
                leaf.grad = 0  # it adds to what the last pass left
            output = build()
            output.backward()
            return output

        return Side(run, lambda output: [output.data, np.array([leaf.grad for leaf in leaves])])

    def torch() -> Side:
        torch = one_thread_torch()
        leaves, build = network(
            lambda value: torch.tensor(value, dtype=torch.float64, requires_grad=True), lambda z: z.relu()
        )

        def run() -> Any:
            output = build()
            return output, *torch.autograd.grad(output, leaves, allow_unused=True)

        def read(parts: Any) -> Any:
            output, *gradients = parts
            return float(output.detach()), np.array([0.0 if g is None else float(g) for g in gradients])

        return Side(run, read)

    return {OURS: ours, "micrograd": micrograd, "torch": torch}


def filtering(size: int, kernel: int, dtype: str, passes: int) -> Sides:
    """A Gaussian kernel over an image, at once or as a column and then a row of which it is the product."""
    x = np.random.default_rng(0).standard_normal((size, size)).astype(dtype)

    def kernels() -> list[np.ndarray]:
        from course_lib.convolution import gaussian_kernel

        whole = gaussian_kernel(kernel, 1.0).astype(dtype)
        return [whole] if passes == 1 else [whole.sum(axis=1, keepdims=True), whole.sum(axis=0, keepdims=True)]

    def over(image: Any, steps: Sequence[Any], step: Callable[[Any, Any], Any]) -> Any:
        for w in steps:
            image = step(image, w)
        return image

    def ours() -> Side:
        from course_lib.convolution import correlate2d

        steps = kernels()
        return Side(lambda: [over(x, steps, correlate2d)])

    def torch() -> Side:
        torch = one_thread_torch()
        image, steps = torch.tensor(x[None, None]), [torch.tensor(w[None, None]) for w in kernels()]
        return Side(lambda: over(image, steps, torch.nn.functional.conv2d), lambda out: [out[0, 0].numpy()])

    def smallpebble() -> Side:
        import smallpebble as sp

        image, steps = sp.Variable(x[None, :, :, None]), [sp.Variable(w[:, :, None, None]) for w in kernels()]
        return Side(
            lambda: over(image, steps, lambda a, w: sp.conv2d(a, w, "VALID", (1, 1))),
            lambda out: [out.array[0, :, :, 0]],
        )

    def mygrad() -> Side:
        import mygrad as mg
        from mygrad.nnet.layers import conv_nd

        steps = [w[None, None] for w in kernels()]

        def run() -> Any:
            with mg.no_autodiff:
                return over(x[None, None], steps, lambda a, w: conv_nd(a, w, stride=1))

        return Side(run, lambda out: [out.data[0, 0]])

    return {OURS: ours, "torch": torch, "mygrad": mygrad, "smallpebble": smallpebble}


def one_thread_torch() -> Any:
    """Import PyTorch and keep it to one thread."""
    import torch

    torch.set_num_threads(1)
    return torch


def detached(tensors: Sequence[Any]) -> list[np.ndarray]:
    """Return PyTorch's tensors as arrays."""
    return [tensor.detach().numpy() for tensor in tensors]
