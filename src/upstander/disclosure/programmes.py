"""Linear and integer programmes on HiGHS, kept warm from one objective to the next.

An attack asks one set of constraints many questions: each starts where the last one ended. The solver runs on one
thread with a fixed seed, so that equal questions get equal answers.
Source: Huangfu and Hall, Parallelizing the dual revised simplex method, 2018.
"""

from typing import Any

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix

from upstander.disclosure.errors import UnfitTables
from upstander.disclosure.types import Ints, Numbers

SLACK = 1e-6
_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "parallel": "off",
    "mip_rel_gap": 0.0,
}


_PRIMAL = 4


class Programme:
    """Extremes of weighted sums of x over `low <= x <= high` and `row_low <= rows x <= row_high` (0 unless given)."""

    def __init__(
        self, rows: csr_matrix, low: Numbers, high: Numbers, *,
        row_low: Numbers | None = None, row_high: Numbers | None = None, whole: bool = False, nodes: int | None = None,
    ) -> None:  # fmt: skip
        import highspy

        self._core = highspy
        self.columns = np.arange(rows.shape[1], dtype=np.int32)
        self.solved = 0
        # Not highspy.Highs: it prints a banner on standard output, where answers in JSON go.
        self._solver = highspy._core._Highs()  # noqa: SLF001
        for name, value in _OPTIONS.items():
            self._solver.setOptionValue(name, value)
        if nodes is not None:
            self._solver.setOptionValue("mip_max_nodes", nodes)
        self.is_optimal = False
        self._solver.passModel(_model(highspy, csc_matrix(rows), low, high, row_low, row_high, whole=whole))

    def least(self, cost: Numbers) -> Numbers:
        """The x that makes `cost · x` least. Raises UnfitTables where no x fits."""
        self._solver.changeColsCost(len(cost), self.columns, cost)
        return self._run()

    def add_row(self, low: float, at: Ints, values: Numbers) -> None:
        """One more row, whose sum is at least `low`."""
        self._solver.addRow(low, self._core.kHighsInf, len(at), at.astype(np.int32), values)

    def expect_unlike(self) -> None:
        """Each question is wholly unlike the last one: solve from the inside."""
        self._solver.setOptionValue("solver", "ipm")

    def expect_alike(self) -> None:
        """Each question differs little from the last one: go on from its answer, which still fits."""
        self._solver.setOptionValue("solver", "simplex")
        self._solver.setOptionValue("simplex_strategy", _PRIMAL)

    def multiples(self) -> Numbers:
        """The multiple of each row that proves the last answer least (its dual value)."""
        return np.array(self._solver.getSolution().row_dual)

    def _run(self) -> Numbers:
        if not self._solved():
            # Going on from one answer to the next can lose the way: only what fails from nothing, too, does not fit.
            self._solver.clearSolver()
            if not self._solved():
                status = self._solver.modelStatusToString(self._solver.getModelStatus())
                raise UnfitTables(
                    f"No counts fit all the numbers shown ({status}).",
                    found="numbers that contradict one another", expected="tables and sums of the same records",
                )  # fmt: skip
        return np.array(self._solver.getSolution().col_value)

    def _solved(self) -> bool:
        self._solver.run()
        self.solved += 1
        self.is_optimal = self._solver.getModelStatus() == self._core.HighsModelStatus.kOptimal
        # An optimum may miss a bound by less than a millionth of a person, and still is one.
        feasible = self._core.SolutionStatus.kSolutionStatusFeasible
        return self.is_optimal or self._solver.getInfo().primal_solution_status == feasible


def _model(
    core: Any, columns: csc_matrix, low: Numbers, high: Numbers,
    row_low: Numbers | None, row_high: Numbers | None, *, whole: bool,
) -> Any:  # fmt: skip
    model = core.HighsLp()
    model.num_row_, model.num_col_ = columns.shape
    model.col_cost_ = np.zeros(model.num_col_)
    model.col_lower_, model.col_upper_ = low, high
    model.row_lower_ = np.zeros(model.num_row_) if row_low is None else row_low
    model.row_upper_ = np.zeros(model.num_row_) if row_high is None else row_high
    model.a_matrix_.format_ = core.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = columns.indptr, columns.indices
    model.a_matrix_.value_ = columns.data.astype(np.float64)
    if whole:
        model.integrality_ = [core.HighsVarType.kInteger] * model.num_col_
    return model
