//! The extension module `phonograd._core`; the only room that names PyO3.
//!
//! Enters: Python objects, read once at the border (`convert`, `array`). Leaves: handles, read-only NumPy views, and errors
//! as exceptions of their own classes (`errors`). Promises: the record's lock is never held while Python code can run, the
//! GIL is released while long plans run, and a panic arrives as `InternalError`.

mod array;
mod checkpoint;
mod convert;
mod errors;
mod functions;
mod gradients;
mod index;
mod key;
mod layers;
mod linalg;
mod list;
mod operations;
mod operators;
mod optim;
mod place;
mod plan;
mod record;
mod scalars;
mod store;
mod tensor;
mod threads;

use pyo3::prelude::*;

/// The module itself, made where the rows of unary operations are at hand: a new row is exported without a word here.
macro_rules! extension_module {
    ($($(#[doc = $doc:literal])+ $Variant:ident $name:ident $class:ident |$v:ident| $value:expr,
       |$x:ident, $y:ident, $g:ident| $rule:tt;)*) => {
        #[pymodule(gil_used = false)]
        mod _core {
            #[pymodule_export]
            use super::checkpoint::{load, save};
            #[pymodule_export]
            use super::convert::{PyDType};
            #[pymodule_export]
            use super::functions::{
                add, atan2, binary_cross_entropy_with_logits, clip, concat, cross_entropy, divide, einsum, equal, floor_divide,
                gate, greater, greater_equal, less, less_equal, logical_and, logical_or, logical_xor, matmul, maximum, minimum,
                mse, multiply, not_equal, power, remainder, stack, subtract, r#where,
            };
            #[pymodule_export]
            use super::gradients::PyGradients;
            #[pymodule_export]
            use super::key::PyKey;
            #[pymodule_export]
            use super::layers::PyLinearLayer;
            #[pymodule_export]
            use super::linalg::{
                cholesky, cholesky_inverse, cholesky_solve, cond, cross, det, diagonal, eigh, eigvalsh, expm, inv, lstsq, matrix_norm,
                matrix_power, matrix_rank, multi_dot, pinv, qr, slogdet, solve, solve_triangular, svd, svdvals, tensordot,
                trace, vecdot, vector_norm,
            };
            #[pymodule_export]
            use super::operations::functions::{$($name),*};
            #[pymodule_export]
            use super::operations::functions::{
                all, any, argmax, argmin, astype, broadcast_to, cumsum, dot, elu, expand_dims, flatten,
                flip, full_like, gather, gelu, leaky_relu, log_softmax, logsumexp, max, mean, min,
                moveaxis, ones_like, outer, pad, permute, prod, reshape, silu, softmax, split, squeeze,
                std, stop_gradient, sum, swapaxes, take, take_along_axis, transpose, var, zeros_like,
            };
            #[pymodule_export]
            use super::optim::{adam, adam_all};
            #[pymodule_export]
            use super::plan::{PyPlan, PyPlanCache, plan_cache, plan_cache_clear};
            #[pymodule_export]
            use super::record::PyRecord;
            #[pymodule_export]
            use super::store::PyParameterStore;
            #[pymodule_export]
            use super::tensor::PyTensor;
            #[pymodule_export]
            use super::threads::{get_num_threads, set_num_threads};

            use pyo3::prelude::*;

            /// The version of the package.
            #[pymodule_export]
            #[allow(non_upper_case_globals)]
            const __version__: &str = env!("CARGO_PKG_VERSION");

            #[pymodule_init]
            fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
                super::errors::add_to(module)?;
                super::convert::add_to(module)
            }
        }
    };
}
crate::ops::unary::unary_rows!(extension_module);
