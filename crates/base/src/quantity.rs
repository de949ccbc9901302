//! Amounts of resources, as Kubernetes writes them: `500m`, `1.5Gi`, `2e3`.
//!
//! Source: `k8s.io/apimachinery/pkg/api/resource`, <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>.
//! An amount is exact down to a billionth; what is finer is rounded away from zero, as the API server does it.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// One unit in billionths.
const UNIT: i128 = 1_000_000_000;

/// The largest amount with a binary suffix: the API server takes more for this. Source: `maxAllowed` in `math.go`.
const BINARY_MAX: i128 = (i64::MAX as i128) * UNIT;

/// How an amount is written when it is large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suffixes {
    /// `Ki`, `Mi`, `Gi`…
    Binary,
    /// `m`, `k`, `M`, `G`…
    Decimal,
    /// `e3`, `e6`…
    Exponent,
}

/// An amount of a resource: cores, bytes, or pieces.
///
/// Two amounts are equal if they are as much, however they are written.
#[derive(Debug, Clone, Copy)]
pub struct Quantity {
    /// In billionths of the unit.
    nanos: i128,
    suffixes: Suffixes,
}

/// Why a text is no amount: one phrase that fits after "the amount".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuantityError {
    /// There is no number at its beginning.
    NoNumber,
    /// What follows the number is no suffix.
    Suffix,
    /// It is more than anything has.
    TooLarge,
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoNumber => "does not begin with a number",
            Self::Suffix => "ends in what is no suffix",
            Self::TooLarge => "is too large",
        })
    }
}

impl std::error::Error for QuantityError {}

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self { nanos: 0, suffixes: Suffixes::Decimal };

    /// Whole units, written with decimal suffixes.
    #[must_use]
    pub fn units(units: u64) -> Self {
        Self { nanos: i128::from(units) * UNIT, suffixes: Suffixes::Decimal }
    }

    /// Thousandths of a unit, such as millicores.
    #[must_use]
    pub fn milli(thousandths: u64) -> Self {
        Self { nanos: i128::from(thousandths) * (UNIT / 1000), suffixes: Suffixes::Decimal }
    }

    /// Mebibytes, written with binary suffixes.
    #[must_use]
    pub fn mebi(mebibytes: u32) -> Self {
        Self { nanos: i128::from(mebibytes) * (1 << 20) * UNIT, suffixes: Suffixes::Binary }
    }

    /// The amount that a text means.
    ///
    /// Unlike the API server, which takes `Mi` and `.` for nothing at all, this asks for a digit.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let (negative, unsigned) = match text.as_bytes() {
            [b'-', ..] => (true, &text[1..]),
            [b'+', ..] => (false, &text[1..]),
            _ => (false, text),
        };
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let (number, suffix) = unsigned.split_at(unsigned.find(|c| !is_number(c)).unwrap_or(unsigned.len()));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
            return Err(QuantityError::NoNumber);
        }
        let (base, exponent, suffixes) = multiplier(suffix).ok_or(QuantityError::Suffix)?;
        let digits = format!("{whole}{fraction}");
        let places = u32::try_from(fraction.len()).map_err(|_| QuantityError::TooLarge)?;
        let mut nanos = scaled(digits.trim_start_matches('0'), places, base, exponent)?;
        if suffixes == Suffixes::Binary {
            nanos = nanos.min(BINARY_MAX);
        }
        Ok(Self { nanos: if negative { -nanos } else { nanos }, suffixes })
    }

    /// In thousandths of the unit, rounded up: millicores.
    #[must_use]
    pub fn as_milli(self) -> i128 {
        rounded_up(self.nanos, UNIT / 1000)
    }

    /// In whole units, rounded up: bytes, or pieces.
    #[must_use]
    pub fn as_units(self) -> i128 {
        rounded_up(self.nanos, UNIT)
    }

    /// The amount, rounded up to whole thousandths: what the API server keeps in a ResourceList, such as requests, limits and
    /// quotas. Source: `SetDefaults_ResourceList` in `pkg/apis/core/v1/defaults.go`.
    #[must_use]
    pub fn up_to_milli(self) -> Self {
        Self { nanos: self.as_milli().saturating_mul(UNIT / 1000), ..self }
    }

    /// Whether it is less than nothing.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Both together, or the most that there is.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let suffixes = if self.is_zero() { other.suffixes } else { self.suffixes };
        Self { nanos: self.nanos.saturating_add(other.nanos), suffixes }
    }

    /// That many times as much, or the most that there is.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self { nanos: self.nanos.saturating_mul(i128::from(count)), ..self }
    }

    /// The number and the exponent of ten below which nothing is lost, the exponent divisible by three.
    fn decimal(self) -> (i128, i32) {
        let (mut number, mut exponent) = (self.nanos, -9);
        while number % 1000 == 0 {
            number /= 1000;
            exponent += 3;
        }
        (number, exponent)
    }
}

