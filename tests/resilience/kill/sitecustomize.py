"""Ends a process with SIGKILL at a named step, without a line in the product for it.

Python imports this module at its start when its folder is on PYTHONPATH. `KILL_AT` names a function
and a moment (`services.approvals.use_cases:grant_approval:after`), `KILL_PID` whom to end (this
process where it is empty), and `KILL_MARKER` a file that is created at the kill, so that it comes once.
"""

import functools
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any


def _kill() -> None:
    try:
        os.close(os.open(os.environ["KILL_MARKER"], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    pid = os.environ.get("KILL_PID")
    os.kill(int(pid) if pid else os.getpid(), signal.SIGKILL)


def _deadly(function: Callable[..., Any], moment: str) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def wrapped_coroutine(*args: Any, **kwargs: Any) -> Any:
            if moment == "before":
                _kill()
            answer = await function(*args, **kwargs)
            if moment == "after":
                _kill()
            return answer

        return wrapped_coroutine

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            _kill()
        answer = function(*args, **kwargs)
        if moment == "after":
            _kill()
        return answer

    return wrapped


class _Patcher(importlib.abc.MetaPathFinder):
    """Replaces one function in the moment its module has been executed."""

    def __init__(self, module: str, function: str, moment: str) -> None:
        self._module, self._function, self._moment = module, function, moment

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def execute_and_patch(module: ModuleType) -> None:
            execute(module)
            owner: Any = module
            *path_to_owner, name = self._function.split(".")
            for part in path_to_owner:
                owner = getattr(owner, part)
            setattr(owner, name, _deadly(getattr(owner, name), self._moment))

        spec.loader.exec_module = execute_and_patch  # type: ignore[method-assign]
        return spec


if where := os.environ.get("KILL_AT"):
    sys.meta_path.insert(0, _Patcher(*where.split(":")))
