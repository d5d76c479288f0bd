//! Operators: arithmetic, logic, the matrix product.

use pyo3::prelude::*;

use super::convert::Operand;
use super::tensor::PyTensor;
use crate::error::Error;
use crate::ops::BinaryOp;
use crate::record::Expr;

impl PyTensor {
    /// Matrix product with an operand on either side.
    pub(super) fn product(&self, py: Python<'_>, other: Operand<'_, '_>, swapped: bool) -> PyResult<PyTensor> {
        if let Operand::Tensor(t) = &other {
            self.owns(py, "matmul", t.get())?;
        }
        self.recorded(py, |r| {
            let (x, y) = (r.at(self.tensor.id()), self.expression(r, other));
            if swapped { y.matmul(x) } else { x.matmul(y) }
        })
    }
}

/// The input if it is of bool, else the failed expression.
pub(super) fn only_bool<'r>(x: Expr<'r>, op: &'static str) -> Result<Expr<'r>, Expr<'r>> {
    match x.dtype() {
        crate::dtype::DType::Bool => Ok(x),
        got => Err(x.fail(Error::DType {
            op,
            got,
            expected: "bool; use logical_and, logical_or, logical_not for numbers",
        })),
    }
}

#[pymethods]
impl PyTensor {
    fn __add__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Add, other, false)
    }

    fn __radd__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Add, other, true)
    }

    fn __sub__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Sub, other, false)
    }

    fn __rsub__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Sub, other, true)
    }

    fn __mul__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Mul, other, false)
    }

    fn __rmul__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Mul, other, true)
    }

    fn __truediv__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Div, other, false)
    }

    fn __rtruediv__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Div, other, true)
    }

    fn __floordiv__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::FloorDiv, other, false)
    }

    fn __rfloordiv__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::FloorDiv, other, true)
    }

    fn __mod__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Remainder, other, false)
    }

    fn __rmod__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Remainder, other, true)
    }

    fn __and__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.logical(py, BinaryOp::LogicalAnd, "&", other)
    }

    fn __rand__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.logical(py, BinaryOp::LogicalAnd, "&", other)
    }

    fn __or__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.logical(py, BinaryOp::LogicalOr, "|", other)
    }

    fn __ror__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.logical(py, BinaryOp::LogicalOr, "|", other)
    }

    fn __xor__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.logical(py, BinaryOp::LogicalXor, "^", other)
    }

    fn __rxor__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.logical(py, BinaryOp::LogicalXor, "^", other)
    }
}

#[pymethods]
impl PyTensor {
    /// Power, the same as `**`.
    fn pow(&self, py: Python<'_>, exponent: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Pow, exponent, false)
    }
}

impl PyTensor {
    fn logical(
        &self,
        py: Python<'_>,
        op: BinaryOp,
        symbol: &'static str,
        other: Operand<'_, '_>,
    ) -> PyResult<PyTensor> {
        if let Operand::Tensor(t) = &other {
            self.owns(py, op.name(), t.get())?;
        }
        self.recorded(py, |r| {
            let (x, y) = (r.at(self.tensor.id()), self.expression(r, other));
            let both = only_bool(x, symbol).and_then(|x| only_bool(y, symbol).map(|y| x.binary(op, y)));
            both.unwrap_or_else(|failed| failed)
        })
    }
}