/// Base, exponent and kind of a suffix.
fn multiplier(suffix: &str) -> Option<(u32, i32, Suffixes)> {
    const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if let Some(index) = BINARY.iter().position(|known| *known == suffix) {
        return Some((2, 10 * (i32::try_from(index).ok()? + 1), Suffixes::Binary));
    }
    let exponent = match suffix {
        "n" => -9,
        "u" => -6,
        "m" => -3,
        "" => 0,
        "k" => 3,
        "M" => 6,
        "G" => 9,
        "T" => 12,
        "P" => 15,
        "E" => 18,
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let exponent = if whole { exponent.parse().ok()? } else { return None };
            return Some((10, exponent, Suffixes::Exponent));
        }
    };
    Some((10, exponent, Suffixes::Decimal))
}

/// `digits` · 10^-`places` · `base`^`exponent`, in billionths, rounded up.
fn scaled(digits: &str, places: u32, base: u32, exponent: i32) -> Result<i128, QuantityError> {
    if digits.is_empty() {
        return Ok(0);
    }
    // Digits behind what 128 bits hold only matter in that they are there.
    let (kept, dropped) = digits.split_at(digits.len().min(30));
    let number: i128 = kept.parse().map_err(|_| QuantityError::TooLarge)?;
    let dropped_places = i64::try_from(dropped.len()).map_err(|_| QuantityError::TooLarge)?;
    let tens = if base == 10 { i64::from(exponent) } else { 0 };
    let ten = 9 + tens + dropped_places - i64::from(places);
    let twos = if base == 2 { u32::try_from(exponent).unwrap_or(0) } else { 0 };
    let rest = dropped.bytes().any(|byte| byte != b'0');
    if ten < 0 {
        let twice = number.checked_mul(1_i128 << twos).ok_or(QuantityError::TooLarge)?;
        let divisor = u32::try_from(-ten).ok().and_then(|ten| 10_i128.checked_pow(ten));
        // Beyond all digits of the number, something is left, which counts as the least that there is.
        return Ok(divisor.map_or(1, |divisor| {
            let up = twice % divisor != 0 || rest;
            twice / divisor + i128::from(up)
        }));
    }
    let factor = u32::try_from(ten).ok().and_then(|ten| 10_i128.checked_pow(ten));
    let factor = factor.and_then(|factor| factor.checked_mul(1_i128 << twos));
    let amount = factor.and_then(|factor| number.checked_mul(factor)).ok_or(QuantityError::TooLarge)?;
    Ok(amount + i128::from(rest))
}

fn rounded_up(nanos: i128, unit: i128) -> i128 {
    nanos.div_euclid(unit) + i128::from(nanos.rem_euclid(unit) != 0)
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl Hash for Quantity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.nanos.hash(state);
    }
}

/// The canonical form: nothing is lost, there is no fraction, and the suffix is as large as can be.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        let whole = self.nanos % UNIT == 0;
        if self.suffixes == Suffixes::Binary && whole && self.nanos.abs() >= 1024 * UNIT {
            let mut number = self.nanos / UNIT;
            let mut suffixes = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].into_iter();
            let mut suffix = "";
            while number % 1024 == 0
                && let Some(next) = suffixes.next()
            {
                number /= 1024;
                suffix = next;
            }
            return write!(f, "{number}{suffix}");
        }
        let (number, exponent) = self.decimal();
        let suffix = match exponent {
            _ if self.suffixes == Suffixes::Exponent && exponent != 0 => None,
            -9 => Some("n"),
            -6 => Some("u"),
            -3 => Some("m"),
            0 => Some(""),
            3 => Some("k"),
            6 => Some("M"),
            9 => Some("G"),
            12 => Some("T"),
            15 => Some("P"),
            18 => Some("E"),
            _ => None,
        };
        match suffix {
            Some(suffix) => write!(f, "{number}{suffix}"),
            None => write!(f, "{number}e{exponent}"),
        }
    }
}

#[cfg(test)]
mod tests;
