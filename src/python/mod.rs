//! The extension module `phonograd._core`; the only room that names PyO3.
//!
//! Enters: Python objects, read once at the border (`convert`, `array`). Leaves: handles, read-only NumPy views, and errors
//! as exceptions of their own classes (`errors`). Promises: the record's lock is never held while Python code can run, the
//! GIL is released while long plans run, and a panic arrives as `InternalError`.

mod arrange;
mod array;
mod checkpoint;
mod convert;
mod elementwise;
mod errors;
mod fourier;
mod functions;
mod gradients;
mod index;
mod key;
mod layers;
mod linalg;
mod list;
mod losses;
mod normalise;
mod operations;
mod operators;
mod optim;
mod place;
mod plan;
mod products;
mod random;
mod record;
mod scalars;
mod sorting;
mod statistics;
mod store;
mod tensor;
mod threads;
mod update;
mod windows;

use pyo3::prelude::*;

/// The module itself, made where the rows of unary operations are at hand: a new row is exported without a word here.
macro_rules! extension_module {
    ($($(#[doc = $doc:literal])+ $Variant:ident $name:ident $class:ident |$v:ident| $value:expr,
       |$x:ident, $y:ident, $g:ident| $rule:tt;)*) => {
        #[pymodule(gil_used = false)]
        mod _core {
            #[pymodule_export]
            use super::arrange::functions_of::{
                atleast_1d, atleast_2d, atleast_3d, diag, diagonal as diagonal_of, diff, fliplr, flipud, one_hot, ravel, repeat, roll, rot90,
                tile, trace as trace_of, tril, triu, unsqueeze,
            };
            #[pymodule_export]
            use super::arrange::several_of::{array_split, chunk, unstack};
            #[pymodule_export]
            use super::arrange::{broadcast_arrays, column_stack, dstack, hstack, meshgrid, vstack};
            #[pymodule_export]
            use super::checkpoint::{load, save};
            #[pymodule_export]
            use super::convert::{PyDType};
            #[pymodule_export]
            use super::elementwise::functions::{
                allclose, beta, celu, boxcox, deg2rad, elu, entr, exprel, float_power, frexp, inv_boxcox, ldexp, modf, round, unwrap, spherical_bessel_j0, gelu, glu, hardshrink, hardsigmoid, hardswish, hardtanh,
                heaviside, isclose, isneginf, isposinf, leaky_relu, logit, logsigmoid, mish, multigammaln, nan_to_num,
                polygamma, prelu, rad2deg, rel_entr, relu6, selu, silu, sinc, softshrink, threshold,
            };
            #[pymodule_export]
            use super::fourier::{back, half, whole};
            #[pymodule_export]
            use super::functions::{
                add, atan2, betainc, betainc_da, betainc_daa, betainc_dab, betainc_db, betainc_dbb, betainc_dx,
                betaincinv, betaln, binominv, bitwise_and, bitwise_or, bitwise_xor, clip, concat, copysign, digamma_dx, digamma_gap,
                divide, einsum, equal, excess, expn, floor_divide, fmax, fmin, fmod, gammainc, gammainc_da,
                gammainc_daa, gammainc_dx, gammaincc, gammainccinv, gammaincinv, gate, gate_divide, greater,
                greater_equal, hypot, i0e_dx, ierfcx, iv, left_shift, less, less_equal, log_ndtr_dx, logaddexp,
                logaddexp2, logical_and, logical_or, logical_xor, matmul, maximum, minimum, multiply,
                not_equal, poissoninv, power, remainder, right_shift, stack, subtract, r#where, xlog1py, xlogy, zeta,
            };
            #[pymodule_export]
            use super::gradients::PyGradients;
            #[pymodule_export]
            use super::key::PyKey;
            #[pymodule_export]
            use super::layers::PyLinearLayer;
            #[pymodule_export]
            use super::linalg::{
                cholesky, cholesky_inverse, cholesky_solve, cond, cross, det, diagonal, eigh, eigvalsh, expm, inv, lstsq, lu, matrix_norm,
                matrix_power, matrix_rank, multi_dot, pinv, qr, slogdet, solve, solve_triangular, svd, svdvals, tensordot,
                trace, vecdot, vector_norm,
            };
            #[pymodule_export]
            use super::losses::{
                binary_cross_entropy, binary_cross_entropy_with_logits, cosine_embedding_loss, cross_entropy, ctc_loss,
                gaussian_nll_loss, hinge_embedding_loss, hinge_loss, huber_loss, kl_div, l1_loss, log_cosh_loss, margin_ranking_loss,
                mse, multi_margin_loss, multilabel_margin_loss, multilabel_soft_margin_loss, nll_loss, poisson_nll_loss,
                smooth_l1_loss, soft_margin_loss, triplet_margin_loss,
            };
            #[pymodule_export]
            use super::normalise::{
                batch_norm, cosine_similarity, group_norm, instance_norm, layer_norm, normalize, rms_norm,
                scaled_dot_product_attention,
            };
            #[pymodule_export]
            use super::operations::functions::{$($name),*};
            #[pymodule_export]
            use super::operations::functions::{
                all, any, argmax, argmin, astype, broadcast_to, cumsum, dot, expand_dims, flatten,
                flip, full_like, gather, log_softmax, logsumexp, max, mean, min,
                moveaxis, ones_like, outer, pad, permute, prod, reshape, softmax, split, squeeze,
                std, stop_gradient, sum, swapaxes, take, take_along_axis, transpose, var, zeros_like,
            };
            #[pymodule_export]
            use super::optim::{adam, adam_all};
            #[pymodule_export]
            use super::plan::{PyPlan, PyPlanCache, plan_cache, plan_cache_clear};
            #[pymodule_export]
            use super::products::{convolve, correlate, cross as cross_of, gradient, inner, interp, kron, tensordot as tensordot_of, trapezoid, vdot};
            #[pymodule_export]
            use super::record::PyRecord;
            #[pymodule_export]
            use super::sorting::functions_of::{argsort, argwhere, sort, unique, unique_values};
            #[pymodule_export]
            use super::sorting::{isin, searchsorted};
            #[pymodule_export]
            use super::sorting::several_of::{cummax, cummin, nonzero, topk, unique_all, unique_counts, unique_inverse};
            #[pymodule_export]
            use super::statistics::functions_of::{
                average, bincount, corrcoef, count_nonzero, cov, cumprod, cumulative_prod, cumulative_sum, logcumsumexp,
                median, nanmax, nanmean, nanmedian, nanmin, nanprod, nanquantile, nanstd, nansum, nanvar, norm, percentile,
                ptp, quantile, segment_sum,
            };
            #[pymodule_export]
            use super::statistics::histogram;
            #[pymodule_export]
            use super::store::PyParameterStore;
            #[pymodule_export]
            use super::tensor::PyTensor;
            #[pymodule_export]
            use super::threads::{get_num_threads, set_num_threads};
            #[pymodule_export]
            use super::update::functions_of::{index_add, put, put_along_axis, scatter, scatter_add};
            #[pymodule_export]
            use super::update::{PyAt, PySelection};
            #[pymodule_export]
            use super::windows::{
                adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d, adaptive_max_pool1d, adaptive_max_pool2d,
                adaptive_max_pool3d, max_pool1d_with_indices, max_pool2d_with_indices, max_pool3d_with_indices, avg_pool1d, avg_pool2d, avg_pool3d, conv1d,
                conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d, fold, interpolate, max_pool1d,
                max_pool2d, max_pool3d, unfold,
            };

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
