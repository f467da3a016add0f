/** Dates: ISO 8601 on the wire. */
import { DecodeError } from "./decode_error.ts";

/** A date and a time with its offset. Without the offset it would mean another instant on another machine. */
const DATE =
  /^([+-]\d{6}|\d{4})-(\d\d)-(\d\d)(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?$/;

/** Accepts an ISO 8601 date, at midnight UTC, or a date and a time with `Z` or an offset. */
export function decodeDate(wire: unknown): Date {
  if (typeof wire === "string") {
    const date = new Date(wire.length === 24 ? canonicalTime(wire) : NaN);
    if (!Number.isNaN(date.getTime())) return date;
    const parts = DATE.exec(wire);
    if (parts !== null && isDay(Number(parts[1]), Number(parts[2]), Number(parts[3]))) {
      date.setTime(Date.parse(wire));
      if (!Number.isNaN(date.getTime())) return date;
    }
  }
  throw new DecodeError("Date", wire);
}

/**
 * The form `toISOString` writes, `2024-05-06T07:08:09.123Z`, without the cost of a pattern and a parser; else
 * NaN.
 */
function canonicalTime(wire: string): number {
  const punctuated = wire[4] === "-" && wire[7] === "-" && wire[10] === "T" && wire[13] === ":" &&
    wire[16] === ":" &&
    wire[19] === "." && wire[23] === "Z";
  const year = number(wire, 0, 4);
  const day = number(wire, 8, 10);
  const hour = number(wire, 11, 13);
  // Years that Date.UTC maps to 1900 and later, and days that some months lack, take the slow path.
  if (!punctuated || !(year >= 100) || !(day >= 1 && day <= 28) || !(hour < 24)) return NaN;
  const month = number(wire, 5, 7);
  const minute = number(wire, 14, 16);
  const second = number(wire, 17, 19);
  if (!(month >= 1 && month <= 12) || !(minute < 60) || !(second < 60)) return NaN;
  return Date.UTC(year, month - 1, day, hour, minute, second, number(wire, 20, 23));
}

/** The digits of `text` from `start` to `end`, or NaN. */
function number(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** `Date.parse` turns February 30 into March 1. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // At both ends of the range of Date, the day itself may be out of range.
  return Number.isNaN(date.getTime()) || (date.getUTCMonth() === month - 1 && date.getUTCDate() === day);
}

export function encodeDate(value: unknown): string {
  return checkDate(value).toISOString();
}

export function copyDate(value: unknown): Date {
  return new Date(checkDate(value).getTime());
}

function checkDate(value: unknown): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  throw new DecodeError("Date", value);
}
