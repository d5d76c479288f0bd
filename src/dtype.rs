//! Element kinds: names, sizes, promotion, and the Rust type behind each.

/// The kind of a tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum DType {
    /// Truth values, one byte each.
    Bool,
    /// Unsigned 8-bit integers.
    U8,
    /// Signed 32-bit integers.
    I32,
    /// Signed 64-bit integers.
    I64,
    /// IEEE 754 single precision.
    F32,
    /// IEEE 754 double precision.
    F64,
}

impl DType {
    /// All dtypes, narrowest first.
    pub const ALL: [DType; 6] = [DType::Bool, DType::U8, DType::I32, DType::I64, DType::F32, DType::F64];

    /// The name that NumPy and the Array API standard use.
    pub fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::U8 => "uint8",
            DType::I32 => "int32",
            DType::I64 => "int64",
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
            DType::Bool | DType::U8 => 1,
            DType::I32 | DType::F32 => 4,
            DType::I64 | DType::F64 => 8,
        }
    }

    /// True for float32 and float64, the dtypes that have gradients.
    pub fn is_float(self) -> bool {
        matches!(self, DType::F32 | DType::F64)
    }

    /// True for the integers, not for bool.
    pub fn is_integer(self) -> bool {
        matches!(self, DType::U8 | DType::I32 | DType::I64)
    }

    /// The dtype two operands meet in: the wider of one kind; floats win over integers, everything wins over bool.
    ///
    /// The order of the variants is the order of this lattice.
    pub fn promote(self, other: DType) -> DType {
        self.max(other)
    }

    /// The float an operation on floats computes in: itself, or float32 for integers and bool.
    pub fn to_float(self) -> DType {
        if self.is_float() { self } else { DType::F32 }
    }

    /// The dtype sums accumulate in: integers and bool go to int64.
    pub fn to_sum(self) -> DType {
        if self.is_float() { self } else { DType::I64 }
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

impl Element for bool {
    const DTYPE: DType = DType::Bool;
}
impl Element for u8 {
    const DTYPE: DType = DType::U8;
}
impl Element for i32 {
    const DTYPE: DType = DType::I32;
}
impl Element for i64 {
    const DTYPE: DType = DType::I64;
}
impl Element for f32 {
    const DTYPE: DType = DType::F32;
}
impl Element for f64 {
    const DTYPE: DType = DType::F64;
}

/// One element of any dtype in the first of eight bytes, where a pointer to any of them may point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct Word(pub [u8; 8]);

/// A number on its way into the record: a Python scalar, or a fill value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
}

impl Scalar {
    /// The dtype a scalar alone becomes: bool, int64 or float32.
    pub fn default_dtype(self) -> DType {
        match self {
            Scalar::Bool(_) => DType::Bool,
            Scalar::Int(_) => DType::I64,
            Scalar::Float(_) => DType::F32,
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
        match (self, dtype) {
            (Scalar::Float(x), dtype) if dtype.is_integer() => {
                x.abs() < 2f64.powi(63) && Scalar::Int(x as i64).fits(dtype)
            }
            (Scalar::Int(i), DType::U8) => u8::try_from(i).is_ok(),
            (Scalar::Int(i), DType::I32) => i32::try_from(i).is_ok(),
            _ => true,
        }
    }

    /// The same, but infinite if no 64-bit integer reaches it, so that comparing it in less precision stays exact.
    pub fn beyond_integers(self) -> Scalar {
        match self {
            Scalar::Float(x) if x.abs() >= 2f64.powi(63) => Scalar::Float(f64::INFINITY.copysign(x)),
            other => other,
        }
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
    pub fn as_i64(self) -> i64 {
        match self {
            Scalar::Bool(b) => i64::from(b),
            Scalar::Int(i) => i,
            Scalar::Float(f) => f as i64,
        }
    }

    /// The value as an element of `dtype`. Integers wrap.
    pub fn to_word(self, dtype: DType) -> Word {
        let mut out = [0u8; 8];
        match dtype {
            DType::Bool => out[0] = u8::from(self.as_f64() != 0.0),
            DType::U8 => out[0] = self.as_i64() as u8,
            DType::I32 => out[..4].copy_from_slice(&(self.as_i64() as i32).to_ne_bytes()),
            DType::I64 => out.copy_from_slice(&self.as_i64().to_ne_bytes()),
            DType::F32 => out[..4].copy_from_slice(&(self.as_f64() as f32).to_ne_bytes()),
            DType::F64 => out.copy_from_slice(&self.as_f64().to_ne_bytes()),
        }
        Word(out)
    }
}

/// A float as Python writes it.
pub fn show_float(x: f64) -> String {
    format!("{x:?}").replace("NaN", "nan")
}

/// Runs a generic body with `$T` bound to the Rust type of a dtype.
macro_rules! with_dtype {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::dtype::DType::Bool => {
                type $T = bool;
                $body
            }
            $crate::dtype::DType::U8 => {
                type $T = u8;
                $body
            }
            $crate::dtype::DType::I32 => {
                type $T = i32;
                $body
            }
            $crate::dtype::DType::I64 => {
                type $T = i64;
                $body
            }
            $crate::dtype::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::dtype::DType::F64 => {
                type $T = f64;
                $body
            }
        }
    };
}
pub(crate) use with_dtype;
