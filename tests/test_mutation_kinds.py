"""What each kind of mutant changes, by example."""

from __future__ import annotations

import textwrap

import pytest

from grader.audit.mutation import mutants


def in_a_function(body: str) -> str:
    return "def f(a, b, c, d, self, x, y):\n" + textwrap.indent(body, "    ") + "\n"


def after(body: str, kind: str) -> list[str]:
    """The changed lines that the mutants of a kind make of a function's body."""
    return [mutant.after for mutant in mutants(in_a_function(body)) if mutant.kind == kind]


EXAMPLES = {
    "operator": {
        "y = a + b": ["y = a - b"],
        "y = a - b": ["y = a + b"],
        "y = a * b / c": ["y = a / b / c", "y = a * b * c"],
        "y = a // b % c": ["y = a / b % c", "y = a // b // c"],
        "y = a @ b": ["y = a * b"],
        "y = c / a ** b": ["y = c * a ** b", "y = c / (a * b)"],
        "y = (a ** b) + c": ["y = (a ** b) - c", "y = (a * b) + c"],
        "y = a | b & c": ["y = (a & (b & c))", "y = a | (b | c)"],
        "y = a * (b\n  + c)": ["y = a / (b", "- c)"],
        "a += b": ["a -= b", "a = b"],
        "a *= b": ["a /= b", "a = b"],
        "y = 'a' + b": [],
        "y = [a] * b": [],
        "a += [b]": ["a = [b]"],
        "y = x.mul_(a).add(b)": ["y = x.div_(a).add(b)", "y = x.mul_(a).sub(b)"],
        "x.add(a)": [],
    },
    "sign": {
        "y = -a * b": ["y = a * b"],
        "y = -(a + b)": ["y = (a + b)"],
        "return-a": ["return a"],
        "y = not a": ["y = a"],
        "y = ~a": ["y = a"],
        "if not a:\n    y = b": [],
    },
    "comparison": {
        "y = a < b <= c": ["y = a <= b <= c", "y = a < b < c"],
        "y = a >= b, c > d": ["y = a > b, c > d", "y = a >= b, c >= d"],
        "y = a == b": ["y = a != b"],
        "y = a is b": ["y = a is not b"],
        "y = (a) is not (b)": ["y = (a) is (b)"],
        "y = a not in b": ["y = a in b"],
        "y = a  # < b\\\n": [],
        "if a == b:\n    y = c": [],
        "if a < b:\n    y = c": ["if a <= b:"],
    },
    "logic": {
        "y = a and b": ["y = b", "y = a", "y = a or b"],
        "y = a or b or c": ["y = b or c", "y = a or c", "y = a and b and c", "y = a or b"],
        "y = (a) and (b == c)": ["y = (b == c)", "y = (a)", "y = (a) or (b == c)"],
    },
    "condition": {
        "if a:\n    y = b": ["if True:", "if False:"],
        "if (a and\n      b):\n    y = b": ["if True:", "if False:"],
        "if a:\n    raise ValueError": ["if False:"],
        "if a:\n    y = b\nelif c:\n    y = d": [
            "if True:",
            "if False:",
            "elif True:",
            "elif False:",
        ],
        "while a:\n    y = b": ["while False:"],
        "y = a + b if c else d": ["y = a + b", "y = d"],
        "y = (a\n     if c else\n     b)": ["y = (a)", "y = (b)"],
        "y = [a for a in x if a > b]": ["y = [a for a in x if True]"],
    },
    "constant": {
        "y = 0": ["y = 1"],
        "y = 1": ["y = 2", "y = 0"],
        "y = a - 2": ["y = a - 3", "y = a - 1"],
        "y = 32": ["y = 33"],
        "y = -100": ["y = -99", "y = 100"],
        "y = 0.0, 3.5, 0.9, 1e-8": [
            "y = 1.0, 3.5, 0.9, 1e-8",
            "y = 0.0, 7.0, 0.9, 1e-8",
            "y = 0.0, 3.5, 0.45, 1e-8",
            "y = 0.0, 3.5, 0.9, 0.0",
        ],
        "y = a < 0 <= b": ["y = a < -1 <= b"],
        "y = 0 < a": ["y = 1 < a"],
        "y = a > 0, a >= 1, a <= 1": [
            "y = a > 1, a >= 1, a <= 1",
            "y = a > 0, a >= 0, a <= 1",
            "y = a > 0, a >= 1, a <= 2",
        ],
        "if a == 0:\n    y = b": [],
        "y = x[1:]": ["y = x[2:]", "y = x[0:]"],
        "y = True": ["y = False"],
        'y = a == "none"': ['y = a == "mean"'],
        'y = {"key": a}': ['y = {"": a}'],
        "y = a['key'], ''": ["y = a[\"\"], ''", "y = a['key'], \"x\""],
        'y = float("inf")': [],
        'y = open(a, encoding="utf-8")': [],
        'y = f"{a} and 1"': [],
        "y = nn.Conv2d(3, 1, padding=2)": [
            "y = nn.Conv2d(3, 2, padding=2)",
            "y = nn.Conv2d(3, 1, padding=3)",
        ],
        "y = nn.MaxPool2d(2)": ["y = nn.MaxPool2d(3)"],
        "y = x.reshape(-1, a)": [],
        'match a:\n    case "sum":\n        y = b': ['case "mean":'],
    },
    "dim": {
        "y = x.sum(dim=-1)": ["y = x.sum(dim=0)", "y = x.sum(dim=1)"],
        "y = torch.softmax(x, 1)": ["y = torch.softmax(x, -1)", "y = torch.softmax(x, 0)"],
        "y = x.mean(2)": ["y = x.mean(1)"],
        "y = x.shape[0]": ["y = x.shape[-1]", "y = x.shape[1]"],
        "y = x.movedim(1, -1)": [
            "y = x.movedim(-1, -1)",
            "y = x.movedim(0, -1)",
            "y = x.movedim(1, 0)",
            "y = x.movedim(1, 1)",
        ],
        "y = self.flatten(1)": [],
        "y = a[1]": [],
    },
    "swapped arguments": {
        "y = a(b, c, d)": ["y = a(c, b, d)"],
        "y = a((b + c), d)": ["y = a(d, (b + c))"],
        "y = a(\n    b,  # one\n    c,\n)": ["c, # one b,"],
        "y = torch.where(a, b, c)": ["y = torch.where(a, c, b)"],
        "y = a(b, b), a(b, 1), a(*b, c), min(a, b), isinstance(a, b)": [],
    },
    "swapped results": {"return a, b, c": ["return b, a, c"], "return a, a": []},
    "removed argument": {
        "y = a(b, c=1)": ["y = a(b)"],
        "y = a(b=x, c=d)": ["y = a(c=d)", "y = a(b=x)"],
        "y = a(b=(x))": ["y = a()"],
        "y = x.sum(1), torch.sum(x, 1)": [
            "y = x.sum(), torch.sum(x, 1)",
            "y = x.sum(1), torch.sum(x)",
        ],
        "y = a.get(b, c), a.get(b)": ["y = a.get(b), a.get(b)"],
        "y = a(b=True, **c)": [],
        "y = x.softmax(dim=1), x.clamp(min=1), nn.Conv2d(1, 2, kernel_size=3)": [],
        "y = all(a for a in b)": [],
    },
    "reduction": {
        "y = x.mean() + torch.sum(x)": [
            "y = x.sum() + torch.sum(x)",
            "y = x.mean() + torch.mean(x)",
        ],
        "y = min(a, b)": ["y = max(a, b)"],
        "y = x.argmax(1), x.amin()": ["y = x.argmin(1), x.amin()", "y = x.argmax(1), x.amax()"],
        "y = sum(a)": [],
    },
    "other call": {
        "y = torch.zeros_like(x)": ["y = torch.ones_like(x)"],
        "y = x.new_ones(a)": ["y = x.new_zeros(a)"],
        "self.model.train()": ["self.model.eval()"],
        "y = nn.ReLU()": ["y = nn.Identity()"],
    },
    "in place": {
        "y = x.mul_(a).add_(b)": ["y = x.mul(a).add_(b)", "y = x.mul_(a).add(b)"],
        "x.mul_(a).add_(b)": [],
    },
    "dropped call": {
        "y = (a - b).abs().sum()": ["y = (a - b).sum()"],
        "y = a.grad.clone()": ["y = a.grad"],
        "y = (\n    x.exp()\n    .log()\n)": ["x", "x.exp()"],
        "y = x.T @ a": ["y = x @ a"],
        "y = torch.exp(a + b) * c": ["y = (a + b) * c"],
        "y = a - torch.exp(\n    b)": ["y = a - b"],
        "y = sorted(a)": ["y = a"],
        "y = Path(a, b)": [],
        "x = x.detach()": [],
        "x.clamp_(a)": [],
        "x.mul_(a).add_(b)": ["x.add_(b)", "x.mul_(a)"],
        "y = self.flatten(x)": [],
        "y = float('nan')": [],
    },
    "dropped statement": {
        "a.step()": ["pass"],
        "a.step(); b.step()": ["pass; b.step()", "a.step(); pass"],
        "a.step(\n    b,\n)  # so": ["pass # so"],
        "x = a": ["pass"],
        "new = a": [],
        "a.grad = None": ["pass"],
        "a[0] = b": ["pass"],
        "a, new = b": [],
        "a += b": ["pass"],
        "del a": ["pass"],
        "raise ValueError": ["pass"],
        "return a": ["return None"],
        "return None": [],
        "if a:\n    b.step()": [],
        "if a:\n    b.step()\nelse:\n    c.step()": ["pass", "pass"],
        "for a in b:\n    continue": [],
        "for a in b:\n    c()\n    break": ["pass", "pass"],
        "super().__init__()": [],
        "yield a": [],
    },
    "error": {
        "raise ValueError(f'{a}') from None": ["raise Exception(f'{a}') from None"],
        "raise KeyError": ["raise Exception"],
        "raise a": [],
    },
    "dropped context": {
        "with torch.no_grad():\n    a()": ["if True:"],
        "with a[1:], b(c): d()": ["if True: d()"],
        "with open(a) as new:\n    b()": [],
    },
    "dropped decorator": {
        "@torch.no_grad()\ndef g():\n    a()": ["def g():"],
        "@a\n@b(\n    c\n)\ndef g():\n    a()": ["@b(", "def g():"],
        "@contextmanager\ndef g():\n    a()": [],
    },
    "loop": {
        "for y in a:\n    b()": ["for y in []:", "for y in list(a)[:1]:"],
        "for y in range(a):\n    b()": ["for y in range(a - 1):", "for y in []:"],
        "for y in range(1, a or b):\n    b()": ["for y in []:", "for y in range(1, (a or b) - 1):"],
        "for y in range(a + 1):\n    b()": ["for y in []:"],
        "for y in a, b:\n    c()": ["for y in []:", "for y in list((a, b))[:1]:"],
        "y = [a for a in x]": ["y = [a for a in []]", "y = [a for a in list(x)[:1]]"],
    },
}


