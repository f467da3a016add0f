import assert from "node:assert/strict";
import { encodeReport, takeReports } from "./child_report.ts";
import { isNodeReport, type NodeReport } from "./host_protocol.ts";

async function split(
  chunks: readonly (string | Uint8Array)[],
): Promise<{ output: string; reports: NodeReport[] }> {
  const reports: NodeReport[] = [];
  const bytes = chunks.map((chunk) => typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  const output = ReadableStream.from(bytes).pipeThrough(
    takeReports(isNodeReport, (report) => reports.push(report)),
  );
  return { output: await new Response(output).text(), reports };
}

const LOADED: NodeReport = { kind: "loaded" };

Deno.test("reports are taken out of what the apps print, wherever the pipe cuts them", async () => {
  const whole = [
    ...new TextEncoder().encode("before "),
    ...encodeReport(LOADED),
    ...new TextEncoder().encode("after\n"),
  ];
  for (let cut = 0; cut <= whole.length; cut++) {
    const { output, reports } = await split([
      new Uint8Array(whole.slice(0, cut)),
      new Uint8Array(whole.slice(cut)),
    ]);
    assert.equal(output, "before after\n");
    assert.deepEqual(reports, [LOADED]);
  }
});

Deno.test("several reports in one chunk are all delivered", async () => {
  const { output, reports } = await split([
    new Uint8Array([...encodeReport(LOADED), ...encodeReport(LOADED)]),
  ]);
  assert.equal(output, "");
  assert.equal(reports.length, 2);
});

Deno.test("a line that only looks like a report is passed on", async () => {
  const { output, reports } = await split(["\x1eno json\n", '\x1e{"kind":"else"}\n', "\x1eunfinished"]);
  assert.equal(output, '\x1eno json\n\x1e{"kind":"else"}\n\x1eunfinished');
  assert.deepEqual(reports, []);
});
