//! Element kinds: names, sizes, promotion, and the Rust type behind each.
//!
//! Some dtypes only say how elements are stored: operations compute in another one, their class, and round or wrap what
//! comes of it ([`DType::class`]; `ops/storage` holds the rule). So a loop exists for the classes alone.

mod narrow;
mod scalar;

pub use half::{bf16, f16};
pub(crate) use narrow::{Narrow, shortest};
pub use scalar::{Scalar, Word};

use crate::error::{Error, Result};

/// The kind of a tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum DType {
    /// Truth values, one byte each.
    Bool,
    /// Signed 8-bit integers.
    I8,
    /// Unsigned 8-bit integers.
    U8,
    /// Signed 16-bit integers.
    I16,
    /// Unsigned 16-bit integers.
    U16,
    /// Signed 32-bit integers.
    I32,
    /// Unsigned 32-bit integers.
    U32,
    /// Signed 64-bit integers.
    I64,
    /// Unsigned 64-bit integers.
    U64,
    /// IEEE 754 half precision: 5 bits of exponent, 11 of significand.
    F16,
    /// The upper half of a float32: 8 bits of exponent, 8 of significand.
    BF16,
    /// IEEE 754 single precision.
    F32,
    /// IEEE 754 double precision.
    F64,
}

impl DType {
    /// All dtypes, kind by kind, narrowest first.
    pub const ALL: [DType; 13] = [
        DType::Bool,
        DType::I8,
        DType::U8,
        DType::I16,
        DType::U16,
        DType::I32,
        DType::U32,
        DType::I64,
        DType::U64,
        DType::F16,
        DType::BF16,
        DType::F32,
        DType::F64,
    ];

    /// The name that NumPy and the Array API standard use.
    pub fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::I8 => "int8",
            DType::U8 => "uint8",
            DType::I16 => "int16",
            DType::U16 => "uint16",
            DType::I32 => "int32",
            DType::U32 => "uint32",
            DType::I64 => "int64",
            DType::U64 => "uint64",
            DType::F16 => "float16",
            DType::BF16 => "bfloat16",
            DType::F32 => "float32",
            DType::F64 => "float64",
        }
    }

    /// The dtype of a name, if there is one.
    pub fn from_name(name: &str) -> Option<DType> {
        DType::ALL.into_iter().find(|d| d.name() == name)
    }

    /// Bytes an element takes.
    pub fn size(self) -> usize {
        match self {
            DType::Bool | DType::I8 | DType::U8 => 1,
            DType::I16 | DType::U16 | DType::F16 | DType::BF16 => 2,
            DType::I32 | DType::U32 | DType::F32 => 4,
            DType::I64 | DType::U64 | DType::F64 => 8,
        }
    }

    /// The dtype that operations on this one compute in: it has all its numbers, and is itself for the classes.
    pub fn class(self) -> DType {
        match self {
            DType::I8 | DType::I16 | DType::U16 => DType::I32,
            DType::U32 => DType::I64,
            DType::F16 | DType::BF16 => DType::F32,
            DType::Bool | DType::U8 | DType::I32 | DType::I64 | DType::U64 | DType::F32 | DType::F64 => self,
        }
    }

    /// True for the floats, the dtypes that have gradients.
    pub fn is_float(self) -> bool {
        matches!(self, DType::F16 | DType::BF16 | DType::F32 | DType::F64)
    }

    /// True for the integers, not for bool.
    pub fn is_integer(self) -> bool {
        self.integers().is_some()
    }

    /// True for the integers without a sign, not for bool.
    pub fn is_unsigned(self) -> bool {
        matches!(self, DType::U8 | DType::U16 | DType::U32 | DType::U64)
    }

    /// The smallest and the largest number of an integer dtype.
    pub fn integers(self) -> Option<(i128, i128)> {
        let ends = |signed: bool| {
            let bits = 8 * self.size() as u32 - u32::from(signed);
            (if signed { -(1i128 << bits) } else { 0 }, (1i128 << bits) - 1)
        };
        match self {
            DType::I8 | DType::I16 | DType::I32 | DType::I64 => Some(ends(true)),
            DType::U8 | DType::U16 | DType::U32 | DType::U64 => Some(ends(false)),
            DType::Bool | DType::F16 | DType::BF16 | DType::F32 | DType::F64 => None,
        }
    }

    /// The distance from 1 to the next number of a float dtype, and the largest number; of all others, 0.
    pub fn precision(self) -> (f64, f64) {
        match self {
            DType::F16 => (2f64.powi(-10), 65504.0),
            DType::BF16 => (2f64.powi(-7), bf16::MAX.to_f64()),
            DType::F32 => (f64::from(f32::EPSILON), f64::from(f32::MAX)),
            DType::F64 => (f64::EPSILON, f64::MAX),
            _ => (0.0, 0.0),
        }
    }

    /// The dtype that two operands of an operation meet in, as the Array API has it: the narrowest of one kind that has the
    /// numbers of both. Floats win over integers whatever their width, everything wins over bool. No integer dtype has the
    /// numbers of uint64 and of a signed one.
    pub fn promote(self, other: DType, op: &'static str) -> Result<DType> {
        let wider = |a: DType, b: DType| if a.size() >= b.size() { a } else { b };
        Ok(match (self, other) {
            (a, b) if a == b => a,
            (DType::Bool, other) | (other, DType::Bool) => other,
            (DType::F16, DType::BF16) | (DType::BF16, DType::F16) => DType::F32,
            (a, b) if a.is_float() && b.is_float() => wider(a, b),
            (float, _) | (_, float) if float.is_float() => float,
            (a, b) if a.is_unsigned() == b.is_unsigned() => wider(a, b),
            (left, right) => {
                let (unsigned, signed) = if left.is_unsigned() { (left, right) } else { (right, left) };
                match unsigned {
                    DType::U8 => wider(DType::I16, signed),
                    DType::U16 => wider(DType::I32, signed),
                    DType::U32 => DType::I64,
                    _ => return Err(Error::Promotion { op, left, right }),
                }
            }
        })
    }

    /// The float that an operation on floats has its result in, of operands of both dtypes.
    pub fn float_with(self, other: DType) -> DType {
        // What meets in no dtype are integers.
        self.promote(other, "float").map_or(DType::F32, DType::to_float)
    }

    /// The float an operation on floats has its result in: itself, or float32 for integers and bool.
    pub fn to_float(self) -> DType {
        if self.is_float() { self } else { DType::F32 }
    }

    /// The dtype of sums: integers and bool go to 64 bits, with a sign or without.
    pub fn to_sum(self) -> DType {
        match self {
            float if float.is_float() => float,
            unsigned if unsigned.is_unsigned() => DType::U64,
            _ => DType::I64,
        }
    }
}