@pytest.mark.parametrize(
    ("kind", "body"), [(kind, body) for kind, bodies in EXAMPLES.items() for body in bodies]
)
def test_each_kind_by_example(kind: str, body: str) -> None:
    assert sorted(after(body, kind)) == sorted(EXAMPLES[kind][body])


def test_default_values_are_a_kind_of_their_own() -> None:
    source = 'def f(a, b=1e-3, *, reduction="mean", flag: bool = False):\n    return a\n'
    found = [mutant.after for mutant in mutants(source) if mutant.kind == "default"]
    assert found == [
        'def f(a, b=0.002, *, reduction="mean", flag: bool = False):',
        'def f(a, b=1e-3, *, reduction="sum", flag: bool = False):',
        'def f(a, b=1e-3, *, reduction="mean", flag: bool = True):',
    ]


def test_arguments_of_the_modules_own_functions() -> None:
    """What has a default may be left out; what nobody mixes up is not swapped."""
    source = textwrap.dedent("""
        def same(a, b):
            if a.shape != b.shape:
                raise ValueError

        def typed(a: int, b: str, c: int = 1):
            return a

        def plain(a, b, c, d=2):
            same(a, b)
            return plain(typed(a, b, c), b, c, 3)
    """)
    found = {(mutant.kind, mutant.after) for mutant in mutants(source) if "argument" in mutant.kind}
    assert found == {
        ("removed argument", "return plain(typed(a, b), b, c, 3)"),
        ("removed argument", "return plain(typed(a, b, c), b, c)"),
        ("swapped arguments", "return plain(b, typed(a, b, c), c, 3)"),
    }
