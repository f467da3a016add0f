/** Tokens per second of `text.tokenize`, 64 Ki UTF-16 units of prose in each tick, with their offsets. */
import { secondsOf } from "../timed.ts";
import { actorOf, finish, rest } from "./measured_pack.ts";
import { prose } from "./prose.ts";

const TEXT = prose(2 ** 16);
const count = Number(rest[0]);
const tokenize = await actorOf("text.tokenize");
let tokens: unknown[] = [];
const seconds = await secondsOf(count, async (count) => {
  for (let done = 0; done < count; done++) tokens = (await tokenize.run({ input: TEXT })).tokens as unknown[];
});
finish(count * tokens.length / seconds);
