/**
 * Builds Rust packs with cargo. For wasm the standard library comes from the toolchain, if the target is
 * installed, or is compiled from its sources, if they are installed: Debian's `rustc-web` with
 * `rust-web-src`, or rustup's component `rust-src`.
 */
import * as path from "node:path";
import type { Job, Outcome } from "./job.ts";
import { sdkFolder } from "./sdk_source.ts";
import { ask, compile, findTool, onPath } from "./tool.ts";

const WASM = "wasm32-unknown-unknown";

interface Toolchain {
  readonly cargo: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
}

export async function buildNativeRust(job: Job): Promise<Outcome> {
  const cargo = findTool(["cargo"], "CARGO");
  if (!cargo) return { missing: "cargo" };
  return await build(job, { cargo, args: [], env: {} }, []);
}

export async function buildWasmRust(job: Job): Promise<Outcome> {
  const toolchain = await wasmToolchain();
  if ("missing" in toolchain) return toolchain;
  return await build(job, toolchain, ["-Ctarget-feature=+simd128,+bulk-memory"]);
}

/** The first Rust on the PATH that has the target's standard library, or that can compile it. */
async function wasmToolchain(): Promise<Toolchain | { missing: string }> {
  const rusts = onPath("rustc").filter((rustc) => onPath("cargo").includes(beside(rustc, "cargo")));
  if (rusts.length === 0) return { missing: "cargo" };
  for (const rustc of rusts) {
    const library = await ask(rustc, ["--print", "target-libdir", "--target", WASM]);
    if (library && exists(library)) {
      return { cargo: beside(rustc, "cargo"), args: ["--target", WASM], env: { RUSTC: rustc } };
    }
  }
  for (const rustc of rusts) {
    const sysroot = await ask(rustc, ["--print", "sysroot"]);
    if (!sysroot || !exists(path.join(sysroot, "lib/rustlib/src/rust/library/std"))) continue;
    const linker = exists(path.join(sysroot, "lib/rustlib", await host(rustc), "bin/rust-lld"))
      ? undefined
      : findTool(["wasm-ld"]);
    const env: Record<string, string> = { RUSTC: rustc, RUSTC_BOOTSTRAP: "1" };
    if (linker) env.CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER = linker;
    return { cargo: beside(rustc, "cargo"), args: ["--target", WASM, "-Zbuild-std=std,panic_abort"], env };
  }
  return {
    missing: `Rust's ${WASM} target (rustup target add ${WASM}), or the standard library's sources and lld`,
  };
}

function beside(tool: string, name: string): string {
  return path.join(path.dirname(tool), path.basename(tool).replace("rustc", name));
}

async function host(rustc: string): Promise<string> {
  const version = await ask(rustc, ["-vV"]) ?? "";
  return /^host: (.+)$/m.exec(version)?.[1] ?? "";
}

function exists(file: string): boolean {
  try {
    Deno.statSync(file);
    return true;
  } catch {
    return false;
  }
}

async function build(
  { folder, target, recipe, output }: Job,
  toolchain: Toolchain,
  flags: string[],
): Promise<Outcome> {
  const args = [
    "build",
    "--release",
    ...exists(path.join(folder, "Cargo.lock")) ? ["--locked"] : [],
    "--message-format=json-render-diagnostics",
    ...toolchain.args,
  ];
  const env = {
    ...toolchain.env,
    CARGO_TARGET_DIR: Deno.env.get("CARGO_TARGET_DIR") ?? cargoTarget(target),
    CARGO_ENCODED_RUSTFLAGS: [...flags, ...await remappings(toolchain)].join("\x1f"),
    CARGO_TERM_COLOR: "never",
    ...clangForWasm(toolchain),
  };
  const messages = await compile(toolchain.cargo, [...args, ...recipe.flags], { cwd: folder, env });
  const made = messages.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
    .filter(({ reason, target }) => reason === "compiler-artifact" && target.kind.includes("cdylib"))
    .flatMap(({ filenames }) => filenames as string[]).filter((file) => /\.(so|dylib|dll|wasm)$/.test(file));
  await Deno.copyFile(made.at(-1)!, output);
  return { output };
}

/**
 * Packs next to this package share their compiled dependencies: the standard library for wasm, and the
 * crate.
 */
function cargoTarget(target: string): string {
  const sdk = sdkFolder();
  return sdk === undefined ? path.join(target, "cargo") : path.join(sdk, "rust/target/packs");
}

/** Removes the paths of this machine from the output. */
async function remappings({ env }: Toolchain): Promise<string[]> {
  const cargo = Deno.env.get("CARGO_HOME") ?? path.join(Deno.env.get("HOME") ?? "", ".cargo");
  const sysroot = env.RUSTC && await ask(env.RUSTC, ["--print", "sysroot"]);
  const pairs = [[cargo, "cargo"], [sysroot, "rust"], [sdkFolder(), "denizen"]];
  return pairs.filter(([from]) => from).map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
}

/** The C compiler for crates that contain C. */
function clangForWasm({ args }: Toolchain): Record<string, string> {
  if (!args.includes(WASM)) return {};
  const clang = findTool(["clang"], "DENIZEN_CLANG"), ar = findTool(["llvm-ar", "ar"]);
  return {
    ...clang && { CC_wasm32_unknown_unknown: clang },
    ...ar && { AR_wasm32_unknown_unknown: ar },
  };
}
