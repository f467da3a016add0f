/** The page of `examples/04_packs` in a real browser, with its packs as native code and as WebAssembly. */
import type { PackRequest } from "@denizen/runtime";
import assert from "node:assert/strict";
import * as path from "node:path";
import type { Locator, Page } from "playwright-core";
import { browserTest, type TestBrowser } from "./browser.ts";
import { type ExamplePacks, examplePacks } from "./example_packs.ts";
import { HostProcess } from "./host_process.ts";
import { ROOT } from "./tidy/source_tree.ts";

const APP = path.join(ROOT, "examples/04_packs");

const NOTES =
  "The allotment opens at seven. Bring gloves and water. Beans go in on the right, and nobody waters " +
  "after ten. If the gate is locked, ask at the second shed, or climb over the wall behind the compost.\n";
const DRAFT = NOTES.replace("seven", "eight").replace("gloves", "boots");
const REPORT =
  "Revenue grew by nine percent in the northern region, and the board agreed to open two offices " +
  "before the end of the year, one of them by the sea.\n";

/** Files on disk, and a node that takes them, as a program that can be killed. */
class UploadHost implements AsyncDisposable {
  private constructor(
    private readonly packs: readonly PackRequest[],
    private readonly folder: string,
    private process: HostProcess,
  ) {}

  /** Without the right to open native libraries, the packs run as WebAssembly. */
  static async start({ requests }: ExamplePacks, native: boolean): Promise<UploadHost> {
    const folder = await Deno.makeTempDir({ prefix: "browser_packs_" });
    const options = { apps: [APP], packs: requests, ffi: native, data: path.join(folder, "data") };
    return new UploadHost(requests, folder, await HostProcess.start(options));
  }

  get url(): string {
    return `${this.process.url}/uploads:examples:denizen.os/`;
  }

  /** Where each pack ran, according to the node's log. */
  async kill(): Promise<Map<string, string>> {
    const log = await this.process.kill();
    const lines = log.trim().split("\n").map((line) => JSON.parse(line));
    return new Map(
      lines.filter(({ message }) => message === "pack loaded").map(({ pack, place }) => [pack, place]),
    );
  }

  /** On the same data and port. */
  async startAgain(native: boolean): Promise<void> {
    const port = Number(new URL(this.process.url).port);
    const { packs, folder } = this;
    const data = path.join(folder, "data");
    this.process = await HostProcess.start({ apps: [APP], packs, ffi: native, data, port });
  }

  async file(name: string, content: string | Uint8Array): Promise<string> {
    const file = path.join(this.folder, name);
    await Deno.writeFile(file, typeof content === "string" ? new TextEncoder().encode(content) : content);
    return file;
  }

  async folderNamed(name: string): Promise<string> {
    const folder = path.join(this.folder, name);
    await Deno.mkdir(folder);
    return folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

const packs = {
  native: await examplePacks("04_packs", ["native", "wasm"]),
  wasm: await examplePacks("04_packs", ["wasm"]),
};

function uploadTest(
  name: string,
  run: (browser: TestBrowser, host: UploadHost) => Promise<void>,
  place: "native" | "wasm" = "wasm",
): void {
  const { missing } = packs[place];
  if (missing !== undefined && !Deno.env.get("CI")) {
    return Deno.test.ignore(`${name} (skipped: ${missing})`, () => {});
  }
  browserTest(name, () => UploadHost.start(packs[place], place === "native"), run);
}

async function openLive(browser: TestBrowser, host: UploadHost): Promise<Page> {
  const page = await browser.open(host.url);
  await connection(page, "Live");
  return page;
}

function connection(page: Page, text: string): Promise<void> {
  return page.getByRole("status").filter({ hasText: new RegExp(`^${text}$`) }).waitFor();
}

/** Drags files onto the window and drops them. */
async function drop(page: Page, ...files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: 300, y: 200, data });
  }
  await session.detach();
  assert.equal(await page.locator("body[data-dragging]").count(), 0);
}

function row(page: Page, name: string): Locator {
  return page.getByRole("list", { name: "Uploads" }).locator("> li")
    .filter({ has: page.getByRole("link", { name, exact: true }) });
}

/** What the page shows as nearly the same as this text. */
async function near(page: Page, name: string): Promise<string[]> {
  return await row(page, name).getByRole("list", { name: "Nearly the same" }).getByRole("link")
    .allTextContents();
}

