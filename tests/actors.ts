/** Starts nodes of {@link Actor}s for tests, and builds their messages in few words. */
import { define, type Definition, type SendResult } from "@denizen/runtime";
import { TestNode, type TestNodeOptions } from "@denizen/runtime/testing";
import { Actor, type Step } from "./apps/actor.ts";
import { contract, localRpc } from "./apps/generated/actor.ts";
import { stage } from "./apps/stage.ts";

export { idOf } from "./apps/actor.ts";
export { stage } from "./apps/stage.ts";

/** The class as declared: keyed, serial, saved with every message. */
export const actors: Definition = define(Actor, contract);

/** A node that hosts actors, under an empty stage. */
export async function startActors(
  options: TestNodeOptions & { readonly definition?: Definition } = {},
): Promise<TestNode> {
  stage.reset();
  return await TestNode.start([options.definition ?? actors], options);
}

/** Sends the steps to the actor with that key, as the program that embeds the node. */
export function tell(node: TestNode, key: string, ...steps: Step[]): Promise<SendResult<number>> {
  return localRpc(node, key).perform(steps);
}

export async function totalOf(node: TestNode, key: string): Promise<number> {
  const answer = await localRpc(node, key).read();
  if (answer.status !== "Success") throw answer.error;
  return answer.value;
}

export const success = (value: number): SendResult<number> => ({ status: "Success", value });

/** `Success 5`, or the code of the error. */
export function told(answer: SendResult<number>): string {
  return answer.status === "Success" ? `Success ${answer.value}` : answer.error.code;
}

export const add = (by: number): Step => ({ do: "add", by });
export const pause: Step = { do: "yield" };
export const gate = (name: string): Step => ({ do: "gate", name });
export const mark = (text: string): Step => ({ do: "mark", text });
export const call = (target: string, ...steps: Step[]): Step => ({ do: "call", target, steps });
export const tryCall = (target: string, ...steps: Step[]): Step => ({ do: "try", target, steps });
export const cast = (target: string, ...steps: Step[]): Step => ({ do: "cast", target, steps });
export const all = (...branches: Step[][]): Step => ({ do: "all", branches });
export const save: Step = { do: "save" };
export const fail = (message = "on purpose"): Step => ({ do: "throw", message });
export const refuse = (message = "not today"): Step => ({ do: "refuse", message });
