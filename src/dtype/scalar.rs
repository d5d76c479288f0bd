//! Single numbers: as Python hands them in, and as elements.

use super::{DType, Narrow, bf16, f16, show_float};
use crate::error::{Error, Result};

/// One element of any dtype in the first of eight bytes, where a pointer to any of them may point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct Word(pub [u8; 8]);

/// A number on its way into the record: a Python scalar, or a fill value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar {
    /// A truth value.
    Bool(bool),
    /// An integer, of at least all that int64 and uint64 have.
    Int(i128),
    /// A floating-point number.
    Float(f64),
}

impl Scalar {
    /// One, of the kind of a dtype.
    pub fn one_of(dtype: DType) -> Scalar {
        match dtype {
            DType::Bool => Scalar::Bool(true),
            _ if dtype.is_integer() => Scalar::Int(1),
            _ => Scalar::Float(1.0),
        }
    }

    /// The dtype a scalar alone becomes: bool, int64 or float32; an integer beyond int64 uint64 or, beyond that, float32.
    pub fn default_dtype(self) -> DType {
        match self {
            Scalar::Bool(_) => DType::Bool,
            Scalar::Int(_) if self.fits(DType::I64) => DType::I64,
            Scalar::Int(_) if self.fits(DType::U64) => DType::U64,
            Scalar::Int(_) | Scalar::Float(_) => DType::F32,
        }
    }

    /// The dtype a scalar meets a tensor's dtype in: the tensor's, unless its kind is too small for the scalar.
    pub fn meets(self, dtype: DType) -> DType {
        match self {
            Scalar::Bool(_) => dtype,
            Scalar::Int(_) if dtype == DType::Bool => DType::I64,
            Scalar::Int(_) => dtype,
            Scalar::Float(_) => dtype.to_float(),
        }
    }

    /// True unless the dtype is an integer one and the number outside its range.
    pub fn fits(self, dtype: DType) -> bool {
        let Some((low, high)) = dtype.integers() else { return true };
        match self {
            Scalar::Bool(_) => true,
            Scalar::Int(i) => (low..=high).contains(&i),
            Scalar::Float(x) => !x.is_nan() && (low..=high).contains(&(x as i128)),
        }
    }

    /// An error for an operation unless the number [fits](Scalar::fits) the dtype.
    pub fn checked(self, op: &'static str, dtype: DType) -> Result<Scalar> {
        if self.fits(dtype) {
            return Ok(self);
        }
        let value = match self {
            Scalar::Float(x) => show_float(x),
            other => other.as_integer().to_string(),
        };
        Err(Error::OutOfRange { op, value, dtype })
    }

    /// The same, but infinite if an integer dtype ends before it, so that comparing it with floats stays exact.
    pub fn within(self, dtype: DType) -> Scalar {
        if self.fits(dtype) { self } else { Scalar::Float(f64::INFINITY * self.as_f64()) }
    }

    /// The value as a float.
    pub fn as_f64(self) -> f64 {
        match self {
            Scalar::Bool(b) => f64::from(u8::from(b)),
            Scalar::Int(i) => i as f64,
            Scalar::Float(f) => f,
        }
    }

    /// The value as an integer, floats truncated and saturated, NaN as 0.
    pub fn as_integer(self) -> i128 {
        match self {
            Scalar::Bool(b) => i128::from(b),
            Scalar::Int(i) => i,
            Scalar::Float(f) => f as i128,
        }
    }

    /// The number that an element of `dtype` is.
    pub fn of(Word(bytes): Word, dtype: DType) -> Scalar {
        let [a, b, c, d, ..] = bytes;
        match dtype {
            DType::Bool => Scalar::Bool(a != 0),
            DType::I8 => Scalar::Int(i8::from_ne_bytes([a]).into()),
            DType::U8 => Scalar::Int(a.into()),
            DType::I16 => Scalar::Int(i16::from_ne_bytes([a, b]).into()),
            DType::U16 => Scalar::Int(u16::from_ne_bytes([a, b]).into()),
            DType::I32 => Scalar::Int(i32::from_ne_bytes([a, b, c, d]).into()),
            DType::U32 => Scalar::Int(u32::from_ne_bytes([a, b, c, d]).into()),
            DType::I64 => Scalar::Int(i64::from_ne_bytes(bytes).into()),
            DType::U64 => Scalar::Int(u64::from_ne_bytes(bytes).into()),
            DType::F16 => Scalar::Float(f16::from_ne_bytes([a, b]).to_f64()),
            DType::BF16 => Scalar::Float(bf16::from_ne_bytes([a, b]).to_f64()),
            DType::F32 => Scalar::Float(f32::from_ne_bytes([a, b, c, d]).into()),
            DType::F64 => Scalar::Float(f64::from_ne_bytes(bytes)),
        }
    }

    /// The value as an element of `dtype`. Integers wrap.
    pub fn to_word(self, dtype: DType) -> Word {
        let mut out = [0u8; 8];
        let float = self.as_f64();
        if dtype.is_integer() {
            let bytes = self.as_integer().to_ne_bytes();
            let low = if cfg!(target_endian = "big") { bytes.len() - dtype.size() } else { 0 };
            out[..dtype.size()].copy_from_slice(&bytes[low..low + dtype.size()]);
            return Word(out);
        }
        match dtype {
            DType::F16 => out[..2].copy_from_slice(&f16::rounded(float).to_ne_bytes()),
            DType::BF16 => out[..2].copy_from_slice(&bf16::rounded(float).to_ne_bytes()),
            DType::F32 => out[..4].copy_from_slice(&(float as f32).to_ne_bytes()),
            DType::F64 => out.copy_from_slice(&float.to_ne_bytes()),
            _ => out[0] = u8::from(float != 0.0),
        }
        Word(out)
    }
}
