# ruff: noqa: E501, the printed head and the table are wider than code
"""Regenerates src/math/coefficients.rs: minimax polynomials by Remez exchange, all in mpmath.

Run: python3 tools/fit_math.py > src/math/coefficients.rs && cargo fmt   (a minute; gmpy2 makes it faster)

Each row of FITS names an array, its precision, how many coefficients, the interval of the polynomial's variable, the
function that the polynomial stands for and the weight that turns its error into the relative error of the final result.
Coefficients are rounded one after the other, lowest first, and where possible the rest is fitted again, so that rounding
costs little.
"""

import struct
import sys

from mpmath import mp, mpf

mp.dps = 60


def rounded(value, kind):
    number = float(value)
    return mpf(number if kind == "f64" else struct.unpack("f", struct.pack("f", number))[0])


def literal(value, kind):
    """Shortest decimal that reads back as the same float."""
    number = float(value)
    if kind == "f64":
        return repr(number)
    bits = struct.pack("f", number)
    for digits in range(1, 12):
        text = f"{number:.{digits}e}"
        if struct.pack("f", float(text)) == bits:
            return repr(float(text))
    return None


def remez(values, weights, points, powers, rounds=12):
    """Minimax fit of sum(c_i x^powers[i]) to values over points; returns coefficients and the weighted error."""
    n = len(powers)
    chosen = [round((len(points) - 1) * (1 - mp.cos(mp.pi * i / n)) / 2) for i in range(n + 1)]
    best = None
    for _ in range(rounds):
        matrix = mp.matrix(n + 1, n + 1)
        right = mp.matrix(n + 1, 1)
        for row, index in enumerate(chosen):
            for column, power in enumerate(powers):
                matrix[row, column] = points[index] ** power
            matrix[row, n] = (-1) ** row / weights[index]
            right[row] = values[index]
        solution = mp.lu_solve(matrix, right)
        coefficients = [solution[i] for i in range(n)]
        errors = []
        for x, value, weight in zip(points, values, weights, strict=False):
            total = mpf(0)
            for c, power in zip(coefficients, powers, strict=False):
                total += c * x**power
            errors.append((value - total) * weight)
        worst = max(abs(e) for e in errors)
        if best is None or worst < best[1]:
            best = (coefficients, worst)
        if worst <= abs(solution[n]) * mpf("1.001"):
            break
        # one extreme point out of every run of equal sign, then the n + 1 neighbouring ones that include the largest
        extremes = []
        for index, error in enumerate(errors):
            if extremes and (errors[extremes[-1]] > 0) == (error > 0):
                if abs(error) > abs(errors[extremes[-1]]):
                    extremes[-1] = index
            else:
                extremes.append(index)
        while len(extremes) > n + 1:
            drop = 0 if abs(errors[extremes[0]]) < abs(errors[extremes[-1]]) else -1
            extremes.pop(drop)
        if len(extremes) < n + 1:
            break
        chosen = extremes
    return best


def least_squares(values, weights, points, powers):
    """Sums of squares in place of the largest error: a little worse, but it never fails to converge."""
    n = len(powers)
    matrix = mp.matrix(n, n)
    right = mp.matrix(n, 1)
    for x, value, weight in zip(points, values, weights, strict=False):
        row = [weight * x**power for power in powers]
        for i in range(n):
            right[i] += row[i] * weight * value
            for j in range(n):
                matrix[i, j] += row[i] * row[j]
    return list(mp.lu_solve(matrix, right))


def fit(kind, count, low, high, function, weight):
    size = max(20 * count, 160)
    points = [low + (high - low) * (1 - mp.cos(mp.pi * (i + mpf(1) / 2) / size)) / 2 for i in range(size)]
    values = [function(x) for x in points]
    weights = [abs(weight(x)) for x in points]
    done = []
    coefficients, _ = remez(values, weights, points, list(range(count)))
    for first in range(count):
        # powers above the first keep the exchange sound only where the variable keeps its sign
        if low >= 0:
            coefficients, _ = remez(values, weights, points, list(range(first, count)))
        elif first > 0:
            coefficients = least_squares(values, weights, points, list(range(first, count)))
        lowest = rounded(coefficients[0], kind)
        done.append(lowest)
        values = [v - lowest * x**first for v, x in zip(values, points, strict=False)]
    error = max(abs(v) * w for v, w in zip(values, weights, strict=False))
    return done, error


HALF_LN2 = mp.log(2) / 2 * mpf("1.0001")
QUARTER_PI = mp.pi / 4 * mpf("1.0001")
S_SQRT2 = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) * mpf("1.0001")


def root(function):
    """The function of the square root of the polynomial's variable: odd and even functions are fitted in x squared."""
    return lambda z: function(mp.sqrt(z))


