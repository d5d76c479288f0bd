//! Every way to fail.
//!
//! One enum; its variants hold data, and the only message text of the crate is the `Display` derived here. The grammar is
//! `op: what does not fit, with both sides shown; what would fit`, lower case and without a full stop, shapes written as
//! Python tuples. Failures that show only when values are computed carry the `Origin` of their node and end in a line
//! `recorded at FILE:LINE` once somebody who can resolve it has done so.

use crate::dtype::DType;
use crate::origin::Place;
use crate::shape::Shape;

/// The result of anything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong, as data.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the message of a variant says what its fields are")]
pub enum Error {
    /// Two shapes cannot be broadcast together.
    #[error(
        "{op}: shapes {left} and {right} do not broadcast; each pair of sizes, counted from the right, must be equal or 1"
    )]
    Broadcast { op: &'static str, left: Shape, right: Shape },
    /// One shape cannot be expanded to another.
    #[error("{op}: shape {from} does not expand to {to}; only sizes of 1 stretch, and axes are added on the left")]
    Expand { op: &'static str, from: Shape, to: Shape },
    /// The inner sizes of a matrix product differ.
    #[error("matmul: inner sizes differ, left {left}, right {right}; left's last must equal right's second to last")]
    Matmul { left: Shape, right: Shape },
    /// A matrix that must be square is not.
    #[error("{op}: shape {got} is not square; its last two sizes must be equal")]
    NotSquare { op: &'static str, got: Shape },
    /// A matrix and a right side have other numbers of rows.
    #[error("{op}: matrix {matrix} and right side {right} do not fit; both must have as many rows")]
    RightSide { op: &'static str, matrix: Shape, right: Shape },
    /// A reshape changes the number of elements.
    #[error("reshape: shape {from} holds {count} elements, {to} does not; the products of the sizes must be equal")]
    Reshape { from: Shape, count: usize, to: String },
    /// Two shapes that must be equal differ.
    #[error("{op}: {what} has shape {got}; expected {expected}")]
    ShapeMismatch { op: &'static str, what: &'static str, got: Shape, expected: Shape },
    /// An array has the wrong number of axes.
    #[error("{op}: {what} of shape {got} has {} axes; expected {expected}", got.ndim())]
    Rank { op: &'static str, what: &'static str, got: Shape, expected: &'static str },
    /// Arrays to join differ outside the joined axis.
    #[error(
        "{op}: input {index} of shape {got} does not join {first} along axis {axis}; all other sizes must be equal"
    )]
    Concat { op: &'static str, index: usize, got: Shape, first: Shape, axis: usize },
    /// A window that is longer than what it slides over, or sees nothing of it.
    #[error(
        "{op}: a window that spans {reach} does not fit axis {axis} of {shape}, with {before} and {after} of padding; use a smaller kernel or dilation, or more padding"
    )]
    Window { op: &'static str, reach: usize, axis: usize, shape: Shape, before: usize, after: usize },
    /// A transposed convolution of which padding leaves nothing.
    #[error(
        "{op}: axis {axis} of {shape} grows to {whole} elements, of which {before} and {after} of padding leave none; use less padding"
    )]
    Cropped { op: &'static str, whole: usize, axis: usize, shape: Shape, before: usize, after: usize },
    /// Channels that a kernel does not take.
    #[error("{op}: input {input} does not fit weight {weight} in {groups} groups; {}", rule_of_channels(*transposed))]
    Channels { op: &'static str, input: Shape, weight: Shape, groups: u32, transposed: bool },
    /// A reduction without identity over no elements.
    #[error("{op}: shape {shape} has no elements to choose from; reduce axes of size 1 or more")]
    EmptyReduction { op: &'static str, shape: Shape },
    /// A transform along an axis without elements.
    #[error("{op}: axis {axis} of shape {shape} has no elements to transform; transform axes of size 1 or more")]
    EmptyTransform { op: &'static str, axis: usize, shape: Shape },
    /// An einsum string does not fit its operands.
    #[error("einsum: {problem} in {subscripts:?}; write one letter per axis, such as \"ij,jk->ik\"")]
    Einsum { subscripts: String, problem: String },
    /// Nested lists whose rows have different lengths.
    #[error("{op}: rows differ at depth {depth}, {first} elements and {other}; nested lists must be rectangular")]
    Ragged { op: &'static str, depth: usize, first: usize, other: usize },
    /// An axis outside an array's axes.
    #[error("{op}: axis {axis} is out of range for {ndim} axes; {}", from_both_ends(*ndim))]
    Axis { op: &'static str, axis: i64, ndim: usize },
    /// An axis named twice.
    #[error("{op}: axis {axis} is named twice; name each axis once")]
    RepeatedAxis { op: &'static str, axis: usize },
    /// A dtype that an operation does not take.
    #[error("{op}: dtype {got} does not fit; expected {expected}")]
    DType { op: &'static str, got: DType, expected: &'static str },
    /// Two dtypes of which none has the numbers of both.
    #[error("{op}: no integer dtype has the numbers of both {left} and {right}; convert one of them with astype")]
    Promotion { op: &'static str, left: DType, right: DType },
    /// A number that an integer dtype does not have.
    #[error("{op}: {value} is no {dtype}; use a number in its range, or a wider dtype")]
    OutOfRange { op: &'static str, value: String, dtype: DType },
    /// A dtype that the library does not have.
    #[error(
        "{op}: {name} is not supported; use bool, int8 to int64, uint8 to uint64, float16, bfloat16, float32 or float64"
    )]
    UnknownDType { op: &'static str, name: String },
    /// A tensor of another record.
    #[error("{op}: the tensor belongs to record {theirs}, not to record {ours}; carry its values over with `tensor`")]
    Foreign { op: &'static str, ours: u64, theirs: u64 },
    /// A scalar was needed.
    #[error("{op}: shape {shape} is no scalar; {hint}")]
    NotScalar { op: &'static str, shape: Shape, hint: &'static str },
    /// A parameter that the store or the gradients do not have.
    #[error("{op}: there is no parameter `{name}`; known are {known}")]
    UnknownParameter { op: &'static str, name: String, known: String },
    /// Two users of one parameter name want different shapes or dtypes.
    #[error("parameter `{name}`: {asker} asks for {asked}, {owner} holds {held}; give one of them another id")]
    ParameterConflict { name: String, asker: String, asked: String, owner: String, held: String },
    /// A record without a store was asked for a parameter.
    #[error("parameter `{name}`: the record has no store; make it with `Record(store)`")]
    NoStore { name: String },
    /// An index outside an axis.
    #[error("{op}: index {index} is out of range for axis {axis} of size {size}; {}{origin}", from_both_ends(*size))]
    IndexRange { op: &'static str, index: i64, axis: usize, size: usize, origin: Place },
    /// A label that is no class.
    #[error("{op}: label {label} is out of range for {classes} classes; {}{origin}", from_zero(*classes))]
    Label { op: &'static str, label: i64, classes: usize, origin: Place },
    /// More indices than axes.
    #[error("index: {got} indices and {dots} ellipses for shape {shape}; use at most {} and one ellipsis", shape.ndim())]
    TooManyIndices { got: usize, dots: usize, shape: Shape },
    /// A mask that has other sizes than the axes it is over.
    #[error("index: mask has shape {got}; expected {expected}")]
    Mask { got: Shape, expected: Shape },
    /// An argument whose value makes no sense.
    #[error("{op}: {argument} is {got}; expected {expected}")]
    Argument { op: &'static str, argument: &'static str, got: String, expected: &'static str },
    /// Input of a kind that cannot be read as an array.
    #[error("{op}: cannot read {got}; expected {expected}")]
    Input { op: &'static str, got: String, expected: &'static str },
    /// A shape whose elements or bytes cannot be counted.
    #[error("{op}: an array of shape {shape} is too large; its bytes must be below 2**63")]
    TooLarge { op: &'static str, shape: String },
    /// Memory that the system does not give.
    #[error("{op}: {bytes} bytes could not be allocated; use smaller shapes or compute less at once")]
    Allocation { op: &'static str, bytes: usize },
    /// A plan that does not fit into the memory budget, however much it computes twice.
    #[error("{op}: {needs} bytes are needed at once, the memory budget is {has}; raise it, or hold and ask for less")]
    Budget { op: &'static str, needs: usize, has: usize },
    /// An integer was divided by zero.
    #[error("{op}: integer division by zero; integers have no infinity, convert to float or guard the divisor{origin}")]
    IntegerDivision { op: &'static str, origin: Place },
    /// An integer was raised to a negative integer power.
    #[error("{op}: integer to a negative integer power; the result is no integer, convert to float first{origin}")]
    NegativeExponent { op: &'static str, origin: Place },
    /// A matrix without an inverse.
    #[error("{op}: {entry} is singular; use lstsq or pinv, or add a little to its diagonal{origin}")]
    Singular { op: &'static str, entry: Entry, origin: Place },
    /// A symmetric matrix with an eigenvalue that is not positive.
    #[error(
        "{op}: {entry} is not positive definite, its first {order} rows and columns are not; add a little to its diagonal{origin}"
    )]
    NotPositiveDefinite { op: &'static str, entry: Entry, order: usize, origin: Place },
    /// A matrix with a NaN or an infinity.
    #[error("{op}: {entry} has an element that is infinite or nan; only finite matrices are decomposed{origin}")]
    NonFiniteMatrix { op: &'static str, entry: Entry, origin: Place },
    /// An iteration that did not come to its end.
    #[error("{op}: {entry} was not decomposed within the iterations allowed; scale it, or use float64{origin}")]
    NoConvergence { op: &'static str, entry: Entry, origin: Place },
    /// A random key was used for a second draw in one record.
    #[error("{op}: the random key was used before in this record; call key.split() and use each key once{origin}")]
    KeyReuse { op: &'static str, origin: Place },
    /// No gradient is possible.
    #[error("{op}: {reason}; {hint}")]
    Gradient { op: &'static str, reason: String, hint: &'static str },
    /// The content of a file is not what it must be.
    #[error("{op}: {path:?}: {problem}; {hint}")]
    Checkpoint { op: &'static str, path: String, problem: String, hint: &'static str },
    /// A file that is not there, or in a folder that is not.
    #[error("{op}: {path:?} is not there; check the path, and that its folder exists")]
    MissingFile { op: &'static str, path: String },
    /// A file that the system does not let be read or written.
    #[error("{op}: {path:?} cannot be used, {problem}; use a regular file in a folder that can be written")]
    File { op: &'static str, path: String, problem: String },
    /// A computation was interrupted.
    #[error("compute: interrupted; nothing was stored")]
    Interrupted,
    /// A bug in this library.
    #[error("internal error: {what}; this is a bug in phonograd, please report it")]
    Internal { what: String },
}

/// How many channels a kernel takes.
fn rule_of_channels(transposed: bool) -> &'static str {
    if transposed {
        "the input's channels must be the weight's first size, a multiple of `groups`, and no size 0"
    } else {
        "the input's channels must be `groups` times the weight's second size, and the weight's first size a multiple of \
         `groups`, none of them 0"
    }
}

/// Which numbers name one of so many places.
fn from_zero(count: usize) -> String {
    count.checked_sub(1).map_or("there is none to use".to_string(), |last| format!("use 0 to {last}"))
}

/// As `from_zero`, where places also count from the end.
fn from_both_ends(count: usize) -> String {
    count.checked_sub(1).map_or_else(|| from_zero(count), |last| format!("use -{count} to {last}"))
}

/// Which matrix of a batch, by its place; without one, there is only one matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry(pub Shape);

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.ndim() == 0 { f.write_str("the matrix") } else { write!(f, "matrix {} of the batch", self.0) }
    }
}

/// Names for a message: quoted, at most ten of them.
pub(crate) fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match all.len() {
        0 => "none".to_string(),
        1..=10 => all.join(", "),
        n => format!("{}, and {} more", all[..10].join(", "), n - 10),
    }
}
