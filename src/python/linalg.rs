//! Linear algebra: what `phonograd/linalg.py` calls. Names begin with an underscore, as that module is the public one.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3::{Borrowed, inspect::PyStaticExpr, type_hint_identifier, type_hint_union};

use super::convert::{Axes, Operand, TensorArg, axes, wrong_kind};
use super::errors::{guard, to_py};
use super::functions::{expressions, listed, together};
use super::scalars::{Flag, Float, Int, Text, number};
use super::tensor::PyTensor;
use crate::error::Error;
use crate::ops::linalg::Triangle;
use crate::ops::linalg::norms::MatrixOrder;
use crate::record::Expr;

/// Functions of one tensor, and of others after it that are not.
macro_rules! functions {
    ($($py_name:literal $name:ident($($arg:ident: $Arg:ty),*) |$x:ident| $body:expr;)*) => {$(
        #[pyfunction]
        #[pyo3(name = $py_name)]
        pub fn $name(py: Python<'_>, x: TensorArg<'_, '_>, $($arg: $Arg),*) -> PyResult<PyTensor> {
            x.get().map(py, |$x| $body)
        }
    )*};
}

functions! {
    "_linalg_cholesky" cholesky(upper: Flag) |x| x.cholesky(upper.0);
    "_linalg_cholesky_inverse" cholesky_inverse(upper: Flag) |x| x.cholesky_inverse(upper.0);
    "_linalg_det" det() |x| x.det();
    "_linalg_diagonal" diagonal(offset: Int) |x| x.diagonal(offset.0, -2, -1);
    "_linalg_eigvalsh" eigvalsh(upper: Flag) |x| x.eigvalsh(upper.0);
    "_linalg_expm" expm() |x| x.expm();
    "_linalg_inv" inv() |x| x.inv();
    "_linalg_matrix_power" matrix_power(n: Int) |x| x.matrix_power(n.0);
    "_linalg_matrix_rank" matrix_rank(tol: Option<Float>, rtol: Option<Float>, hermitian: Flag)
        |x| x.matrix_rank(tol.map(|tol| tol.0), rtol.map(|rtol| rtol.0), hermitian.0);
    "_linalg_pinv" pinv(rtol: Option<Float>) |x| x.pinv(rtol.map(|rtol| rtol.0));
    "_linalg_svdvals" svdvals() |x| x.svdvals();
    "_linalg_trace" trace(offset: Int) |x| x.trace(offset.0, -2, -1);
}

/// The order of a norm: a number, or the name of one.
pub enum Order<'a> {
    Number(f64),
    Name(Text<'a>),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Order<'a> {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr =
        type_hint_union!(type_hint_identifier!("builtins", "float"), type_hint_identifier!("builtins", "str"));

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match number(&value)? {
            Some(number) => Ok(Order::Number(number.as_f64())),
            None => Text::extract(value).map(Order::Name).map_err(|_| wrong_kind("ord", &value, "a number or a name")),
        }
    }
}

impl Order<'_> {
    fn of_matrices(&self, py: Python<'_>, op: &'static str) -> PyResult<MatrixOrder> {
        guard(py, || match self {
            Order::Number(number) => MatrixOrder::from_number(op, *number),
            Order::Name(name) => MatrixOrder::from_name(op, name),
        })
    }
}

/// The condition number.
#[pyfunction]
#[pyo3(name = "_linalg_cond")]
pub fn cond(py: Python<'_>, x: TensorArg<'_, '_>, order: Option<Order<'_>>) -> PyResult<PyTensor> {
    let order = order.map(|order| order.of_matrices(py, "cond")).transpose()?;
    x.get().map(py, |x| x.cond(order))
}

/// A norm of matrices along two axes.
#[pyfunction]
#[pyo3(name = "_linalg_matrix_norm")]
pub fn matrix_norm(
    py: Python<'_>,
    x: TensorArg<'_, '_>,
    order: Order<'_>,
    axis: Axes,
    keepdims: Flag,
) -> PyResult<PyTensor> {
    let order = order.of_matrices(py, "matrix_norm")?;
    let &[row, column] = &axis.0[..] else {
        let (got, expected) = (format!("{} axes", axis.0.len()), "2 axes");
        return Err(to_py(py, &Error::Argument { op: "matrix_norm", argument: "axis", got, expected }));
    };
    x.get().map(py, |x| x.matrix_norm_along(order, [row, column], keepdims.0))
}

/// A norm of vectors over axes.
#[pyfunction]
#[pyo3(name = "_linalg_vector_norm")]
pub fn vector_norm(
    py: Python<'_>,
    x: TensorArg<'_, '_>,
    order: Float,
    axis: Option<Axes>,
    keepdims: Flag,
) -> PyResult<PyTensor> {
    x.get().map(py, |x| x.vector_norm(order.0, axes(&axis), keepdims.0))
}

