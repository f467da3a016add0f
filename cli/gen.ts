/** `denizen gen`: brings generated code up to date, or checks that it is. */
import { readApp } from "./launch/app_config.ts";
import { defineCommand } from "./terminal/command.ts";
import { EXIT } from "./terminal/failure.ts";
import { findStale, generateApps } from "./launch/generation.ts";
import { shownPath } from "./terminal/terminal.ts";

export const gen = defineCommand({
  name: "gen",
  summary: "Generates the type checks and typed stubs of apps; run and dev do so themselves.",
  usage: "<app>... [options]",
  arguments: [1, Infinity],
  options: {
    check: { type: "boolean", help: "write nothing; list stale apps and exit with 1 if there are any" },
  },
  notes: [
    "The code is written to generated/ next to each module. Do not commit it to version control.",
  ],
  examples: ["denizen gen counter.ts", "denizen gen . --check"],
  async run(values, files, terminal) {
    const apps = await Promise.all(files.map(readApp));
    if (values.check) {
      const stale = await findStale(apps);
      terminal.object({ stale });
      for (const { app, reason } of stale) terminal.line(`${shownPath(app)} is stale: ${reason}`);
      if (stale.length > 0) return EXIT.failed;
      terminal.line("Everything is up to date.");
      return EXIT.ok;
    }
    const { written, unchanged, removed, packFailures } = await generateApps(apps);
    terminal.object({ written, unchanged, removed, packFailures });
    for (const file of written) terminal.line(`wrote    ${shownPath(file)}`);
    for (const file of removed) terminal.line(`removed  ${shownPath(file)}`);
    for (const { message } of packFailures) terminal.line(`skipped  ${message}`);
    if (written.length + removed.length + packFailures.length === 0) {
      terminal.line("Everything is up to date.");
    }
    return EXIT.ok;
  },
});
