/** The todo page of `examples/02_todo` in a real browser, two pages side by side. */
import { type Node, startNode } from "@denizen/runtime";
import assert from "node:assert/strict";
import * as path from "node:path";
import type { Locator, Page } from "playwright-core";
import { browserTest, type TestBrowser } from "./browser.ts";

const APP = path.join(import.meta.dirname!, "../examples/02_todo");

/** A node that hosts the list in a folder of its own, which a second one can take over. */
class TodoHost implements AsyncDisposable {
  private constructor(private node: Node, private readonly data: string) {}

  static async start(): Promise<TodoHost> {
    const data = await Deno.makeTempDir({ prefix: "browser_" });
    return new TodoHost(await startNode({ apps: [APP], data, port: 0 }), data);
  }

  get url(): string {
    return `${this.node.url}/todo:examples:denizen.os/`;
  }

  async stop(): Promise<void> {
    await this.node.drain();
  }

  /** On the same data and port. */
  async startAgain(): Promise<void> {
    this.node = await startNode({ apps: [APP], data: this.data, port: this.node.port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node.drain();
    await Deno.remove(this.data, { recursive: true });
  }
}

function todoTest(name: string, run: (browser: TestBrowser, host: TodoHost) => Promise<void>): void {
  browserTest(name, () => TodoHost.start(), run);
}

async function openLive(browser: TestBrowser, host: TodoHost): Promise<Page> {
  const page = await browser.open(host.url);
  await connection(page, "Live");
  return page;
}

function connection(page: Page, text: string): Promise<void> {
  return page.getByRole("status").filter({ hasText: new RegExp(`^${text}$`) }).waitFor();
}

async function add(page: Page, title: string, due = ""): Promise<void> {
  const form = page.locator("#add");
  await form.getByLabel("New todo").fill(title);
  await form.getByLabel("Due").fill(due);
  await form.getByLabel("New todo").press("Enter");
  await row(page, title).waitFor();
}

function row(page: Page, title: string): Locator {
  return page.getByRole("listitem").filter({ has: page.getByRole("checkbox", { name: title, exact: true }) });
}

function checkbox(page: Page, title: string, checked: boolean): Promise<void> {
  return page.getByRole("checkbox", { name: title, exact: true, checked }).waitFor();
}

function titles(page: Page): Promise<string[]> {
  return page.locator("#items .view .title").allTextContents();
}

function day(offset: number): string {
  return new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
}

todoTest("a todo added on one page appears on the other", async (browser, host) => {
  const [here, there] = await Promise.all([openLive(browser, host), openLive(browser, host)]);
  await there.getByRole("heading", { name: "Nothing to do" }).waitFor();
  await add(here, "Water the plants");
  await row(there, "Water the plants").waitFor();
  assert.equal(await there.getByRole("heading", { name: "Nothing to do" }).isVisible(), false);
  assert.equal(await here.getByLabel("New todo").inputValue(), "");
});

todoTest("checking, editing and removing on one page show on the other", async (browser, host) => {
  const [here, there] = await Promise.all([openLive(browser, host), openLive(browser, host)]);
  await add(here, "Sow");

  await here.getByRole("checkbox", { name: "Sow" }).check();
  await checkbox(there, "Sow", true);
  await there.getByRole("checkbox", { name: "Sow" }).uncheck();
  await checkbox(here, "Sow", false);

  await here.getByRole("button", { name: "Edit Sow" }).click();
  await here.getByRole("textbox", { name: "Title" }).fill("Sow the beans");
  await here.getByRole("button", { name: "Save" }).click();
  await row(there, "Sow the beans").waitFor();
  assert.deepEqual(await titles(there), ["Sow the beans"]);

  await there.getByRole("button", { name: "Remove Sow the beans" }).click();
  await row(here, "Sow the beans").waitFor({ state: "detached" });
  await here.getByRole("heading", { name: "Nothing to do" }).waitFor();
});

todoTest("due dates are shown as days, sort the list, and can be changed", async (browser, host) => {
  const [here, there] = await Promise.all([openLive(browser, host), openLive(browser, host)]);
  await add(here, "Someday");
  await add(here, "Tomorrow's", day(1));
  await add(here, "Yesterday's", day(-1));
  await row(there, "Yesterday's").waitFor();
  assert.deepEqual(await titles(there), ["Yesterday's", "Tomorrow's", "Someday"]);
  assert.equal(await row(there, "Tomorrow's").getByRole("time").textContent(), "Tomorrow");
  assert.match(await row(there, "Yesterday's").getAttribute("class") ?? "", /late/);

  await here.getByRole("button", { name: "Edit Yesterday's" }).click();
  await here.getByRole("list").getByRole("textbox", { name: "Due" }).fill(day(0));
  await here.getByRole("button", { name: "Save" }).click();
  await row(there, "Yesterday's").getByText("Today").waitFor();
  assert.doesNotMatch(await row(there, "Yesterday's").getAttribute("class") ?? "", /late/);
});

todoTest("the keyboard alone adds, checks, edits, cancels and removes", async (browser, host) => {
  const page = await openLive(browser, host);
  await page.keyboard.press("/");
  await page.keyboard.type("Mow");
  await page.keyboard.press("Enter");
  await page.getByRole("checkbox", { name: "Mow" }).focus();
  await page.keyboard.press("Space");
  await checkbox(page, "Mow", true);
  await page.keyboard.press("F2");
  await page.keyboard.type("never mind");
  await page.keyboard.press("Escape");
  assert.deepEqual(await titles(page), ["Mow"]);
  await page.keyboard.press("Enter");
  await page.keyboard.type("Mow the lawn");
  await page.keyboard.press("Enter");
  await row(page, "Mow the lawn").waitFor();
  await page.getByRole("button", { name: "Remove Mow the lawn" }).press("Enter");
  await page.getByRole("heading", { name: "Nothing to do" }).waitFor();
  assert.equal(
    await page.getByLabel("New todo").evaluate((field) => field.ownerDocument.activeElement === field),
    true,
  );
});

todoTest("what the process refuses is shown, and what was typed is kept", async (browser, host) => {
  browser.expectErrors(/status of 422/);
  const page = await openLive(browser, host);
  await page.getByLabel("New todo").fill("   ");
  await page.getByLabel("New todo").press("Enter");
  await page.getByRole("alert").getByText("Cannot keep a todo without a title").waitFor();
  assert.equal(await page.getByLabel("New todo").inputValue(), "   ");
  await page.getByRole("button", { name: "Dismiss" }).click();
  assert.equal(await page.getByRole("alert").isVisible(), false);
});

todoTest("a change under someone's hands leaves what they are typing alone", async (browser, host) => {
  const [here, there] = await Promise.all([openLive(browser, host), openLive(browser, host)]);
  await add(here, "Dig");
  await here.getByRole("button", { name: "Edit Dig" }).click();
  await here.getByRole("textbox", { name: "Title" }).fill("Dig dee");
  await add(there, "Rake", day(0));
  await row(here, "Rake").waitFor();
  await here.keyboard.type("per");
  await here.keyboard.press("Enter");
  await row(there, "Dig deeper").waitFor();
});

todoTest("pages reconnect to a node that starts again, and nothing is lost", async (browser, host) => {
  browser.expectErrors(/WebSocket connection to .* failed/, /net::ERR_CONNECTION_/);
  const [here, there] = await Promise.all([openLive(browser, host), openLive(browser, host)]);
  await add(here, "Before", day(2));
  await here.getByRole("checkbox", { name: "Before" }).check();
  await checkbox(there, "Before", true);

  await host.stop();
  await Promise.all([connection(here, "Reconnecting"), connection(there, "Reconnecting")]);
  await here.getByLabel("New todo").fill("Meanwhile");
  await here.getByLabel("New todo").press("Enter");
  await here.getByRole("alert").getByText("Cannot reach the node").waitFor();
  await screenshots()(here, "lost");

  await host.startAgain();
  await Promise.all([connection(here, "Live"), connection(there, "Live")]);
  await checkbox(there, "Before", true);
  await here.getByLabel("New todo").press("Enter");
  await row(there, "Meanwhile").waitFor();
  assert.deepEqual(await titles(there), ["Meanwhile", "Before"]);
  assert.equal(await here.getByRole("alert").isVisible(), false);
});

todoTest("the page fits wide and narrow windows in both colour schemes", async (browser, host) => {
  browser.expectErrors(/status of 422/);
  const page = await openLive(browser, host);
  const shoot = screenshots();
  await shoot(page, "empty");
  await add(page, "Order seed potatoes before the good ones are gone", day(-1));
  await add(page, "Water the plants", day(0));
  await add(
    page,
    "Ask the neighbours about the cherry tree that leans over the fence, and whether they want half",
    day(1),
  );
  await add(
    page,
    "https://example.com/a-very-long-address-that-has-no-place-to-break-at-all/and-goes-on",
    day(400),
  );
  await add(page, "Learn to graft");
  await add(page, "Repair the gate");
  await page.getByRole("checkbox", { name: "Repair the gate" }).check();
  await checkbox(page, "Repair the gate", true);
  await page.getByRole("button", { name: "Edit Learn to graft" }).click();
  await page.getByLabel("New todo").fill(" ");
  await page.getByLabel("New todo").press("Enter");
  await page.getByRole("alert").waitFor();
  for (const width of [1280, 768, 320]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
      assert.equal(overflow, 0, `at ${width} pixels the page is ${overflow} too wide`);
      await shoot(page, `${width}_${colorScheme}`);
    }
  }
});

/** Writes pictures to the folder that `SCREENSHOTS` names, if it does. */
function screenshots(): (page: Page, name: string) => Promise<void> {
  const folder = Deno.env.get("SCREENSHOTS");
  return async (page, name) => {
    if (folder) await page.screenshot({ path: path.join(folder, `todo_${name}.png`), fullPage: true });
  };
}
