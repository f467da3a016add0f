/** Numbers in JSON, exact in both directions, with integers of any length where 64 bits are not enough. */

const LIMBS = 132;

/** A whole number of up to 4,224 bits. */
class Big {
  count: i32 = 0;
  limbs: StaticArray<u32> = new StaticArray<u32>(LIMBS);

  set(value: u64): Big {
    this.limbs[0] = <u32> value;
    this.limbs[1] = <u32> (value >> 32);
    this.count = value >> 32 ? 2 : value ? 1 : 0;
    return this;
  }

  copy(other: Big): Big {
    this.count = other.count;
    for (let i = 0; i < other.count; i++) this.limbs[i] = other.limbs[i];
    return this;
  }

  multiply(factor: u32, plus: u32 = 0): void {
    let carry: u64 = plus;
    for (let i = 0; i < this.count; i++) {
      carry += <u64> this.limbs[i] * factor;
      this.limbs[i] = <u32> carry;
      carry >>= 32;
    }
    if (carry) this.limbs[this.count++] = <u32> carry;
  }

  power10(exponent: i32): void {
    for (; exponent >= 9; exponent -= 9) this.multiply(1000000000);
    for (; exponent > 0; exponent--) this.multiply(10);
  }

  shiftLeft(bits: i32): void {
    if (this.count == 0 || bits == 0) return;
    const limbs = bits >> 5;
    if (bits & 31) this.multiply(1 << (bits & 31));
    if (limbs == 0) return;
    for (let i = this.count - 1; i >= 0; i--) this.limbs[i + limbs] = this.limbs[i];
    for (let i = 0; i < limbs; i++) this.limbs[i] = 0;
    this.count += limbs;
  }

  halve(): void {
    for (let i = 0; i < this.count; i++) {
      const above = i + 1 < this.count ? this.limbs[i + 1] : 0;
      this.limbs[i] = this.limbs[i] >> 1 | above << 31;
    }
    if (this.count && this.limbs[this.count - 1] == 0) this.count--;
  }

  get bits(): i32 {
    return this.count ? this.count * 32 - <i32> clz(this.limbs[this.count - 1]) : 0;
  }

  compare(other: Big): i32 {
    if (this.count != other.count) return this.count < other.count ? -1 : 1;
    for (let i = this.count - 1; i >= 0; i--) {
      if (this.limbs[i] != other.limbs[i]) return this.limbs[i] < other.limbs[i] ? -1 : 1;
    }
    return 0;
  }

  subtract(other: Big): void {
    let borrow: u64 = 0;
    for (let i = 0; i < this.count; i++) {
      const less: u64 = (i < other.count ? <u64> other.limbs[i] : 0) + borrow, from = <u64> this.limbs[i];
      borrow = from < less ? 1 : 0;
      this.limbs[i] = <u32> (from - less);
    }
    while (this.count && this.limbs[this.count - 1] == 0) this.count--;
  }

  /** The quotient, which must fit in 64 bits; the remainder stays here. The divisor is changed. */
  divide(divisor: Big): u64 {
    const shift = this.bits - divisor.bits;
    if (shift < 0) return 0;
    let quotient: u64 = 0;
    divisor.shiftLeft(shift);
    for (let i = shift; i >= 0; i--) {
      quotient <<= 1;
      if (this.compare(divisor) >= 0) {
        this.subtract(divisor);
        quotient |= 1;
      }
      if (i) divisor.halve();
    }
    return quotient;
  }
}

const number = new Big(), divisor = new Big(), whole = new Big();
const POWERS: StaticArray<f64> = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/** `number / divisor` as the nearest double, ties to even; infinity when it is too large. */
function ratio(): f64 {
  if (number.count == 0) return 0;
  const scale = 63 - (number.bits - divisor.bits);
  if (scale > 0) number.shiftLeft(scale);
  else divisor.shiftLeft(-scale);
  const quotient = number.divide(divisor), sticky = number.count != 0;
  const length = 64 - <i32> clz(quotient), exponent = length - 1 - scale;
  const kept = exponent >= -1022 ? 53 : 53 - (-1022 - exponent);
  if (exponent > 1023) return Infinity;
  if (kept < 0) return 0;
  const dropped = length - kept;
  let mantissa: u64 = dropped >= 64 ? 0 : quotient >> dropped;
  const half = <u64> 1 << (dropped - 1), rest = quotient & (half | half - 1);
  if (rest > half || rest == half && (sticky || (mantissa & 1) != 0)) mantissa++;
  // A carry out of the mantissa raises the exponent by itself, up to infinity.
  return reinterpret<f64>((exponent >= -1022 ? <u64> (exponent + 1022) << 52 : 0) + mantissa);
}

// @ts-ignore: decorator
@inline
function isDigit(c: u8): bool {
  return c >= 48 && c <= 57;
}

