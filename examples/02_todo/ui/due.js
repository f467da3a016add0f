/**
 * Due dates: the process stores a moment, people think in days. A todo is due at the end of the day in the
 * reader's time zone.
 */

/** The moment, for the process, at which a day from a date field ends. */
export function dueOf(day) {
  return day === "" ? null : new Date(`${day}T23:59:59`).toISOString();
}

/** What a date field holds for a moment. */
export function dayOf(due) {
  if (due === null) return "";
  const date = new Date(due);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

export function isLate(due) {
  return due !== null && Date.parse(due) < Date.now();
}

const near = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const thisYear = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const otherYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/** "Tomorrow", "Fri, May 22", "May 22, 2031". */
export function describeDue(due) {
  if (due === null) return "";
  const date = new Date(due);
  const days = Math.round((startOfDay(date) - startOfDay(new Date())) / 86_400_000);
  if (Math.abs(days) <= 1) {
    return near.format(days, "day").replace(/^./u, (first) => first.toLocaleUpperCase());
  }
  return (date.getFullYear() === new Date().getFullYear() ? thisYear : otherYear).format(date);
}

function startOfDay(date) {
  return new Date(date).setHours(0, 0, 0, 0);
}
