/** A real Chromium for tests: Debian's, driven by playwright-core. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

const EXECUTABLES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

function findChromium(): string | undefined {
  return EXECUTABLES.find((file) => {
    try {
      return Deno.statSync(file).isFile;
    } catch {
      return false;
    }
  });
}

/**
 * Declares a test of pages that `start` serves. The server outlives the browser, so that the complaints of a
 * page about a lost server do not fail the test. Without a browser the test is skipped with the reason; where
 * `CI` is set, it fails.
 */
export function browserTest<Server extends AsyncDisposable>(
  name: string,
  start: () => Promise<Server>,
  run: (browser: TestBrowser, server: Server) => Promise<void>,
): void {
  const executablePath = findChromium();
  const missing = `Chromium is not there: install Debian's "chromium", or put it at ${
    EXECUTABLES.join(" or ")
  }`;
  if (executablePath === undefined && !Deno.env.get("CI")) {
    return Deno.test.ignore(`${name} (skipped: ${missing})`, () => {});
  }
  Deno.test(name, async () => {
    if (executablePath === undefined) throw new Error(missing);
    await using server = await start();
    await using browser = new TestBrowser(await launch(executablePath));
    await run(browser, server);
    browser.checkErrors();
  });
}

async function launch(executablePath: string): Promise<Browser> {
  // Playwright looks for a Windows host in /proc, which Deno allows with --allow-all only. Its own test
  // switch turns that off.
  Deno.env.set("__IS_WSL_TEST__", "1");
  const { chromium } = await import("playwright-core");
  return await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A browser that records the errors of its pages. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #errors: string[] = [];
  readonly #expected: RegExp[] = [];

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** A page in a new profile, in English and UTC. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ locale: "en-US", timezoneId: "UTC", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      this.#errors.push(`${message.type()} of ${message.location().url}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.#errors.push(String(error)));
    page.on("request", (request) => {
      const { origin } = new URL(request.url());
      if (origin !== new URL(url).origin && !request.url().startsWith("data:")) {
        this.#errors.push(`request to another origin: ${request.url()}`);
      }
    });
    await page.goto(url);
    return page;
  }

  /** Declares the errors that the test expects; any other fails it at its end. */
  expectErrors(...patterns: RegExp[]): void {
    this.#expected.push(...patterns);
  }

  checkErrors(): void {
    const errors = this.#errors.filter((error) => !this.#expected.some((pattern) => pattern.test(error)));
    if (errors.length > 0) throw new Error(`the browser's console has errors:\n${errors.join("\n")}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
