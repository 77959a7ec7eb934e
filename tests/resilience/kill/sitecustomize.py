"""Ends a process with SIGKILL at named steps, without a line in the product for it.

Python imports this module at its start when its folder is on PYTHONPATH. `KILL_AT` names the steps of each
service in JSON: `services.approvals.use_cases.decisions:grant_approval:after` is a function and the moment.
Nobody dies before there is a file `armed` in the folder `KILL_FOLDER`; there a file is made for each step at
its kill, so that it comes once, and a file `pid` says whom to end, this process where there is none.
"""

import contextlib
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any


def _kill(step: str) -> None:
    folder = Path(os.environ["KILL_FOLDER"])
    if not (folder / "armed").exists():
        return
    try:
        (folder / step).touch(exist_ok=False)
    except FileExistsError:
        return
    victim = folder / "pid"
    if not victim.exists():
        os.kill(os.getpid(), signal.SIGKILL)
    for _ in range(400):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(victim.read_text()), signal.SIGKILL)
            return
        time.sleep(0.05)  # it is dead already and starts again
    raise TimeoutError(f"nobody there to end at {step}")


def _deadly(function: Callable[..., Any], moment: str, step: str) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def deadly_coroutine(*args: Any, **kwargs: Any) -> Any:
            if moment == "before":
                _kill(step)
            answer = await function(*args, **kwargs)
            if moment == "after":
                _kill(step)
            return answer

        return deadly_coroutine

    @functools.wraps(function)
    def deadly(*args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            _kill(step)
        answer = function(*args, **kwargs)
        if moment == "after":
            _kill(step)
        return answer

    return deadly


def _arm(module: ModuleType, steps: Sequence[str]) -> None:
    for step in steps:
        _, path, moment = step.split(":")
        *owners, name = path.split(".")
        owner: Any = module
        for part in owners:
            owner = getattr(owner, part)
        setattr(owner, name, _deadly(getattr(owner, name), moment, step))


class _Armourer(importlib.abc.MetaPathFinder):
    """Replaces functions in the moment their module has been executed."""

    def __init__(self, steps: Sequence[str]) -> None:
        self._steps: dict[str, list[str]] = {}
        for step in steps:
            self._steps.setdefault(step.partition(":")[0], []).append(step)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        steps = self._steps.pop(fullname, None)
        if steps is None:
            return None
        spec = importlib.util.find_spec(fullname)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def execute_and_arm(module: ModuleType) -> None:
            execute(module)
            _arm(module, steps)

        spec.loader.exec_module = execute_and_arm  # type: ignore[method-assign]
        return spec


if at := os.environ.get("KILL_AT"):
    service = sys.orig_argv[-1].removeprefix("services.")  # python -m services.approvals
    sys.meta_path.insert(0, _Armourer(json.loads(at).get(service, ())))
