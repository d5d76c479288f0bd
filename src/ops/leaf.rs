//! Leaves: values that come from outside or are made of nothing.
//!
//! A leaf's kind and shape are part of the program; what it holds (an array, a number, a key) is bound when a plan runs and
//! kept beside the node. So a loop that changes its learning rate or its key runs the same plan.

use crate::buffer::NdArray;
use crate::dtype::{DType, Scalar, Word, show_float};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, Op};
use crate::philox::Key;
use crate::record::{Expr, Recorder, Value};
use crate::shape::Shape;

/// Where a leaf's elements come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Leaf {
    /// An array from outside.
    Data,
    /// Zero everywhere, known to the planner.
    Zero,
    /// One everywhere, known to the planner.
    One,
    /// One number everywhere, bound when a plan runs.
    Fill,
    /// The flat index of each element.
    Iota,
    /// Uniform in [0, 1), from a key bound when a plan runs.
    Uniform,
    /// Standard normal, from a key bound when a plan runs.
    Normal,
}

impl Leaf {
    /// The name that listings show.
    pub fn name(self) -> &'static str {
        match self {
            Leaf::Data => "tensor",
            Leaf::Zero => "zeros",
            Leaf::One => "ones",
            Leaf::Fill => "full",
            Leaf::Iota => "iota",
            Leaf::Uniform => "uniform",
            Leaf::Normal => "normal",
        }
    }
}

