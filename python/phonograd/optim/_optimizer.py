"""What all optimisers share: a step is recorded for each parameter, computed in one plan, and stored all or nothing.

In go a store and gradients; out comes the store with other arrays, or an error and the store as it was. An optimiser
says what one parameter's step is; this room says what happens with all of them.
"""

from __future__ import annotations

from phonograd._core import DTypeError, Gradients, InputError, ParameterError, ShapeError, Tensor
from phonograd._store import ParameterStore
from phonograd._values import Frozen, kind, listed
from phonograd.optim.clipping import meant, read, widened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import ClassVar

    from phonograd.optim.clipping import GradientsLike, NamedGradients

    State = dict[str, Tensor]


# First guesses that have another answer here.
_HINTS = {
    "zero_grad": "gradients are values that `loss.grad()` returns; nothing adds up",
    "state_dict": "what it remembers is in `store.state`: `phonograd.checkpoint.save(path, store, optimizer=...)`",
    "load_state_dict": "what it remembers is in `store.state`: `phonograd.checkpoint.load(path)`",
    "add_param_group": "`Groups` gives parameters their optimisers by patterns of names",
    "param_groups": "`Groups` gives parameters their optimisers by patterns; `replace(rate=...)` makes another",
}


class Optimizer(Frozen):
    """What all optimisers share; a new one says what `init` and `update` are.

    The numbers an optimiser holds are Python floats, so they are inputs of the plan and no part of it: a rate that
    changes every step finds the same plan. As optimisers are frozen and keep nothing, a schedule is a new one each
    step.

    Example:
        >>> import phonograd as pg
        >>> class SignDescent(pg.optim.Optimizer):
        ...     name = "sign"
        ...
        ...     def update(self, p, g, state):
        ...         return p - 0.25 * g.sign(), state
        >>> store = pg.ParameterStore()
        >>> store["x"] = [3.0, -1.0]
        >>> rec = pg.Record(store)
        >>> SignDescent().step(store, rec.parameter("x").square().sum().grad())
        >>> store["x"].tolist()
        [2.75, -0.75]
    """

    _no_holder = "an optimiser holds no parameters: `step(store, grads)` moves those of the gradients"
    _hints = _HINTS
    name: ClassVar[str] = "optimizer"
    """The first part of the names in `store.state`."""

    def init(self, p: Tensor) -> State:
        """The state of a parameter before the first step.

        Args:
            p: The parameter; it tells the record, the shape and the dtype.

        Returns:
            Tensors by name, recorded like any others. The default is no state.
        """
        return {}

    def update(self, p: Tensor, g: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, Mapping[str, Tensor]]:
        """One step of one parameter, as recorded arithmetic: nothing is computed and nothing stored.

        Args:
            p: The parameter.
            g: Its gradient.
            state: What `init` or the step before returned.

        Returns:
            The new parameter and the new state.

        Example:
            >>> import phonograd as pg
            >>> rec = pg.Record()
            >>> p, g = rec.tensor(1.0), rec.tensor(0.5)
            >>> momentum = pg.optim.SGD(rate=0.1, momentum=0.9)
            >>> new_p, state = momentum.update(p, g, momentum.init(p))
            >>> new_p.item(), state["velocity"].item()
            (0.949999988079071, 0.5)
        """
        raise NotImplementedError(f"{type(self).__name__} has no update")

    def of(self, name: str) -> Optimizer | None:
        """The optimiser of one parameter, or None if it is to stay as it is; see `Groups`.

        Args:
            name: The parameter's name.
        """
        return self

    def step(self, store: ParameterStore, grads: GradientsLike, names: Iterable[str] | None = None) -> None:
        """Moves parameters in the store along their gradients, all or none.

        Gradients, new parameters and new state are computed in one plan, with the loss and whatever else of the
        record is held and on the way. The store changes only after all of it succeeded. Steps of float16 and bfloat16
        parameters are made in float32, which is also their state's dtype, and rounded.

        Args:
            store: The store that the record's parameters came from.
            grads: Gradients of a loss, clipped or not; or tensors or arrays by name, such as sums over several records.
            names: The parameters to move, by names or patterns such as `"encoder.*"`; by default all that reach the
                loss. Others stay as they are, and so do their momentum and decay.

        Raises:
            ParameterError: If the store or the gradients lack one of the names, or the loss reaches no parameter, while
                the store has some and no names are given.
            ShapeError: If a gradient or a state does not have its parameter's shape.
            DTypeError: If it does not have its dtype.
        """
        if not isinstance(store, ParameterStore):
            raise InputError(f"step: cannot read parameters from {type(store).__name__}; expected a ParameterStore")
        grads = read("step", grads)
        wanted = meant("step", grads, names)
        if names is None and not wanted and len(store):
            raise _out_of_reach(grads)
        record, kept = grads.record, store.state
        moved: State = {}
        # States that the forward pass noted, such as running statistics, are stored with an optimiser's own.
        remembered: State = record.next_states()
        gradients: dict[int, tuple[Optimizer, dict[str, Tensor]]] = {}
        for name in wanted:
            rule = self.of(name)
            if rule is not None:  # else it is frozen: its gradient is not even computed
                gradients.setdefault(id(rule), (rule, {}))[1][name] = grads[name]
        for rule, own in gradients.values():
            rule._update_all(store, own, moved, remembered)
        # The loss comes along, so that reading it afterwards needs no second plan. Nothing is kept for later gradients:
        # those that are wanted are in this plan.
        loss = () if grads.output is None else (grads.output,)
        record.compute(*loss, *moved.values(), *remembered.values(), keep=False)
        store._commit(moved, kept, remembered)

    def _update_all(self, store: ParameterStore, gradients: dict[str, Tensor], moved: State, remembered: State) -> None:
        """Records the steps of parameters that this optimiser moves, and notes what they and their states become."""
        kept = store.state
        for name, g in gradients.items():
            own = g.record.load(store, name)
            p, g = widened(own), widened(g)
            same_kind("step", "the gradient of", name, g, p)
            state = self.init(p)
            prefix = f"{self.name}/{name}/"
            for key, first in state.items():
                if prefix + key in kept:
                    state[key] = p.record.load(kept, prefix + key)
                    same_kind("step", "the state", prefix + key, state[key], first)
            after: object = self.update(p, g, state)
            # A tensor alone would be taken apart along its first axis.
            if not (isinstance(after, tuple) and len(after) == 2 and isinstance(after[0], Tensor)):
                raise InputError(
                    f"step: cannot read what {type(self).__name__}.update returned from {kind(after)}; expected a pair "
                    "of the new parameter and the new state, tensors by name"
                )
            moved[name], state_after = after
            same_kind("step", "the new", name, moved[name], p)
            if own is not p:
                moved[name] = moved[name].astype(own.dtype)
            for key, value in state_after.items():
                remembered[prefix + key] = value


def _out_of_reach(grads: Gradients | NamedGradients) -> ParameterError:
    """The error of a step that would move nothing."""
    if not len(grads):
        return ParameterError(
            "step: there are gradients of no parameter; take parameters from `Record(store)`, with `parameter` or by "
            "layers that are not frozen"
        )
    return ParameterError(
        f"step: the loss reaches none of the parameters {listed(grads)}; what is between may cut them off, such as "
        "`stop_gradient`; `names=()` moves none"
    )


def same_kind(of: str, what: str, name: str, got: Tensor, expected: Tensor) -> None:
    """Refuses a tensor that has not the shape and dtype of another: broadcasting would hide the mistake."""
    if expected._alike(got):
        return
    if got.shape != expected.shape:
        raise ShapeError(f"{of}: {what} `{name}` has shape {got.shape}; expected {expected.shape}")
    raise DTypeError(f"{of}: {what} `{name}` has dtype {got.dtype}; expected {expected.dtype}")
