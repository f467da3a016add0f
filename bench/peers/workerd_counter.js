/**
 * A counter as a Durable Object: kept in memory after its first read, written with `put`, answered through
 * the output gate, which holds the reply until the write is on disk. Runs inside workerd, which takes
 * JavaScript only.
 */
export class Counter {
  constructor(state) {
    this.storage = state.storage;
  }

  async fetch(request) {
    const { Increment } = await request.json();
    this.count ??= (await this.storage.get("count")) ?? 0;
    this.count += Increment;
    this.storage.put("count", this.count);
    return Response.json(this.count);
  }
}

export default {
  fetch(request, env) {
    const name = new URL(request.url).pathname.split("/")[1];
    return env.COUNTER.get(env.COUNTER.idFromName(name)).fetch(request);
  },
};
