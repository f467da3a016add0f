/** What the generator knows about a pack: its description, and the names and types derived from it. */

/** How a pack describes itself, in its manifest or when it runs. None of it is trusted. */
export interface PackDescription {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly templates: readonly TemplateDescription[];
}

export interface TemplateDescription {
  readonly name: string;
  readonly inports: readonly string[];
  readonly outports: readonly string[];
  /** TypeScript types by port, `out.<port>` and `config.<key>`. */
  readonly types: Readonly<Record<string, string>>;
  /** A call may take long. */
  readonly blocking: boolean;
  readonly description: string;
}

export interface PackModel {
  /** What the app calls it. */
  readonly pack: string;
  /** The absolute folder of its module. */
  readonly folder: string;
  readonly description: PackDescription;
  readonly templates: readonly TemplateModel[];
}

export interface TemplateModel {
  /** The name of its constant. */
  readonly constant: string;
  readonly description: TemplateDescription;
  readonly in: readonly PortModel[];
  readonly out: readonly PortModel[];
  readonly config: readonly PortModel[];
}

export interface PortModel {
  readonly name: string;
  /** A TypeScript type, parsed and printed again; `unknown` for a port without a usable one. */
  readonly type: string;
  /** It may be omitted. */
  readonly optional: boolean;
}
