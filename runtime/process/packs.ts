/** The interface of packs for handlers: actors of templates. `runtime/pack/` implements it. */

/** Values by the name of their port. Bytes and typed arrays are passed without encoding. */
export type PortValues = { readonly [port: string]: unknown };

/** The types of one template's ports and configuration. */
export interface TemplateTypes {
  readonly in: object;
  readonly out: object;
  readonly config: object;
}

export interface UntypedTemplate extends TemplateTypes {
  readonly in: PortValues;
  readonly out: PortValues;
  readonly config: PortValues;
}

/** A typed id of a template, as the generated module of a pack exports it. */
export interface Template<T extends TemplateTypes> {
  readonly id: string;
  /** Never set: it carries the types. */
  readonly types?: T;
}

export interface RunOptions {
  /** Stops the call after this many milliseconds, if it runs in a worker or a child process. */
  readonly timeoutMs?: number;
  /**
   * When the caller stops waiting, in milliseconds since the Unix epoch: the call does not begin later, and
   * is stopped then as at the end of `timeoutMs`. Setting the wall clock after the call was made does not
   * move it. Default: in a handler that runs, the handler's own deadline; elsewhere none.
   */
  readonly deadline?: number;
}

/**
 * One instance of a template. It keeps its state from call to call; the state is lost when the pack traps,
 * crashes or is stopped, and the next call starts with a new one.
 */
export interface PackActor<T extends TemplateTypes = UntypedTemplate> extends AsyncDisposable {
  readonly template: string;
  /** Whether it has ended. */
  readonly ended: boolean;
  /**
   * One call. Calls of one actor do not overlap: the next waits, and `input` is read when it is its turn.
   *
   * @throws {DenizenError} `invalid_argument`, `pack_failed`, `pack_out_of_memory`, `pack_trapped`,
   * `pack_crashed`, `pack_timeout`, `pack_reply_invalid`, `overloaded`, `restarting` or `pack_closed`.
   */
  run(input: T["in"], options?: RunOptions): Promise<T["out"]>;
  /** Ends the instance, after the running calls. A collected actor ends eventually. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ActorOptions<T extends TemplateTypes = UntypedTemplate> {
  readonly config?: T["config"];
}

export interface Packs {
  /**
   * An actor of a template, such as `text.tokenize`, or `text.tokenize@1.0.0` if several versions are
   * loaded.
   *
   * @example
   * ```ts ignore
   * type Tokenize = { in: { input: string }; out: { output: string[] }; config: object };
   * const tokenize = await ctx.packs.actor<Tokenize>("text.tokenize");
   * const { output } = await tokenize.run({ input: "two words" });
   * ```
   * @throws {DenizenError} `unknown_template`.
   */
  actor<T extends TemplateTypes = UntypedTemplate>(
    template: string | Template<T>,
    options?: ActorOptions<T>,
  ): Promise<PackActor<T>>;
}

/** The packs of a node. */
export interface PackHost extends Packs {
  /**
   * For one process in memory: asked again for the same template and configuration, it answers with the same
   * actor. Of more than `PACK_INSTANCES_PER_PROCESS_MAX`, the least recently used idle actor ends. The actors
   * end with `owner`. `deadline` says until when, in milliseconds since the Unix epoch, the caller waits for
   * calls made now.
   */
  scope(owner: object, deadline?: () => number): Packs;
}
