//! Reverse-mode differentiation over an explicit record.
//!
//! An arena, the [`ComputationRecord`], holds what was computed; a [`Tensor`] is a handle into it; [`Gradients`] are values;
//! parameters live outside, in a [`ParameterStore`]. Shapes are checked when an operation is recorded, values are computed
//! when they are asked for.
//!
//! Rooms, in the order a value passes through them:
//!
//! | room | what happens there |
//! |---|---|
//! | `error` `origin` `shape` `dtype` `buffer` `philox` `math` | facts |
//! | `record` | the arena, handles, the running hash |
//! | `ops` | what can be recorded: families of rows, with their derivatives |
//! | `grad` `why` | the reverse sweep; why a gradient is what it is |
//! | `kernels` | loops over tiles, for each op, dtype and instruction set |
//! | `plan` | from recorded nodes to steps over planned memory |
//! | `exec` | runs a plan |
//! | `compute` | the road from the one to the other |
//! | `nonfinite` | which operation first made a NaN or an infinity |
//! | `store` `layers` `checkpoint` | parameters, what uses them, and the files they are kept in |
//! | `python` | the extension module, behind the feature `python` |

mod buffer;
mod checkpoint;
mod compute;
mod dtype;
mod error;
mod exec;
mod grad;
mod kernels;
mod layers;
mod math;
mod nonfinite;
mod ops;
mod optim;
mod origin;
mod philox;
mod plan;
mod record;
mod shape;
mod store;
mod why;

#[cfg(feature = "python")]
mod python;

pub use buffer::{Buffer, NdArray};
pub use checkpoint::Contents;
pub use dtype::{DType, Element, Scalar, bf16, f16};
pub use error::{Error, Result};
pub use exec::{num_threads, set_num_threads};
pub use grad::Gradients;
pub use layers::LinearLayer;
pub use ops::indexing::Index;
pub use ops::losses::{Classes, Lengths, Reduction};
pub use ops::statistics::{NanOp, QuantileOp};
pub use ops::update::Update;
pub use ops::window::{Folded, Padding, Resize, Transposed, Windows};
pub use ops::{
    ArgOp, BinaryOp, Convolution, How, Leaf, Op, PoolOp, Pooling, ReduceOp, Side, Slide, TernaryOp, UnaryOp, View,
};
pub use optim::Adam;
pub use origin::{Caller, Origin, Place, Source};
pub use philox::Key;
pub use plan::{Options, Plan, Report, Statistics, clear_cache, statistics};
pub use record::functions::*;
pub use record::{ComputationRecord, Expr, Node, NodeId, Recorder, Tensor};
pub use shape::Shape;
pub use store::{Init, ParameterStore};
