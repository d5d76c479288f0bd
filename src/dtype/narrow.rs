//! Floats of 16 bits from wider ones, rounded once to the nearest, halves to even, and back.
//!
//! The types are those of the crate `half`. Its conversions branch, and from float64 leave out what a float32 has no bits for
//! before they round: these are branch-free, so that loops over them become vector code, and right. The tests hold those from
//! float32 against the crate's.

use half::{bf16, f16};

/// A float of 16 bits.
pub(crate) trait Narrow: Copy {
    /// The nearest to a float32.
    fn narrowed(x: f32) -> Self;
    /// The same number.
    fn widened(self) -> f32;
    /// The nearest to a float64.
    #[inline(always)]
    fn rounded(x: f64) -> Self {
        Self::narrowed(to_odd(x))
    }
}

/// The number with the fewest decimal digits that is rounded to this one.
pub(crate) fn shortest<T: Narrow + PartialEq>(x: T) -> f64 {
    let exact = f64::from(x.widened());
    let mut cut = (0..9).map(|digits| format!("{exact:.digits$e}").parse().unwrap_or(exact));
    cut.find(|&y| T::rounded(y) == x).unwrap_or(exact)
}

/// A float64 as one of the two float32 beside it: the one whose last bit is set. With two bits more than the narrower float
/// has, it is rounded there as the float64 would be (Boldo and Melquiond, IEEE Transactions on Computers 57, 2008).
#[inline(always)]
fn to_odd(x: f64) -> f32 {
    let near = x as f32;
    let (back, bits) = (f64::from(near), near.to_bits());
    let beside = if back.abs() > x.abs() { bits.wrapping_sub(1) } else { bits.wrapping_add(1) };
    let exact = back == x || x.is_nan();
    f32::from_bits(if exact || bits & 1 == 1 { bits } else { beside })
}

impl Narrow for f16 {
    #[inline(always)]
    fn narrowed(x: f32) -> f16 {
        let bits = x.to_bits();
        let (sign, size) = (bits >> 16 & 0x8000, bits & 0x7fff_ffff);
        // Below the smallest normal number, an addition rounds where the last bit is: the sum's significand is the result.
        let small = (f32::from_bits(size) + 0.5).to_bits().wrapping_sub(0.5f32.to_bits());
        // Rebias the exponent from 127 to 15, add a little less than half of the last bit, or half if that bit is set.
        let normal = size.wrapping_sub(112 << 23).wrapping_add(0xfff + (size >> 13 & 1)) >> 13;
        let beyond = if x.is_nan() { 0x7e00 | size >> 13 & 0x3ff } else { 0x7c00 };
        let rounded = if size < 113 << 23 { small } else { normal };
        f16::from_bits((sign | if size >= 143 << 23 { beyond } else { rounded }) as u16)
    }

    #[inline(always)]
    fn widened(self) -> f32 {
        let bits = u32::from(self.to_bits());
        let (sign, size) = ((bits & 0x8000) << 16, (bits & 0x7fff) << 13);
        // With the exponent's bits in their place, only the bias differs: a multiplication, which also makes subnormals normal.
        let value = (f32::from_bits(size) * f32::from_bits(239 << 23)).to_bits();
        let beyond = if size >= 31 << 23 { 0xff << 23 } else { 0 };
        f32::from_bits(sign | value | beyond)
    }
}

impl Narrow for bf16 {
    #[inline(always)]
    fn narrowed(x: f32) -> bf16 {
        let bits = x.to_bits();
        let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
        bf16::from_bits((if x.is_nan() { bits >> 16 | 0x40 } else { rounded }) as u16)
    }

    #[inline(always)]
    fn widened(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The nearest number to a float64, among neighbours of one that is near; of two as near the one whose last bit is 0.
    /// Where the next number would be, `end`, stands infinity.
    fn nearest(x: f64, near: u16, end: f64, value: impl Fn(u16) -> f64) -> u16 {
        let place = |bits: u16| if value(bits).is_infinite() { end.copysign(value(bits)) } else { value(bits) };
        let far = |bits: u16| ((place(bits) - x.clamp(-end, end)).abs(), bits & 1);
        let around = [near.wrapping_sub(1), near, near.wrapping_add(1)].into_iter();
        let same =
            around.filter(|&bits| value(bits).is_sign_negative() == x.is_sign_negative() && !value(bits).is_nan());
        same.min_by(|&a, &b| far(a).partial_cmp(&far(b)).unwrap()).unwrap()
    }

    /// Every number of 16 bits, those in the middle between two, and what lies next to these.
    #[test]
    fn every_number_and_every_middle_is_rounded_to_the_nearest() {
        let (half, brain) = (|bits: u16| f16::from_bits(bits).to_f64(), |bits: u16| bf16::from_bits(bits).to_f64());
        for bits in 0..=u16::MAX {
            let next = bits.wrapping_add(1);
            for (x, y) in [(half(bits), half(next)), (brain(bits), brain(next))] {
                let middle = (x + y) / 2.0;
                let beside = [middle.to_bits().wrapping_sub(1), middle.to_bits().wrapping_add(1)].map(f64::from_bits);
                for z in [x, middle, beside[0], beside[1], x * 1.0001, x * 0.9999] {
                    if z.is_nan() {
                        assert!(f16::rounded(z).is_nan() && bf16::rounded(z).is_nan());
                        continue;
                    }
                    let (a, b) = (f16::from_f32(z as f32).to_bits(), bf16::from_f32(z as f32).to_bits());
                    assert_eq!((f16::narrowed(z as f32).to_bits(), bf16::narrowed(z as f32).to_bits()), (a, b), "{z}");
                    assert_eq!(f16::rounded(z).to_bits(), nearest(z, a, 65536.0, half), "{z}");
                    assert_eq!(bf16::rounded(z).to_bits(), nearest(z, b, 2f64.powi(128), brain), "{z}");
                }
            }
        }
    }

    #[test]
    fn every_number_is_widened_to_itself() {
        for bits in 0..=u16::MAX {
            let (a, b) = (f16::from_bits(bits), bf16::from_bits(bits));
            let same = |x: f32, y: f32| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan();
            assert!(same(a.widened(), a.to_f32()) && same(b.widened(), b.to_f32()), "{bits}");
            assert!(f16::narrowed(a.widened()).to_bits() == bits || a.is_nan());
            assert!(bf16::narrowed(b.widened()).to_bits() == bits || b.is_nan());
        }
    }
}