def erfcx(x):
    return mp.erfc(x) * mp.exp(x * x)


def scaled_erfcx(x):
    return (1 + 2 * x) * erfcx(x)


def tail(t, pivot):
    """Inverse of t = (x - pivot) / (x + pivot)."""
    return pivot * (1 + t) / (1 - t)


def exp_tail(r):
    return (mp.expm1(r) - r) / r**2


sinh_tail = root(lambda r: (mp.sinh(r) - r) / r**3)
cosh_tail = root(lambda r: (mp.cosh(r) - 1) / r**2)
atanh_tail = root(lambda s: 2 * (mp.atanh(s) - s) / s**3)
atanh_tail5 = root(lambda s: 2 * (mp.atanh(s) - s - s**3 / 3) / s**5)


def log_tail(f):
    return (mp.log1p(f) - f + f * f / 2) / f**3


sin_tail = root(lambda r: (mp.sin(r) - r) / r**3)
cos_tail = root(lambda r: (mp.cos(r) - 1 + r * r / 2) / r**4)
cos_tail2 = root(lambda r: (mp.cos(r) - 1) / r**2)
atan_tail = root(lambda t: (mp.atan(t) - t) / t**3)
asin_tail = root(lambda t: (mp.asin(t) - t) / t**3)
tanh_tail = root(lambda x: (mp.tanh(x) - x) / x**3)
erf_tail = root(lambda x: mp.erf(x) / x - 1)


# weights: error of the polynomial times the weight is the relative error of the function
def odd3(f):
    return root(lambda x: x**3 / f(x))


def exp_weight(r):
    return r**2 / mp.expm1(r)


