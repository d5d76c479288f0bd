//! Operators: arithmetic, logic, the matrix product.

use pyo3::prelude::*;

use super::convert::Operand;
use super::tensor::PyTensor;
use crate::ops::BinaryOp;

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
        self.binary(py, BinaryOp::BitwiseAnd, other, false)
    }

    fn __rand__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::BitwiseAnd, other, true)
    }

    fn __or__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::BitwiseOr, other, false)
    }

    fn __ror__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::BitwiseOr, other, true)
    }

    fn __xor__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::BitwiseXor, other, false)
    }

    fn __lshift__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::LeftShift, other, false)
    }

    fn __rlshift__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::LeftShift, other, true)
    }

    fn __rshift__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::RightShift, other, false)
    }

    fn __rrshift__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::RightShift, other, true)
    }

    fn __rxor__(&self, py: Python<'_>, other: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::BitwiseXor, other, true)
    }
}

#[pymethods]
impl PyTensor {
    /// Power, the same as `**`.
    fn pow(&self, py: Python<'_>, exponent: Operand<'_, '_>) -> PyResult<PyTensor> {
        self.binary(py, BinaryOp::Pow, exponent, false)
    }
}