/** The number at `p`, whose grammar was checked. */
export function parseNumber(p: usize): f64 {
  const negative = load<u8>(p) == 45;
  if (negative) p++;
  const from = p;
  let mantissa: u64 = 0, digits = 0, exponent = 0, fraction = false;
  for (let c = load<u8>(p); isDigit(c) || c == 46; c = load<u8>(++p)) {
    if (c == 46) {
      fraction = true;
      continue;
    }
    if (digits < 19) mantissa = mantissa * 10 + c - 48;
    if (digits > 0 || c != 48) digits++;
    if (fraction) exponent--;
  }
  const end = p;
  if ((load<u8>(p) | 32) == 101) {
    const sign = load<u8>(++p);
    if (sign == 45 || sign == 43) p++;
    let written = 0;
    for (; isDigit(load<u8>(p)); p++) if (written < 100000) written = written * 10 + load<u8>(p) - 48;
    exponent += sign == 45 ? -written : written;
  }
  let value: f64;
  if (digits == 0) value = 0;
  else if (digits <= 19 && mantissa < 1 << 53 && exponent >= -22 && exponent <= 22) {
    value = exponent < 0 ? <f64> mantissa / POWERS[-exponent] : <f64> mantissa * POWERS[exponent];
  } else if (digits + exponent > 310) value = Infinity;
  else if (digits + exponent < -342) value = 0;
  else value = parseExactly(from, end, exponent);
  return negative ? -value : value;
}

function parseExactly(from: usize, end: usize, exponent: i32): f64 {
  let used = 0;
  number.set(0);
  divisor.set(1);
  for (let p = from; p < end; p++) {
    const c = load<u8>(p);
    if (c == 46 || used == 0 && c == 48) continue;
    // What follows 780 digits cannot decide but by being there.
    if (used < 780) number.multiply(10, c - 48);
    else if (c != 48) number.limbs[0] |= 1;
    used++;
  }
  if (used > 780) exponent += used - 780;
  if (exponent > 0) number.power10(exponent);
  else divisor.power10(-exponent);
  return ratio();
}

/** `digits × 10^exponent`, with an exponent only where the number would be long. */
function decimal(digits: u64, exponent: i32): string {
  while (digits && digits % 10 == 0) {
    digits /= 10;
    exponent++;
  }
  const text = digits.toString(), count = text.length, point = count + exponent;
  if (exponent >= 0 && point <= 21) return text.padEnd(point, "0");
  if (point > 0 && point <= 21) return text.substring(0, point) + "." + text.substring(point);
  if (point <= 0 && point > -6) return "0." + "0".repeat(-point) + text;
  return text.substring(0, 1) + (count > 1 ? "." + text.substring(1) : "") + "e" + (point - 1).toString();
}

let lastExponent = 0;

/** The 17 leading digits of a positive double; `lastExponent` is the power of ten of the last one. */
function digits17(value: f64): u64 {
  const bits = reinterpret<u64>(value), biased = <i32> (bits >> 52) & 0x7ff;
  const mantissa = bits & 0xfffffffffffff | (biased ? <u64> 1 << 52 : 0), power = (biased ? biased : 1) - 1075;
  const top = 63 - <i32> clz(mantissa) + power;
  lastExponent = <i32> (<i64> top * 30103 / 100000) - 17;
  while (true) {
    number.set(mantissa);
    divisor.set(1);
    if (power > 0) number.shiftLeft(power);
    else divisor.shiftLeft(-power);
    if (lastExponent < 0) number.power10(-lastExponent);
    else divisor.power10(lastExponent);
    let quotient = number.divide(whole.copy(divisor));
    number.shiftLeft(1);
    if (number.compare(divisor) >= 0) quotient++;
    if (quotient < 100000000000000000) return quotient;
    lastExponent++;
  }
}

function reads(text: string, value: f64): bool {
  const bytes = String.UTF8.encode(text, true);
  return parseNumber(changetype<usize>(bytes)) == value;
}

/** The shortest of 15, 16 and 17 digits that reads back as the same double, which is finite. */
export function printNumber(value: f64): string {
  if (value < 0) return "-" + printNumber(-value);
  if (value < 9007199254740992.0 && value == Math.trunc(value)) return (<u64> value).toString();
  for (let places = 1; places <= 15 && value >= 1e-5 && value < 1e15; places++) {
    const scaled = value * POWERS[places];
    if (scaled >= 1e15) break;
    const rounded = <u64> (scaled + 0.5);
    if (<f64> rounded / POWERS[places] == value) return decimal(rounded, -places);
  }
  const digits = digits17(value), exponent = lastExponent;
  for (let cut: u64 = 100, shift = 2; shift > 0; cut /= 10, shift--) {
    const text = decimal((digits + cut / 2) / cut, exponent + shift);
    if (reads(text, value)) return text;
  }
  return decimal(digits, exponent);
}
