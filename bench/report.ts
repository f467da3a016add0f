/** Prints figures: for people, or as one line of JSON each for programs. */
import type { Bound, Figure } from "./figure.ts";

/** `{"subject","figure","unit","ours","peers":{name:value},"ratios":{name:ours/peer}}` */
export function jsonLine(figure: Figure): string {
  const { subject, unit, ours, peers, ratios } = figure;
  return JSON.stringify({
    subject,
    figure: figure.figure,
    unit,
    ours: rounded(ours),
    peers: Object.fromEntries(Object.entries(peers).map(([name, value]) => [name, rounded(value)])),
    ratios: Object.fromEntries(Object.entries(ratios).map(([name, value]) => [name, rounded(value)])),
  });
}

/** A few lines: the figure and ours, then a line for each peer with its ratio and the goal. */
export function textBlock(figure: Figure): string {
  const goal = figure.goal ? `   ${verdict(figure.ours, figure.goal, shown)}` : "";
  const lines = [`${figure.subject} · ${figure.figure}`, row("denizen", figure.ours, figure.unit) + goal];
  for (const [name, value] of Object.entries(figure.peers)) {
    const ratio = figure.ratios[name];
    const bound = figure.ratioGoals[name];
    const ratioGoal = bound ? `   ${verdict(ratio, bound, times)}` : "";
    lines.push(`${row(name, value, figure.unit)}   ours is ${times(ratio)}${ratioGoal}`);
  }
  return lines.join("\n");
}

/** One line for each peer that was skipped. */
export function skippedLines(figure: Figure): string[] {
  return Object.entries(figure.skipped).map(([name, reason]) =>
    `${figure.subject} · ${figure.figure}: ${name} skipped: ${reason}`
  );
}

function row(name: string, value: number, unit: string): string {
  return `  ${name.padEnd(24)} ${shown(value).padStart(12)} ${unit.padEnd(12)}`;
}

function verdict(value: number, { direction, value: limit }: Bound, show: (value: number) => string): string {
  const reached = direction === "at least" ? value >= limit : value <= limit;
  return `(${reached ? "reaches" : "MISSES"} ${direction} ${show(limit)})`;
}

function times(ratio: number): string {
  return `${rounded(ratio)} x`;
}

function shown(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 100 ? 2 : 0 });
}

/** At least three significant digits: more would be noise. */
function rounded(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3));
}
