"""Regenerates src/math/special/coefficients.rs: polynomials for the functions that are computed number by number.

Run: python3 tools/fit_special.py > src/math/special/coefficients.rs && cargo fmt   (half a minute)

Each row of FITS names an array, how many coefficients, the interval of the polynomial's variable and the function it
stands for. The polynomials interpolate at Chebyshev's nodes, which is within a digit of the best one, and are then
written in powers of the variable. Asymptotic series have their exact coefficients.
"""

import math
import sys
from fractions import Fraction

from mpmath import mp, mpf

mp.dps = 50


def interpolated(function, low, high, count):
    """The polynomial through Chebyshev's nodes, lowest power first, and its largest relative error."""
    nodes = [(low + high + (high - low) * mp.cos(mp.pi * (i + mpf(1) / 2) / count)) / 2 for i in range(count)]
    matrix = mp.matrix(count, count)
    for row, node in enumerate(nodes):
        for power in range(count):
            matrix[row, power] = node**power
    solution = mp.lu_solve(matrix, mp.matrix([function(node) for node in nodes]))
    coefficients = [mpf(float(solution[i])) for i in range(count)]
    error = mpf(0)
    for i in range(401):
        x = low + (high - low) * mpf(i) / 400 + mpf("1e-20")
        error = max(error, abs(mp.polyval(coefficients[::-1], x) / function(x) - 1))
    return coefficients, error


def gradual(function):
    """A function whose removable singularity at 0 is stepped around."""
    return lambda x: function(x if x else mpf("1e-22"))


PSI_ZERO = mp.findroot(mp.digamma, mpf("1.4616321449683623"))


def near_psi_zero(d):
    x = d + mpf("1.5")
    return mp.digamma(x) / (x - PSI_ZERO)


def bessel_near(order):
    def function(z):
        x = 2 * mp.sqrt(z)
        return (mp.besseli(order, x) / (x / 2) ** order - 1) / z

    return gradual(function)


def bessel_far(order):
    def function(u):
        x = 16 / (1 + u) if u > -1 else mpf("1e30")
        return mp.besseli(order, x) * mp.exp(-x) * mp.sqrt(x) if x < 1e4 else bessel_limit(order, x)

    return function


def bessel_limit(order, x):
    total, term = mpf(1), mpf(1)
    for k in range(1, 12):
        term *= -(4 * order**2 - (2 * k - 1) ** 2) / (k * 8 * x)
        total += term
    return total / mp.sqrt(2 * mp.pi)


half = mpf("0.5")
FITS = [
    ("LGAMMA_AT_1", 25, mpf("-0.3"), mpf("0.4"), gradual(lambda d: mp.loggamma(1 + d) / d), "log gamma(1 + d) / d"),
    ("LGAMMA_AT_2", 25, mpf("-0.6"), mpf("0.5"), gradual(lambda d: mp.loggamma(2 + d) / d), "log gamma(2 + d) / d"),
    ("LGAMMA_AT_3", 16, -half, half, lambda d: mp.loggamma(3 + d), "log gamma(3 + d)"),
    ("GAMMA_AT_2", 17, -half, half, lambda d: mp.gamma(2.5 + d), "gamma(2.5 + d)"),
    ("DIGAMMA", 23, -half, half, near_psi_zero, "digamma(1.5 + d) over the distance to its zero"),
    ("I0_NEAR", 18, mpf(0), mpf(16), bessel_near(0), "(I0(x) - 1) / z in z = x^2 / 4, |x| <= 8"),
    ("I1_NEAR", 18, mpf(0), mpf(16), bessel_near(1), "(I1(x) 2 / x - 1) / z in z = x^2 / 4, |x| <= 8"),
    ("I0_FAR", 26, mpf(-1), mpf(1), bessel_far(0), "e^-x sqrt x I0(x) in 16 / x - 1, x >= 8"),
    ("I1_FAR", 26, mpf(-1), mpf(1), bessel_far(1), "e^-x sqrt x I1(x) in 16 / x - 1, x >= 8"),
]


