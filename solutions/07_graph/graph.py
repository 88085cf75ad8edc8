# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] nbgrader={"grade": false, "grade_id": "head", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Assignment 07: Computational graphs
#
# **Goal.** You will build the machine of chapter 7 on plain data: operators with their local derivatives, an order, a pass forward, a pass back, and a pass for forward mode. At the end your passes train a network that none of your code was written for.
#
# **Points.** Seven questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, `course_lib.checks`, `course_lib.plots`, and the library's modules of earlier chapters. `course_lib.graph` holds answers; it is withheld here and open to you afterwards.
#
# **A graph as plain data.** Nodes are numbered from 0. `inputs[k]` lists the numbers of the nodes that gate $k$ reads, in the order of its operator's arguments; it is empty for an input of the graph. `local[k]` is as long, and holds $\partial v_k/\partial v_i$ for each of them.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks, plots

checks.withhold("graph")

# %% [markdown] nbgrader={"grade": false, "grade_id": "local-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: three operators and their local derivatives (15 points)
#
# An operator takes the values of its inputs, one argument each, and returns the pair `(value, (one local derivative for each input))`. Write three that chapter 7 does not have:
#
# - `sine(x)`, $\sin x$;
# - `hypotenuse(x, y)`, $\sqrt{x^2 + y^2}$, where not both are 0;
# - `power(x, y)`, $x^y$ for $x > 0$, where *both* are inputs.
#
# Arguments are numbers, whole ones among them. Example: `hypotenuse(3, 4)` is `(5.0, (0.6, 0.8))`.


# %% nbgrader={"grade": false, "grade_id": "local", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sine(x):
    """Return sin x and its local derivative."""
    ### BEGIN SOLUTION
    return np.sin(x), (np.cos(x),)
    ### END SOLUTION


def hypotenuse(x, y):
    """Return the root of x² + y² and its two local derivatives."""
    ### BEGIN SOLUTION
    value = np.sqrt(x * x + y * y)
    return value, (x / value, y / value)
    ### END SOLUTION


def power(x, y):
    """Return x to the power y, for positive x, and its two local derivatives."""
    ### BEGIN SOLUTION
    value = float(x) ** y
    return value, (y * value / x, value * np.log(x))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "local--sine", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def parts(result, count):
    """Return value and local derivatives, if that is what was returned."""
    right = isinstance(result, tuple | list) and len(result) == 2 and np.size(result[1]) == count
    one = "one local derivative" if count == 1 else f"{count} local derivatives"
    checks.check_true(right, f"sine should return the pair (value, ({one}))")
    return result[0], np.reshape(result[1], count)


value, local = parts(sine(0.0), 1)
print(checks.difference_table(local, [1.0]))
checks.check_value("the value of sine at 0", value, 0.0)
checks.check_value("the local derivative of sine at 0", local, [1.0])
value, local = parts(sine(2), 1)
checks.check_value("the value of sine at 2", value, np.sin(2.0))
checks.check_gradient("the local derivative of sine at 2", local[0], np.sin, 2.0)

# %% nbgrader={"grade": true, "grade_id": "local--hypotenuse", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def parts(result, count):
    """Return value and local derivatives, if that is what was returned."""
    right = isinstance(result, tuple | list) and len(result) == 2 and np.size(result[1]) == count
    one = "one local derivative" if count == 1 else f"{count} local derivatives"
    checks.check_true(right, f"hypotenuse should return the pair (value, ({one}))")
    return result[0], np.reshape(result[1], count)