FITS = [
    # name, kind, coefficients, low, high, function, weight, words
    ("EXP_F64", "f64", 11, -HALF_LN2, HALF_LN2, exp_tail, exp_weight, "(e^r - 1 - r) / r^2, |r| <= ln 2 / 2"),
    ("EXP_SHORT", "f64", 7, -HALF_LN2, HALF_LN2, exp_tail, exp_weight, "The same for results that are rounded to f32."),
    ("EXP_F32", "f32", 6, -HALF_LN2, HALF_LN2, exp_tail, exp_weight, "The same in f32 arithmetic."),
    ("SINH_F64", "f64", 6, 0, HALF_LN2**2, sinh_tail, odd3(mp.sinh), "(sinh r - r) / r^3 in r^2, |r| <= ln 2 / 2"),
    (
        "COSH_F64",
        "f64",
        6,
        0,
        HALF_LN2**2,
        cosh_tail,
        root(lambda r: r**2),
        "(cosh r - 1) / r^2 in r^2, |r| <= ln 2 / 2",
    ),
    (
        "SINH_SHORT",
        "f64",
        3,
        0,
        HALF_LN2**2,
        sinh_tail,
        odd3(mp.sinh),
        "The same as SINH_F64 for results rounded to f32.",
    ),
    (
        "COSH_SHORT",
        "f64",
        4,
        0,
        HALF_LN2**2,
        cosh_tail,
        root(lambda r: r**2),
        "The same as COSH_F64 for results rounded to f32.",
    ),
    ("TANH_F32", "f32", 5, 0, mpf("0.66") ** 2, tanh_tail, odd3(mp.tanh), "(tanh x - x) / x^3 in x^2, |x| <= 0.66"),
    ("TANH_F64", "f64", 11, 0, mpf("0.66") ** 2, tanh_tail, odd3(mp.tanh), "(tanh x - x) / x^3 in x^2, |x| <= 0.66"),
    (
        "LOG_F64",
        "f64",
        7,
        0,
        S_SQRT2**2,
        atanh_tail,
        odd3(lambda s: 2 * mp.atanh(s)),
        "(2 atanh s - 2 s) / s^3 in s^2, |s| <= (sqrt 2 - 1) / (sqrt 2 + 1)",
    ),
    (
        "LOG_SHORT",
        "f64",
        11,
        mp.sqrt(mpf(1) / 2) - 1,
        mp.sqrt(2) - 1,
        log_tail,
        lambda f: f**3 / mp.log1p(f),
        "(log(1 + f) - f + f^2 / 2) / f^3, 1 + f between sqrt 1/2 and sqrt 2, for results rounded to f32",
    ),
    (
        "LOG_F32",
        "f32",
        9,
        mp.sqrt(mpf(1) / 2) - 1,
        mp.sqrt(2) - 1,
        log_tail,
        lambda f: f**3 / mp.log1p(f),
        "The same in f32 arithmetic.",
    ),
    (
        "LOG2_F32",
        "f32",
        10,
        mp.sqrt(mpf(1) / 2) - 1,
        mp.sqrt(2) - 1,
        lambda f: (mp.log1p(f) - f) / f**2 / mp.log(2),
        lambda f: f**2 * mp.log(2) / mp.log1p(f),
        "(log2(1 + f) - f / ln 2) / f^2 on the same interval",
    ),
    (
        "LOG10_F32",
        "f32",
        10,
        mp.sqrt(mpf(1) / 2) - 1,
        mp.sqrt(2) - 1,
        lambda f: (mp.log1p(f) - f) / f**2 / mp.log(10),
        lambda f: f**2 * mp.log(10) / mp.log1p(f),
        "(log10(1 + f) - f / ln 10) / f^2 on the same interval",
    ),
    (
        "LOG1P_F32",
        "f32",
        10,
        mpf(-0.5),
        mpf(0.5),
        lambda v: (mp.log1p(v + 0.5) - v - 0.5) / (v + 0.5) ** 2,
        lambda v: (v + 0.5) ** 2 / mp.log1p(v + 0.5),
        "(log(1 + e) - e) / e^2 in e - 1/2, 0 <= e <= 1",
    ),
    (
        "LOG_EXTENDED",
        "f64",
        8,
        0,
        S_SQRT2**2,
        atanh_tail5,
        root(lambda s: s**5 / (2 * mp.atanh(s))),
        "(2 atanh s - 2 s - 2/3 s^3) / s^5 in s^2, to 2^-68 of the logarithm",
    ),
    (
        "ATANH_F64",
        "f64",
        11,
        0,
        mpf(1) / 9,
        atanh_tail,
        odd3(lambda s: 2 * mp.atanh(s)),
        "(2 atanh s - 2 s) / s^3 in s^2, 0 <= s <= 1/3",
    ),
    ("SIN_F64", "f64", 6, 0, QUARTER_PI**2, sin_tail, odd3(mp.sin), "(sin r - r) / r^3 in r^2, |r| <= pi / 4"),
    (
        "COS_F64",
        "f64",
        6,
        0,
        QUARTER_PI**2,
        cos_tail,
        root(lambda r: r**4 / mp.cos(r)),
        "(cos r - 1 + r^2 / 2) / r^4 in r^2, |r| <= pi / 4",
    ),
    (
        "SIN_SHORT",
        "f64",
        5,
        0,
        (2 * QUARTER_PI) ** 2,
        sin_tail,
        odd3(mp.sin),
        "(sin r - r) / r^3 in r^2, |r| <= pi / 2, for results rounded to f32",
    ),
    (
        "TAN_SIN_SHORT",
        "f64",
        4,
        0,
        QUARTER_PI**2,
        sin_tail,
        odd3(mp.sin),
        "(sin r - r) / r^3 in r^2, |r| <= pi / 4, for results rounded to f32",
    ),
    (
        "TAN_COS_SHORT",
        "f64",
        5,
        0,
        QUARTER_PI**2,
        cos_tail2,
        root(lambda r: r**2 / mp.cos(r)),
        "(cos r - 1) / r^2 in r^2, |r| <= pi / 4, for results rounded to f32",
    ),
    ("ATAN_F64", "f64", 13, 0, mpf(1) / 4, atan_tail, odd3(mp.atan), "(atan t - t) / t^3 in t^2, |t| <= 1/2"),
    ("ATAN_F32", "f32", 5, 0, mpf(1) / 4, atan_tail, odd3(mp.atan), "The same in f32 arithmetic."),
    ("ASIN_F64", "f64", 12, 0, mpf("0.2501"), asin_tail, odd3(mp.asin), "(asin t - t) / t^3 in t^2, 0 <= t <= 1/2"),
    (
        "ASIN_SHORT",
        "f64",
        7,
        0,
        mpf("0.2501"),
        asin_tail,
        odd3(mp.asin),
        "The same for results that are rounded to f32.",
    ),
    ("ERF_F64", "f64", 13, 0, mpf(1), erf_tail, root(lambda x: x / mp.erf(x)), "erf x / x - 1 in x^2, |x| <= 1"),
    ("ERF_F32", "f32", 7, 0, mpf(1), erf_tail, root(lambda x: x / mp.erf(x)), "The same in f32 arithmetic."),
    (
        "ERF_LOG_F32",
        "f32",
        7,
        mpf("0.99"),
        mpf("3.95"),
        lambda x: mp.log(mp.erfc(x)),
        lambda x: mp.erfc(x),
        "log erfc x, 1 <= x <= 3.95, weighted for erf",
    ),
    (
        "ERFCX_MIDDLE",
        "f64",
        12,
        (1 - mpf("2.5")) / (1 + mpf("2.5")),
        (6 - mpf("2.5")) / (6 + mpf("2.5")),
        lambda t: erfcx(tail(t, mpf("2.5"))),
        lambda t: mp.erfc(tail(t, mpf("2.5"))),
        "erfc x exp x^2 in (x - 2.5) / (x + 2.5), 1 <= x <= 6, weighted for erf",
    ),
    (
        "ERFCX_F64",
        "f64",
        24,
        mpf(-1),
        (28 - mpf("3.5")) / (28 + mpf("3.5")),
        lambda t: scaled_erfcx(tail(t, mpf("3.5"))),
        lambda t: 1 / scaled_erfcx(tail(t, mpf("3.5"))),
        "(1 + 2 x) erfc x exp x^2 in (x - 3.5) / (x + 3.5), 0 <= x <= 28",
    ),
    (
        "ERFCX_SHORT",
        "f64",
        12,
        mpf(-1),
        mpf(8) / 14,
        lambda t: scaled_erfcx(tail(t, 3)),
        lambda t: 1 / scaled_erfcx(tail(t, 3)),
        "The same in (x - 3) / (x + 3), 0 <= x <= 11, for results rounded to f32.",
    ),
]