impl Recorder {
    /// A constant of one number.
    pub fn full(&self, shape: Shape, dtype: DType, value: Scalar) -> Expr<'_> {
        if let Err(error) = value.checked("full", dtype) {
            return self.fail(error);
        }
        self.leaf(Leaf::Fill, shape, dtype, Value::Scalar(value.to_word(dtype)))
    }

    /// Zeros.
    pub fn zeros(&self, shape: Shape, dtype: DType) -> Expr<'_> {
        self.leaf(Leaf::Zero, shape, dtype, Value::Scalar(Word([0; 8])))
    }

    /// Ones.
    pub fn ones(&self, shape: Shape, dtype: DType) -> Expr<'_> {
        self.leaf(Leaf::One, shape, dtype, Value::Scalar(Scalar::Int(1).to_word(dtype)))
    }

    /// Numbers of a list, in the dtype that a number takes when it meets this one.
    pub fn numbers(&self, list: NdArray, meets: DType) -> Expr<'_> {
        let one = Scalar::one_of(list.dtype());
        let dtype = one.meets(meets);
        if one == Scalar::Int(1) && dtype.is_integer() {
            let beyond = |x| Scalar::Int(x as i128).checked("tensor", dtype).err();
            if let Some(error) = list.to_f64().into_iter().find_map(beyond) {
                return self.fail(error);
            }
        }
        self.data(list).cast(dtype)
    }

    /// The numbers 0, 1, 2, ... of a length.
    fn iota(&self, len: usize, dtype: DType) -> Result<Expr<'_>> {
        Ok(self.leaf(Leaf::Iota, Shape::new("arange", &[len])?, dtype, Value::None))
    }

    /// The flat index of each element of a shape, as int64.
    pub(crate) fn count(&self, shape: Shape) -> Expr<'_> {
        self.leaf(Leaf::Iota, shape, DType::I64, Value::None)
    }

    /// Evenly spaced numbers from `start` up to, not including, `stop`.
    pub fn arange(&self, start: Scalar, stop: Scalar, step: Scalar, dtype: DType) -> Result<Expr<'_>> {
        let argument = |argument, got: f64, expected| {
            Err(Error::Argument { op: "arange", argument, got: show_float(got), expected })
        };
        if dtype == DType::Bool {
            return Err(Error::DType { op: "arange", got: dtype, expected: "a number" });
        }
        let (first, last, stride) = (start.as_f64(), stop.as_f64(), step.as_f64());
        if stride == 0.0 || !stride.is_finite() {
            return argument("step", stride, "a finite number other than 0");
        }
        if !first.is_finite() || !last.is_finite() {
            return argument("range", if first.is_finite() { last } else { first }, "finite ends");
        }
        let len = match (start, stop, step) {
            (Scalar::Int(a), Scalar::Int(b), Scalar::Int(s)) => ((b - a + s - s.signum()) / s).max(0) as f64,
            _ => ((last - first) / stride).ceil().max(0.0),
        };
        if len >= (1u64 << 60) as f64 {
            return Err(Error::TooLarge { op: "arange", shape: format!("({len:e},)") });
        }
        if let (Scalar::Int(a), Scalar::Int(s), true) = (start, step, len > 0.0 && dtype.is_integer()) {
            for end in [a, a + (len as i128 - 1) * s] {
                Scalar::Int(end).checked("arange", dtype)?;
            }
        }
        // An int64 has the bits of every uint64.
        let bits = |s: Scalar| match s {
            Scalar::Int(i) => Scalar::Int((i as i64).into()),
            other => other,
        };
        let (start, step) = if dtype == DType::U64 { (bits(start), bits(step)) } else { (start, step) };
        let count = self.iota(len as usize, if dtype.is_float() { DType::F64 } else { DType::I64 })?;
        let scaled = count.binary_scalar(BinaryOp::Mul, step, false).binary_scalar(BinaryOp::Add, start, false);
        Ok(scaled.cast(dtype))
    }

    /// `num` evenly spaced floats from `start` to `stop`, which is the last one if `endpoint`.
    pub fn linspace(&self, start: f64, stop: f64, num: usize, endpoint: bool, dtype: DType) -> Result<Expr<'_>> {
        if !dtype.is_float() {
            return Err(Error::DType { op: "linspace", got: dtype, expected: "a float dtype" });
        }
        if let Some(end) = [start, stop].into_iter().find(|end| !end.is_finite()) {
            let (got, expected) = (show_float(end), "finite ends");
            return Err(Error::Argument { op: "linspace", argument: "range", got, expected });
        }
        let gaps = if endpoint { num.saturating_sub(1) } else { num };
        let t = self.iota(num, DType::F64)? / gaps.max(1) as f64;
        // Both ends are exact: the line is drawn from the nearer one.
        let (up, down) = (t * (stop - start) + start, (t - 1.0) * (stop - start) + stop);
        Ok(t.gt_scalar(0.5).select(down, up).cast(dtype))
    }

    /// Powers of a base at evenly spaced exponents.
    pub fn logspace(
        &self,
        [start, stop, base]: [f64; 3],
        num: usize,
        endpoint: bool,
        dtype: DType,
    ) -> Result<Expr<'_>> {
        let exponents = self.linspace(start, stop, num, endpoint, DType::F64)?;
        Ok(exponents.binary_scalar(BinaryOp::Pow, Scalar::Float(base), true).cast(dtype))
    }

    /// Floats from `start` to `stop` of which each is as many times the one before; both of one sign, and not 0.
    pub fn geomspace(&self, start: f64, stop: f64, num: usize, endpoint: bool, dtype: DType) -> Result<Expr<'_>> {
        let usable = |end: f64| end.is_finite() && end != 0.0;
        if !(usable(start) && usable(stop) && start.signum() == stop.signum()) {
            let (got, expected) = (format!("{} to {}", show_float(start), show_float(stop)), "ends of one sign, not 0");
            return Err(Error::Argument { op: "geomspace", argument: "range", got, expected });
        }
        let t = self.linspace(0.0, 1.0, num, endpoint, DType::F64)?;
        // In logarithms, as the ratio may be too large; counted from the nearer end, so that both are exact.
        let growth = stop.abs().ln() - start.abs().ln();
        let [down, up] = [t - 1.0, t].map(|t| (t * growth).exp());
        Ok(t.gt_scalar(0.5).select(down * stop, up * start).cast(dtype))
    }

    /// Ones on the `k`-th diagonal of an `n` by `m` matrix.
    pub fn eye(&self, n: usize, m: usize, k: i64, dtype: DType) -> Result<Expr<'_>> {
        Shape::new("eye", &[n, m])?;
        let row = self.iota(n, DType::I64)?.reshape(&[n, 1]);
        let column = self.iota(m, DType::I64)?.binary_scalar(BinaryOp::Sub, Scalar::Int(k.into()), false);
        Ok(row.equal(column).cast(dtype))
    }

    /// A random draw of a key that this record has not drawn from before.
    pub fn draw(&self, leaf: Leaf, key: Key, shape: Shape, dtype: DType) -> Result<Expr<'_>> {
        if !dtype.is_float() {
            return Err(Error::DType { op: leaf.name(), got: dtype, expected: "a float dtype" });
        }
        if let Some(first) = self.first_use(key) {
            return Err(Error::KeyReuse { op: leaf.name(), origin: self.place(first) });
        }
        Ok(self.leaf(leaf, shape, dtype, Value::Key(key)))
    }
}

impl<'r> Expr<'r> {
    /// Zeros of this shape and dtype.
    pub fn zeros_like(self) -> Expr<'r> {
        self.recorder().zeros(self.shape(), self.dtype())
    }

    /// Ones of this shape and dtype.
    pub fn ones_like(self) -> Expr<'r> {
        self.recorder().ones(self.shape(), self.dtype())
    }

    /// One number in this shape and dtype.
    pub fn full_like(self, value: Scalar) -> Expr<'r> {
        let (shape, dtype) = self.facts();
        match self.recorder().before_rounding(self.id()) {
            Some(before) => self.recorder().full(shape, before.dtype(), value).cast(dtype),
            None => self.recorder().full(shape, dtype, value),
        }
    }

    /// True for a leaf of ones.
    pub(crate) fn is_ones(self) -> bool {
        self.op() == Op::Leaf(Leaf::One)
    }
}