impl std::fmt::Display for DType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A Rust type that elements of some dtype have in memory.
///
/// `bool` is stored as a byte that is 0 or 1 everywhere in the library.
pub trait Element: Copy + Send + Sync + PartialEq + std::fmt::Debug + 'static {
    /// The dtype of this type.
    const DTYPE: DType;
}

macro_rules! elements {
    ($($T:ident $D:ident,)*) => {
        $(impl Element for $T {
            const DTYPE: DType = DType::$D;
        })*
    };
}
elements! {
    bool Bool, i8 I8, u8 U8, i16 I16, u16 U16, i32 I32, u32 U32, i64 I64, u64 U64, f16 F16, bf16 BF16, f32 F32, f64 F64,
}

/// A float as Python writes it.
pub fn show_float(x: f64) -> String {
    format!("{x:?}").replace("NaN", "nan")
}

/// Runs a generic body with `$T` bound to the Rust type of a dtype, of a class if there is another answer for all others.
macro_rules! with_dtype {
    ($dtype:expr, $T:ident => $body:expr) => {
        $crate::dtype::with_dtype!(@ $dtype, $T => $body; [
            Bool bool, I8 i8, U8 u8, I16 i16, U16 u16, I32 i32, U32 u32, I64 i64, U64 u64,
            F16 $crate::dtype::f16, BF16 $crate::dtype::bf16, F32 f32, F64 f64
        ])
    };
    ($dtype:expr, $T:ident => $body:expr, else $other:expr) => {
        $crate::dtype::with_dtype!(@ $dtype, $T => $body; [
            Bool bool, U8 u8, I32 i32, I64 i64, U64 u64, F32 f32, F64 f64
        ], _ => $other)
    };
    (@ $dtype:expr, $T:ident => $body:expr; [$($D:ident $Type:ty),*] $(, _ => $other:expr)?) => {
        match $dtype {
            $($crate::dtype::DType::$D => {
                type $T = $Type;
                $body
            })*
            $(_ => $other)?
        }
    };
}
pub(crate) use with_dtype;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_all_numbers_and_is_its_own() {
        for dtype in DType::ALL {
            let class = dtype.class();
            assert_eq!(class, class.class());
            if let (Some((low, high)), Some((least, most))) = (dtype.integers(), class.integers()) {
                assert!(least <= low && high <= most, "{dtype} in {class}");
            }
            assert_eq!(dtype.is_float(), class.is_float());
        }
    }

    #[test]
    fn promotion_is_symmetric_and_wide_enough() {
        for a in DType::ALL {
            for b in DType::ALL {
                let (one, other) = (a.promote(b, "add"), b.promote(a, "add"));
                assert_eq!(one.as_ref().ok(), other.as_ref().ok());
                let Ok(met) = one else {
                    assert!([a, b].contains(&DType::U64) && a.is_integer() && b.is_integer());
                    continue;
                };
                assert_eq!(met.promote(a, "add"), Ok(met));
                if let (Some((low, high)), Some((least, most))) = (a.integers(), met.integers()) {
                    assert!(least <= low && high <= most, "{a} and {b}");
                }
            }
        }
    }
}