def parts(value, kind, widths):
    """Splits a constant into floats of so many bits each; the last part takes all bits that its kind has."""
    result = []
    for width in widths:
        exponent = mp.floor(mp.log(abs(value), 2)) + 1 - width
        part = mp.nint(value / mpf(2) ** exponent) * mpf(2) ** exponent
        result.append(part)
        value -= part
    result.append(rounded(value, kind))
    return result


# name, kind, value, bits of each part but the last, words
CONSTANTS = [
    ("LN2_F64", "f64", mp.log(2), [32], "ln 2 in two parts; the first times any exponent is exact"),
    ("LN2_F32", "f32", mp.log(2), [12], "ln 2 in two parts; the first times any exponent is exact"),
    (
        "LN2_DEKKER",
        "f64",
        mp.log(2),
        [42],
        "ln 2 in two parts; the first times any exponent is exact, the sum good to 2^-96",
    ),
    ("TWO_THIRDS", "f64", mpf(2) / 3, [53], "2 / 3 to twice the precision"),
    ("LOG10_2_F64", "f64", mp.log10(2), [32], "log10 2 in two parts"),
    ("LOG2_E_F64", "f64", 1 / mp.log(2), [21], "1 / ln 2 in two parts"),
    ("LOG10_2_F32", "f32", mp.log10(2), [12], "log10 2 in two parts"),
    ("LOG2_E_F32", "f32", 1 / mp.log(2), [24], "1 / ln 2 to twice the precision"),
    ("LOG10_E_F32", "f32", 1 / mp.log(10), [24], "1 / ln 10 to twice the precision"),
    ("LOG10_E_F64", "f64", 1 / mp.log(10), [21], "1 / ln 10 in two parts"),
    (
        "HALF_PI_F64",
        "f64",
        mp.pi / 2,
        [26, 26, 26],
        "pi / 2 in four parts; the first three times any integer below 2^27 are exact",
    ),
    (
        "HALF_PI_SHORT",
        "f64",
        mp.pi / 2,
        [23, 23],
        "pi / 2 in three parts; the first two times any integer below 2^30 are exact",
    ),
    (
        "PI_SHORT",
        "f64",
        mp.pi,
        [23, 23],
        "pi in three parts; the first two times any half integer below 2^29 are exact",
    ),
    ("HALF_PI", "f64", mp.pi / 2, [53], "pi / 2 to twice the precision"),
    ("HALF_PI_F32", "f32", mp.pi / 2, [24], "pi / 2 to twice the precision"),
]

if __name__ == "__main__":
    only = sys.argv[1:]
    print(
        "//! Coefficients of the minimax polynomials, lowest power first. Written by tools/fit_math.py; edit that instead."
    )
    print("//!")
    print(
        "//! Each line says which function of which variable the polynomial stands for and the relative error it leaves in the"
    )
    print("//! result, in powers of two, before rounding.\n")
    print(
        "#![allow(clippy::approx_constant, clippy::excessive_precision)] // a coefficient may come close to a famous number without being it"
    )
    for name, kind, value, widths, words in CONSTANTS:
        print(f"\n/// {words}")
        numbers = ", ".join(literal(part, kind) for part in parts(value, kind, widths))
        print(f"pub(super) const {name}: [{kind}; {len(widths) + 1}] = [{numbers}];")
    for name, kind, count, low, high, function, weight, words in FITS:
        if only and name not in only:
            continue
        coefficients, error = fit(kind, count, mpf(low), mpf(high), function, weight)
        print(f"\n/// {words}; error 2^{float(mp.log(error, 2)):.1f}")
        print(f"pub(super) const {name}: [{kind}; {count}] = [")
        for c in coefficients:
            print(f"    {literal(c, kind)},")
        print("];")
        print(name, float(mp.log(error, 2)), file=sys.stderr, flush=True)