/// Functions of one tensor that have several results.
macro_rules! several {
    ($($py_name:literal $name:ident($($arg:ident: $Arg:ty),*) |$x:ident| $body:expr;)*) => {$(
        #[pyfunction]
        #[pyo3(name = $py_name, signature = (x, $($arg),*) -> "tuple[Tensor, ...]")]
        pub fn $name<'py>(py: Python<'py>, x: TensorArg<'_, 'py>, $($arg: $Arg),*) -> PyResult<Bound<'py, PyTuple>> {
            let id = x.get().tensor.id();
            x.get().many(py, |r| {
                let $x = r.at(id);
                $body
            })
        }
    )*};
}

several! {
    "_linalg_eigh" eigh(upper: Flag) |x| x.eigh(upper.0);
    "_linalg_lu" lu() |x| x.lu();
    "_linalg_qr" qr(complete: Flag) |x| x.qr(complete.0);
    "_linalg_slogdet" slogdet() |x| x.slogdet();
    "_linalg_svd" svd(full: Flag) |x| x.svd(full.0);
}

/// Functions of two operands, of which one is a tensor.
macro_rules! pairs {
    ($($py_name:literal $op:literal $name:ident($($arg:ident: $Arg:ty),*) |$a:ident, $b:ident| $body:expr;)*) => {$(
        #[allow(clippy::too_many_arguments, reason = "as many as the function has in Python")]
        #[pyfunction]
        #[pyo3(
            name = $py_name,
            signature = (a: "Tensor | _Array | float", b: "Tensor | _Array | float", $($arg),*)
        )]
        pub fn $name(
            py: Python<'_>,
            a: Operand<'_, '_>,
            b: Operand<'_, '_>,
            $($arg: $Arg),*
        ) -> PyResult<PyTensor> {
            together(py, $op, [a, b], |_, [$a, $b]| $body)
        }
    )*};
}

pairs! {
    "_linalg_cholesky_solve" "cholesky_solve" cholesky_solve(upper: Flag) |b, l| l.cholesky_solve(b, upper.0);
    "_linalg_cross" "cross" cross(axis: Int) |a, b| a.cross(b, axis.0);
    "_linalg_solve" "solve" solve() |a, b| a.solve(b);
    "_linalg_solve_triangular" "solve_triangular"
        solve_triangular(upper: Option<Flag>, lower: Option<Flag>, left: Flag, unitriangular: Flag, transpose: Flag)
        |a, b| match side(upper, lower) {
            Ok(upper) => {
                a.solve_triangular(b, Triangle { upper, unit: unitriangular.0, transpose: transpose.0 }, left.0)
            }
            Err(error) => a.fail(error),
        };
    "_linalg_tensordot" "tensordot" tensordot(own: Axes, theirs: Axes) |a, b| a.tensordot(b, &own.0, &theirs.0);
    "_linalg_vecdot" "vecdot" vecdot(axis: Int) |a, b| a.vecdot(b, axis.0);
}

/// Whether it is the upper triangle that counts.
fn side(upper: Option<Flag>, lower: Option<Flag>) -> Result<bool, Error> {
    let got = match (upper, lower) {
        (Some(upper), None) => return Ok(upper.0),
        (None, Some(lower)) => return Ok(!lower.0),
        (None, None) => "None for both",
        (Some(_), Some(_)) => "given for both",
    };
    let expected = "one of them, for there is no default";
    Err(Error::Argument { op: "solve_triangular", argument: "upper, lower", got: got.to_string(), expected })
}

/// The solution of a least squares problem, the squared errors, the rank and the singular values.
#[pyfunction]
#[pyo3(name = "_linalg_lstsq", signature = (a, b: "Tensor | _Array | float", rtol) -> "tuple[Tensor, ...]")]
pub fn lstsq<'py>(
    py: Python<'py>,
    a: TensorArg<'_, 'py>,
    b: Operand<'_, 'py>,
    rtol: Option<Float>,
) -> PyResult<Bound<'py, PyTuple>> {
    let own = a.get();
    if let Operand::Tensor(other) = &b {
        own.owns(py, "lstsq", other.get())?;
    }
    let id = own.tensor.id();
    own.many(py, |r| r.at(id).lstsq(own.expression(r, b), rtol.map(|rtol| rtol.0)))
}

/// The product of several matrices.
#[pyfunction]
#[pyo3(name = "_linalg_multi_dot", signature = (tensors: "typing.Sequence[Tensor]"))]
pub fn multi_dot(py: Python<'_>, tensors: &Bound<'_, PyAny>) -> PyResult<PyTensor> {
    let parts = listed("multi_dot", tensors)?;
    parts[0].get().recorded(py, |r| {
        let factors: Vec<Expr<'_>> = expressions(r, &parts);
        r.multi_dot(&factors)
    })
}