value, local = parts(hypotenuse(3, 4), 2)
print(checks.difference_table(local, [0.6, 0.8]))
checks.check_value("the value of hypotenuse(3, 4)", value, 5.0)
checks.check_value("the list of local derivatives of hypotenuse(3, 4)", local, [0.6, 0.8])
value, local = parts(hypotenuse(-1.5, 0.2), 2)
checks.check_gradient(
    "the list of local derivatives of hypotenuse(-1.5, 0.2)",
    local,
    lambda v: np.sqrt(np.sum(v**2)),
    np.array([-1.5, 0.2]),
)
### BEGIN HIDDEN TESTS
graph = checks.reference("graph")
x, y = graph.Node(0.7), graph.Node(-2.3)
graph.backward((x * x + y * y) ** 0.5)
value, local = parts(hypotenuse(0.7, -2.3), 2)
checks.check_value(
    "the list of local derivatives of hypotenuse elsewhere", local, [x.gradient, y.gradient], reveal=False
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "local--power", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def parts(result, count):
    """Return value and local derivatives, if that is what was returned."""
    right = isinstance(result, tuple | list) and len(result) == 2 and np.size(result[1]) == count
    one = "one local derivative" if count == 1 else f"{count} local derivatives"
    checks.check_true(right, f"power should return the pair (value, ({one}))")
    return result[0], np.reshape(result[1], count)


value, local = parts(power(2, 3), 2)
print(checks.difference_table(local, [12.0, 8 * np.log(2.0)]))
checks.check_value("the value of power(2, 3)", value, 8.0)
checks.check_value("the list of local derivatives of power(2, 3)", local, [12.0, 8 * np.log(2.0)])
value, local = parts(power(2, -1), 2)
checks.check_value("the list of local derivatives of power(2, -1)", local, [-0.25, 0.5 * np.log(2.0)])
### BEGIN HIDDEN TESTS
graph = checks.reference("graph")
for at in ((0.4, 1.7), (3.1, -0.6), (1.0, 5.0)):
    x, y = graph.Node(at[0]), graph.Node(at[1])
    f = graph.exp(y * graph.log(x))
    graph.backward(f)
    value, local = parts(power(*at), 2)
    checks.check_value("the value of power elsewhere", value, f.value, reveal=False)
    checks.check_value(
        "the list of local derivatives of power elsewhere", local, [x.gradient, y.gradient], reveal=False
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "operator-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: a whole neuron as one gate (10 points)
#
# Chapter 7 takes the sigmoid neuron apart into eight gates. Put it together again: one operator with five inputs,
#
# `neuron(w1, x1, w2, x2, b)`, which returns the pair `(a, (five local derivatives, in the order of the arguments))` of $a = \sigma(w_1x_1 + w_2x_2 + b)$.
#
# - all arguments are numbers; nothing may overflow for $|z| \le 1000$.
#
# Example: at $w_1 = 1$, $x_1 = 2$, $w_2 = 2$, $x_2 = -1$, $b = 0$ the pre-activation is 0, $a = 0.5$, and the local derivatives are $(0.5, 0.25, -0.25, 0.5, 0.25)$.


# %% nbgrader={"grade": false, "grade_id": "operator", "locked": false, "schema_version": 3, "solution": true, "task": false}
def neuron(w1, x1, w2, x2, b):
    """Return the value of a sigmoid neuron and its five local derivatives."""
    ### BEGIN SOLUTION
    a = 0.5 + 0.5 * np.tanh(0.5 * (w1 * x1 + w2 * x2 + b))
    slope = a * (1 - a)
    return a, (slope * x1, slope * w1, slope * x2, slope * w2, slope)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "operator--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

result = neuron(1, 2, 2, -1, 0)
right = isinstance(result, tuple | list) and len(result) == 2 and np.size(result[1]) == 5
checks.check_true(right, "neuron should return the pair (a, (five local derivatives))")
print(checks.difference_table(result[1], [0.5, 0.25, -0.25, 0.5, 0.25]))
checks.check_value("the value of the example", result[0], 0.5)
checks.check_value("the list of local derivatives of the example", result[1], [0.5, 0.25, -0.25, 0.5, 0.25])
### BEGIN HIDDEN TESTS
graph = checks.reference("graph")
rng = np.random.default_rng(1)
for _ in range(4):
    numbers = rng.standard_normal(5).tolist()
    w1, x1, w2, x2, b = nodes = [graph.Node(number) for number in numbers]
    a = 1 / (1 + graph.exp(-(w1 * x1 + w2 * x2 + b)))
    graph.backward(a)
    result = neuron(*numbers)
    checks.check_value("the value elsewhere", result[0], a.value, reveal=False)
    checks.check_value("the list of local derivatives elsewhere", result[1], [n.gradient for n in nodes], reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "operator--large", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

for b, expected in ((1000.0, 1.0), (-1000.0, 0.0)):
    a, local = checks.call_without_warnings(neuron, 1.0, 2.0, -1.0, 2.0, b)
    checks.check_value(f"the value at z = {b:g}", a, expected)
    checks.check_value(f"the list of local derivatives at z = {b:g}", local, np.zeros(5))
a, local = checks.call_without_warnings(neuron, -2.0, 1.0, 0.5, 4.0, 3.0)
checks.check_value("the value at z = 3", a, 1 / (1 + np.exp(-3.0)))
slope = np.exp(-3.0) / (1 + np.exp(-3.0)) ** 2
checks.check_value("the list of local derivatives at z = 3", local, slope * np.array([1.0, -2.0, 4.0, 0.5, 1.0]))

# %% [markdown] nbgrader={"grade": false, "grade_id": "order-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: an order, without recursion (15 points)
#
# Write `topological_order(inputs, output)`, a list of the numbers of all nodes that node `output` depends on, itself among them, such that each stands after its inputs.
#
# - each node stands there once, however often it is used; nodes that `output` does not depend on are left out;
# - the numbers say nothing about the order: an input may have a larger number than the gate that reads it;
# - graphs may be 20,000 gates deep, so the function must not call itself; `inputs` must not change.
#
# Example: `inputs = [[2, 1], [], [1, 3], [], [0]]` and `output = 0`. Node 0 reads 2 and 1, node 2 reads 1 and 3, node 4 is not needed. `[1, 3, 2, 0]` is right, and so is `[3, 1, 2, 0]`.


# %% nbgrader={"grade": false, "grade_id": "order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def topological_order(inputs, output):
    """Return the nodes that a node depends on, each after its inputs."""
    ### BEGIN SOLUTION
    order, entered, stack = [], set(), [(output, False)]
    while stack:
        node, inputs_done = stack.pop()
        if inputs_done:
            order.append(node)
        elif node not in entered:
            entered.add(node)
            stack.append((node, True))
            stack.extend((before, False) for before in inputs[node])
    return order
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "order--small", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def check_order(order, inputs, output, what, reveal=True):
    """Raise unless an order is right: one of several may be."""
    listed = isinstance(order, list | tuple | np.ndarray) and all(np.ndim(node) == 0 for node in order)
    checks.check_true(listed, f"{what}: topological_order should return a list of the numbers of nodes")
    shown = f", yours is {list(order)}" if reveal and len(order) < 30 else ""
    order = [int(node) for node in order]
    needed, waiting = set(), [output]
    while waiting:
        node = waiting.pop()
        if node not in needed:
            needed.add(node)
            waiting.extend(inputs[node])
    checks.check_true(len(set(order)) == len(order), f"{what}: a node stands in the order twice{shown}")
    checks.check_true(needed <= set(order), f"{what}: a node that is needed is missing{shown}")
    checks.check_true(set(order) <= needed, f"{what}: a node that the output does not depend on is listed{shown}")
    place = {node: position for position, node in enumerate(order)}
    late = any(place[before] > place[node] for node in order for before in inputs[node])
    checks.check_true(not late, f"{what}: a node stands before one of its inputs{shown}")


inputs = [[2, 1], [], [1, 3], [], [0]]
order = checks.call_unchanged(topological_order, inputs, 0)
print("yours:", order, " right: [1, 3, 2, 0] or [3, 1, 2, 0]")
check_order(order, inputs, 0, "the example")
check_order(topological_order(inputs, 3), inputs, 3, "an input alone")
check_order(topological_order(inputs, 4), inputs, 4, "the example with output 4")

# %% nbgrader={"grade": true, "grade_id": "order--reuse", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def check_order(order, inputs, output, what, reveal=True):
    """Raise unless an order is right: one of several may be."""
    listed = isinstance(order, list | tuple | np.ndarray) and all(np.ndim(node) == 0 for node in order)
    checks.check_true(listed, f"{what}: topological_order should return a list of the numbers of nodes")
    shown = f", yours is {list(order)}" if reveal and len(order) < 30 else ""
    order = [int(node) for node in order]
    needed, waiting = set(), [output]
    while waiting:
        node = waiting.pop()
        if node not in needed:
            needed.add(node)
            waiting.extend(inputs[node])
    checks.check_true(len(set(order)) == len(order), f"{what}: a node stands in the order twice{shown}")
    checks.check_true(needed <= set(order), f"{what}: a node that is needed is missing{shown}")
    checks.check_true(set(order) <= needed, f"{what}: a node that the output does not depend on is listed{shown}")
    place = {node: position for position, node in enumerate(order)}
    late = any(place[before] > place[node] for node in order for before in inputs[node])
    checks.check_true(not late, f"{what}: a node stands before one of its inputs{shown}")


inputs = [[], [0, 0], [1, 0], [2, 1, 0], [3, 3]]
check_order(topological_order(inputs, 4), inputs, 4, "a graph whose nodes are used several times")
# The two ways from node 0 to node 5 differ in length, and the long one is to be waited for.
inputs = [[], [0], [1], [2], [3], [0, 4], [5, 0]]
check_order(topological_order(inputs, 6), inputs, 6, "a short and a long way")
inputs = [sources[::-1] for sources in inputs]
check_order(topological_order(inputs, 6), inputs, 6, "a long and a short way")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
for _ in range(5):
    names = rng.permutation(40).tolist()
    inputs = [[] for _ in names]
    for position, node in enumerate(names):
        if position > 3:
            inputs[node] = [names[k] for k in rng.integers(0, position, 3)]
    check_order(topological_order(inputs, names[-1]), inputs, names[-1], "a larger graph", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "order--deep", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def check_order(order, inputs, output, what, reveal=True):
    """Raise unless an order is right: one of several may be."""
    listed = isinstance(order, list | tuple | np.ndarray) and all(np.ndim(node) == 0 for node in order)
    checks.check_true(listed, f"{what}: topological_order should return a list of the numbers of nodes")
    shown = f", yours is {list(order)}" if reveal and len(order) < 30 else ""
    order = [int(node) for node in order]
    needed, waiting = set(), [output]
    while waiting:
        node = waiting.pop()
        if node not in needed:
            needed.add(node)
            waiting.extend(inputs[node])
    checks.check_true(len(set(order)) == len(order), f"{what}: a node stands in the order twice{shown}")
    checks.check_true(needed <= set(order), f"{what}: a node that is needed is missing{shown}")
    checks.check_true(set(order) <= needed, f"{what}: a node that the output does not depend on is listed{shown}")
    place = {node: position for position, node in enumerate(order)}
    late = any(place[before] > place[node] for node in order for before in inputs[node])
    checks.check_true(not late, f"{what}: a node stands before one of its inputs{shown}")


depth = 20_000
inputs = [[]] + [[k - 1] for k in range(1, depth)]
check_order(topological_order(inputs, depth - 1), inputs, depth - 1, "a chain of 20,000 nodes")
### BEGIN HIDDEN TESTS
inputs = [[k + 1, depth] for k in range(depth)] + [[]]
check_order(topological_order(inputs, 0), inputs, 0, "a chain that reads one node at every link", reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "forward-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: the pass forward (10 points)
#
# Now nodes come in a right order: first the inputs of the graph, whose values are given, then gates, each after the nodes it reads. Write
#
# `forward_pass(values, gates, evaluate)`, which returns the pair `(values, local)` of lists, one entry for each node, inputs of the graph first
#
# - `values` lists the numbers of the inputs of the graph, nodes $0, 1, \dots$; `gates` lists a pair `(operator, sources)` for each further node, with the name of its operator and the list of the nodes it reads;
# - `evaluate(operator, numbers)` returns `(value, [one local derivative for each number])`; call it once for each gate;
# - `local` holds an empty list for each input of the graph; nothing handed in may change.
#
# Example: `values = [1.0, -2.0, 3.0]` and `gates = [("add", [0, 1]), ("multiply", [3, 2])]`, so $(x + y)z$ at $(1, -2, 3)$, give the values `[1, -2, 3, -1, -3]` and `[[], [], [], [1, 1], [3, -1]]`. The next cell has the `evaluate` that you may use for trying.


# %% nbgrader={"grade": false, "grade_id": "forward-evaluate", "locked": true, "schema_version": 3, "solution": false, "task": false}
def evaluate(operator, numbers):
    """Return the value of an operator and a list of its local derivatives."""
    if operator in ("add", "multiply"):
        x, y = numbers
        return (x + y, [1.0, 1.0]) if operator == "add" else (x * y, [y, x])
    (x,) = numbers
    return float(np.tanh(x)), [1 - float(np.tanh(x)) ** 2]


# %% nbgrader={"grade": false, "grade_id": "forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward_pass(values, gates, evaluate):
    """Return the values of all nodes and their local derivatives."""
    ### BEGIN SOLUTION
    values, local = list(values), [[] for _ in values]
    for operator, sources in gates:
        value, slopes = evaluate(operator, [values[i] for i in sources])
        values.append(value)
        local.append(slopes)
    return values, local
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "forward--example", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

calls = []


def counted(operator, numbers):
    """Return the value of an operator and a list of its local derivatives."""
    calls.append(operator)
    if operator == "negate":
        return -numbers[0], [-1.0]
    x, y = numbers
    if operator == "divide":
        return x / y, [1 / y, -x / y**2]
    return (x + y, [1.0, 1.0]) if operator == "add" else (x * y, [y, x])


gates = [("add", [0, 1]), ("multiply", [3, 2])]
result = checks.call_unchanged(forward_pass, [1.0, -2.0, 3.0], gates, counted)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "forward_pass should return the pair (values, local)"
)
values, local = result
print(checks.difference_table(values, [1.0, -2.0, 3.0, -1.0, -3.0]))
checks.check_value("the list of values of the example", values, [1.0, -2.0, 3.0, -1.0, -3.0])
lists = isinstance(local, list | tuple) and all(isinstance(slopes, list | tuple | np.ndarray) for slopes in local)
checks.check_true(lists, "local should be a list with one list for each node, empty for inputs of the graph")
checks.check_true(len(local) == 5, f"local has {len(local)} entries, expected one for each of the 5 nodes")
checks.check_true([len(slopes) for slopes in local] == [0, 0, 0, 2, 2], "local[k] should be as long as inputs[k]")
checks.check_value("the list of local derivatives of the sum", local[3], [1.0, 1.0])
checks.check_value("the list of local derivatives of the product", local[4], [3.0, -1.0])
checks.check_true(calls == ["add", "multiply"], f"evaluate should be called once for each gate, but was for {calls}")

# %% nbgrader={"grade": true, "grade_id": "forward--order", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

calls = []


def counted(operator, numbers):
    """Return the value of an operator and a list of its local derivatives."""
    calls.append(operator)
    if operator == "negate":
        return -numbers[0], [-1.0]
    x, y = numbers
    if operator == "divide":
        return x / y, [1 / y, -x / y**2]
    return (x + y, [1.0, 1.0]) if operator == "add" else (x * y, [y, x])


# (x − y) / (y x): the order of a gate's sources matters, and nodes are used twice.
gates = [("negate", [1]), ("add", [0, 2]), ("multiply", [1, 0]), ("divide", [3, 4])]
values, local = checks.call_unchanged(forward_pass, [6, 2], gates, counted)
checks.check_true(len(local) == 6, f"local has {len(local)} entries, expected one for each of the 6 nodes")
checks.check_value("the list of values of (x − y) / (y x) at (6, 2)", values, [6.0, 2.0, -2.0, 4.0, 12.0, 1 / 3])
checks.check_value("the list of local derivatives of the quotient", local[5], [1 / 12, -1 / 36])
checks.check_value("the list of local derivatives of the product", local[4], [6.0, 2.0])
### BEGIN HIDDEN TESTS
graph = checks.reference("graph")
rng = np.random.default_rng(3)
numbers = rng.uniform(0.5, 2.0, 3).tolist()
nodes, gates = [graph.Node(number) for number in numbers], []
for _ in range(12):
    operator = str(rng.choice(["negate", "add", "multiply", "divide"]))
    i, j = rng.integers(0, len(nodes), 2).tolist()
    if operator == "divide" and abs(nodes[j].value) < 0.1:
        operator = "add"
    made = {"negate": -nodes[i], "add": nodes[i] + nodes[j], "multiply": nodes[i] * nodes[j]}
    nodes.append(nodes[i] / nodes[j] if operator == "divide" else made[operator])
    gates.append((operator, [i] if operator == "negate" else [i, j]))
values, local = forward_pass(numbers, gates, counted)
checks.check_value("the list of values of a larger graph", values, [node.value for node in nodes], reveal=False)
for node, slopes in zip(nodes, local, strict=True):
    checks.check_value("the list of local derivatives in a larger graph", slopes, node.local, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "backward-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: the pass back (15 points)
#
# Write `backward_pass(inputs, local)`, the list of the gradients $\bar v_k = \partial f/\partial v_k$ of all nodes.
#
# - nodes are in a right order, each after its inputs, and the output $f$ is the last;
# - a node may be used by several gates, and twice by the same one; a node that $f$ does not depend on has the gradient 0;
# - nothing handed in may change.
#
# Example: $(x + y)z$ at $(1, -2, 3)$ has `inputs = [[], [], [], [0, 1], [3, 2]]` and `local = [[], [], [], [1, 1], [3, -1]]`. The gradients are `[3, 3, -1, 3, 1]`.


# %% nbgrader={"grade": false, "grade_id": "backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward_pass(inputs, local):
    """Return the gradient of the last node for every node."""
    ### BEGIN SOLUTION
    gradients = [0.0] * len(inputs)
    gradients[-1] = 1.0
    for k in reversed(range(len(inputs))):
        for i, slope in zip(inputs[k], local[k], strict=True):
            gradients[i] += gradients[k] * slope
    return gradients
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "backward--example", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

inputs = [[], [], [], [0, 1], [3, 2]]
local = [[], [], [], [1.0, 1.0], [3.0, -1.0]]
gradients = checks.call_unchanged(backward_pass, inputs, local)
print(checks.difference_table(gradients, [3.0, 3.0, -1.0, 3.0, 1.0]))
checks.check_value("the list of gradients of the example", gradients, [3.0, 3.0, -1.0, 3.0, 1.0])
checks.check_value("the list of gradients of a chain", backward_pass([[], [0], [1]], [[], [5], [7]]), [35.0, 7.0, 1.0])

# %% nbgrader={"grade": true, "grade_id": "backward--reuse", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

# u = x·x, v = x + u, f = u·v at x = 3, so f = x³ + x⁴ and its slope is 27 + 108.
inputs = [[], [0, 0], [0, 1], [1, 2]]
local = [[], [3.0, 3.0], [1.0, 1.0], [12.0, 9.0]]
gradients = checks.call_unchanged(backward_pass, inputs, local)
print(checks.difference_table(gradients, [135.0, 21.0, 9.0, 1.0]))
checks.check_value("the list of gradients where nodes are used several times", gradients, [135.0, 21.0, 9.0, 1.0])
gradients = backward_pass([[], [], [0], [0]], [[], [], [2.0], [5.0]])
checks.check_value("the list of gradients where two nodes lead nowhere", gradients, [5.0, 0.0, 0.0, 1.0])

# %% nbgrader={"grade": true, "grade_id": "backward--larger", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

# A mean of a thousand squares: f = (v₀² + v₁² + …) / 1000, added up one by one.
count = 1000
v = np.linspace(-1.0, 1.0, count)
inputs = [[] for _ in range(count)] + [[k, k] for k in range(count)] + [[count, count + 1]]
local = [[] for _ in range(count)] + [[a, a] for a in v.tolist()] + [[1.0, 1.0]]
for k in range(2, count):
    inputs.append([len(inputs) - 1, count + k])
    local.append([1.0, 1.0])
inputs.append([len(inputs) - 1])
local.append([1 / count])
gradients = backward_pass(inputs, local)
checks.check_true(np.size(gradients) == len(inputs), f"{np.size(gradients)} gradients for {len(inputs)} nodes")
checks.check_value("the list of gradients of a mean of squares", gradients[:count], 2 * v / count)
### BEGIN HIDDEN TESTS


def random_graph(graph, rng):
    """Return the nodes of a graph in order, and the same as plain data."""
    nodes = [graph.Node(number) for number in rng.uniform(-1, 1, 4)]
    for _ in range(20):
        x, y = (nodes[k] for k in rng.integers(0, len(nodes), 2))
        nodes.append([x + y, x * y, x - y, graph.tanh(x), graph.maximum(x, y)][rng.integers(5)])
    order = graph.topological_order(nodes[-1])
    number = {node: k for k, node in enumerate(order)}
    return order, [[number[x] for x in node.inputs] for node in order], [list(node.local) for node in order]


graph = checks.reference("graph")
rng = np.random.default_rng(4)
for _ in range(6):
    order, inputs, local = random_graph(graph, rng)
    graph.backward(order[-1])
    expected = [node.gradient for node in order]
    checks.check_value("the list of gradients of a larger graph", backward_pass(inputs, local), expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "modes-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: the other direction (10 points)
#
# In forward mode slopes travel with the values. Write `slopes_from(inputs, local, start)`, the list of $\dot v_k = \partial v_k/\partial v_{\text{start}}$ for all nodes $k$: how each of them answers to node `start`.
#
# - nodes are in a right order, each after its inputs; `start` may be a gate as well: then it counts as free, whatever it was computed from;
# - a node that does not depend on `start` has the slope 0; nothing handed in may change.
#
# Example: in $(x + y)z$ at $(1, -2, 3)$, `inputs = [[], [], [], [0, 1], [3, 2]]`, `local = [[], [], [], [1, 1], [3, -1]]`, starting from $x$, node 0, gives `[1, 0, 0, 1, 3]`, and starting from the sum, node 3, gives `[0, 0, 0, 1, 3]`.


# %% nbgrader={"grade": false, "grade_id": "modes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def slopes_from(inputs, local, start):
    """Return how every node answers to one node."""
    ### BEGIN SOLUTION
    slopes = []
    for k in range(len(inputs)):
        through = sum(slope * slopes[i] for i, slope in zip(inputs[k], local[k], strict=True))
        slopes.append(1.0 if k == start else through)
    return slopes
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "modes--example", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

inputs, local = [[], [], [], [0, 1], [3, 2]], [[], [], [], [1.0, 1.0], [3.0, -1.0]]
slopes = checks.call_unchanged(slopes_from, inputs, local, 0)
print(checks.difference_table(slopes, [1.0, 0.0, 0.0, 1.0, 3.0]))
checks.check_value("the list of slopes from x", slopes, [1.0, 0.0, 0.0, 1.0, 3.0])
checks.check_value("the list of slopes from z", slopes_from(inputs, local, 2), [0.0, 0.0, 1.0, 0.0, -1.0])
checks.check_value("the list of slopes from the sum", slopes_from(inputs, local, 3), [0.0, 0.0, 0.0, 1.0, 3.0])

# %% nbgrader={"grade": true, "grade_id": "modes--reuse", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

# u = x·x, v = x + u, f = u·v at x = 3: f = x³ + x⁴.
inputs, local = [[], [0, 0], [0, 1], [1, 2]], [[], [3.0, 3.0], [1.0, 1.0], [12.0, 9.0]]
checks.check_value(
    "the list of slopes where nodes are used twice", slopes_from(inputs, local, 0), [1.0, 6.0, 7.0, 135.0]
)
checks.check_value("the list of slopes from u", slopes_from(inputs, local, 1), [0.0, 1.0, 1.0, 21.0])
### BEGIN HIDDEN TESTS


def random_graph(graph, rng):
    """Return the nodes of a graph in order, and the same as plain data."""
    nodes = [graph.Node(number) for number in rng.uniform(-1, 1, 4)]
    for _ in range(20):
        x, y = (nodes[k] for k in rng.integers(0, len(nodes), 2))
        nodes.append([x + y, x * y, x - y, graph.tanh(x), graph.maximum(x, y)][rng.integers(5)])
    order = graph.topological_order(nodes[-1])
    number = {node: k for k, node in enumerate(order)}
    return order, [[number[x] for x in node.inputs] for node in order], [list(node.local) for node in order]


graph = checks.reference("graph")
rng = np.random.default_rng(5)
for _ in range(4):
    order, inputs, local = random_graph(graph, rng)
    graph.backward(order[-1])
    last = [slopes_from(inputs, local, start)[-1] for start in range(len(order))]
    expected = [node.gradient for node in order]
    checks.check_value("the list of the output's slopes in a larger graph", last, expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "arrays-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: gates of arrays (15 points)
#
# **Broadcasting, backwards.** An array of some shape was broadcast to a larger one, as NumPy does it. Write
#
# `sum_to_shape(g, shape)`: given the gradient `g` at the copies, return the gradient for the original, of shape `shape`
#
# - `shape` is a tuple with at most as many lengths as `g` has, and each of them is 1 or that of `g`, counted from the right.
#
# **A gate with three matrices.** For each sample $z_n = \mathbf{x}_n^{\mathsf T} M\,\mathbf{y}_n$ is one number: a score for how well two descriptions fit. Write
#
# `bilinear_backward(dz, x, m, y)`, which returns `(dx, dm, dy)`
#
# - `dz` has shape $(N,)$, `x` $(N, D)$, `m` $(D, E)$, `y` $(N, E)$; each result has the shape of what it belongs to; nothing handed in may change.
#
# Example: `sum_to_shape(g, (2,))` of $g = \begin{pmatrix}1&2\\3&4\end{pmatrix}$ is $(4, 6)$, and `sum_to_shape(g, (2, 1))` is $\begin{pmatrix}3\\7\end{pmatrix}$.


# %% nbgrader={"grade": false, "grade_id": "arrays", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sum_to_shape(g, shape):
    """Return the gradient for an array of a shape, from the gradient at its broadcast copies."""
    ### BEGIN SOLUTION
    new_axes = g.ndim - len(shape)
    copied = [axis + new_axes for axis, length in enumerate(shape) if length == 1]
    return g.sum(axis=(*range(new_axes), *copied)).reshape(shape)
    ### END SOLUTION


def bilinear_backward(dz, x, m, y):
    """Return (dx, dm, dy) of z_n = x_nᵀ M y_n."""
    ### BEGIN SOLUTION
    weighted = dz[:, None] * x
    return dz[:, None] * (y @ m.T), weighted.T @ y, weighted @ m
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "arrays--bias", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

g = np.array([[1.0, 2.0], [3.0, 4.0]])
yours = checks.call_unchanged(sum_to_shape, g, (2,))
print(checks.difference_table(yours, [4.0, 6.0]))
checks.check_value("sum_to_shape to (2,)", yours, [4.0, 6.0])
checks.check_value("sum_to_shape to its own shape", sum_to_shape(g, (2, 2)), g)
checks.check_value("sum_to_shape to a number, ()", sum_to_shape(g, ()), 10.0)

# %% nbgrader={"grade": true, "grade_id": "arrays--axes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

g = np.array([[1.0, 2.0], [3.0, 4.0]])
checks.check_value("sum_to_shape to (2, 1)", checks.call_unchanged(sum_to_shape, g, (2, 1)), [[3.0], [7.0]])
checks.check_value("sum_to_shape to (1, 2)", sum_to_shape(g, (1, 2)), [[4.0, 6.0]])
checks.check_value("sum_to_shape to (1,)", sum_to_shape(g, (1,)), [10.0])
### BEGIN HIDDEN TESTS
graph = checks.reference("graph")
rng = np.random.default_rng(6)
g = rng.standard_normal((4, 3, 5))
for shape in ((3, 5), (5,), (1, 5), (3, 1), (4, 1, 5), (1, 3, 1), (4, 3, 5), (1, 1, 1), (4, 1, 1), ()):
    x = graph.Node(np.zeros(shape))
    graph.backward(x + np.zeros((4, 3, 5)), seed=g)
    checks.check_value("sum_to_shape with three axes", sum_to_shape(g, shape), x.gradient, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "arrays--bilinear", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(7)
dz, x, m, y = (rng.standard_normal(shape) for shape in ((5,), (5, 2), (2, 3), (5, 3)))


def through(x, m, y):
    return np.sum(dz * np.sum((x @ m) * y, axis=1))


result = checks.call_unchanged(bilinear_backward, dz, x, m, y)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 3, "bilinear_backward should return the triple (dx, dm, dy)"
)
checks.check_gradient("dx of a batch", result[0], lambda x: through(x, m, y), x, batch=5)
checks.check_gradient("dm of a batch", result[1], lambda m: through(x, m, y), m, batch=5)
checks.check_gradient("dy of a batch", result[2], lambda y: through(x, m, y), y, batch=5)
### BEGIN HIDDEN TESTS
graph = checks.reference("graph")
for count in (1, 3):
    dz, *arrays = (rng.standard_normal(shape) for shape in ((count,), (count, 3), (3, 3), (count, 3)))
    x, m, y = nodes = [graph.Node(array) for array in arrays]
    graph.backward(((x @ m) * y).sum(axis=1), seed=dz)
    for name, yours, node in zip(("dx", "dm", "dy"), bilinear_backward(dz, *arrays), nodes, strict=True):
        checks.check_value(f"{name} where the matrix is square", yours, node.gradient, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: your passes train a network they have never seen
#
# Four points, the two classes of XOR, and a network of three tanh units, written gate by gate as plain data. `forward_pass` and `backward_pass` know nothing about it. Look at the boundary: which answers does it give where no sample ever was? Then change the seed: almost always the four corners are learned again, and the boundary between them is another one.

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
gates = []


def add_gate(operator, *sources):
    """Add a gate and return its number; 0 and 1 are the inputs, 2 is minus the target, 3 to 15 are the parameters."""
    gates.append((operator, list(sources)))
    return 15 + len(gates)


output = 15
for unit in range(3):
    w1, w2, b, v = range(3 + 4 * unit, 7 + 4 * unit)
    weighted = add_gate("add", add_gate("multiply", 0, w1), add_gate("multiply", 1, w2))
    hidden = add_gate("tanh", add_gate("add", weighted, b))
    output = add_gate("add", output, add_gate("multiply", hidden, v))
error = add_gate("add", output, 2)
add_gate("multiply", error, error)
sources = [[] for _ in range(16)] + [list(read) for _, read in gates]

rng = np.random.default_rng(8)
parameters = rng.standard_normal(13)
corners = [(-1, -1, -1), (-1, 1, 1), (1, -1, 1), (1, 1, -1)]
losses = []
for _ in range(300):
    total, step = 0.0, np.zeros(13)
    for x1, x2, target in corners:
        values, local = forward_pass([x1, x2, -target, *parameters.tolist()], gates, evaluate)
        step += backward_pass(sources, local)[3:16]
        total += values[-1]
    losses.append(total / 4)
    parameters -= 0.1 * step / 4

figure, (left, right) = plots.new_axes(columns=2, width=7.6)
left.semilogy(losses)
plots.label(left, "step", "loss")
u, v = np.meshgrid(np.linspace(-2, 2, 60), np.linspace(-2, 2, 60))
w = parameters[:12].reshape(3, 4)
answer = parameters[12] + sum(row[3] * np.tanh(row[0] * u + row[1] * v + row[2]) for row in w)
right.contour(u, v, answer, levels=[0], colors=plots.GREY)
for x1, x2, target in corners:
    right.plot(x1, x2, "o" if target > 0 else "s", color=plots.COLOURS[0 if target > 0 else 1])
plots.label(right, "x₁", "x₂")

# %% [markdown] nbgrader={"grade": false, "grade_id": "direction-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: in your own words (10 points)
#
# Someone proposes to train networks in forward mode: "it gives the same derivatives, needs no order backwards, and stores nothing". In six to ten sentences: what is right about this; what would one step of training cost for a network with a million weights and one loss, compared with reverse mode, and why; what does reverse mode pay in exchange; and name a computation for which the proposal would be the better choice.

# %% [markdown] nbgrader={"grade": true, "grade_id": "direction--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 2 for what is right (both modes apply the same chain rule to the same local derivatives and agree to rounding; forward mode may forget nodes that nobody will read again); 4 for the cost (one pass forward for each input, so about a million passes against about one pass back, each about one product an arrow; 2 for the numbers, 2 for the reason: a forward pass serves one input, a pass back one output); 2 for
# the price of reverse mode (all values or local derivatives are kept until the way back, memory in proportion to the size of the graph); 2 for an example with few inputs and many outputs (a curve or a simulation that depends on one parameter, a derivative along one direction).
#
# **Full (10).** "Both modes multiply the same local derivatives and add over the same paths, so they agree to rounding, and forward mode can forget a value as soon as all its readers are done. But a pass in forward mode says how everything answers to one input. With a million weights that makes a million passes for a single step, each with about one product an arrow, where reverse mode needs one pass
# back, because there is one output and a pass back gives its derivative for every node. In exchange reverse mode has to keep all values of the pass forward until they are used, so its memory grows with the graph. For the track of a satellite that depends on one launch angle, a thousand outputs and one input, forward mode is better: one pass."
#
# **Half (5).** "Forward mode needs a pass for every weight and reverse mode only one, so it would be a million times slower. Reverse mode needs memory for the values." (Numbers 2, memory 2, agreement implied 1; no reason, no example.)
#
# **None (0).** "Forward mode is the pass forward and gives no gradients; these come from backpropagation."
#
# === END MARK SCHEME ===
# ### END SOLUTION