async function download(page: Page, name: string): Promise<{ as: string; bytes: Uint8Array }> {
  const waiting = page.waitForEvent("download");
  await row(page, name).getByRole("link", { name, exact: true }).click();
  const file = await waiting;
  return { as: file.suggestedFilename(), bytes: await Deno.readFile(await file.path()) };
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

for (const place of ["native", "wasm"] as const) {
  uploadTest(
    `dropped files are kept, compared and found again after a kill, ${place}`,
    async (browser, host) => {
      browser.expectErrors(/WebSocket connection to .* failed/, /net::ERR_CONNECTION_/);
      const [here, there] = [await openLive(browser, host), await openLive(browser, host)];
      await here.getByRole("heading", { name: "Nothing here yet" }).waitFor();
      await drop(
        here,
        await host.file("notes.txt", NOTES),
        await host.file("draft.txt", DRAFT),
        await host.file("report.txt", REPORT),
      );
      for (const page of [here, there]) {
        await row(page, "report.txt").waitFor();
        assert.match((await near(page, "draft.txt")).join(), /^9\d% like notes\.txt$/);
        assert.match((await near(page, "notes.txt")).join(), /^9\d% like draft\.txt$/);
        assert.deepEqual(await near(page, "report.txt"), []);
      }
      assert.deepEqual(await download(here, "draft.txt"), { as: "draft.txt", bytes: bytesOf(DRAFT) });

      const places = await host.kill();
      assert.deepEqual(
        Object.fromEntries(places),
        { hash: place, compress: place, vector: place, text: "wasm" },
      );
      await Promise.all([connection(here, "Reconnecting"), connection(there, "Reconnecting")]);
      await host.startAgain(place === "native");
      await Promise.all([connection(here, "Live"), connection(there, "Live")]);
      assert.match((await near(there, "draft.txt")).join(), /^9\d% like notes\.txt$/);
      for (
        const [name, text] of [["notes.txt", NOTES], ["draft.txt", DRAFT], ["report.txt", REPORT]] as const
      ) {
        assert.deepEqual(await download(there, name), { as: name, bytes: bytesOf(text) });
      }

      await drop(there, await host.file("final.txt", NOTES.replace("seven", "nine")));
      await row(here, "final.txt").waitFor();
      assert.equal((await near(here, "final.txt")).length, 2, "the index was made anew from the state");
    },
    place,
  );
}

uploadTest(
  "files that are odd are kept to the byte, and the page shows their names as text",
  async (browser, host) => {
    const page = await openLive(browser, host);
    const markup = "<img src=x onerror=document.title='x'>.html", foreign = "Übersicht 表 50% & 'mehr'.csv";
    const random = crypto.getRandomValues(new Uint8Array(60_000));
    const files: [string, Uint8Array][] = [
      ["empty.bin", new Uint8Array()],
      ["random.bin", random],
      [foreign, bytesOf("a;b\n")],
      [markup, bytesOf("<script>document.title = 'x'</script>")],
    ];
    await drop(page, ...await Promise.all(files.map(([name, content]) => host.file(name, content))));
    for (const [name, bytes] of files) {
      await row(page, name).waitFor();
      assert.deepEqual((await download(page, name)).bytes, bytes);
    }
    assert.equal(await row(page, "empty.bin").getByText("0 bytes").isVisible(), true);
    assert.equal(await page.locator("main img, main script").count(), 0);
    assert.equal(await page.title(), "Uploads");
  },
);

uploadTest(
  "the same file twice is one upload with both names, and the file chooser takes several",
  async (browser, host) => {
    const page = await openLive(browser, host);
    const one = await host.file("one.txt", NOTES), two = await host.file("two.txt", NOTES);
    await page.getByLabel("Drop files here").setInputFiles([one, one, two]);
    await page.getByRole("status").getByText("two.txt is here already, as one.txt.").waitFor();
    await page.getByText("also two.txt").waitFor();
    assert.equal(await page.locator("#uploads > li").count(), 1);
    await page.getByLabel("Drop files here").setInputFiles(one);
    await page.getByRole("status").getByText("one.txt is here already.").waitFor();
  },
);

uploadTest("what cannot be taken is said, with the reason, until it is dismissed", async (browser, host) => {
  browser.expectErrors(/net::ERR_/, /WebSocket connection to .* failed/, /status of 404/);
  const page = await openLive(browser, host);
  await drop(
    page,
    await host.file("large.bin", new Uint8Array(4_500_000)),
    await host.folderNamed("photos"),
    await host.file("notes.txt", NOTES),
  );
  await row(page, "notes.txt").waitFor();
  await page.getByRole("alert").getByText("Too large: it has 4.5 MB, and 4 MB is the most.").waitFor();
  await page.getByRole("alert").getByText("It is a folder: drop the files in it.").waitFor();
  await page.getByRole("button", { name: "Dismiss large.bin" }).press("Enter");
  await page.keyboard.press("Enter");
  assert.equal(await page.getByRole("alert").count(), 0);
  assert.equal(await hasFocus(page.getByLabel("Drop files here")), true);

  await host.kill();
  await connection(page, "Reconnecting");
  await drop(page, await host.file("late.txt", REPORT));
  await page.getByRole("alert").getByText("Cannot send it: the node is away").waitFor();
  await page.getByRole("button", { name: "Delete notes.txt" }).click();
  await page.getByRole("alert").getByText("Cannot delete it: the node is away.").waitFor();
});

uploadTest("a file on its way shows how far it is", async (browser, host) => {
  const page = await openLive(browser, host);
  const session = await page.context().newCDPSession(page);
  const slowly = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 1_000_000 };
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", slowly);
  await page.getByLabel("Drop files here").setInputFiles(
    await host.file("large.bin", new Uint8Array(3_000_000)),
  );
  const progress = page.getByRole("progressbar", { name: "Sending large.bin" });
  await progress.waitFor();
  const shares = new Set<number>();
  while (await progress.isVisible()) {
    const share = await progress.evaluate((element) => Number(element.getAttribute("value")), undefined, {
      timeout: 1000,
    }).catch(() => 1);
    shares.add(share);
    if (share > 0.2 && share < 0.8) await shoot(page, "sending");
  }
  assert.ok([...shares].some((share) => share > 0 && share < 1), `it showed ${[...shares]}`);
  await page.getByRole("status").getByText("large.bin is stored.").waitFor();
});

