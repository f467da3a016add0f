/** Ticks per second of `fixture.echo`, each awaited before the next. */
import { secondsOf } from "../timed.ts";
import { actorOf, finish, rest } from "./measured_pack.ts";
import { checkEcho, payload } from "./payload.ts";

const [name, count] = [rest[0], Number(rest[1])];
const input = payload(name);
const echo = await actorOf("fixture.echo");
let output: unknown;
const seconds = await secondsOf(count, async (count) => {
  for (let tick = 0; tick < count; tick++) ({ output } = await echo.run({ input }));
});
checkEcho(name, output);
finish(count / seconds);
