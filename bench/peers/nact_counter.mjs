/**
 * Sequential `query` calls from one nact actor to another, in one process. The argument is the number of
 * calls; prints the seconds they took. Plain JavaScript, because Node runs it too.
 */
import nact from "nact";
import process from "node:process";

/** nact requires a deadline for every query; none of these takes this long. */
const DEADLINE_MS = 120_000;

const { dispatch, query, spawn, start } = nact;
const system = start();

const counter = spawn(
  system,
  (count, { by, sender }) => {
    dispatch(sender, count + by);
    return count + by;
  },
  "counter",
  { initialState: 0 },
);

const caller = spawn(system, async (_state, { calls, sender }) => {
  let last = 0;
  for (let call = 0; call < calls; call++) {
    last = await query(counter, (sender) => ({ by: 1, sender }), DEADLINE_MS);
  }
  dispatch(sender, last);
}, "caller");

async function run(calls) {
  const started = performance.now();
  await query(caller, (sender) => ({ calls, sender }), DEADLINE_MS);
  return (performance.now() - started) / 1_000;
}

const calls = Number(process.argv[2]);
await run(Math.ceil(calls / 5));
console.log(await run(calls));
process.exit();
