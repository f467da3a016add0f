/** `denizen pack verify`: checks that a pack matches its manifest, and runs the conformance kit. */
import { withoutUnprintable } from "@denizen/runtime";
import { inspectPack, type PackContents } from "@denizen/runtime/packs";
import * as path from "node:path";
import { defineCommand, readList } from "../terminal/command.ts";
import { EXIT, UsageError } from "../terminal/failure.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { checkPackPath } from "./pack_path.ts";
import { counted, shownSize } from "./pack_text.ts";
import { runInChild } from "./child_process.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import { readPublicKey } from "./signing_key.ts";
import type { VerifyEvent, VerifyWork } from "./verify_child.ts";

type Verified = Extract<VerifyEvent, { event: "verified" }>["report"];

export const verify = defineCommand({
  name: "pack verify",
  summary: "Checks a pack: hashes, signature, ABI, and that it matches its manifest.",
  usage: "<path> [options]",
  arguments: [1, 1],
  options: {
    key: {
      type: "string",
      value: "<key>",
      help: "require that it is signed with this public key: base64, or a file",
    },
    native: { type: "boolean", help: "also run its native code, in a process of its own" },
    conformance: {
      type: "boolean",
      help: "run the cases of the conformance kit; with --native also on its native code",
    },
    skip: {
      type: "string",
      value: "<templates>",
      help: "with --conformance: templates to skip, separated by commas",
    },
  },
  notes: [
    "WebAssembly runs in a worker without any permissions. Native code can do whatever you can, so it runs with --native only.",
  ],
  examples: [
    "denizen pack verify hash-1.0.0.pack --key 5v2w…=",
    "denizen pack verify packs/hash --native --conformance",
  ],
  async run(values, [pack = ""], terminal) {
    await checkPackPath(pack);
    if (values.skip !== undefined && !values.conformance) {
      throw new UsageError("Cannot use --skip as it requires --conformance");
    }
    const key = values.key === undefined ? undefined : await readPublicKey(values.key);
    const contents = await inspectPack(pack);
    if (values.conformance && contents.format === "reflow") {
      throw new UsageError(`Cannot use --conformance as the pack implements Reflow's ABI: ${pack}`);
    }
    const { failures } = await verifyInChild(pack, {
      key,
      native: values.native,
      conformance: values.conformance,
      skip: readList(values.skip),
    }, (event) => show(event, contents, key, terminal));
    if (failures > 0) terminal.line(`\n${counted(failures, "case")} failed.`);
    return failures > 0 ? EXIT.failed : EXIT.ok;
  },
});

/** Verifies a pack in a child process. Resolves to the report and the number of failed cases. */
export async function verifyInChild(
  pack: string,
  work: Omit<VerifyWork, "path" | "folder">,
  onEvent: (event: VerifyEvent) => void = () => {},
): Promise<{ readonly failures: number; readonly report: Verified }> {
  await using folder = await TemporaryFolder.make();
  const permissions = ["--allow-read", `--allow-write=${folder.path}`, "--ignore-env"];
  if (work.native) permissions.push("--allow-run");
  if (work.native && work.conformance) permissions.push("--allow-ffi");
  let failures = 0;
  let report: Verified | undefined;
  await runInChild<VerifyWork, VerifyEvent>({
    program: import.meta.resolve("./verify_child.ts"),
    input: { path: path.resolve(pack), folder: folder.path, ...work },
    permissions,
    onEvent: (event) => {
      if (event.event === "verified") report = event.report;
      else if (event.failure !== undefined) failures++;
      onEvent(event);
    },
  });
  return { failures, report: report! };
}

function show(
  event: VerifyEvent,
  contents: PackContents,
  key: string | undefined,
  terminal: Terminal,
): void {
  if (event.event === "verified") {
    terminal.object({ event: "verified", ...event.report, format: contents.format });
    for (const line of checkLines(event.report, contents, key)) terminal.line(line);
    return;
  }
  const { target, name, failure } = event;
  terminal.object({ event: "case", target, name, ok: failure === undefined, failure });
  if (failure === undefined) terminal.line(`ok      ${target}: ${name}`);
  else terminal.line(`failed  ${target}: ${name}\n        ${withoutUnprintable(failure)}`);
}

/** A line for each check; those that were skipped begin with `-`. */
function checkLines(report: Verified, contents: PackContents, key: string | undefined): string[] {
  const { name, version, format, abi, signedBy } = contents;
  const lines: string[] = [];
  if (version === undefined) lines.push(`-       manifest: none`);
  else {
    const fits = abi === undefined ? "ABI version in its module" : `ABI ${abi}, supported`;
    lines.push(`ok      manifest: ${name} ${version}, ${fits}`);
  }
  if (signedBy === undefined) lines.push("-       signature: none");
  else if (key === undefined) {
    lines.push(
      `ok      signature: valid, by ${withoutUnprintable(signedBy)}; check with --key whose key this is`,
    );
  } else lines.push("ok      signature: valid, by the required key");
  for (const { target, file, bytes, ran } of report.files) {
    const hash = version === undefined ? shownSize(bytes) : `${shownSize(bytes)}, SHA-256 as in the manifest`;
    lines.push(`ok      ${file}: ${hash}`);
    if (ran) {
      const same = format === "denizen" && version !== undefined ? ", as in the manifest" : "";
      const templates = counted(report.templates.length, "template");
      lines.push(`ok      ${file}: ran and registered ${templates}${same}`);
    } else lines.push(`-       ${file}: not run: ${whyNotRun(target, format)}`);
  }
  return lines;
}

function whyNotRun(target: string, format: PackContents["format"]): string {
  if (format === "reflow") return "native code of Reflow packs runs only in Reflow";
  return target === Deno.build.target
    ? "run native code with --native"
    : `it is not for this machine, ${Deno.build.target}`;
}
