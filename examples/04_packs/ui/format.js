/** Sizes, percentages and times, as people read them. */

const size = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });
const today = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const otherDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/** "1 byte", "177 bytes", "12.3 kB", "4 MB". */
export function describeBytes(bytes) {
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  return bytes < 999_500 ? `${size.format(bytes / 1000)} kB` : `${size.format(bytes / 1_000_000)} MB`;
}

/** "1.4 kB, 47%": the stored size, and its share of the original. */
export function describeStored({ bytes, storedBytes }) {
  const share = bytes > 0 ? `, ${percent.format(storedBytes / bytes)}` : "";
  return describeBytes(storedBytes) + share;
}

/** "91%"; 100% only for equal texts. */
export function describeSimilarity(similarity) {
  return percent.format(similarity > 0.9999 ? 1 : Math.min(similarity, 0.99));
}

/** The time for today, the day for all others. */
export function describeMoment(moment) {
  const date = new Date(moment);
  return (date.toDateString() === new Date().toDateString() ? today : otherDay).format(date);
}
