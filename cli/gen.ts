/** `denizen gen`: brings generated code up to date, or checks that it is. */
import { readApp } from "./launch/app_config.ts";
import { defineCommand } from "./terminal/command.ts";
import { EXIT } from "./terminal/failure.ts";
import { findStale, generateApps } from "./launch/generation.ts";
import { shownPath } from "./terminal/terminal.ts";

export const gen = defineCommand({
  name: "gen",
  summary: "Generates the checks and typed stubs of apps, as run and dev do by themselves.",
  usage: "<app>... [options]",
  arguments: [1, Infinity],
  options: {
    check: { type: "boolean", help: "write nothing; list what is stale and exit with 1 if anything is" },
  },
  notes: [
    "The code stands in generated/ beside each module and belongs to the build, not into version control.",
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
    for (const { message } of packFailures) terminal.line(`no types of a pack: ${message}`);
    if (written.length + removed.length + packFailures.length === 0) {
      terminal.line("Everything is up to date.");
    }
    return EXIT.ok;
  },
});