def bernoulli(k):
    return Fraction(*(int(part) for part in (mp.bernfrac(k))))


def product(a, b, length):
    return [sum((a[j] * b[i - j] for j in range(i + 1)), Fraction(0)) for i in range(length)]


def temme(orders, length):
    """Coefficients in powers of eta of c_0, c_1, ... of the incomplete gamma function's uniform expansion (DLMF 8.12).

    With mu - log(1 + mu) = eta^2 / 2: c_0 = 1 / mu - 1 / eta, c_k = c_{k-1}' / eta + (-1)^k g_k / mu, where the g_k are
    Stirling's and take away the pole.
    """
    size = length + 2 * orders + 2
    # mu as a series in eta, from mu' mu = eta (1 + mu): coefficient by coefficient
    mu = [Fraction(0), Fraction(1)]
    for n in range(2, size + 1):
        # the coefficient of eta^n in mu mu' - eta mu is to vanish
        known = sum((mu[i] * (n + 1 - i) * mu[n + 1 - i] for i in range(2, n)), Fraction(0))
        mu.append((mu[n - 1] - known) / (n + 1))
    shifted = mu[1:]
    inverse = [Fraction(1)]
    for n in range(1, size):
        inverse.append(-sum((shifted[i] * inverse[n - i] for i in range(1, n + 1)), Fraction(0)))
    # inverse is eta / mu; 1 / mu has the powers from -1 on
    stirling = [Fraction(1)]
    logs = [Fraction(0)] + [bernoulli(k + 1) / (k * (k + 1)) if k % 2 else Fraction(0) for k in range(1, orders + 1)]
    for n in range(1, orders + 1):
        stirling.append(sum((k * logs[k] * stirling[n - k] for k in range(1, n + 1)), Fraction(0)) / n)
    row = inverse[1:]
    rows = [row[:length]]
    for k in range(1, orders):
        slope = [i * row[i] for i in range(1, len(row))]  # c_{k-1}' from the power 0 on
        sign = (-1) ** k * stirling[k]
        assert slope[0] + sign * inverse[0] == 0
        row = [slope[i] + sign * inverse[i] for i in range(1, len(slope))]
        rows.append(row[:length])
    return rows


def show(name, numbers, words):
    print(f"\n/// {words}")
    print(f"pub(super) const {name}: [f64; {len(numbers)}] = [")
    for number in numbers:
        print(f"    {float(number)!r},")
    print("];")


if __name__ == "__main__":
    print("//! Coefficients of polynomials, lowest power first. Written by tools/fit_special.py; edit that instead.")
    print("//!")
    print(
        "//! Each line says what the polynomial stands for and its largest relative error before rounding,"
        " in powers of two."
    )
    print("\n#![allow(clippy::approx_constant, clippy::excessive_precision)]")
    high = mpf(float(PSI_ZERO))
    show("DIGAMMA_ZERO", [high, PSI_ZERO - high], "The positive zero of digamma, to twice the precision.")
    for name, count, low, top, function, words in FITS:
        coefficients, error = interpolated(function, low, top, count)
        show(name, coefficients, f"{words}; error 2^{float(mp.log(error, 2)):.1f}.")
        print(name, float(mp.log(error, 2)), file=sys.stderr, flush=True)
    terms = range(1, 10)
    show("STIRLING", [bernoulli(2 * k) / (2 * k * (2 * k - 1)) for k in terms], "Stirling's series in 1 / x^2.")
    show("DIGAMMA_FAR", [bernoulli(2 * k) / (2 * k) for k in terms], "log x - 1 / (2 x) - digamma(x), in 1 / x^2.")
    tail = [bernoulli(2 * k) / math.factorial(2 * k) for k in range(1, 13)]
    show("EULER_MACLAURIN", tail, "Bernoulli's numbers over factorials, every second one.")
    for k, (row, length) in enumerate(zip(temme(3, 11), (11, 7, 3), strict=True)):
        show(f"TEMME_{k}", row[:length], f"Temme's c_{k} in powers of eta.")