uploadTest("the keyboard alone deletes, and follows what is nearly the same", async (browser, host) => {
  const [page, other] = [await openLive(browser, host), await openLive(browser, host)];
  await drop(page, await host.file("notes.txt", NOTES), await host.file("draft.txt", DRAFT));
  await row(page, "draft.txt").getByRole("link", { name: "like notes.txt" }).press("Enter");
  assert.equal(await row(page, "notes.txt").evaluate((element) => element.matches(":target")), true);

  await page.getByRole("button", { name: "Delete notes.txt" }).press("Enter");
  await row(other, "notes.txt").waitFor({ state: "detached" });
  assert.deepEqual(await near(other, "draft.txt"), []);
  await row(page, "notes.txt").waitFor({ state: "detached" });
  assert.equal(await hasFocus(page.getByRole("button", { name: "Delete draft.txt" })), true);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
  assert.equal(await hasFocus(page.getByLabel("Drop files here")), true);
});

uploadTest("the upload page fits wide and narrow windows in both colour schemes", async (browser, host) => {
  const page = await openLive(browser, host);
  await shootAll(page, "empty");
  await drop(
    page,
    await host.file("notes.txt", NOTES),
    await host.file("draft.txt", DRAFT),
    await host.file(
      "minutes-of-the-meeting-about-the-second-shed-and-what-may-be-kept-in-it.txt",
      REPORT.repeat(40),
    ),
    await host.file("seeds.bin", crypto.getRandomValues(new Uint8Array(60_000))),
    await host.file("last.txt", NOTES + "Bring cake."),
    await host.file("copy of last.txt", NOTES + "Bring cake."),
    await host.file("large.bin", new Uint8Array(5_000_000)),
  );
  await page.getByText("also copy of last.txt").waitFor();
  await page.getByRole("alert").waitFor();
  await shootAll(page, "full");
});

/** Writes a picture to the folder that `SCREENSHOTS` names, if it does. */
async function shoot(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("SCREENSHOTS");
  if (folder) await page.screenshot({ path: path.join(folder, `packs_${name}.png`), fullPage: true });
}

async function shootAll(page: Page, name: string): Promise<void> {
  for (const width of [1280, 768, 360, 320]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
      assert.equal(overflow, 0, `at ${width} pixels the page is ${overflow} too wide`);
      await shoot(page, `${name}_${width}_${colorScheme}`);
    }
  }
}

async function hasFocus(element: Locator): Promise<boolean> {
  return await element.evaluate((element) => element.ownerDocument.activeElement === element);
}
