/** The parts of an address: process, package and publisher. */

export interface NameRule {
  readonly pattern: RegExp;
  /** Advice, with an example. */
  readonly rule: string;
}

/** A process's own name, without its key. */
export const PROCESS_NAME: NameRule = {
  pattern: /^[a-z][a-z0-9-]*$/,
  rule: 'lower-case letters, digits and "-", such as "todo-list"',
};

export const PACKAGE_NAME: NameRule = {
  pattern: /^[a-z][a-z0-9-]*$/,
  rule: 'lower-case letters, digits and "-", such as "todo-app"',
};

export const PUBLISHER_NAME: NameRule = {
  pattern: /^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*$/,
  rule: 'a dotted name, such as "me.os"',
};

/** The default publisher. */
export const PUBLISHER_DEFAULT = "local";

/**
 * The default package, from the name of the app's folder: `My App (2)` is `my-app-2`. Empty if the folder's
 * name has no usable character.
 */
export function packageNameOf(folder: string): string {
  return folder.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^[^a-z]+|-+$/g, "");
}
