"""A Jinja environment that answers constant calls once, while it reads a template, and not on every page.

Each language has its own environment, so `_("Log in")`, `url("imprint")` and `icon("done")` always say the
same there. That halves the time of a page. A list has a thousand values to escape: here that makes no Markup
of each, since what is put out is joined to text at once. That halves the time of a list. And no function is
asked on every call whether it wants to know the template's context: ours do not, which is a fifth of a page.
What has an attribute is asked for it at once, and only what has none is asked for a key of that name.
An `if` within {{ }} that lacks its `else` says the empty text, where Jinja makes an Undefined that says it.
"""

from collections.abc import Callable

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escape_text  # type: ignore[attr-defined]  # what escape() itself calls

FOLDED = ("_", "url", "static", "icon")


def escaped(value: object) -> str:
    """The same text as markupsafe.escape gives, as a plain string."""
    if type(value) is str:
        text: str = escape_text(value)
        return text
    return value if type(value) is Markup else str(escape(value))


def call_plainly(function: Callable[..., object], /, *arguments: object, **named: object) -> object:
    return function(*arguments, **named)


class _QuickGenerator(CodeGenerator):
    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802  # named by Jinja
        self.write("(found if (found := getattr(owner := (")
        self.visit(node.node, frame)
        name = repr(node.attr)
        self.write(f"), {name}, missing)) is not missing else environment.getattr(owner, {name}))")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: FBT001, FBT002, N802  # as Jinja declares it
        self.write("environment.call_plainly(")
        self.visit(node.node, frame)
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        self.write(")")


class FoldingEnvironment(Environment):
    code_generator_class = _QuickGenerator
    escaped = staticmethod(escaped)
    call_plainly = staticmethod(call_plainly)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        _Folder(self).visit(template)
        return template


class _Folder(NodeTransformer):
    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  # named by Jinja after its node
        self.generic_visit(node)
        is_plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        if not (isinstance(node.node, nodes.Name) and node.node.name in FOLDED and is_plain):
            return node
        if not all(isinstance(argument, nodes.Const) for argument in node.args):
            return node
        arguments = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
        answer: str = self._environment.globals[node.node.name](*arguments)  # type: ignore[operator]
        folded = nodes.Const(str(answer), lineno=node.lineno)
        return nodes.MarkSafe(folded, lineno=node.lineno) if isinstance(answer, Markup) else folded

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Node:  # noqa: N802  # as above
        self.generic_visit(node)
        if node.expr2 is None:
            node.expr2 = nodes.Const("", lineno=node.lineno)
        return node
